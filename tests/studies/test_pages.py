"""Pages of studies hold the tables of the results beside them, and nothing foreign."""

from pathlib import Path

import pytest

from zkfl.studies.errors import StudyError
from zkfl.studies.page import fill
from zkfl.studies.results import empty_results, read_results
from zkfl.studies.study import STUDIES
from zkfl.studies.tables import tables

PAGES = Path(__file__).parents[2] / "docs" / "case-studies"
RESULTS = PAGES / "results"


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_a_pages_tables_are_those_of_its_results(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    results = read_results(RESULTS / f"{name}.json")
    hint = f"run scripts/case-study {name} --out {RESULTS} --page {PAGES / name}.md"
    assert fill(text, tables(results)) == text, hint
    assert "Not run." not in text


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_results_are_of_the_study_as_it_is_now(name: str) -> None:
    results = read_results(RESULTS / f"{name}.json")
    assert results["study"] == empty_results(STUDIES[name], seeds=10)["study"]
    assert [row["seed"] for row in results["comparison"]] == list(range(10))


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_a_page_shows_plots_that_there_are(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    plots = {"comparison": "ways", "heterogeneity": "heterogeneity", "scales": "scales"}
    for part in (plots[part] for part in STUDIES[name].parts if part in plots):
        plot = RESULTS / f"{name}-{part}.svg"
        assert f"(results/{plot.name})" in text
        assert plot.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_a_table_has_columns_of_proofs_where_there_were_proofs(name: str) -> None:
    scales = read_results(RESULTS / f"{name}.json")["scales"]
    proven = any("prove_seconds" in row for row in scales)
    head = tables({"scales": scales})["scales"].splitlines()[0]
    assert ("prove s" in head) == ("proof B" in head) == proven


def test_words_between_tables_stay() -> None:
    page = "before\n\n<!-- table ways -->\nold\n<!-- end of table -->\nafter\n"
    filled = fill(page, {"ways": "| new |"})
    assert filled == ("before\n\n<!-- table ways -->\n\n| new |\n\n<!-- end of table -->\nafter\n")
    assert fill(filled, {"ways": "| new |"}) == filled


def test_a_mark_of_no_table_is_refused() -> None:
    with pytest.raises(StudyError, match="no table is named wayz: there are ways"):
        fill("<!-- table wayz -->\n<!-- end of table -->\n", {"ways": ""})


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(StudyError, match="has no mark"):
        fill("words\n", {"ways": ""})
