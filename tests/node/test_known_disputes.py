"""A peer is taken as apart on its own signed split of the same alone, if that cannot agree."""

from collections.abc import Collection
from pathlib import Path

import pytest

from zkfl.curve import G1Point
from zkfl.node.home import NodeHome
from zkfl.node.known_disputes import UnknownDisputeError, remember_split, require_disputed
from zkfl.node.signed_statements import MaskedAttempt, Split
from zkfl.private_file import PrivateFileError

PEER, OTHER, FORMER = (f"0x{digit * 40}" for digit in "234")
AGREES, AGREED, OTHERS, ELSE, MORE = (G1Point(number, number) for number in range(1, 6))
COHORT, KEYS_BEFORE = b"\x01" * 32, b"\x02" * 32
ROUND = 7
FIRST, SECOND = (MaskedAttempt(ROUND, attempt, COHORT) for attempt in (1, 2))
MIDDLE = 1
"""The node's place in the cohort: the peer comes before it, the other after it."""


class Signed:
    """What the peer signed, as the chain would show it."""

    def __init__(self, *splits: Split, former: str | None = None) -> None:
        self._splits, self._former = splits, former
        self.asked: list[list[str]] = []

    def former_account(self, account: str) -> str | None:
        return self._former if account == PEER else None

    def splits(self, signers: Collection[str]) -> tuple[Split, ...]:
        self.asked.append(list(signers))
        return self._splits


def stated(*masks: G1Point, about: MaskedAttempt = SECOND, signer: str = PEER) -> Split:
    return Split(signer, about, masks)


PARTED = stated(ELSE, MORE)


@pytest.fixture
def home(tmp_path: Path) -> NodeHome:
    """A node that took part in disputes at attempts 1 and 2."""
    home = NodeHome.create(tmp_path / "node")
    remember_split(home, FIRST, {PEER: AGREED, OTHER: OTHERS}, MIDDLE)
    remember_split(home, SECOND, {PEER: AGREES, OTHER: OTHERS}, MIDDLE)
    return home


def refuses(home: NodeHome, signed: Signed) -> None:
    before = home.mask_splits.read_bytes() if home.mask_splits.exists() else None
    with pytest.raises(UnknownDisputeError, match="nothing is sent"):
        require_disputed(home, [PEER], signed)
    assert (home.mask_splits.read_bytes() if home.mask_splits.exists() else None) == before


@pytest.mark.parametrize(
    "split",
    [
        PARTED,
        stated(MORE, AGREES),
        stated(AGREED, MORE),
        stated(AGREES, MORE, about=FIRST),
    ],
    ids=["disagrees", "agrees at another place", "of the attempt before", "of the one after"],
)
def test_a_signed_split_that_does_not_agree_is_taken_for_good(home: NodeHome, split: Split) -> None:
    signed = Signed(split)
    require_disputed(home, [PEER], signed)
    assert signed.asked == [[PEER]]
    require_disputed(home, [PEER], Signed())
    with pytest.raises(UnknownDisputeError, match=OTHER):
        require_disputed(home, [PEER, OTHER], Signed())


def test_nobody_apart_needs_no_file(tmp_path: Path) -> None:
    require_disputed(NodeHome.create(tmp_path / "node"), [], Signed())


@pytest.mark.parametrize(
    "splits",
    [
        (),
        (stated(AGREES, MORE),),
        (stated(AGREED, MORE, about=FIRST),),
        (stated(ELSE, MORE, about=MaskedAttempt(ROUND + 1, 2, COHORT)),),
        (stated(ELSE, MORE, about=MaskedAttempt(ROUND, 3, COHORT)),),
        (stated(ELSE, MORE, about=MaskedAttempt(ROUND, 2, KEYS_BEFORE)),),
        (stated(ELSE, MORE, signer=FORMER),),
        (stated(ELSE),),
        (stated(ELSE, MORE, MORE),),
    ],
    ids=[
        *("nothing", "agrees", "agrees in another attempt"),
        *("another round", "another attempt", "another cohort or keys", "a stranger"),
        *("a smaller cohort", "a larger cohort"),
    ],
)
def test_what_does_not_part_the_pair(home: NodeHome, splits: tuple[Split, ...]) -> None:
    refuses(home, Signed(*splits))


@pytest.mark.parametrize(
    ("place", "masks"),
    [(0, (AGREES, ELSE)), (1, (AGREES, ELSE)), (2, (ELSE, AGREES))],
    ids=["first", "between", "last"],
)
def test_where_the_second_peer_states_what_it_shares_with_this_node(
    tmp_path: Path, place: int, masks: tuple[G1Point, G1Point]
) -> None:
    """In a cohort of three; the peer leaves itself out."""
    second = {0: (OTHER, PEER), 1: (PEER, OTHER), 2: (OTHER, PEER)}[place]
    home = NodeHome.create(tmp_path / "node")
    agreeing = {peer: AGREES if peer == PEER else OTHERS for peer in second}
    remember_split(home, SECOND, agreeing, place)
    refuses(home, Signed(stated(*masks)))
    require_disputed(home, [PEER], Signed(stated(*masks[::-1])))


def test_a_dispute_that_this_node_took_no_part_in(tmp_path: Path) -> None:
    refuses(NodeHome.create(tmp_path / "node"), Signed(PARTED))


def test_a_dispute_with_others(tmp_path: Path) -> None:
    home = NodeHome.create(tmp_path / "node")
    remember_split(home, SECOND, {FORMER: AGREES, OTHER: OTHERS}, MIDDLE)
    refuses(home, Signed(PARTED))


def test_a_peer_that_changed_its_account(tmp_path: Path) -> None:
    home = NodeHome.create(tmp_path / "node")
    remember_split(home, SECOND, {FORMER: AGREES, OTHER: OTHERS}, MIDDLE)
    refuses(home, Signed(stated(AGREES, MORE, signer=FORMER), former=FORMER))
    signed = Signed(stated(ELSE, MORE, signer=FORMER), former=FORMER)
    require_disputed(home, [PEER], signed)
    assert signed.asked == [[PEER, FORMER]]


def test_what_is_kept_of_an_attempt_stays(home: NodeHome) -> None:
    before = home.mask_splits.read_bytes()
    remember_split(home, SECOND, {PEER: MORE, OTHER: MORE}, MIDDLE)
    assert home.mask_splits.read_bytes() == before
    refuses(home, Signed(stated(AGREES, MORE)))


def test_one_attempt_with_two_cohorts(home: NodeHome) -> None:
    """The endpoint showed one of them; what the node kept of the other counts all the same."""
    elsewhere = MaskedAttempt(ROUND, 2, KEYS_BEFORE)
    remember_split(home, elsewhere, {PEER: ELSE, OTHER: OTHERS}, MIDDLE)
    refuses(home, Signed(stated(ELSE, MORE, about=elsewhere)))
    refuses(home, Signed(stated(AGREES, MORE)))
    require_disputed(home, [PEER], Signed(stated(AGREES, MORE, about=elsewhere)))


def test_a_damaged_file(home: NodeHome) -> None:
    home.mask_splits.write_text("{}{")
    with pytest.raises(UnknownDisputeError, match="is damaged"):
        require_disputed(home, [PEER], Signed(PARTED))


def test_a_file_of_an_earlier_version(home: NodeHome) -> None:
    home.mask_splits.write_text('{"format": "zkfl.mask-splits.v1", "own": [], "apart": []}')
    with pytest.raises(UnknownDisputeError, match=r"mask-splits\.v1"):
        require_disputed(home, [PEER], Signed(PARTED))


def test_a_file_that_is_open_to_others(home: NodeHome) -> None:
    home.mask_splits.chmod(0o644)
    with pytest.raises(PrivateFileError):
        require_disputed(home, [PEER], Signed(PARTED))
