"""Tables of ``bench/README.md`` from the results beside it: ``python -m bench.readme``."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench import other_proofs, training_proofs
from bench.tables import markdown
from zkfl.atomic_file import write_atomically
from zkfl.studies.page import fill

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER / "README.md"
RESULTS = FOLDER / "results"
PUBLISHED = FOLDER / "published.json"
_FILE_MODE = 0o644
_SECOND_HAND = "¹"

Row = dict[str, Any]


class Table(NamedTuple):
    """Which columns of which rows a table shows.

    Attributes
    ----------
    part
        Of the bench: names the file and the list of rows in it.
    columns
        Heading to key.
    wanted
        Picks rows.
    """

    part: str
    columns: dict[str, str]
    wanted: Callable[[Row], bool] = lambda _: True


_ONCE = {
    "k": "logrows",
    "columns": "columns",
    "rows": "rows",
    "setup CPU s": "setup_cpu_s",
    "witness CPU s": "witness_cpu_s",
    "prove CPU s": "prove_cpu_s",
    "s": "prove_s",
    "load": "load",
    "verify CPU s": "verify_cpu_s",
    "setup MB": "setup_MB",
    "prover MB": "prove_MB",
    "pk MB": "pk_MB",
    "proof B": "proof_B",
    "verifier B": "verifier_B",
    "verify gas": "verify_gas",
}
TABLES = {
    "training": Table(
        "training-proofs",
        {
            "model": "model",
            "parameters": "parameters",
            "records": "batch",
            "k": "logrows",
            "columns": "columns",
            "rows": "rows",
            "CPU s": "prove_cpu_s",
            "s": "prove_s",
            "load": "load",
            "prover MB": "prove_MB",
            "proof B": "proof_B",
            "verify gas": "verify_gas",
            "verifier B": "verifier_B",
            "chosen": "can_be_chosen",
        },
    ),
    "others": Table(
        "other-proofs",
        {"circuit of": "kind", "model": "model"} | _ONCE,
        lambda row: row["kind"] != "evaluation",
    ),
    "metrics": Table(
        "other-proofs",
        {"model": "model"} | _ONCE | {"routed gas": "routed_gas", "deploy gas": "deploy_gas"},
        lambda row: row["kind"] == "evaluation",
    ),
    "encryption": Table(
        "encryption",
        {
            "scheme": "scheme",
            "model": "model",
            "entries": "entries",
            "ciphertext B": "ciphertext_B",
            "x plain": "times_plaintext",
            "encrypt CPU s": "encrypt_cpu_s",
            "s": "encrypt_s",
            "add CPU s": "add_4_cpu_s",
            "decrypt CPU s": "decrypt_cpu_s",
        },
    ),
    "encodings": Table(
        "encryption",
        {
            "scheme": "scheme",
            "entries": "entries",
            "one an entry: bytes x": "one_an_entry_bytes_x",
            "one an entry: CPU s x": "one_an_entry_time_x",
            "floats: bytes x": "floats_bytes_x",
            "floats: CPU s x": "floats_time_x",
            "masks of 4 CPU s": "mask_4_cpu_s",
            "masks of 16 CPU s": "mask_16_cpu_s",
        },
    ),
}
_PUBLISHED = {
    "work": "work",
    "proven": "proven",
    "model and data": "model",
    "prover": "prover",
    "memory": "memory",
    "proof": "proof",
    "verification": "verification",
    "machine": "machine",
}


def tables() -> dict[str, str]:
    """Return every table of the page by its name."""
    measured = {name: _table(table) for name, table in TABLES.items()}
    others = {"published": _published(), "comparable": _comparable(), "missing": _missing()}
    return measured | others


def main(words: Sequence[str] | None = None) -> int:
    """Write the tables of the page anew; with ``--check`` only say whether they are right."""
    parser = argparse.ArgumentParser(prog="python -m bench.readme", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if it would")
    check = parser.parse_args(words).check
    text = PAGE.read_text(encoding="utf-8")
    filled = fill(text, tables())
    if check and filled != text:
        sys.stderr.write(f"{PAGE.name} has other tables: run python -m bench.readme\n")
        return 1
    if not check:
        write_atomically(PAGE, filled.encode(), _FILE_MODE)
    return 0


def rows_of(part: str) -> list[Row]:
    """Return the committed rows of a part of the bench."""
    results = json.loads((RESULTS / f"{part}.json").read_text(encoding="utf-8"))
    rows: list[Row] = results[part]
    return rows


def measured_circuits() -> list[tuple[str, str]]:
    """Return kind and name of every circuit whose proof has a committed row."""
    training = [(training_proofs.KIND, training_name(row)) for row in rows_of("training-proofs")]
    return [*training, *((row["kind"], row["model"]) for row in rows_of("other-proofs"))]


def all_circuits() -> list[tuple[str, str]]:
    """Return kind and name of every circuit that the two parts would measure today."""
    training = [(training_proofs.KIND, name) for name in training_proofs.ordered_names()]
    return training + other_proofs.circuits()


def training_name(row: Row) -> str:
    """Return the instance or the batch that a row of a training proof is of."""
    return str(row["model"] if row["can_be_chosen"] else f"{row['model']}-by-{row['batch']}")


def published() -> list[Row]:
    """Return what other works say of themselves."""
    works: list[Row] = json.loads(PUBLISHED.read_text(encoding="utf-8"))["works"]
    return works


def _table(table: Table) -> str:
    rows = [row for row in rows_of(table.part) if table.wanted(row)]
    return markdown(
        list(table.columns), ([row[key] for key in table.columns.values()] for row in rows)
    )


def _missing() -> str:
    measured = measured_circuits()
    missing = [
        f"{kind} of `{name}`" for kind, name in all_circuits() if (kind, name) not in measured
    ]
    return f"Not measured: {', '.join(missing)}." if missing else "No proof is left unmeasured."


def _published() -> str:
    return markdown(list(_PUBLISHED), [list(_cells(work)) for work in published()])


def _cells(work: Row) -> Iterable[str]:
    """Return the cells of one work, those known at second hand marked."""
    for key in _PUBLISHED.values():
        mark = _SECOND_HAND if key in work["second_hand"] else ""
        linked = f"[{work[key]}]({work['url']})" if key == "work" else work[key]
        yield f"{linked}{mark}"


def _comparable() -> str:
    lines = ([work["work"], work["difference"], _sources(work)] for work in published())
    return markdown(["work", "what differs from a proof here", "figures from"], lines)


def _sources(work: Row) -> str:
    return ", ".join(f"[{name}]({url})" for name, url in work["sources"].items())


if __name__ == "__main__":
    sys.exit(main())
