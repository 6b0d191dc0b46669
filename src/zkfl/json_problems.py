"""What is wrong with a JSON file, in words for whoever has to mend it."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

_SHOWN_PROBLEMS = 3
_SHOWN_CHARACTERS = 80
KEEP = "and do not remove it: it is this party's memory"
"""What is to be done with a party's own notes that only another version can read."""


def json_problems(error: ValidationError) -> str:
    """Return the first problems of a JSON text: which value is wrong, or where it is no JSON."""
    problems = error.errors(include_url=False, include_context=True)[:_SHOWN_PROBLEMS]
    other = unknown_format(error)
    if other is not None:
        return other
    return "; ".join(_problem(dict(problem)) for problem in problems)


def unknown_format(
    error: ValidationError, instead: str = "or have it made anew by this one"
) -> str | None:
    """Return what to do about a file whose ``format`` is another version's; None if it is ours.

    Parameters
    ----------
    error
        What pydantic says of the file.
    instead
        What else can be done.
    """
    for problem in error.errors(include_url=False, include_context=True):
        if problem["loc"] == ("format",) and problem["type"] != "missing":
            context = problem.get("ctx", {})
            ours = context.get("expected") or str(context.get("pattern", "")).strip("^$")
            shown = str(problem["input"])[:_SHOWN_CHARACTERS]
            return (
                f"it has the format {shown!r}, and this version of zkfl reads "
                f"{str(ours).replace(chr(92), '').strip(chr(39))!r}: use the version of zkfl that "
                f"wrote it, {instead}"
            )
    return None


def unreadable(path: Path, error: ValidationError) -> str:
    """Return what is to be said of a party's own notes that are none, without their content."""
    other = unknown_format(error, KEEP)
    return f"{path}: {other}" if other else f"{path} is damaged: restore it from a copy"


def _problem(problem: dict[str, object]) -> str:
    if problem["type"] == "json_invalid":
        context = problem["ctx"]
        reason = context["error"] if isinstance(context, dict) else problem["msg"]
        return f"it is no JSON: {reason}"
    location = problem["loc"]
    where = ".".join(map(str, location)) if isinstance(location, tuple) else ""
    # of fields that do not go together, the message has the values; the whole would hide them
    together = problem["type"] == "value_error" and isinstance(problem["input"], Mapping)
    given = "" if together else f" (got {str(problem['input'])[:_SHOWN_CHARACTERS]!r})"
    return f"{where or 'the whole'}: {problem['msg']}{given}"
