"""The declared way from FHIR to records: which code becomes which column, and in which unit."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)

from zkfl.json_problems import json_problems
from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.records.schema import Name, RecordSchema
from zkfl.public_file import read_public_file

UCUM = "http://unitsofmeasure.org"
_LIMIT = 1 << 20
_Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Code(_Strict):
    """A code and the system that it is of, such as LOINC or SNOMED CT."""

    system: _Text
    code: _Text


class ObservationColumn(_Strict):
    """A measured or coded finding.

    Attributes
    ----------
    codes : tuple[Code, ...]
        Of the observation, or of one of its components.
    unit : str or None
        UCUM code that the value must have; None for a coded value.
    factors : dict[str, float]
        Other UCUM codes that are taken, and what their values are multiplied with.
    values : dict[str, float]
        Number of each coded value, by ``system|code``.
    pick : str
        Which of several: the latest, the earliest, or ``only``, which refuses several.
    """

    source: Annotated[Literal["observation"], Field(alias="from")]
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]
    unit: _Text | None = None
    factors: dict[_Text, Annotated[FiniteFloat, Field(gt=0)]] = {}
    values: dict[_Text, FiniteFloat] = {}
    pick: Literal["latest", "earliest", "only"] = "latest"

    @model_validator(mode="after")
    def _quantity_or_code(self) -> Self:
        if (self.unit is None) == (not self.values) or (self.factors and self.unit is None):
            raise ValueError("give either unit, for quantities, or values, for codes")
        return self


class ConditionColumn(_Strict):
    """1 if the patient has a confirmed condition of one of the codes, else 0."""

    source: Annotated[Literal["condition"], Field(alias="from")]
    codes: Annotated[tuple[Code, ...], Field(min_length=1)]


class AgeColumn(_Strict):
    """Completed years on a day that is the same for all."""

    source: Annotated[Literal["age"], Field(alias="from")]
    on: date


class GenderColumn(_Strict):
    """A number for each administrative gender."""

    source: Annotated[Literal["gender"], Field(alias="from")]
    values: Annotated[dict[Literal["male", "female", "other"], FiniteFloat], Field(min_length=1)]


MappedColumn = Annotated[
    ObservationColumn | ConditionColumn | AgeColumn | GenderColumn, Field(discriminator="source")
]


class FhirMapping(_Strict):
    """A mapping file.

    Attributes
    ----------
    patient_system : str or None
        System of the identifier that names the patient, such as the hospital's number; None for
        the resource's own id.
    columns : dict[str, MappedColumn]
        By column of the schema, the label too.
    """

    format: Literal["zkfl.fhir-mapping.v1"]
    patient_system: _Text | None = None
    columns: dict[Name, MappedColumn]


def read_mapping(path: Path, schema: RecordSchema) -> FhirMapping:
    """Read a mapping file and hold it to the schema.

    Raises
    ------
    PublicFileError
        It cannot be read.
    ConnectorError
        It is no mapping, or of other columns than the schema's.
    """
    try:
        mapping = FhirMapping.model_validate_json(read_public_file(path, _LIMIT))
    except ValidationError as error:
        raise ConnectorError(f"{path} is no mapping: {json_problems(error)}") from error
    expected = {*schema.column_names, schema.label.name}
    if set(mapping.columns) != expected:
        raise ConnectorError(
            f"{path} lacks the columns {sorted(expected - set(mapping.columns))} of schema "
            f"{schema.name!r} and has {sorted(set(mapping.columns) - expected)} beyond it"
        )
    return mapping
