"""The HE key is sealed only to a card that its hospital confirms and whose key the chain has."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.card_check import require_announced
from zkfl.card_folder import card_path
from zkfl.joining import write_card
from zkfl.masks import MaskKey
from zkfl.node.key_sharing import open_he_key
from zkfl.party_accounts import open_account
from zkfl.party_card import CardContent, PartyCard, PartyCardError

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


@dataclass(frozen=True)
class Sealing:
    """ada seals to bay, whose card is among the cards."""

    site: "Site"
    run: Run
    out: Path

    def card(self) -> PartyCard:
        return write_card(self.site.workspace, self.site.consortium, "bay")

    def seal(self, *more: str, to: str = "bay") -> SimpleNamespace:
        words = ("he-key", "seal", self.site.workspace.root, "--site", "ada", "--to", to)
        return self.run(*words, "--out", self.out, "--rpc-url", self.site.anvil.url, *more)

    def require_refused(self, ended: SimpleNamespace, said: str) -> None:
        assert ended.status != 0
        assert said in " ".join(ended.err.split())
        assert not self.out.exists()


@pytest.fixture
def sealing(site: "Site", run_zkfl: Run, tmp_path: Path) -> Sealing:
    for name in ("ada", "bay", "dee"):
        write_card(site.workspace, site.consortium, name)
    return Sealing(site, run_zkfl, tmp_path / "for-bay.sealed")


def test_a_confirmed_card_gets_the_key(sealing: Sealing) -> None:
    card = sealing.card()
    assert sealing.seal("--fingerprint", card.fingerprint().upper()).status == 0
    public = sealing.site.home("ada").he_public.read_bytes()
    sealed, scheme = sealing.out.read_bytes(), sealing.site.ground.scheme
    assert open_he_key(sealing.site.home("bay"), card, sealed, public, scheme)


def test_who_says_yes_to_the_shown_fingerprint_seals(
    sealing: Sealing, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("typer.confirm", lambda question, **_: asked.append(question))
    ended = sealing.seal()
    assert ended.status == 0
    assert len(asked) == 1
    assert sealing.card().fingerprint() in ended.err


def test_where_nobody_can_answer_nothing_is_sealed(
    sealing: Sealing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "nothing").write_text("")
    with (tmp_path / "nothing").open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        sealing.require_refused(sealing.seal(), "Did bay itself read out this fingerprint?")


@pytest.mark.parametrize("said", ["", "0" * 24, "0000 0000 0000"])
def test_another_fingerprint_seals_nothing(sealing: Sealing, said: str) -> None:
    sealing.require_refused(sealing.seal("--fingerprint", said), "the card of bay has the finger")


def test_a_card_whose_mask_key_was_replaced_seals_nothing(sealing: Sealing) -> None:
    """An older card is still signed by its account."""
    content = sealing.card().model_dump(exclude={"format", "signature"})
    content |= {"mask_key": MaskKey.generate().public_bytes().hex()}
    account = open_account(sealing.site.home("bay"))
    stale = PartyCard.signed(CardContent(**content), account)
    stale.save(card_path(sealing.site.workspace.cards, "bay"))
    ended = sealing.seal("--fingerprint", stale.fingerprint())
    sealing.require_refused(ended, "the card of bay is not as the chain has it")


def test_a_key_that_was_not_announced_yet_gets_nothing(sealing: Sealing) -> None:
    card = write_card(sealing.site.workspace, sealing.site.consortium, "dee")
    ended = sealing.seal("--fingerprint", card.fingerprint(), to="dee")
    sealing.require_refused(ended, "the mask key is none")


def test_before_the_deployment_the_fingerprint_alone_decides(sealing: Sealing) -> None:
    sealing.site.workspace.deployment.unlink()
    assert sealing.seal("--fingerprint", sealing.card().fingerprint()).status == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account": "0x" + "0" * 39 + "7"}, "the active membership is False, expected True"),
        ({"name": "cay"}, "the name is bay, expected cay"),
        ({"mask_key": "1" * 64}, "the mask key is "),
    ],
)
def test_each_fact_of_a_card_is_compared_with_the_chain(
    sealing: Sealing, changes: dict[str, str], said: str
) -> None:
    registry, card = sealing.site.coordinator().registry, sealing.card()
    require_announced(card, registry)
    with pytest.raises(PartyCardError, match=said):
        require_announced(card.model_copy(update=changes), registry)
