"""Logs of a process, set up once: for people or as JSON on standard error, JSON in a file."""

import json
import logging
import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TextIO

import structlog

from zkfl.errors import ZkflError
from zkfl.logs.events import Event, Sink, logger, set_sinks

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE = 0o600


class LogFormat(StrEnum):
    """How events look on standard error."""

    HUMAN = "human"
    JSON = "json"


class LogLevel(StrEnum):
    """What is written: events of this level and above."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def number(self) -> int:
        """The level of `logging`."""
        return logging.getLevelNamesMapping()[self.name]


class LogFileError(ZkflError):
    """The log file cannot be written."""


@dataclass(frozen=True)
class LogSettings:
    """What is written where.

    Attributes
    ----------
    level
        None for the default: warnings for people, as they see progress anyway; else ``info``.
    format
        On standard error.
    file
        Gets JSON lines too; None for no file.
    """

    level: LogLevel | None = None
    format: LogFormat = LogFormat.HUMAN
    file: Path | None = None

    @property
    def screen_level(self) -> int:
        """Level on standard error."""
        if self.level is not None:
            return self.level.number
        return logging.WARNING if self.format is LogFormat.HUMAN else logging.INFO


def set_up_logs(settings: LogSettings) -> None:
    """Write events as the settings say, also warnings of libraries.

    Raises
    ------
    LogFileError
        The file cannot be opened for appending.
    """
    human = settings.format is LogFormat.HUMAN
    sinks = [Sink(settings.screen_level, _for_people if human else _to_stderr)]
    if settings.file is not None:
        level = LogLevel.INFO if settings.level is None else settings.level
        sinks.append(Sink(level.number, _to_file(settings.file)))
    set_sinks(sinks)
    _take_warnings_of_libraries()


def _for_people(event: Event) -> None:
    renderer = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        # the default one shows the values of variables
        exception_formatter=structlog.dev.plain_traceback,
    )
    _write_line(sys.stderr, str(renderer(None, "", event)))


def _to_stderr(event: Event) -> None:
    _write_line(sys.stderr, json.dumps(event))


def _write_line(stream: TextIO, line: str) -> None:
    # one write a line, so that lines of threads do not mix
    stream.write(line + "\n")
    stream.flush()


class _FileSink:
    """Appends JSON lines to a file that only its owner can read."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "a", encoding="utf-8")

    def __call__(self, event: Event) -> None:
        _write_line(self._file, json.dumps(event))


def _to_file(path: Path) -> _FileSink:
    try:
        return _FileSink(os.open(path, _FLAGS, _MODE))
    except OSError as error:
        raise LogFileError(
            f"the log file {path} cannot be written ({error.strerror}): name another with "
            "--log-file"
        ) from error


class _Libraries(logging.Handler):
    """Hands warnings of libraries on; what they say below that may hold addresses and data."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._log = logger("library")

    def emit(self, record: logging.LogRecord) -> None:
        self._log.log(record.levelno, record.getMessage(), library=record.name)


def _take_warnings_of_libraries() -> None:
    root = logging.getLogger()
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries())
