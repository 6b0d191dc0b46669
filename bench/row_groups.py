"""Cells of a circuit by the step of its torch module that takes them.

Operations come in graph order, so a group begins at the operation that opens its step and
ends where the next one begins.
"""

import re
from collections.abc import Sequence

Operation = tuple[str, int]
"""EZKL's name of an operation, and the cells that it takes over all columns."""

_GROUPS = {
    "logistic-training": (
        ("unpacking", r"^Input"),
        ("the model's rescale", r"NEG"),
        ("logits: X w and its rescale", r"EINSUM mk,k->m"),
        ("saturation: two absolute values", r"^(CONST|ADD)"),
        ("sigmoid and residual", r"^SIGMOID"),
        ("gradient and its rescale", r"EINSUM km,k->m"),
        ("L2 term, count included", r"^SUM"),
        ("learning rate / B and its rescale", r"^SUB"),
        ("noise below the last bit", r"^MULT"),
        ("clip and noise bounds", r"EINSUM k,k->m"),
    ),
    "admission": (
        ("unpacking", r"^Input"),
        ("feature bound: one cosine a feature, and their sum", r"^COS"),
        ("squared norms", r"EINSUM ij,ij->i"),
        ("norm bound", r"^SUB"),
        ("mask, labels, unused slots", r"^(CONST|MULT)"),
        ("count and zeros", r"^SUM"),
    ),
}


def rows_by_group(kind: str, operations: Sequence[Operation]) -> dict[str, int]:
    """Return cells by step; by EZKL's operation where the circuit's steps are not listed."""
    groups = _GROUPS.get(kind)
    return _by_name(operations) if groups is None else _by_step(groups, operations)


def _by_step(groups: Sequence[tuple[str, str]], operations: Sequence[Operation]) -> dict[str, int]:
    cells, place = {name: 0 for name, _ in groups}, 0
    for operation, count in operations:
        if place + 1 < len(groups) and re.search(groups[place + 1][1], operation):
            place += 1
        cells[groups[place][0]] += count
    return {name: count for name, count in cells.items() if count}


def _by_name(operations: Sequence[Operation]) -> dict[str, int]:
    cells: dict[str, int] = {}
    for operation, count in operations:
        rescaled = operation.startswith("REBASED")
        inner = re.search(r"\((EINSUM [^)]*|MULT|DIV)\)$", operation)
        name = f"{inner[1]} and its rescale" if rescaled and inner else operation.split(" (")[0]
        cells[name] = cells.get(name, 0) + count
    return cells
