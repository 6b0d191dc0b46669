"""The release card of the consortium's model: written alone, or beside the exported model."""

from collections.abc import Callable
from pathlib import Path

from zkfl.agreed_schema import agreed_schema
from zkfl.atomic_file import write_atomically
from zkfl.auditor import open_audit
from zkfl.chain.model_metrics import open_metrics
from zkfl.chain.router import Router
from zkfl.cli.consortium_session import chosen_sites, open_folder, open_parties
from zkfl.cli.output import error_console, keep_facts, tell
from zkfl.datasets.public_schema import public_schema
from zkfl.model_release import release_model
from zkfl.release_card.content import ReleaseCard
from zkfl.release_card.errors import CardFileError
from zkfl.release_card.intended_use import intended_use
from zkfl.release_card.making import make_card
from zkfl.release_card.markdown import as_markdown
from zkfl.release_card.source import Ground, read_source

_MODE = 0o644
_MODEL_SUFFIX = ".onnx"


def write_card(folder: Path, out: Path, use: Path | None, rpc_url: str, srs: Path | None) -> None:
    """Write the card of the current model; needs no keys."""
    files = _free_files(out)
    workspace, consortium = open_folder(folder)
    said = intended_use(folder, use)
    with error_console().status("loading circuits (built once a machine) …") as status:
        audited = open_audit(folder, rpc_url, srs)
        ground = Ground(
            audited.registry,
            audited.router,
            audited.circuits,
            audited.metrics,
            consortium,
            agreed_schema(workspace, consortium, public_schema),
        )
        card = make_card(read_source(ground, _steps(status.update)), said)
    _write(card, *files)


def export(folder: Path, out: Path, use: Path | None, rpc_url: str, srs: Path | None) -> None:
    """Check the current model against the chain and write it as ONNX, with its card beside it."""
    files = _free_files(out)
    workspace, consortium = open_folder(folder)
    said = intended_use(folder, use)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    node = opener.node(chosen_sites(consortium, None, workspace)[0])
    client, deployment = node.registry.client, opener.deployment
    router, metrics = Router(client, deployment.router), open_metrics(client, deployment)
    circuits, schema = node.ground.circuits, node.ground.schema
    ground = Ground(node.registry, router, circuits, metrics, consortium, schema)
    with error_console().status("reading the chain …") as status:
        card = make_card(read_source(ground, _steps(status.update)), said)
    release_model(node.ground, node.registry, deployment, out, card)
    _write(card, *files)
    tell(f"model      {out}", model=str(out))


def card_paths(out: Path) -> tuple[Path, Path]:
    """Return where the JSON and the Markdown of a card lie: ``model.onnx`` has ``model.card``.

    Raises
    ------
    CardFileError
        The model's name does not end in ``.onnx``: cards of two such models could be one file.
    """
    if out.suffix != _MODEL_SUFFIX:
        raise CardFileError(
            f"{out} is no name of a model, whose card is named after it: name a file that ends in "
            f"{_MODEL_SUFFIX}, such as model{_MODEL_SUFFIX}"
        )
    return out.with_suffix(".card.json"), out.with_suffix(".card.md")


def _steps(update: Callable[[str], None]) -> Callable[[str], None]:
    return lambda step: update(f"{step} …")


def _free_files(out: Path) -> tuple[Path, Path]:
    """Return the card's files, before anything is written, if model and card can be."""
    files = card_paths(out)
    for file in (out, *files):
        if file.is_dir():
            raise CardFileError(
                f"{file} is a folder, so no file can be written there: name another"
            )
    return files


def _write(card: ReleaseCard, content: Path, page: Path) -> None:
    write_atomically(content, card.to_bytes(), _MODE)
    write_atomically(page, as_markdown(card).encode(), _MODE)
    tell(f"card       {content}, {page}", card=str(content), page=str(page))
    tell(f"SHA-256    {card.sha256()}", card_sha256=card.sha256())
    keep_facts(round=card.lineage.round, unknown=card.unknown)
