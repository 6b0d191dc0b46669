"""The tables of ``bench/README.md`` are those of the results beside it."""

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zkfl.zk_circuits.instances import instance_names
from zkfl.zk_circuits.spec import SpecError

ROOT = Path(__file__).parents[2]
FIGURES = ("prove_cpu_s", "prove_s", "prove_MB", "proof_B", "verify_gas", "verifier_B", "rows")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("readme", "training_proofs", "definitions", "batches", "tables")
    return SimpleNamespace(**{name: importlib.import_module(f"bench.{name}") for name in names})


def name_of(row: dict[str, Any]) -> str:
    return row["model"] if row["can_be_chosen"] else f"{row['model']}-by-{row['batch']}"


def test_the_page_has_the_tables_of_the_results(bench: SimpleNamespace) -> None:
    assert bench.readme.main(["--check"]) == 0


def test_another_table_is_noticed(
    bench: SimpleNamespace,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = tmp_path / "README.md"
    text = (ROOT / "bench" / "README.md").read_text()
    page.write_text(text.replace("<!-- table training -->", "<!-- table training -->\n| 1 |"))
    monkeypatch.setattr(bench.readme, "PAGE", page)
    assert bench.readme.main(["--check"]) == 1
    assert "README.md has other tables: run python -m bench.readme" in capsys.readouterr().err
    assert bench.readme.main([]) == 0
    assert page.read_text() == text


def test_every_proof_of_training_is_of_the_circuit_as_it_is_now(bench: SimpleNamespace) -> None:
    for row in bench.readme.rows_of("training-proofs"):
        spec = bench.definitions.definition_of(name_of(row), "training").spec
        said = (row["batch"], row["features"], row["parameters"], row["logrows"], row["columns"])
        assert said == (
            spec.slots,
            spec.features,
            spec.parameters,
            spec.logrows,
            spec.training_columns,
        )
        assert all(row[figure] > 0 for figure in FIGURES)


def test_a_batch_has_no_more_rows_than_it_needs(bench: SimpleNamespace) -> None:
    for row in bench.readme.rows_of("training-proofs"):
        if not row["can_be_chosen"]:
            batch = bench.batches.BATCHES[name_of(row)]
            try:
                smaller = batch.with_logrows(row["logrows"] - 1).spec()
            except (SpecError, ValueError):
                continue
            assert row["rows"] > smaller.reservable_rows


def test_every_instance_and_every_batch_is_measured_once(bench: SimpleNamespace) -> None:
    names = bench.training_proofs.ordered_names()
    assert sorted(names) == sorted([*instance_names(), *bench.batches.BATCHES])


def test_what_others_published_has_a_source_and_says_what_differs(bench: SimpleNamespace) -> None:
    for work in bench.readme.published():
        assert set(work["second_hand"]) <= work.keys() - {"work", "url", "sources"}
        assert work["url"].startswith("https://")
        assert work["difference"].endswith(".")
        assert all(url.startswith("https://") for url in work["sources"].values())
        assert work["sources"]


def test_numbers_of_a_table_are_short(bench: SimpleNamespace) -> None:
    table = bench.tables.markdown(["a", "b"], [[1234, 0.123456], [True, 1234.5]])
    assert table == "| a | b |\n| --- | --- |\n| 1,234 | 0.123 |\n| yes | 1,234 |"
