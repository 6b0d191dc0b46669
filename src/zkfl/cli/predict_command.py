"""``zkfl predict``: score records with an exported model."""

from pathlib import Path
from typing import Annotated

import typer

from zkfl.atomic_file import write_atomically
from zkfl.model_export import predict as predict_records


def predict(
    model: Annotated[Path, typer.Argument(help="ONNX file that zkfl exported.")],
    records: Annotated[Path, typer.Argument(help="CSV with the columns of the model's schema.")],
    out: Annotated[Path | None, typer.Option(help="Write CSV here, not to the terminal.")] = None,
) -> None:
    """Score the records of a CSV file: a probability and a label each.

    The file is checked against the schema inside the model; a label column may be absent.

    Example:  zkfl predict zkfl-runs/wdbc/model.onnx patients.csv --out scores.csv
    """
    text = predict_records(model, records).to_csv(index=True, index_label="row")
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_atomically(out, text.encode())
        typer.echo(f"wrote {out}", err=True)
