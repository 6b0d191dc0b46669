"""Messages of errors: whole on the screen but for what moves a cursor; no records in logs."""

import json
from collections.abc import Iterator

import pytest
import typer

from zkfl.cli.ending import run_to_the_end
from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.output import log_progress
from zkfl.consortium import ConsortiumError
from zkfl.logs.events import Event, Sink, set_sinks
from zkfl.node.records.errors import RecordsError

QUOTED = "Erika Mustermann"


@pytest.fixture
def events() -> Iterator[list[Event]]:
    written: list[Event] = []
    set_sinks([Sink(0, written.append)])
    yield written
    set_sinks([])


def failing(error: Exception, *, as_service: bool) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def fail() -> None:
        log_progress(wanted=as_service)
        raise error

    return app


@pytest.mark.parametrize("as_service", [True, False])
@pytest.mark.parametrize("error", [KeyError(QUOTED), RecordsError(QUOTED)])
def test_a_message_that_may_quote_a_record_is_in_no_log(
    events: list[Event], error: Exception, *, as_service: bool
) -> None:
    ended = run_to_the_end(failing(error, as_service=as_service), [])
    assert ended == (ExitCode.INTERNAL if isinstance(error, KeyError) else ExitCode.INPUT)
    assert events[-1]["message"] == ExitCode(ended).meaning
    assert QUOTED not in json.dumps(events, default=str)


def test_where_a_bug_is_can_be_found_in_the_log(events: list[Event]) -> None:
    run_to_the_end(failing(KeyError(QUOTED), as_service=True), [])
    [bug] = [event for event in events if event["event"] == "bug"]
    assert bug["name"] == "KeyError"
    assert "in fail" in str(bug["frames"])


def test_other_messages_are_in_the_log(events: list[Event]) -> None:
    run_to_the_end(failing(ConsortiumError("which setting"), as_service=True), [])
    assert events[-1]["message"] == "which setting"


def test_names_in_a_message_move_no_cursor(capfd: pytest.CaptureFixture[str]) -> None:
    error = RecordsError("a\x1b[2J\u202e.csv: why\nnext \\ line")
    run_to_the_end(failing(error, as_service=False), [])
    assert "a\\u{1b}[2J\\u{202e}.csv: why\nnext \\ line" in capfd.readouterr().err


def test_a_bug_is_shown_whole_on_the_screen(
    events: list[Event], capfd: pytest.CaptureFixture[str]
) -> None:
    run_to_the_end(failing(KeyError(QUOTED), as_service=False), [])
    assert QUOTED in capfd.readouterr().err
    assert events
