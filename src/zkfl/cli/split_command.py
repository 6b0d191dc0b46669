"""``zkfl split``: training and test records, no patient in both.

The work is imported when the command is called: help must not wait for it.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer


def split(  # noqa: PLR0913, PLR0917 - each is an option
    records: Annotated[Path, typer.Argument(help="Table with a column patient, CSV or Parquet.")],
    out: Annotated[Path, typer.Argument(help="New folder for train.csv and test.csv.")],
    label: Annotated[str, typer.Option(help="Column of the label, to keep its shares alike.")],
    pseudonyms: Annotated[
        Path, typer.Option(help="The site's key, made by zkfl import pseudonym-key.")
    ],
    test: Annotated[float, typer.Option(help="Share of patients to test on.")] = 0.2,
    earlier: Annotated[
        Path | None,
        typer.Option(help="Folder of an earlier split: its patients stay on their side."),
    ] = None,
) -> None:
    """Split a table into training and test records by patient: nobody is on both sides.

    Example:  zkfl split features.csv split --label malignant --pseudonyms pseudonyms.key
    """
    from zkfl.cli import split_steps

    split_steps.split(records, out, label, pseudonyms, test, earlier)
