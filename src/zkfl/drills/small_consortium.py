"""Three hospitals with the smallest circuits and one shard each.

Without its noise, the model follows from the records alone, so that every round over the same
records ends with the same integers; only noise and blinders differ.
"""

import csv
from pathlib import Path

import numpy as np

from zkfl.consortium import Consortium
from zkfl.founding import create_parties
from zkfl.node.home import NodeHome
from zkfl.node.records.schema import RecordSchema
from zkfl.workspace import Workspace

KEY_HOLDER = "ada"
HOSPITAL = "bay"
RECORDS = {KEY_HOLDER: 8, HOSPITAL: 5, "cay": 7}
"""Records of each hospital: one shard, whatever the order of its records."""
_SCRYPT_COST = 1 << 12
_DAYS_90 = 90 * 24 * 3_600
"""Longer than any clock is moved, so that no drill is about a missed deadline."""
CONSORTIUM = Consortium(
    demo=True,
    name="drilled",
    dataset="wdbc",
    circuits="tiny",
    weight_rule="records",
    submission_window=_DAYS_90,
    remask_window=_DAYS_90,
    publication_window=_DAYS_90,
    acknowledgement_window=_DAYS_90,
    reveal_window=_DAYS_90,
    hospitals=tuple(RECORDS),
)
SCHEMA = RecordSchema.model_validate(
    {
        "name": "drilled",
        "version": 1,
        "description": "three measurements",
        "source": "made for drills",
        "constants_source": "made for drills",
        "min_rows": 4,
        "max_rows": 100,
        "extra_columns": "reject",
        "label": {"name": "ill", "positive": "ill", "negative": "well"},
        "columns": tuple(
            {
                "kind": "numeric",
                "name": name,
                "unit": "mm",
                "meaning": name,
                "min": 0.0,
                "max": 100.0,
                "centre": 50.0,
                "scale": 25.0,
                "missing": "reject",
            }
            for name in ("width", "height", "depth")
        ),
    }
)


def write_parties(root: Path) -> None:
    """Make every party's folder, keys and records; nothing is on chain yet."""
    workspace = Workspace(root)
    create_parties(workspace, CONSORTIUM, _SCRYPT_COST)
    for seed, (name, rows) in enumerate(RECORDS.items()):
        _write_records(NodeHome(workspace.site(name)).records, rows, seed)


def _write_records(path: Path, rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*SCHEMA.column_names, SCHEMA.label.name])
        for row in range(rows):
            writer.writerow([*(round(float(v), 2) for v in rng.uniform(0, 100, 3)), row % 2])
