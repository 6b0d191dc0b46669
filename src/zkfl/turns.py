"""Turns: what a party does when it looks at the chain, until it owes nothing more.

The chain says what is owed, so a turn can be repeated at any time: after a crash, beside other
parties, and by whoever carries artefacts between stores.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from zkfl.artifacts import ArtifactError
from zkfl.chain.errors import ContractRevertError, TransactionFailedError
from zkfl.chain.registry import Registry
from zkfl.chain.states import Round
from zkfl.ciphertext_sum import CiphertextRefusedError
from zkfl.encryption.errors import EncryptionError
from zkfl.errors import ZkflError
from zkfl.field import FieldError
from zkfl.model_vector import ModelMismatchError
from zkfl.next_model import SumDoesNotOpenError

FAULTS_OF_OTHERS: tuple[type[ZkflError], ...] = (
    ArtifactError,
    CiphertextRefusedError,
    EncryptionError,
    FieldError,
    ModelMismatchError,
    SumDoesNotOpenError,
)
"""A party does not go on from them; the round does, when its deadline has passed."""
_MENDED_BY_OTHERS, _MENDED_BY_OPERATOR = "another party", "its operator"
_MOST_OVERTAKEN = 3
"""Refusals in a row, each with a chain that moved on, after which a turn ends and waits."""
_MOST_REPEATS = 3
"""How often one step may be taken anew in later turns: an undone block takes a step back."""
_MOST_FAILED = 8
"""Transactions of a round that were mined and failed: each was paid for."""
_WAITS_FOR = {
    "EnforcedPause": "the guardian to unpause the registry",
    "ChallengesOpen": "the end of the time in which proofs can be challenged",
    "DeadlinePassed": "the round to be moved on: its deadline has passed",
    "DeadlineNotReached": "the round's deadline",
}
"""What refusals mean that time, or somebody else, mends."""


@dataclass(frozen=True)
class Refusals:
    """Errors that do not end a party's run, by what is done about them.

    Attributes
    ----------
    of_others
        Another party has to mend them, or the round goes on without.
    of_operator
        The people who run this party have to; until then it does what it can.
    passing
        The chain moved on while a step was prepared: the party looks again.
    """

    of_others: tuple[type[ZkflError], ...] = FAULTS_OF_OTHERS
    of_operator: tuple[type[ZkflError], ...] = ()
    passing: tuple[type[ZkflError], ...] = ()

    @property
    def waited_on(self) -> tuple[type[ZkflError], ...]:
        """Those that somebody has to mend."""
        return self.of_others + self.of_operator

    def mended_by(self, error: ZkflError) -> str:
        """Return who mends an error that is waited on, for people."""
        return _MENDED_BY_OPERATOR if isinstance(error, self.of_operator) else _MENDED_BY_OTHERS


@dataclass(frozen=True)
class Turn:
    """What a party did when it looked at the chain, and what it waits for.

    Attributes
    ----------
    done
        Steps taken now, for people: ``update submitted (round 3)``.
    waits_for
        For people: ``the aggregator to close round 3``.
    missing
        SHA-256 (32 bytes) of artefacts that it needs and its store lacks.
    warning
        What is wrong with this party's folder, or with what another party or the endpoint shows;
        empty if nothing is.
    """

    done: tuple[str, ...]
    waits_for: str
    missing: frozenset[bytes] = frozenset()
    warning: str = ""


@dataclass(frozen=True)
class Look:
    """What one look at the chain led to: a step that was taken, or what is waited for.

    Attributes
    ----------
    taken
        The step, for people; None if nothing can be done now.
    waits_for, missing
        As in a `Turn`.
    """

    taken: str | None = None
    waits_for: str = ""
    missing: frozenset[bytes] = frozenset()


class RepeatedStepError(ZkflError):
    """The endpoint asks again for what it showed as mined; each time would be paid for."""


class StepCount:
    """How often a party paid for the same step, over all of its turns.

    An endpoint that shows receipts of its own, and the old state beside them, would otherwise have
    a step sent until the account is empty.
    """

    def __init__(self) -> None:
        self._taken: Counter[tuple[object, ...]] = Counter()

    def taken(self, step: str, before: tuple[int, Round], *, anew: bool) -> None:
        """Count a step; refuse it if it was taken in this turn already, or too often before.

        Parameters
        ----------
        step
            For people.
        before
            The round in which it was taken, and its state then.
        anew
            Whether this is the first of this turn.

        Raises
        ------
        RepeatedStepError
            It was.
        """
        round_id, state = before
        key = round_id, state.attempt, state.status, step
        self._taken[key] += 1
        if not anew or self._taken[key] > _MOST_REPEATS + 1:
            raise RepeatedStepError(
                f"the endpoint shows {step!r} undone although it was mined: it lies, or blocks are "
                "undone again and again; ask another endpoint before this party goes on"
            )

    def failed(self, error: ZkflError, round_id: int) -> None:
        """Count a transaction of a round that was mined and failed; refuse one too many."""
        self._taken[round_id, "failed"] += 1
        if self._taken[round_id, "failed"] > _MOST_FAILED:
            raise RepeatedStepError(
                f"{_MOST_FAILED + 1} transactions of round {round_id} were mined and failed, the "
                "last one because others were faster: ask another endpoint before this party "
                "goes on"
            ) from error


@dataclass(frozen=True)
class Watch:
    """Who follows a turn while it goes on.

    Attributes
    ----------
    on_done
        Gets each step when it is done.
    stop_asked
        Asked after each step: whether the turn is to end there.
    """

    on_done: Callable[[str], None] = lambda _: None
    stop_asked: Callable[[], bool] = lambda: False


def take_turn(
    registry: Registry,
    look: Callable[[], Look],
    refusals: Refusals | None = None,
    watch: Watch | None = None,
    steps: StepCount | None = None,
) -> Turn:
    """Look at the chain and act, again and again, until nothing more is owed.

    Parameters
    ----------
    registry
        To see whether others moved on while a step was on its way.
    look
        Takes the next step that is owed.
    refusals
        Errors that do not end the run; `Refusals` as it is if None.
    watch
        Who is told of steps and can end the turn; nobody if None.
    steps
        Counts them from turn to turn; None if there is one turn.

    Raises
    ------
    RepeatedStepError
        The endpoint shows a step as mined and as undone.
    ChainError
        The endpoint is away, or a step was refused for a reason that no time mends.
    ZkflError
        A step is not possible for this party.
    """
    watch, done, steps = watch or Watch(), list[str](), steps or StepCount()
    refusals, overtaken = refusals or Refusals(), 0
    looks_again: tuple[type[ZkflError], ...] = (
        ContractRevertError,
        TransactionFailedError,
        *refusals.passing,
    )
    while not watch.stop_asked():
        before = _state(registry)
        try:
            seen = look()
        except looks_again as error:
            _count_failed(steps, error, before[0])
            if isinstance(error, refusals.passing) or _state(registry) != before:
                # somebody else was faster, or the round ended meanwhile
                overtaken += 1
                if overtaken > _MOST_OVERTAKEN:
                    return Turn(tuple(done), "a chain that others do not move on meanwhile")
                continue
            name = error.name if isinstance(error, ContractRevertError) else ""
            if name not in _WAITS_FOR:
                raise
            return Turn(tuple(done), _WAITS_FOR[name])
        except refusals.waited_on as error:
            waits_for = f"{refusals.mended_by(error)}: {error}"
            return Turn(tuple(done), waits_for, warning=str(error))
        if seen.taken is None:
            return Turn(tuple(done), seen.waits_for, seen.missing)
        steps.taken(seen.taken, before, anew=seen.taken not in done)
        overtaken = 0
        done.append(seen.taken)
        watch.on_done(seen.taken)
    return Turn(tuple(done), "nothing: it was asked to stop")


def _count_failed(steps: StepCount, error: ZkflError, round_id: int) -> None:
    sent = isinstance(error, (ContractRevertError, TransactionFailedError)) and error.tx_hash
    if sent:
        steps.failed(error, round_id)


def _state(registry: Registry) -> tuple[int, Round]:
    round_id = registry.current_round()
    return round_id, registry.round(round_id)
