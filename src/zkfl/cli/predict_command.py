"""``zkfl model predict``: score records with an exported model.

The work is imported when the command is called: help must not wait for torch.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from zkfl.atomic_file import write_atomically
from zkfl.cli.output import keep_facts, write_text


def predict(
    model: Annotated[Path, typer.Argument(help="ONNX file that zkfl exported.")],
    records: Annotated[Path, typer.Argument(help="CSV with the columns of the model's schema.")],
    out: Annotated[Path | None, typer.Option(help="Write CSV here, not to the terminal.")] = None,
) -> None:
    """Score the records of a CSV file: a probability and a label each.

    The file is checked against the schema inside the model; a label column may be absent.

    Example:  zkfl model predict zkfl-runs/wdbc/model.onnx patients.csv --out scores.csv
    """
    from zkfl.model_export import predict as predict_records

    scores = predict_records(model, records)
    # 1 is the first record, as in the messages about a record
    scores.index += 1
    text = scores.to_csv(index=True, index_label="row")
    if out is None:
        rows = scores.reset_index(names="row").to_dict("records")
        write_text(text, scores=rows)
    else:
        write_atomically(out, text.encode())
        keep_facts(file=str(out), records=len(scores))
        typer.echo(f"wrote {out}", err=True)
