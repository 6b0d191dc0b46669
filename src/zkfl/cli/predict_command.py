"""``zkfl model predict``: score records with an exported model.

The work is imported when the command is called: help must not wait for torch.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zkfl.atomic_file import write_atomically
from zkfl.cli.completion import hospital_names
from zkfl.cli.options import DEFAULT_RPC, RpcUrl, Srs
from zkfl.cli.output import keep_facts, write_text

if TYPE_CHECKING:
    import pandas as pd


def predict(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    model: Annotated[Path, typer.Argument(help="ONNX file that zkfl exported.")],
    records: Annotated[
        Path,
        typer.Argument(
            help="CSV with the columns of the model's schema; for a model of images, an image "
            "set, an image file or a DICOM file too."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="Write CSV here, not to the terminal.")] = None,
    weights: Annotated[
        Path | None,
        typer.Option(help="The backbone's weights, safetensors, where no package brings them."),
    ] = None,
    projection: Annotated[
        Path | None, typer.Option(help="The recipe's projection, where zkfl does not bring it.")
    ] = None,
    window: Annotated[
        str,
        typer.Option(help="Of DICOM: file, percentile, or centre,width, as in training."),
    ] = "file",
    prove: Annotated[
        Path | None,
        typer.Option(
            help="Prove the prediction of one record, and write the proof here (--consortium)."
        ),
    ] = None,
    consortium: Annotated[
        Path | None, typer.Option(help="To prove: the consortium's folder.")
    ] = None,
    row: Annotated[
        int | None,
        typer.Option(min=1, help="To prove: which record, from 1."),
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(
            help="To prove: the hospital; default: the first that is here.",
            autocompletion=hospital_names,
        ),
    ] = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    *,
    public: Annotated[
        bool, typer.Option("--public", help="To prove: show the record in the proof's file.")
    ] = False,
) -> None:
    """Score records of a CSV file, or images: a probability and a label each.

    The file is checked against the schema inside the model; a label column may be absent. Images
    become features by the recipe in the model: weights of another hash are refused.

    With --prove, one record's prediction is proven in place of scores: anybody can check it against
    the chain (zkfl model check-prediction).

    Examples:  zkfl model predict zkfl-runs/wdbc/model.onnx patients.csv --out scores.csv  |  zkfl model predict zkfl-runs/busi/model.onnx scan.png  |  zkfl model predict model.onnx patients.csv --row 3 --prove prediction.json --consortium consortium
    """  # noqa: E501 - an example is one line
    from zkfl.cli.prediction_options import require_no_out, require_prove

    if prove is not None:
        from zkfl.cli.features_steps import Files
        from zkfl.cli.prediction_record import Record
        from zkfl.cli.prediction_steps import Chain, required_folder
        from zkfl.cli.prediction_steps import prove as prove_prediction

        require_no_out(out)
        record = Record(records, row, window, Files(weights, projection))
        chain = Chain(required_folder(consortium), rpc_url, srs, site)
        prove_prediction(model, record, chain, prove, public=public)
        return
    require_prove(
        {
            "--consortium": consortium,
            "--row": row,
            "--site": site,
            "--srs": srs,
            "--public": public,
        }
    )
    scores = _scores(model, records, weights, projection, window)
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


def _scores(
    model: Path, records: Path, weights: Path | None, projection: Path | None, window: str
) -> "pd.DataFrame":
    from zkfl.cli.image_suffixes import holds_images

    if not holds_images(records):
        from zkfl.model_export import predict as predict_records

        return predict_records(model, records)
    from zkfl.cli.features_steps import Files
    from zkfl.cli.image_scores import score_images
    from zkfl.node.connectors.dicom_pixels import parse_window

    return score_images(model, records, parse_window(window), Files(weights, projection))
