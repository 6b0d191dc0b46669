"""What an import saw, dropped, generalised and kept: names and counts, never a value."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError

from zkfl.errors import ZkflError
from zkfl.foreign_text import foreign_text
from zkfl.json_problems import json_problems
from zkfl.public_file import read_public_file

Source = Literal["images", "dicom", "dicomweb", "table", "fhir"]
Action = Literal["kept", "generalised", "pseudonymised", "dropped"]
ACTIONS: tuple[Action, ...] = ("kept", "generalised", "pseudonymised", "dropped")
OTHER_ATTRIBUTES = "(further attributes)"
"""Stands for all that an import met after `MAX_ATTRIBUTES` different ones."""
MAX_ATTRIBUTES = 4096
_LIMIT = 4 << 20
_NAME_CHARACTERS = 200


class DeidentificationReportError(ZkflError):
    """A file is no report of an import."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Attribute(_Strict):
    """One attribute that the source has, and what became of it.

    Attributes
    ----------
    name : str
        A DICOM keyword, the name of a column, a path in FHIR: what the source's standard calls it.
    action : str
        Kept as it is, generalised (an age to a band), replaced by a pseudonym, or dropped.
    times : int
        In how many files (DICOM, images) or resources (FHIR) it was met; 1 for a column.
    """

    name: Annotated[str, Field(min_length=1, max_length=_NAME_CHARACTERS)]
    action: Action
    times: NonNegativeInt


class DeidentificationReport(_Strict):
    """The report that lies beside what an import wrote.

    Attributes
    ----------
    source : str
        Kind of import.
    seen, written, patients : int
        Files, rows or bundles looked at; images or records written; patients in them.
    refused : dict[str, int]
        How many were left out, by reason.
    attributes : tuple[Attribute, ...]
        By name.
    """

    format: Literal["zkfl.deidentification.v1"] = "zkfl.deidentification.v1"
    source: Source
    seen: NonNegativeInt
    written: NonNegativeInt
    patients: NonNegativeInt
    refused: dict[str, NonNegativeInt]
    attributes: tuple[Attribute, ...]

    def to_json(self) -> str:
        """Return the text of ``deidentification.json``."""
        return self.model_dump_json(indent=2) + "\n"

    def to_text(self, file: Path) -> str:
        """Return the report for people, a line a fact; what was dropped is named in its file."""
        lines = [
            f"source      {self.source}",
            f"seen        {self.seen}",
            f"written     {self.written}",
            f"patients    {self.patients}",
            *(f"refused     {count} x {reason}" for reason, count in sorted(self.refused.items())),
        ]
        for action in ACTIONS:
            names = [a for a in self.attributes if a.action == action]
            if action == "dropped" and names:
                lines.append(f"dropped ({len(names)}): named in {file}")
                continue
            lines.append(f"{action} ({len(names)})")
            # a column is called as its file says
            lines += [f"  {foreign_text(each.name)} ({each.times})" for each in names]
        return "\n".join(lines)


def read_report(path: Path) -> DeidentificationReport:
    """Read a report.

    Raises
    ------
    PublicFileError
        It cannot be read.
    DeidentificationReportError
        It is no report.
    """
    try:
        return DeidentificationReport.model_validate_json(read_public_file(path, _LIMIT))
    except ValidationError as error:
        raise DeidentificationReportError(f"{path}: {json_problems(error)}") from error


@dataclass
class Tally:
    """Counts while an import goes on.

    Attributes
    ----------
    source : str
        Kind of import.
    seen : int
        Files looked at so far.
    """

    source: Source
    seen: int = 0
    _attributes: Counter[tuple[str, Action]] = field(default_factory=Counter)
    _refused: Counter[str] = field(default_factory=Counter)

    def met(self, name: str, action: Action) -> None:
        """Count an attribute; hostile files cannot make the list endless."""
        key = (name[:_NAME_CHARACTERS], action)
        if key not in self._attributes and len(self._attributes) >= MAX_ATTRIBUTES:
            key = (OTHER_ATTRIBUTES, action)
        self._attributes[key] += 1

    def refused(self, reason: str) -> None:
        """Count what is left out."""
        self._refused[reason] += 1

    def report(self, written: int, patients: int) -> DeidentificationReport:
        """Return the report of what was counted."""
        return DeidentificationReport(
            source=self.source,
            seen=self.seen,
            written=written,
            patients=patients,
            refused=dict(sorted(self._refused.items())),
            attributes=tuple(
                Attribute(name=name, action=action, times=times)
                for (name, action), times in sorted(self._attributes.items())
            ),
        )
