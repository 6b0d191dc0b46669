"""Every page can be found: the indexes name all, decisions by their titles."""

from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
PARTS = ("how-to", "reference", "explanation", "security")
PAGES = sorted(page for part in PARTS for page in (DOCS / part).glob("*.md"))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_stands_in_the_index_by_number_and_title(page: Path) -> None:
    number, title = page.read_text().splitlines()[0].removeprefix("# ").split(". ", 1)
    assert int(number) == int(page.name[:4])
    row = f"| {number} | [{title}]({page.name}) |"
    assert row in (DOCS / "decisions" / "README.md").read_text().splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_stands_in_the_index(page: Path) -> None:
    place = page.relative_to(DOCS)
    assert f"[{place}]({place})" in (DOCS / "README.md").read_text()
