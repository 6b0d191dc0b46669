"""What a study found, as JSON: each part can be made again without losing the others."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zkfl.atomic_file import write_atomically
from zkfl.studies.comparison import NOISE_BOUND
from zkfl.studies.errors import StudyError
from zkfl.studies.study import Study

FORMAT = "zkfl.case-study.v1"
PARTS = ("comparison", "heterogeneity", "scales", "proven", "endpoints", "integers")
Results = dict[str, Any]
_DIGITS = 6
_MODE = 0o644
_PACKAGES = ("numpy", "scikit-learn", "scipy", "ezkl")


def empty_results(study: Study, seeds: int) -> Results:
    """Return results that hold no part yet, and say what they are about."""
    spec = study.spec
    return {
        "format": FORMAT,
        "study": {
            "name": study.name,
            "dataset": study.dataset,
            "hospitals": study.hospitals,
            "rounds": study.rounds,
            "seeds": seeds,
            "noise_bound": NOISE_BOUND,
            "circuits": spec.model_dump(mode="json"),
        },
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in _PACKAGES},
        },
    }


def read_results(path: Path) -> Results:
    """Return what a file holds.

    Raises
    ------
    StudyError
        It cannot be read, or is no result of a study.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError(f"{path} cannot be read as results of a study: {error}") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise StudyError(f"{path} holds no results of a study: move it away, or name another --out")
    return found


def with_earlier_parts(results: Results, path: Path) -> Results:
    """Return results with the parts that a file holds of the very same study.

    Raises
    ------
    StudyError
        The file holds something else than results.
    """
    earlier = read_results(path) if path.exists() else {}
    if earlier.get("study") != results["study"]:
        return results
    return results | {part: earlier[part] for part in PARTS if part in earlier}


def write_results(results: Results, path: Path) -> None:
    """Write results as JSON."""
    text = json.dumps(results, indent=1, allow_nan=False) + "\n"
    write_atomically(path, text.encode(), _MODE)


def rounded(value: object) -> object:
    """Return a part with its numbers rounded to six digits behind the point."""
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return value
