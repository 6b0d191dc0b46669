"""FHIR R4 bundles as what is known of each patient; resources of other kinds are dropped.

Only `Patient`, `Observation` and `Condition` are looked at, each checked by its own definition
before anything is taken from it (https://hl7.org/fhir/R4/bundle.html).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.deidentification import Tally
from zkfl.public_file import read_public_file

MAX_BUNDLE_BYTES = 256 << 20
"""Largest bundle, in bytes."""
_KINDS: dict[str, type[BaseModel]] = {
    "Patient": Patient,
    "Observation": Observation,
    "Condition": Condition,
}


@dataclass
class PatientFacts:
    """What bundles say of one patient.

    Attributes
    ----------
    patient : Patient
        The resource.
    observations, conditions : list
        Resources whose subject it is.
    """

    patient: Patient
    observations: list[Observation] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)


@dataclass(frozen=True)
class _Entry:
    resource: BaseModel
    names: tuple[str, ...]


def read_bundles(paths: Sequence[Path], tally: Tally) -> list[PatientFacts]:
    """Gather the patients of bundles.

    Raises
    ------
    PublicFileError
        A file cannot be read, or is too large.
    ConnectorError
        A file is no bundle, a resource breaks its definition, a patient is there twice, or a
        resource is of a patient who is in no bundle.
    """
    entries = [entry for path in paths for entry in _entries(path, tally)]
    facts: dict[str, PatientFacts] = {}
    for entry in entries:
        if isinstance(entry.resource, Patient):
            _add_patient(facts, entry.resource, entry.names)
    for entry in entries:
        if isinstance(entry.resource, Observation):
            _facts_of(facts, entry.resource).observations.append(entry.resource)
        elif isinstance(entry.resource, Condition):
            _facts_of(facts, entry.resource).conditions.append(entry.resource)
    return list({id(each): each for each in facts.values()}.values())


def _add_patient(facts: dict[str, PatientFacts], patient: Patient, names: tuple[str, ...]) -> None:
    found = PatientFacts(patient)
    for name in names:
        if name in facts:
            raise ConnectorError("a patient is there twice: whose the observations are is unclear")
        facts[name] = found


def _facts_of(facts: Mapping[str, PatientFacts], resource: Observation | Condition) -> PatientFacts:
    reference = resource.subject.reference if resource.subject else None
    if reference is None or reference not in facts:
        raise ConnectorError(
            f"an {type(resource).__name__} is of a patient who is in none of the bundles: export "
            "patients with what belongs to them"
        )
    return facts[reference]


def _entries(path: Path, tally: Tally) -> list[_Entry]:
    bundle = _parsed(path)
    entries = bundle.get("entry")
    if bundle.get("resourceType") != "Bundle" or not isinstance(entries, list):
        raise ConnectorError(f"{path} is no FHIR bundle with entries")
    tally.seen += 1
    found = [_entry(path, number, entry, tally) for number, entry in enumerate(entries, start=1)]
    return [entry for entry in found if entry is not None]


def _parsed(path: Path) -> dict[str, object]:
    content = read_public_file(path, MAX_BUNDLE_BYTES)
    try:
        # from_json bounds the depth; json.loads would follow foreign brackets until it crashed
        from_json(content, allow_inf_nan=False)
        bundle = json.loads(content, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        # the error could quote the file
        raise ConnectorError(f"{path} is no JSON ({type(error).__name__})") from None
    if not isinstance(bundle, dict):
        raise ConnectorError(f"{path} is no FHIR bundle with entries")
    return bundle


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key occurs twice")
    return result


def _entry(path: Path, number: int, entry: object, tally: Tally) -> _Entry | None:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(resource, dict):
        raise ConnectorError(f"{path}, entry {number} holds no resource")
    kind = _KINDS.get(str(resource.get("resourceType")))
    if kind is None:
        tally.met("resources of other kinds", "dropped")
        return None
    try:
        checked = kind.model_validate(resource)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))[:80]
        raise ConnectorError(
            f"{path}, entry {number} is no {kind.__name__} of R4: see its {where}"
        ) from None
    except Exception as error:  # noqa: BLE001 - the library raises what it meets, such as KeyError
        # its text could quote the file
        raise ConnectorError(
            f"{path}, entry {number} is no {kind.__name__} of R4 ({type(error).__name__})"
        ) from None
    _count(checked, tally)
    return _Entry(checked, _names(entry, resource))


def _names(entry: Mapping[str, object], resource: Mapping[str, object]) -> tuple[str, ...]:
    """Return by which references a resource is known."""
    own = resource.get("id")
    names = (f"{resource['resourceType']}/{own}" if own else None, entry.get("fullUrl"))
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


_USED = {
    "Patient.gender": "kept",
    "Patient.id": "pseudonymised",
    "Patient.identifier": "pseudonymised",
}


_AGE = "Patient.birthDate (in completed years)"


def _count(resource: BaseModel, tally: Tally) -> None:
    kind = type(resource).__name__
    for name in sorted(resource.model_fields_set):
        path = f"{kind}.{name}"
        if path == "Patient.birthDate":
            # an age as a number is no band: of the very old, it is nearly a name
            tally.met(_AGE, "kept")
        elif path in _USED:
            tally.met(path, _USED[path])  # type: ignore[arg-type]
        elif name.startswith(("value", "component", "code")) and kind != "Patient":
            tally.met(path, "kept")
        else:
            tally.met(path, "dropped")


def identifier_of(patient: Patient, system: str | None) -> str:
    """Return what names a patient: an identifier of a system, or the resource's id.

    Raises
    ------
    RefusedFileError
        There is none, or more than one.
    """
    if system is None:
        found = [patient.id]
    else:
        found = [each.value for each in patient.identifier or [] if each.system == system]
    if len(set(found)) != 1 or not found[0]:
        raise RefusedFileError("no_patient", f"it has {len(set(found))} identifiers of that system")
    return str(found[0])
