"""``zkfl exit-codes``: what the numbers mean that commands end with."""

from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.output import tell_entry


def exit_codes() -> None:
    """Print the exit statuses of zkfl and what each means.

    Example:  zkfl exit-codes
    """
    for code in ExitCode:
        entry = {"code": int(code), "name": code.name, "meaning": code.meaning}
        tell_entry("exit_codes", entry, f"{code:4d}  {code.name:12}  {code.meaning}")
