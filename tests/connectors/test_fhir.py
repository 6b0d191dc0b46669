"""FHIR bundles become records by a declared mapping, and only by it."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.connectors.fhir_import import import_fhir
from zkfl.node.connectors.fhir_mapping import FhirMapping, read_mapping
from zkfl.node.connectors.importing import Outcome
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.records.errors import RecordsError
from zkfl.node.records.load import load_records
from zkfl.node.records.patients import patients_of
from zkfl.node.records.schema import RecordSchema

LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
MAPPING: dict[str, Any] = {
    "format": "zkfl.fhir-mapping.v1",
    "patient_system": "urn:hospital",
    "columns": {
        "size": {
            "from": "observation",
            "codes": [{"system": LOINC, "code": "33728-7"}],
            "unit": "mm",
            "factors": {"cm": 10.0},
        },
        "ill": {"from": "condition", "codes": [{"system": SNOMED, "code": "254837009"}]},
    },
}
FOREIGN = {"resourceType": "Mustermann"}
Change = Callable[[dict[str, Any]], object]
Take = Callable[..., Outcome]


def patient(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": f"r{number}",
        "identifier": [{"system": "urn:hospital", "value": f"KIS-0047113-{number}"}],
        "name": [{"family": "Mustermann"}],
        "gender": "female",
        "birthDate": "1961-02-03",
    }


def observation(number: int, value: float = 12.5, day: str = "2024-03-01") -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "33728-7"}]},
        "subject": {"reference": f"Patient/r{number}"},
        "effectiveDateTime": day,
        "valueQuantity": {"value": value, "unit": "mm", "system": UCUM, "code": "mm"},
    }


def condition(number: int) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "code": {"coding": [{"system": SNOMED, "code": "254837009"}]},
        "subject": {"reference": f"Patient/r{number}"},
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def two_patients() -> dict[str, Any]:
    other = {"resourceType": "Organization", "name": "Klinikum"}
    both = [patient(1), observation(1), condition(1), other, patient(2), observation(2, 7.0)]
    return bundle(*both)


@pytest.fixture
def take(tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms) -> Take:
    def run(content: dict[str, Any] | bytes, mapping: dict[str, Any] | None = None) -> Outcome:
        source = tmp_path / "bundle.json"
        source.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        declared = FhirMapping.model_validate_json(json.dumps(mapping or MAPPING))
        return import_fhir(source, schema, declared, pseudonyms, tmp_path / "out")

    return run


def sizes(tmp_path: Path, schema: RecordSchema) -> list[float]:
    return list(load_records(tmp_path / "out" / "records.csv", schema)["size"])


def test_a_bundle_becomes_records(
    tmp_path: Path, schema: RecordSchema, take: Take, pseudonyms: Pseudonyms
) -> None:
    report = take(two_patients()).report
    records = load_records(tmp_path / "out" / "records.csv", schema)
    assert records.to_dict("list") == {"size": [12.5, 7.0], "ill": [1, 0]}
    expected = {pseudonyms.of_patient(f"KIS-0047113-{number}") for number in (1, 2)}
    assert patients_of(tmp_path / "out" / "records.csv") == expected
    actions = {each.name: each.action for each in report.attributes}
    assert actions["Patient.name"] == "dropped"
    assert actions["Patient.birthDate (in completed years)"] == "kept"
    assert "generalised" not in actions.values()
    assert actions["Patient.identifier"] == "pseudonymised"
    assert actions["resources of other kinds"] == "dropped"
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"Mustermann" not in written
    assert b"0047113" not in written


def test_resources_of_several_files_belong_together(
    tmp_path: Path, schema: RecordSchema, pseudonyms: Pseudonyms
) -> None:
    folder = tmp_path / "bundles"
    folder.mkdir()
    (folder / "a.json").write_text(json.dumps(bundle(patient(1), patient(2), observation(1))))
    (folder / "b.json").write_text(json.dumps(bundle(observation(2, 3.0), condition(2))))
    mapping = FhirMapping.model_validate_json(json.dumps(MAPPING))
    import_fhir(folder, schema, mapping, pseudonyms, tmp_path / "out")
    assert sizes(tmp_path, schema) == [12.5, 3.0]


@pytest.mark.parametrize(("pick", "expected"), [("latest", 30.0), ("earliest", 10.0)])
def test_one_of_several_observations_is_picked(
    tmp_path: Path, schema: RecordSchema, take: Take, pick: str, expected: float
) -> None:
    mapping = json.loads(json.dumps(MAPPING))
    mapping["columns"]["size"]["pick"] = pick
    several = [observation(1, 20.0, "2024-03-01"), observation(1, 30.0, "2024-03-02T08:00:00Z")]
    first = observation(1, 10.0, "2024-02-28")
    wrong = observation(1, 99.0, "2025-01-01") | {"status": "entered-in-error"}
    content = bundle(patient(1), *several, first, wrong, patient(2), observation(2))
    take(content, mapping)
    assert sizes(tmp_path, schema)[0] == expected


def test_declared_units_are_converted(tmp_path: Path, schema: RecordSchema, take: Take) -> None:
    content = two_patients()
    content["entry"][1]["resource"]["valueQuantity"] |= {"value": 1.25, "code": "cm"}
    take(content)
    assert sizes(tmp_path, schema)[0] == 12.5


def test_a_component_is_found(tmp_path: Path, schema: RecordSchema, take: Take) -> None:
    content = two_patients()
    part = content["entry"][1]["resource"]
    code = {"coding": [{"system": LOINC, "code": "panel"}]}
    component = {"code": part.pop("code"), "valueQuantity": part.pop("valueQuantity")}
    part |= {"code": code, "component": [component]}
    take(content)
    assert sizes(tmp_path, schema)[0] == 12.5


def test_an_unconfirmed_condition_is_none(tmp_path: Path, schema: RecordSchema, take: Take) -> None:
    content = two_patients()
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    status = {"coding": [{"system": system, "code": "refuted"}]}
    content["entry"][2]["resource"]["verificationStatus"] = status
    take(content)
    assert load_records(tmp_path / "out" / "records.csv", schema)["ill"].tolist() == [0, 0]


def test_age_and_gender(tmp_path: Path, schema: RecordSchema, take: Take) -> None:
    mapping = json.loads(json.dumps(MAPPING))
    mapping["columns"]["size"] = {"from": "age", "on": "2024-02-02"}
    mapping["columns"]["ill"] = {"from": "gender", "values": {"male": 0, "female": 1}}
    take(two_patients(), mapping)
    records = load_records(tmp_path / "out" / "records.csv", schema)
    assert records.to_dict("list") == {"size": [62.0, 62.0], "ill": [1, 1]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda o: o["valueQuantity"].update(code="[in_i]"), "unit"),
        (lambda o: o["valueQuantity"].update(system="http://local"), "unit"),
        (lambda o: o["valueQuantity"].pop("code"), "unit"),
        (lambda o: o["valueQuantity"].update(comparator="<"), "bound"),
        (lambda o: o.update(valueString=o.pop("valueQuantity") and "12"), "no_quantity"),
    ],
)
def test_a_value_that_is_not_as_declared_leaves_the_patient_out(
    take: Take, change: Change, reason: str
) -> None:
    content = two_patients()
    content["entry"] += bundle(patient(3), observation(3), condition(3))["entry"]
    change(content["entry"][1]["resource"])
    outcome = take(content)
    assert [refusal.reason for refusal in outcome.refusals] == [reason]
    assert outcome.report.refused == {reason: 1}
    assert outcome.report.written == 2


@pytest.mark.parametrize(
    ("second", "reason"),
    [(observation(1, 30.0), "several"), (observation(1, 30.0, "2024"), "no_date")],
)
def test_several_values_of_which_none_is_the_latest(
    take: Take, second: dict[str, Any], reason: str
) -> None:
    content = two_patients()
    content["entry"] += bundle(second, patient(3), observation(3))["entry"]
    assert [refusal.reason for refusal in take(content).refusals] == [reason]


def test_a_patient_without_an_identifier_of_the_system(take: Take) -> None:
    content = two_patients()
    content["entry"] += bundle(patient(3) | {"identifier": []}, observation(3))["entry"]
    assert [refusal.reason for refusal in take(content).refusals] == ["no_patient"]


def test_a_missing_value_meets_the_schema(tmp_path: Path, take: Take) -> None:
    content = two_patients()
    content["entry"].pop(1)
    with pytest.raises(RecordsError, match="row 1, column 'size': the value is missing"):
        take(content)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda b: b["entry"][1]["resource"].pop("status"), "no Observation of R4"),
        (lambda b: b["entry"][0]["resource"].update(ssn="123"), "no Patient of R4"),
        (lambda b: b["entry"][0]["resource"].update(contained=[FOREIGN]), r"R4 \(KeyError\)"),
        (lambda b: b["entry"].append({}), "holds no resource"),
        (lambda b: b["entry"].append("text"), "holds no resource"),
        (lambda b: b["entry"].append(b["entry"][0]), "is there twice"),
        (lambda b: b["entry"].pop(0), "in none of the bundles"),
        (lambda b: b["entry"][1]["resource"].pop("subject"), "in none of the bundles"),
        (lambda b: b.update(resourceType="Parameters"), "no FHIR bundle"),
        (lambda b: b.update(entry={}), "no FHIR bundle"),
    ],
)
def test_a_bundle_that_is_damaged_is_refused_as_a_whole(
    take: Take, change: Change, reason: str
) -> None:
    content = two_patients()
    change(content)
    with pytest.raises(ConnectorError, match=reason) as refused:
        take(content)
    assert "Mustermann" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[" * 100_000, b"[1]", b'{"a": NaN}', b'{"entry": 1, "entry": 2}'],
    ids=["empty", "no utf-8", "deep", "list", "nan", "twice"],
)
def test_a_file_that_is_no_bundle(take: Take, content: bytes) -> None:
    with pytest.raises(ConnectorError, match=r"no JSON|no FHIR bundle"):
        take(content)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: m["columns"].pop("ill"), r"lacks the columns \['ill'\]"),
        (lambda m: m["columns"].update(x=m["columns"]["ill"]), r"has \['x'\] beyond it"),
        (lambda m: m["columns"]["size"].pop("unit"), "give either unit"),
        (lambda m: m["columns"]["size"].update(values={"a|b": 1}), "give either unit"),
        (lambda m: m["columns"]["size"].update(factors={"cm": 0}), "greater than 0"),
        (lambda m: m["columns"]["size"].update({"from": "guess"}), "guess"),
        (lambda m: m.update(format="zkfl.fhir-mapping.v2"), "another|format"),
        (lambda m: m.update(more=1), "more"),
    ],
)
def test_a_mapping_that_is_none(
    tmp_path: Path, schema: RecordSchema, change: Change, reason: str
) -> None:
    mapping = json.loads(json.dumps(MAPPING))
    change(mapping)
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    with pytest.raises(ConnectorError, match=reason):
        read_mapping(tmp_path / "mapping.json", schema)


def test_the_command_imports_bundles(
    tmp_path: Path, schema: RecordSchema, run_zkfl: Callable[..., SimpleNamespace]
) -> None:
    for name, content in (("bundle.json", two_patients()), ("mapping.json", MAPPING)):
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "schema.json").write_text(schema.to_json())
    run_zkfl("import", "pseudonym-key", tmp_path / "p.key")
    done = run_zkfl(
        *("import", "fhir", tmp_path / "bundle.json", tmp_path / "out"),
        *("--schema", tmp_path / "schema.json", "--mapping", tmp_path / "mapping.json"),
        *("--pseudonyms", tmp_path / "p.key", "--json"),
    )
    assert done.status == 0
    assert json.loads(done.out)["result"]["report"]["patients"] == 2
    assert sizes(tmp_path, schema) == [12.5, 7.0]
