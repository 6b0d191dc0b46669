"""The steps of a round: who takes each, by which command, and what others do meanwhile."""

from dataclasses import dataclass

from zkfl.drills.small_consortium import HOSPITAL, KEY_HOLDER

AGGREGATOR = "aggregator"
ORDINARY = "hospital"
HOLDER = "key holder"
PARTIES = (AGGREGATOR, ORDINARY, HOLDER)
_SITES = {ORDINARY: HOSPITAL, HOLDER: KEY_HOLDER}


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    name
        For people.
    checkpoint
        From which it can be taken.
    function
        Of the registry; empty for proving, which sends nothing.
    verb
        Of ``zkfl``; ``close`` takes the aggregator's and the key holder's part in turn.
    actors
        Who takes it.
    waiting
        The command that the others would be at: their next one.
    """

    name: str
    checkpoint: str
    function: str
    verb: str
    actors: tuple[str, ...]
    waiting: dict[str, str]

    def command(self, actor: str) -> list[str]:
        """Return the command by which an actor takes the step."""
        return words(self.verb, actor)

    def standby(self, party: str) -> list[str]:
        """Return what a party that is not to act has begun to run."""
        return words(self.waiting[party], party)


def words(verb: str, party: str) -> list[str]:
    """Return a command of ``zkfl`` for one party."""
    by_site = party in _SITES and verb in {"admit", "train", "acknowledge"}
    return [verb, "--site", _SITES[party]] if by_site else [verb]


_HOSPITALS = (ORDINARY, HOLDER)
_AGGREGATOR_CLOSES = {AGGREGATOR: "close"}
_HOSPITALS_TRAIN = dict.fromkeys(_HOSPITALS, "train")
_HOSPITALS_ACKNOWLEDGE = dict.fromkeys(_HOSPITALS, "acknowledge")
_ALL_WAIT = _AGGREGATOR_CLOSES | _HOSPITALS_ACKNOWLEDGE

STEPS = (
    Step("admit", "founded", "admitShard", "admit", _HOSPITALS, {AGGREGATOR: "open"}),
    Step("open", "admitted", "openRound", "open", (AGGREGATOR,), _HOSPITALS_TRAIN),
    Step("prove", "opened", "", "train", _HOSPITALS, _AGGREGATOR_CLOSES),
    Step("submit", "opened", "submitUpdate", "train", _HOSPITALS, _AGGREGATOR_CLOSES),
    Step("close", "trained", "closeRound", "close", (AGGREGATOR,), _ALL_WAIT),
    Step("announce sum", "trained", "announceSum", "close", (AGGREGATOR,), _ALL_WAIT),
    Step("open sum", "trained", "openSum", "close", (HOLDER,), _ALL_WAIT),
    Step("publish", "trained", "publishModel", "close", (AGGREGATOR,), _ALL_WAIT),
    Step("acknowledge", "published", "acknowledge", "acknowledge", _HOSPITALS, _AGGREGATOR_CLOSES),
)
