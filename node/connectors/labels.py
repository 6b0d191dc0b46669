"""Labels of images: whole numbers that the consortium agreed on, stated and never guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.images.image_set import MAX_IMAGES, MAX_LABEL
from zkfl.node.records.files import read_table
from zkfl.node.records.texts import name_text

_NUMBER = re.compile(r"0|[1-9][0-9]{0,2}")


@dataclass(frozen=True)
class LabelMap:
    """Which number stands for which class name.

    Attributes
    ----------
    numbers : Mapping[str, int]
        By the name that the source uses.
    """

    numbers: Mapping[str, int]

    def number_of(self, name: str) -> int:
        """Return a class's number.

        Raises
        ------
        RefusedFileError
            The class was not declared.
        """
        if name not in self.numbers:
            raise RefusedFileError("no_label", f"{name[:80]!r} is none of {sorted(self.numbers)}")
        return self.numbers[name]


def parse_label_map(pairs: Sequence[str]) -> LabelMap:
    """Return the map of ``name=number`` texts.

    Raises
    ------
    ConnectorError
        A text is no such pair, or a name has two numbers.
    """
    numbers: dict[str, int] = {}
    for pair in pairs:
        name, _, number = pair.rpartition("=")
        if not name or name in numbers:
            raise ConnectorError(f"label {pair!r}: write each class once, as malignant=1")
        numbers[name] = label_number(number, f"label {pair!r}")
    return LabelMap(numbers)


def label_number(text: str, where: str) -> int:
    """Return a label's number.

    Raises
    ------
    ConnectorError
        It is no whole number of 0 to 255.
    """
    if not _NUMBER.fullmatch(text) or int(text) > MAX_LABEL:
        raise ConnectorError(f"{where}: {text[:40]!r} is no whole number of 0 to {MAX_LABEL}")
    return int(text)


def read_labels(path: Path, key: str) -> dict[str, int]:
    """Read a table of labels.

    Parameters
    ----------
    path
        CSV or Parquet with the columns ``key`` and ``label``; others are not read.
    key
        Name of the column that says whose label it is.

    Raises
    ------
    RecordsFileError
        The file is no clean table.
    ConnectorError
        A column is missing, a label is none, or a key has two labels.
    """
    table = read_table(path, (key, "label"), MAX_IMAGES)
    for name in (key, "label"):
        if name not in table.columns:
            raise ConnectorError(f"{path} has no column {name!r}: labels are looked up by {key}")
    labels: dict[str, int] = {}
    pairs = zip(table.columns[key], table.columns["label"], strict=True)
    for number, (key_cell, label_cell) in enumerate(pairs, start=1):
        label = label_number(name_text(label_cell) or "", f"{path}, row {number}, label")
        text = name_text(key_cell)
        if not text:
            raise ConnectorError(
                f"{path}, row {number}: the {key} is missing, or neither text nor a whole number"
            )
        if labels.setdefault(text, label) != label:
            raise ConnectorError(f"{path}, row {number}: the {key} of this row has two labels")
    return labels
