"""Measurements as Markdown tables, ready for the README."""


def print_table(title: str, rows: list[dict[str, object]]) -> None:
    """Print rows of equal keys; nested values stay in the JSON only."""
    if not rows:
        return
    columns = [key for key, value in rows[0].items() if not isinstance(value, dict | list)]
    print(f"\n### {title}\n")
    print("| " + " | ".join(column.replace("_", " ") for column in columns) + " |")
    print("|" + "---|" * len(columns))
    for row in rows:
        print("| " + " | ".join(_cell(row.get(column)) for column in columns) + " |")
    print(flush=True)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"  # noqa: PLR2004 - layout
    return f"{value:,}" if isinstance(value, int) else str(value)
