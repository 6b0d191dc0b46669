"""The loop of every import of images: what can be taken is taken, the rest is counted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from zkfl.foreign_text import foreign_text
from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.deidentification import DeidentificationReport, Tally
from zkfl.node.images.errors import ImageError, ImageSetError
from zkfl.node.images.writer import ImageSetWriter, RepeatedPixelsError, new_image_set
from zkfl.public_file import PublicFileError

Candidate = TypeVar("Candidate")
Progress = Callable[[int, int], None]
"""Gets the files done and the files in all."""


@dataclass(frozen=True)
class Arrival:
    """An image ready for the set: 8-bit pixels, the pseudonym, and what else may leave."""

    pixels: NDArray[np.uint8]
    patient: str
    label: int | None
    subgroups: dict[str, str]


@dataclass(frozen=True)
class Refusal:
    """A file that was left out: its name is for the one at the keyboard, and in no report."""

    name: str
    reason: str
    message: str


@dataclass(frozen=True)
class Target:
    """Where an import goes.

    Attributes
    ----------
    folder : Path
        The new image set.
    columns : tuple[str, ...]
        Subgroup columns.
    all_or_nothing : bool
        Whether one refused file ends the import.
    """

    folder: Path
    columns: tuple[str, ...] = ()
    all_or_nothing: bool = False


@dataclass
class Outcome:
    """What an import did.

    Attributes
    ----------
    report : DeidentificationReport
        As it lies beside the images.
    refusals : list[Refusal]
        Files that were left out.
    """

    report: DeidentificationReport
    refusals: list[Refusal] = field(default_factory=list)


def import_images(
    candidates: Sequence[Candidate],
    read: Callable[[Candidate], Iterable[Arrival]],
    target: Target,
    tally: Tally,
    on_progress: Progress = lambda _done, _all: None,
) -> Outcome:
    """Bring candidates into a new image set.

    Parameters
    ----------
    candidates
        Files, or whatever else stands for one each.
    read
        Returns the images of a candidate, or refuses it.
    target, tally
        Where they go, and what counts.
    on_progress
        Told after each.

    Raises
    ------
    ConnectorError
        A file was refused, and all or nothing was wanted.
    ImageSetError
        The folder is in use, or no image was taken.
    """
    refusals: list[Refusal] = []
    with new_image_set(target.folder, target.columns) as writer:
        for done, candidate in enumerate(candidates, start=1):
            tally.seen += 1
            refused = _take(candidate, read, writer)
            for refusal in refused:
                tally.refused(refusal.reason)
                _require_optional(refusal, target)
            refusals += refused
            on_progress(done, len(candidates))
        report = tally.report(writer.images, writer.patients)
        _require_any(writer, refusals)
        writer.finish(report)
    return Outcome(report, refusals)


def _take(
    candidate: Candidate,
    read: Callable[[Candidate], Iterable[Arrival]],
    writer: ImageSetWriter,
) -> list[Refusal]:
    name = str(candidate)
    try:
        # all frames of a file, before the first of them is written
        arrivals = list(read(candidate))
    except ConnectorError as error:
        return [Refusal(name, _reason(error), str(error))]
    except PublicFileError as error:
        return [Refusal(name, "unreadable_file", str(error))]
    except ImageError as error:
        return [Refusal(name, "no_image", str(error))]
    refused = []
    for arrival in arrivals:
        try:
            writer.add(arrival.pixels, arrival.patient, arrival.label, arrival.subgroups)
        except RepeatedPixelsError as error:
            refused.append(Refusal(name, "same_pixels", str(error)))
        except ImageSetError as error:
            refused.append(Refusal(name, "bad_row", str(error)))
        except ImageError as error:
            refused.append(Refusal(name, "no_image", str(error)))
    return refused


def _reason(error: ConnectorError) -> str:
    return error.reason if isinstance(error, RefusedFileError) else "bad_row"


def _require_optional(refusal: Refusal, target: Target) -> None:
    if target.all_or_nothing:
        raise ConnectorError(
            f"{_shown(refusal)} ({refusal.reason}); nothing is written, since every file was to be "
            "taken"
        )


def _require_any(writer: ImageSetWriter, refusals: Sequence[Refusal]) -> None:
    if not writer.images and refusals:
        first = refusals[0]
        raise ConnectorError(f"all {len(refusals)} images were refused, the first, {_shown(first)}")


def _shown(refusal: Refusal) -> str:
    return f"{foreign_text(refusal.name)}: {foreign_text(refusal.message)}"
