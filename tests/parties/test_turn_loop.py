"""A party left to itself goes on after outages, stops when asked, and ends on what stays wrong."""

import os
import signal
import threading
from collections.abc import Callable

import pytest

from zkfl.chain.errors import InsufficientFundsError, RpcUnavailableError, TransactionTimeoutError
from zkfl.errors import ZkflError
from zkfl.prover_queue.errors import QueueUnreachableError, ReturnedProofError
from zkfl.turn_loop import Listener, Pace, run_turns, stopped_by_signals
from zkfl.turns import Turn
from zkfl.zk_circuits.prover import DeadlineError

QUICK = Pace(0.001, 0.004)


class Party:
    """Does what a test says, turn by turn, and is finished after the last."""

    def __init__(self, *turns: Turn | ZkflError | Callable[[], Turn]) -> None:
        self.left = list(turns)

    def take(self) -> Turn:
        turn = self.left.pop(0)
        if isinstance(turn, ZkflError):
            raise turn
        return turn if isinstance(turn, Turn) else turn()

    def is_finished(self) -> bool:
        return not self.left


class Told:
    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.outages: list[tuple[str, float]] = []
        self.listener = Listener(
            self.turns.append, lambda error, pause: self.outages.append((str(error), pause))
        )


A, B = Turn(("key announced",), "a round"), Turn((), "others")


def test_turns_follow_each_other_until_the_party_is_finished() -> None:
    told = Told()
    assert run_turns(Party(A, B, B), told.listener, threading.Event(), QUICK)
    assert told.turns == [A, B, B]


def test_an_endpoint_that_is_away_is_asked_again_more_and_more_rarely() -> None:
    away = [RpcUnavailableError(f"away {number}") for number in range(4)]
    pending = TransactionTimeoutError("pending", "0x00")
    told = Told()
    party = Party(*away, A, pending, B)
    assert run_turns(party, told.listener, threading.Event(), QUICK)
    assert told.turns == [A, B]
    pauses = [pause for _, pause in told.outages]
    assert pauses == [0.002, 0.004, 0.004, 0.004, 0.002]
    assert told.outages[0][0] == "away 0"


@pytest.mark.parametrize(
    "error", [ReturnedProofError("junk"), DeadlineError("too slow"), QueueUnreachableError("away")]
)
def test_a_prover_that_brings_nothing_is_asked_again_like_an_endpoint(error: ZkflError) -> None:
    told = Told()
    party = Party(error, error, A)
    assert run_turns(party, told.listener, threading.Event(), QUICK)
    assert told.turns == [A]
    assert told.outages == [(str(error), 0.002), (str(error), 0.004)]


def test_what_no_repetition_mends_ends_the_run() -> None:
    told = Told()
    party = Party(A, InsufficientFundsError("the account is empty"), B)
    with pytest.raises(InsufficientFundsError, match="the account is empty"):
        run_turns(party, told.listener, threading.Event(), QUICK)
    assert told.turns == [A]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_after_the_turn_at_hand(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    told = Told()

    def asked_to_stop() -> Turn:
        os.kill(os.getpid(), number)
        return A

    with stopped_by_signals() as stop:
        assert not run_turns(Party(B, asked_to_stop, B), told.listener, stop, QUICK)
        # a second one would end the process
        assert signal.getsignal(number) is before
    assert told.turns == [B, A]
    assert signal.getsignal(number) is before


def test_a_pause_ends_when_the_run_is_stopped() -> None:
    stop, told = threading.Event(), Told()
    threading.Timer(0.05, stop.set).start()
    assert not run_turns(Party(A, B), told.listener, stop, Pace(interval_seconds=3_000))
    assert told.turns == [A]
