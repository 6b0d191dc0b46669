"""A hospital looks at a model on its own test records, for itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from zkfl.evaluation.calibration import Calibration, calibration_of
from zkfl.evaluation.groups import GroupTable, count_outcomes, group_table
from zkfl.evaluation.model_metrics import called_positive
from zkfl.evaluation.training import model_from_chain, positives, probabilities
from zkfl.node.held_out_home import HeldOutHome, HeldOutRecordsError
from zkfl.node.hospital import HospitalNode
from zkfl.node.own_records import read_records
from zkfl.node.records.files import MAX_FILE_BYTES, read_table
from zkfl.node.records.texts import group_text
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.layout import unpack_model

USUAL_COLUMNS = ("site", "age_band", "sex")
"""Columns by which records are grouped where a file has them and none is named."""


@dataclass(frozen=True)
class HomeEvaluation:
    """What a hospital found out about a model.

    Attributes
    ----------
    counts
        Over all of its test records.
    calibration
        Of the model's probabilities.
    groups
        By column.
    """

    counts: ConfusionCounts
    calibration: Calibration
    groups: tuple[GroupTable, ...]


def evaluate_at_home(
    node: HospitalNode, round_id: int, columns: Sequence[str] | None, least: int
) -> HomeEvaluation:
    """Test a final round's model on the hospital's test records; nothing is sent.

    Parameters
    ----------
    node
        The hospital.
    round_id
        A final round.
    columns
        Of the file of test records, by which it is grouped; `USUAL_COLUMNS` that it has if None.
    least
        Fewest records of a group that is shown.

    Raises
    ------
    HeldOutRecordsError
        There is no file of test records, or it lacks a column that was named.
    SchemaError, RecordsError, EvaluationError
        The records are not what the schema declares, or a column groups nothing.
    """
    home, spec, schema = HeldOutHome(node.home.root), node.spec, node.ground.schema
    if not home.has_records():
        raise HeldOutRecordsError(f"{home.records} is missing: it holds the records to test on")
    features, numbers = read_records(home.records, schema, spec)
    labels = positives(numbers, spec.model)
    model = model_from_chain(unpack_model(spec, node.final_model(round_id)), spec)
    stated = probabilities(model, features / spec.one, spec.model)
    taken = called_positive(model, features / spec.one, spec.model)
    groups = tuple(
        group_table(name, values, labels, taken, least)
        for name, values in _grouping(home, schema.max_rows, columns).items()
    )
    return HomeEvaluation(count_outcomes(labels, taken), calibration_of(labels, stated), groups)


def _grouping(
    home: HeldOutHome, max_rows: int, columns: Sequence[str] | None
) -> dict[str, list[str]]:
    """Return the cells of the columns that group records."""
    wanted = USUAL_COLUMNS if columns is None else tuple(columns)
    table = read_table(home.records, wanted, max_rows, MAX_FILE_BYTES)
    missing = [name for name in wanted if name not in table.columns]
    if columns is not None and missing:
        raise HeldOutRecordsError(f"{home.records} has no column {', '.join(missing)[:200]}")
    return {
        name: [group_text(cell) for cell in table.columns[name]]
        for name in wanted
        if name in table.columns
    }
