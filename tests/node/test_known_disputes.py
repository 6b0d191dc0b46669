"""A peer is taken as apart on its own signed split alone, and only if that cannot agree."""

from collections.abc import Collection
from pathlib import Path

import pytest

from zkfl.curve import G1Point
from zkfl.node.home import NodeHome
from zkfl.node.known_disputes import UnknownDisputeError, remember_splits, require_disputed
from zkfl.node.round_journal import RoundJournal, Submission
from zkfl.node.signed_statements import Split
from zkfl.private_file import PrivateFileError

OWN, PEER, OTHER, FORMER = (f"0x{digit * 40}" for digit in "1234")
AGREES, AGREED, OTHERS, ELSE, MORE = (G1Point(number, number) for number in range(1, 6))
ROUND = 7


class Signed:
    """What the peer signed, as the chain would show it."""

    def __init__(self, *splits: Split, former: str | None = None) -> None:
        self._splits, self._former = splits, former
        self.asked: list[tuple[list[str], list[str]]] = []

    def former_account(self, account: str) -> str | None:
        return self._former if account == PEER else None

    def splits(self, signers: Collection[str], peers: Collection[str]) -> tuple[Split, ...]:
        self.asked.append((list(signers), list(peers)))
        return self._splits


@pytest.fixture
def home(tmp_path: Path) -> NodeHome:
    """A node that took part in a dispute at attempt 2, after it had masked for both."""
    home = NodeHome.create(tmp_path / "node")
    seal(home, 1)
    seal(home, 2)
    remember(home)
    return home


def seal(home: NodeHome, attempt: int) -> None:
    journal = RoundJournal(home, ROUND)
    with journal.locked():
        journal.keep_submission(attempt, Submission(ELSE, bytes(32)))


def remember(home: NodeHome, peer: str = PEER) -> None:
    by_attempt = {1: {peer: AGREED, OTHER: OTHERS}, 2: {peer: AGREES, OTHER: OTHERS}}
    remember_splits(home, ROUND, by_attempt)


def refuses(home: NodeHome, signed: Signed) -> None:
    before = home.mask_splits.read_bytes() if home.mask_splits.exists() else None
    with pytest.raises(UnknownDisputeError, match="nothing is sent"):
        require_disputed(home, OWN, [PEER], signed)
    assert (home.mask_splits.read_bytes() if home.mask_splits.exists() else None) == before


def test_a_signed_split_that_does_not_agree_is_taken_for_good(home: NodeHome) -> None:
    signed = Signed(Split(ROUND, (ELSE, MORE)))
    require_disputed(home, OWN, [PEER], signed)
    assert signed.asked == [([PEER], [OWN])]
    seal(home, 3)
    require_disputed(home, OWN, [PEER], Signed())
    with pytest.raises(UnknownDisputeError, match=OTHER):
        require_disputed(home, OWN, [PEER, OTHER], Signed())


def test_nobody_apart_needs_no_file(tmp_path: Path) -> None:
    require_disputed(NodeHome.create(tmp_path / "node"), OWN, [], Signed())


@pytest.mark.parametrize(
    "splits",
    [
        (),
        (Split(ROUND, (AGREES, MORE)),),
        (Split(ROUND, (MORE, AGREES)),),
        (Split(ROUND, (AGREED, MORE)),),
        (Split(ROUND + 1, (ELSE, MORE)),),
        (Split(ROUND, (ELSE,)),),
        (Split(ROUND, (ELSE, MORE, MORE)),),
    ],
    ids=[
        *("nothing", "agrees", "agrees at another place", "agrees in another attempt"),
        *("another round", "a smaller cohort", "a larger cohort"),
    ],
)
def test_what_does_not_part_the_pair(home: NodeHome, splits: tuple[Split, ...]) -> None:
    refuses(home, Signed(*splits))


def test_a_dispute_that_this_node_only_took_part_in(home: NodeHome) -> None:
    """Its own split says nothing about the peer."""
    refuses(home, Signed())


def test_a_dispute_that_this_node_took_no_part_in(tmp_path: Path) -> None:
    refuses(NodeHome.create(tmp_path / "node"), Signed(Split(ROUND, (ELSE, MORE))))


def test_an_attempt_that_was_masked_for_after_the_own_split(home: NodeHome) -> None:
    """The peer's split may be of that one."""
    seal(home, 3)
    refuses(home, Signed(Split(ROUND, (ELSE, MORE))))


def test_a_dispute_with_others(tmp_path: Path) -> None:
    home = NodeHome.create(tmp_path / "node")
    remember(home, FORMER)
    refuses(home, Signed(Split(ROUND, (ELSE, MORE))))


def test_a_peer_that_changed_its_account(tmp_path: Path) -> None:
    home = NodeHome.create(tmp_path / "node")
    remember(home, FORMER)
    refuses(home, Signed(Split(ROUND, (AGREES, MORE)), former=FORMER))
    signed = Signed(Split(ROUND, (ELSE, MORE)), former=FORMER)
    require_disputed(home, OWN, [PEER], signed)
    assert signed.asked == [([PEER, FORMER], [OWN])]


def test_what_is_kept_of_an_attempt_stays(home: NodeHome) -> None:
    before = home.mask_splits.read_bytes()
    remember_splits(home, ROUND, {2: {PEER: MORE, OTHER: MORE}})
    assert home.mask_splits.read_bytes() == before
    refuses(home, Signed(Split(ROUND, (AGREES, MORE))))


def test_a_damaged_file(home: NodeHome) -> None:
    home.mask_splits.write_text("{}{")
    with pytest.raises(UnknownDisputeError, match="is damaged"):
        require_disputed(home, OWN, [PEER], Signed(Split(ROUND, (ELSE, MORE))))


def test_a_file_that_is_open_to_others(home: NodeHome) -> None:
    home.mask_splits.chmod(0o644)
    with pytest.raises(PrivateFileError):
        require_disputed(home, OWN, [PEER], Signed(Split(ROUND, (ELSE, MORE))))
