"""A column's value from what is known of a patient, as a mapping declares it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from fhir.resources.R4B.condition import Condition
from fhir.resources.R4B.observation import Observation

from zkfl.node.connectors.age_bands import full_years
from zkfl.node.connectors.errors import RefusedFileError
from zkfl.node.connectors.fhir_bundle import PatientFacts
from zkfl.node.connectors.fhir_mapping import (
    UCUM,
    AgeColumn,
    Code,
    ConditionColumn,
    GenderColumn,
    MappedColumn,
    ObservationColumn,
)

_FINAL = frozenset({"final", "amended", "corrected"})
MISSING = ""


def value_of(facts: PatientFacts, column: MappedColumn) -> str:
    """Return a column's cell as text, empty where the patient has no value.

    Raises
    ------
    RefusedFileError
        The patient has one, and it is not what the mapping declares: another unit, an unknown
        code, a bound such as ``< 5``, several without a date.
    """
    if isinstance(column, ObservationColumn):
        return _observed(facts.observations, column)
    if isinstance(column, ConditionColumn):
        return str(int(any(_has(condition, column.codes) for condition in facts.conditions)))
    if isinstance(column, AgeColumn):
        return _age(facts, column)
    return _gender(facts, column)


def _age(facts: PatientFacts, column: AgeColumn) -> str:
    birth = facts.patient.birthDate
    if birth is None:
        return MISSING
    # of a year alone, half of the ages would be wrong by one
    if not isinstance(birth, date):
        raise RefusedFileError("birth_date", "the day of birth is not known")
    return str(full_years(birth, column.on))


def _gender(facts: PatientFacts, column: GenderColumn) -> str:
    gender = facts.patient.gender
    if gender is None or gender == "unknown":
        return MISSING
    if gender not in column.values:
        raise RefusedFileError("unknown_code", "the mapping has no number for the gender")
    return repr(column.values[gender])


def _has(condition: Condition, codes: Sequence[Code]) -> bool:
    verified = condition.verificationStatus
    stated = {each.code for each in verified.coding or []} if verified else {"confirmed"}
    return "confirmed" in stated and _is_any(condition.code, codes)


def _is_any(concept: Any, codes: Sequence[Code]) -> bool:  # noqa: ANN401 - CodeableConcept of R4B
    codings = (concept.coding or []) if concept else []
    return any(Code(system=c.system, code=c.code) in codes for c in codings if c.system and c.code)


def _observed(observations: Sequence[Observation], column: ObservationColumn) -> str:
    found = [
        (observation, part)
        for observation in observations
        if observation.status in _FINAL
        for part in _parts(observation, column.codes)
    ]
    if not found:
        return MISSING
    if len(found) == 1:
        return _value(found[0][1], column)
    if column.pick == "only":
        raise RefusedFileError("several", f"there are {len(found)} observations, and one is asked")
    dated = sorted(((_moment(observation), part) for observation, part in found), key=_when)
    return _value(_unique_end(dated, column), column)


def _when(dated: tuple[datetime, Any]) -> datetime:
    return dated[0]


def _unique_end(dated: Sequence[tuple[datetime, Any]], column: ObservationColumn) -> Any:  # noqa: ANN401 - a part
    """Return the part of the latest or earliest moment; two of one moment must agree."""
    end = dated[-1 if column.pick == "latest" else 0][0]
    parts = [part for moment, part in dated if moment == end]
    if len({_value(part, column) for part in parts}) > 1:
        raise RefusedFileError("several", "two observations of one moment differ")
    return parts[0]


def _parts(observation: Observation, codes: Sequence[Code]) -> Iterator[Any]:
    """Yield the observation, or those of its components, that have one of the codes."""
    if _is_any(observation.code, codes):
        yield observation
    yield from (part for part in observation.component or [] if _is_any(part.code, codes))


def _value(part: Any, column: ObservationColumn) -> str:  # noqa: ANN401 - an observation, or a component
    if part.dataAbsentReason is not None:
        return MISSING
    if column.unit is None:
        return _coded(part.valueCodeableConcept, column)
    quantity = part.valueQuantity
    if quantity is None or quantity.value is None:
        raise RefusedFileError("no_quantity", "an observation has no quantity")
    if quantity.comparator is not None:
        raise RefusedFileError("bound", "a value is a bound, such as < 5, and no value")
    factors = {column.unit: 1.0, **column.factors}
    if quantity.system != UCUM or quantity.code not in factors:
        raise RefusedFileError("unit", f"a value has another unit than {sorted(factors)} of UCUM")
    factor = factors[quantity.code]
    return str(quantity.value) if factor == 1 else repr(float(quantity.value) * factor)


def _coded(concept: Any, column: ObservationColumn) -> str:  # noqa: ANN401 - CodeableConcept of R4B
    codings = (concept.coding or []) if concept else []
    keys = {f"{coding.system}|{coding.code}" for coding in codings}
    numbers = {column.values[key] for key in keys if key in column.values}
    if len(numbers) != 1:
        raise RefusedFileError("unknown_code", "a coded value is none of those that are declared")
    return repr(numbers.pop())


def _moment(observation: Observation) -> datetime:
    period = observation.effectivePeriod
    when = observation.effectiveDateTime or observation.effectiveInstant
    return _sortable(when or (period and (period.end or period.start)))


def _sortable(when: object) -> datetime:
    """Return a moment in UTC; a date is its beginning, a year or a month is none."""
    if isinstance(when, datetime):
        return when if when.tzinfo else when.replace(tzinfo=UTC)
    if isinstance(when, date):
        return datetime(when.year, when.month, when.day, tzinfo=UTC)
    raise RefusedFileError("no_date", "there are several observations, and one has no day")
