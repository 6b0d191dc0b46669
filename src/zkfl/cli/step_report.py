"""Steps of a party as they are taken, for people and for ``--json``; quick to import."""

from collections.abc import Callable

from zkfl.chain.transactions import TxResult
from zkfl.cli.output import error_console, keep_note, keep_step


def saying(name: str) -> Callable[[str], None]:
    """Return a callback that prints the steps of a party."""
    return lambda step: _progress(f"{name}: {step}")


def say(step: str) -> None:
    """Say what there is to know beside the results."""
    keep_note(step)
    _progress(step)


def _progress(step: str) -> None:
    error_console().print(f"  {step}", markup=False)


def show(what: str, result: TxResult | None) -> None:
    """Print what was done and what it cost."""
    if result is None:
        keep_step(what, done="before")
        error_console().print(f"{what}: done before", markup=False)
    else:
        keep_step(what, done="now", gas_used=result.gas_used, tx_hash=result.tx_hash)
        gas = f"{result.gas_used:,} gas"
        error_console().print(f"{what} ({gas}, {result.tx_hash})", markup=False)
