"""The logs of a command that runs one party: as that party's settings say."""

from pathlib import Path

from zkfl.cli.output import log_progress
from zkfl.logs import logger
from zkfl.logs.setup import LogFormat, LogSettings, set_up_logs
from zkfl.party_config import load_settings

_log = logger("party")


def log_settings_of(home: Path) -> LogSettings:
    """Return where a party wants its logs: party.toml, the environment and flags say so."""
    config = load_settings(home).config
    return LogSettings(config.log_level, config.log_format, config.log_file)


def write_logs(settings: LogSettings) -> None:
    """Write logs as settings say; progress too, where standard error is for logs alone."""
    set_up_logs(settings)
    log_progress(wanted=settings.format is LogFormat.JSON)


def log_as_party(home: Path, name: str) -> None:
    """Let the rest of a command log as the party's settings say.

    The command line names a folder of several parties, so that whose settings count is known
    only when the command has begun.

    Raises
    ------
    PartyConfigError
        The settings are wrong.
    LogFileError
        The file that they name cannot be written.
    """
    write_logs(log_settings_of(home))
    _log.info("party runs", party=name)
