"""Options of proven predictions that say something only together: alone they are refused."""

from collections.abc import Mapping
from pathlib import Path

from zkfl.inference.errors import InferenceError


def require_prove(given: Mapping[str, object]) -> None:
    """Refuse options of a proof where none is to be made.

    Parameters
    ----------
    given
        What each option holds; None or False where it was left out.

    Raises
    ------
    InferenceError
        At least one was given.
    """
    alone = [option for option, value in given.items() if value is not None and value is not False]
    if alone:
        raise InferenceError(
            f"only a proof takes {', '.join(alone)}: name its file with --prove, or leave this out"
        )


def require_no_out(out: Path | None) -> None:
    """Refuse ``--out``, the file of scores, where a proof is made.

    Raises
    ------
    InferenceError
        It was given.
    """
    if out is not None:
        raise InferenceError(
            f"--out {out} is for scores, and with --prove there are none: leave --out out, the "
            "proof goes to the file that --prove names"
        )


def require_records(records: Path | None, row: int | None) -> None:
    """Refuse a row of no file.

    Raises
    ------
    InferenceError
        A row was given without records.
    """
    if records is None and row is not None:
        raise InferenceError(
            f"--row {row} is of no file: name the records with --records, or leave --row out"
        )
