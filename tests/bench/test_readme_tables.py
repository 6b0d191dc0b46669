"""The tables of ``bench/README.md`` are those of the results beside it."""

import importlib
import json
import re
import shutil
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.zk_circuits.inference.reference import inference_zeros
from zkfl.zk_circuits.instances import get_instance, instance_names
from zkfl.zk_circuits.spec import SpecError

ROOT = Path(__file__).parents[2]
FIGURES = ("prove_cpu_s", "prove_s", "prove_MB", "proof_B", "verify_gas", "verifier_B", "rows")


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(ROOT))
    names = ("readme", "training_proofs", "definitions", "batches", "tables", "honest_inputs")
    return SimpleNamespace(**{name: importlib.import_module(f"bench.{name}") for name in names})


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
        spec = bench.definitions.definition_of(bench.readme.training_name(row), "training").spec
        said = (row["batch"], row["features"], row["parameters"], row["logrows"], row["columns"])
        assert said == (
            spec.slots,
            spec.features,
            spec.parameters,
            spec.logrows,
            spec.training_columns,
        )
        assert all(row[figure] > 0 for figure in FIGURES)


def test_every_other_proof_is_of_the_circuit_as_it_is_now(bench: SimpleNamespace) -> None:
    for row in bench.readme.rows_of("other-proofs"):
        definition = bench.definitions.definition_of(row["model"], row["kind"])
        spec = definition.spec
        said = (row["batch"], row["parameters"], row["logrows"], row["columns"])
        columns = definition.run_arguments.columns
        assert said == (spec.slots, spec.parameters, spec.logrows, columns)
        assert all(row[figure] > 0 for figure in FIGURES)


def test_a_batch_has_no_more_rows_than_it_needs(bench: SimpleNamespace) -> None:
    for row in bench.readme.rows_of("training-proofs"):
        if not row["can_be_chosen"]:
            batch = bench.batches.BATCHES[bench.readme.training_name(row)]
            try:
                smaller = batch.with_logrows(row["logrows"] - 1).spec()
            except (SpecError, ValueError):
                continue
            assert row["rows"] > smaller.reservable_rows


def listed_as_not_measured(page: Path) -> list[tuple[str, str]]:
    """What the page says, read without the code that wrote it."""
    said = page.read_text().split("<!-- table missing -->")[1].split("<!-- end of table -->")[0]
    return re.findall(r"(\w+) of `([\w-]+)`", said)


def test_every_circuit_is_measured_once_or_listed_as_not_measured(bench: SimpleNamespace) -> None:
    names = [*instance_names(), *bench.batches.BATCHES]
    inferring = [name for name in instance_names() if get_instance(name).inference is not None]
    expected = [
        *(("training", name) for name in names),
        *product(("admission", "benefit", "evaluation"), instance_names()),
        *(("inference", name) for name in inferring),
    ]
    listed = listed_as_not_measured(ROOT / "bench" / "README.md")
    assert sorted([*bench.readme.measured_circuits(), *listed]) == sorted(expected)


@pytest.mark.parametrize(
    ("part", "kind"), [("training-proofs", "training"), ("other-proofs", "evaluation")]
)
def test_a_proof_without_a_row_is_listed(
    bench: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str, kind: str
) -> None:
    shutil.copytree(ROOT / "bench" / "results", tmp_path / "results")
    path = tmp_path / "results" / f"{part}.json"
    results = json.loads(path.read_text())
    results[part] = [
        row
        for row in results[part]
        if (row.get("kind", kind), row["model"], row.get("can_be_chosen", True))
        != (kind, "heart", True)
    ]
    path.write_text(json.dumps(results))
    page = Path(shutil.copy(ROOT / "bench" / "README.md", tmp_path))
    before = listed_as_not_measured(page)
    monkeypatch.setattr(bench.readme, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(bench.readme, "PAGE", page)
    assert bench.readme.main(["--check"]) == 1
    assert bench.readme.main([]) == 0
    assert set(listed_as_not_measured(page)) - set(before) == {(kind, "heart")}


@pytest.mark.parametrize("name", ["tiny", "tiny-rate", "tiny-mlp", "tiny-cnn"])
def test_an_honest_inference_states_the_logit_of_its_record(
    bench: SimpleNamespace, name: str
) -> None:
    definition = bench.definitions.definition_of(name, "inference")
    inputs = bench.honest_inputs.honest_inputs(definition)
    assert not any(inference_zeros(definition.spec, **inputs))
    inputs["public"] = [inputs["public"][0] + 1, inputs["public"][1]]
    assert any(inference_zeros(definition.spec, **inputs))


def test_an_instance_of_several_classes_has_no_proof_of_inference(bench: SimpleNamespace) -> None:
    with pytest.raises(KeyError, match="inference"):
        bench.definitions.definition_of("tiny-softmax", "inference")


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
