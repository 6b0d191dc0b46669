"""What is wrong with a JSON file, in words for whoever has to mend it."""

from pydantic import ValidationError

_SHOWN_PROBLEMS = 3
_SHOWN_CHARACTERS = 80


def json_problems(error: ValidationError) -> str:
    """Return the first problems of a JSON text: which value is wrong, or where it is no JSON."""
    problems = error.errors(include_url=False, include_context=True)[:_SHOWN_PROBLEMS]
    return "; ".join(_problem(dict(problem)) for problem in problems)


def _problem(problem: dict[str, object]) -> str:
    if problem["type"] == "json_invalid":
        context = problem["ctx"]
        reason = context["error"] if isinstance(context, dict) else problem["msg"]
        return f"it is no JSON: {reason}"
    location = problem["loc"]
    where = ".".join(map(str, location)) if isinstance(location, tuple) else ""
    given = f" (got {str(problem['input'])[:_SHOWN_CHARACTERS]!r})"
    return f"{where or 'the whole'}: {problem['msg']}{given}"
