"""A party's work and its exchange end together, and what breaks the exchange does not end it."""

import threading

import pytest

from zkfl.errors import ZkflError
from zkfl.flower.party import beside, serve_again
from zkfl.flower.supernode import FlowerConnectionError


@pytest.mark.parametrize("finished", [True, False])
def test_the_end_of_the_work_is_the_end_of_the_exchange(*, finished: bool) -> None:
    ended, stop, served = threading.Event(), threading.Event(), threading.Event()

    def serve() -> None:
        ended.wait()
        served.set()

    assert beside(serve, lambda: finished, ended, stop) is finished
    assert served.is_set()
    assert not stop.is_set()


def test_the_work_stops_when_the_exchange_ends_before_it() -> None:
    ended, stop = threading.Event(), threading.Event()

    def work() -> bool:
        assert stop.wait(60)
        return False

    with pytest.raises(FlowerConnectionError, match="ended by itself"):
        beside(lambda: None, work, ended, stop)
    assert ended.is_set()


def test_an_exchange_that_does_not_end_does_not_hold_the_party(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("zkfl.flower.party.PARTING_SECONDS", 0.01)
    never = threading.Event()
    assert beside(lambda: never.wait() and None, lambda: True, threading.Event(), never)
    never.set()


def test_whatever_breaks_an_exchange_it_begins_anew() -> None:
    stop, said = threading.Event(), list[str]()
    errors = iter([KeyError("x"), ZkflError("the chain is away"), RecursionError()])

    def serve() -> None:
        if error := next(errors, None):
            raise error
        stop.set()

    serve_again(serve, stop, said.append, pause=0.0)
    assert said == [
        "the exchange over Flower broke (KeyError): beginning it anew",
        "the chain is away",
        "the exchange over Flower broke (RecursionError): beginning it anew",
    ]
