"""``scripts/bench``: measure the parts asked for, print tables, write JSON."""

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench import (
    baselines,
    circuits,
    encryption,
    features,
    gas,
    openings,
    other_proofs,
    posting,
    proving_elsewhere,
    rounds,
    scale,
    training_proofs,
    weights,
)
from bench.machine import describe_machine
from bench.tables import print_table
from zkfl.atomic_file import write_atomically


class Measure(Protocol):
    """Measures one part."""

    def __call__(self, *, quick: bool) -> Iterable[dict[str, object]]:
        """Return rows of a table, one by one where each takes long."""
        ...


PARTS: dict[str, Measure] = {
    "circuits": circuits.measure,
    "training-proofs": training_proofs.measure,
    "other-proofs": other_proofs.measure,
    "encryption": encryption.measure,
    "features": features.measure,
    "gas": gas.measure,
    "openings": openings.measure,
    "posting": posting.measure,
    "proving-elsewhere": proving_elsewhere.measure,
    "rounds": rounds.measure,
    "baselines": baselines.measure,
    "weights": weights.measure,
    "scale": scale.measure,
}
_ON_REQUEST = {"scale", "features", "training-proofs", "other-proofs"}
"""Measured only where they are named: they take long, or need more than scripts/setup brings."""
_DEFAULT_JSON = Path("zkfl-runs") / "bench.json"
_FILE_MODE = 0o644
_EXAMPLES = """parts:
  circuits    rows, keys, proofs, seconds, memory and gas of every circuit
  training-proofs  a proof of training by model and batch; only if named, half an hour
  other-proofs     proofs of admission, benefit, metrics and inference by model; only if named
  encryption  bytes and seconds of encrypted updates, seconds of masks
  features    the head of busi in plain floats; only if named, needs ZKFL_DATA_DIR
  gas         every transaction, for 4 and 16 hospitals
  openings    finality without a quorum: gas and seconds by the length of the model
  posting     gas of proofs that are verified as they come, and that are posted
  proving-elsewhere  a proof through the hospital's queue against a local one
  rounds      seconds by stage and memory, for 4 and 16 hospitals; plain FedAvg beside them
  weights     shares of unlike hospitals under every rule (needs heart's records)
  scale       up to 100 hospitals in Flower's simulation; only if named, needs the extra:
              .venv/bin/python -m pip install -e '.[scale]'
  baselines   zkfl's circuits against the same statements as one writes them first

examples:
  scripts/bench                          all that need not be named, about twenty minutes
  scripts/bench --quick circuits         the smallest circuits, once
  scripts/bench rounds gas --json r.json both from the same runs
  scripts/bench training-proofs --json bench/results/training-proofs.json
"""


def main() -> None:
    """Measure; results are written row by row, so that none is lost."""
    arguments = _arguments()
    results: dict[str, object] = {
        "format": "zkfl.bench.v1",
        "date": datetime.now(UTC).date().isoformat(),
        "command": " ".join(["scripts/bench", *sys.argv[1:]]),
        "machine": describe_machine(),
    }
    for part in arguments.parts or [part for part in PARTS if part not in _ON_REQUEST]:
        print(f"measuring {part} …", file=sys.stderr, flush=True)
        rows: list[dict[str, object]] = []
        results[part] = rows
        for row in PARTS[part](quick=arguments.quick):
            rows.append(row)
            content = json.dumps(results, indent=1).encode() + b"\n"
            write_atomically(arguments.json, content, _FILE_MODE)
        print_table(part, rows)
    print(f"wrote {arguments.json}", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measure the parts asked for, print tables, write JSON.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "parts",
        nargs="*",
        metavar="part",
        help=f"of {', '.join(PARTS)}; default: all but {', '.join(sorted(_ON_REQUEST))}",
    )
    parser.add_argument("--quick", action="store_true", help="the smallest of each, once")
    parser.add_argument(
        "--json", type=Path, default=_DEFAULT_JSON, help="results; default: %(default)s"
    )
    arguments = parser.parse_args()
    unknown = [part for part in arguments.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    return arguments


if __name__ == "__main__":
    main()
