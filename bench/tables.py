"""Measurements as Markdown tables, ready for the README."""

from collections.abc import Iterable, Sequence

_WHOLE_FROM = 100
"""Fractions of numbers from here on say nothing."""


def print_table(title: str, rows: list[dict[str, object]]) -> None:
    """Print rows of equal keys; nested values stay in the JSON only."""
    if not rows:
        return
    columns = [key for key, value in rows[0].items() if not isinstance(value, dict | list)]
    head = [column.replace("_", " ") for column in columns]
    print(f"\n### {title}\n")
    print(markdown(head, ([row.get(column) for column in columns] for row in rows)))
    print(flush=True)


def markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table without a newline at its end."""
    lines = [head, ["---"] * len(head), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < _WHOLE_FROM else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
