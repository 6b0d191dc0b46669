"""The declared schema of a consortium's records, loaded strictly from JSON.

The schema carries everything two hospitals must agree on before their records may be
compared: names, units, plausible ranges, what counts as missing, and the public
constants that centre and scale each column. Nothing in it is computed from a
hospital's own records, so preprocessing leaks nothing and is the same everywhere.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    PositiveInt,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json

from zkfl.features.pixel_recipe import ImageRecipe
from zkfl.node.records.errors import SchemaError

MAX_SCHEMA_BYTES = 1 << 20
"""A schema file larger than this is refused unread, in bytes."""
PATIENT_COLUMN = "patient"
"""Column of pseudonyms that any file of records may have; no schema has a column of that name."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=500)]
MissingPolicy = Literal["reject", "centre"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Column(_Strict):
    name: Name
    unit: Text
    meaning: Text
    missing: MissingPolicy
    missing_indicator: bool = False

    @model_validator(mode="after")
    def _indicator_needs_missing(self) -> Self:
        if self.missing_indicator and self.missing == "reject":
            raise ValueError(f"{self.name}: missing_indicator is always 0 when missing is reject")
        return self


class NumericColumn(_Column):
    """A measurement; its feature is ``(value - centre) / scale``, missing values give 0.

    ``missing_code`` is a value that stands for a missing one in the source, such as a
    cholesterol of 0.
    """

    kind: Literal["numeric"]
    min: FiniteFloat
    max: FiniteFloat
    centre: FiniteFloat
    scale: Annotated[FiniteFloat, Field(gt=0)]
    missing_code: FiniteFloat | None = None

    @model_validator(mode="after")
    def _ranges_agree(self) -> Self:
        if not self.min <= self.centre <= self.max or self.min == self.max:
            raise ValueError(
                f"{self.name}: centre {self.centre} must lie in a range of some width, "
                f"got [{self.min}, {self.max}]"
            )
        if self.missing_code is not None and self.missing == "reject":
            raise ValueError(f"{self.name}: missing_code needs missing to be centre")
        return self


class BinaryColumn(_Column):
    """A yes/no finding stored as 0 or 1; its feature is the value, a missing one gives 0."""

    kind: Literal["binary"]


class CategoryColumn(_Column):
    """A coded finding; one feature for each entry of ``one_hot``, 1 where the code is met.

    Codes outside ``one_hot`` are the reference: all features 0, as for a missing value.
    """

    kind: Literal["category"]
    categories: Annotated[dict[Name, int], Field(min_length=2)]
    one_hot: Annotated[tuple[Name, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _categories_agree(self) -> Self:
        unknown = [name for name in self.one_hot if name not in self.categories]
        if unknown or len(set(self.one_hot)) != len(self.one_hot):
            raise ValueError(f"{self.name}: one_hot must list different categories: {unknown}")
        if len(set(self.categories.values())) != len(self.categories):
            raise ValueError(f"{self.name}: two categories share a code: {self.categories}")
        return self


Column = Annotated[NumericColumn | BinaryColumn | CategoryColumn, Field(discriminator="kind")]


class Label(_Strict):
    """The column to predict, 0 or 1."""

    name: Name
    positive: Text
    negative: Text


class ClassLabel(_Strict):
    """The column to predict, the number of one of several classes.

    Class ``n`` is called ``classes[n]``. ``of_interest`` is the class that proven counts hold
    against the rest, such as the one that needs treatment.
    """

    name: Name
    classes: Annotated[tuple[Name, ...], Field(min_length=3, max_length=16)]
    of_interest: Name

    @model_validator(mode="after")
    def _classes_agree(self) -> Self:
        if len(set(self.classes)) != len(self.classes):
            raise ValueError(f"{self.name}: a class occurs twice among {self.classes}")
        if self.of_interest not in self.classes:
            raise ValueError(
                f"{self.name}: {self.of_interest} is of interest and not among {self.classes}"
            )
        return self


def _kind_of_label(value: object) -> str:
    """Tell which label is meant, so that a problem is told of that one."""
    several = "classes" in value if isinstance(value, dict) else isinstance(value, ClassLabel)
    return "several_classes" if several else "two_classes"


AnyLabel = Annotated[
    Annotated[Label, Tag("two_classes")] | Annotated[ClassLabel, Tag("several_classes")],
    Discriminator(_kind_of_label),
]


class Feature(_Strict):
    """One model input, derived from one column.

    The feature is ``(value - centre) / scale`` for a ``value``, 1 or 0 for a ``code``
    or ``missing`` test.
    """

    name: str
    column: str
    kind: Literal["value", "code", "missing"]
    centre: float = 0.0
    scale: float = 1.0
    code: float | None = None
    missing_code: float | None = None


RECIPE_COLUMN = "feature_recipe"
"""In records made of images: the digest of the recipe that made each row."""


class RecordSchema(_Strict):
    """What a file of records must look like, and how it becomes model inputs.

    ``image_features`` is the recipe of records that are made of images; a schema without one
    leaves the key out, and with it out of its digest.
    """

    name: Name
    version: PositiveInt
    description: Text
    source: Text
    constants_source: Text
    min_rows: PositiveInt
    max_rows: PositiveInt
    extra_columns: Literal["reject", "ignore"]
    label: AnyLabel
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=4096)]
    image_features: ImageRecipe | None = Field(
        default=None, exclude_if=lambda recipe: recipe is None
    )

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [*self.column_names, self.label.name]
        if self.image_features is not None:
            _require_recipe_columns(self.image_features, self.column_names)
            names.append(RECIPE_COLUMN)
        features = self.feature_names
        if len(set(names)) != len(names) or len(set(features)) != len(features):
            raise ValueError(f"a column or feature name occurs twice among {names}")
        if PATIENT_COLUMN in names:
            raise ValueError(
                f"{PATIENT_COLUMN!r} names whose record it is and is never learnt from"
            )
        if self.min_rows > self.max_rows:
            raise ValueError(f"min_rows {self.min_rows} is above max_rows {self.max_rows}")
        return self

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the raw columns, label excluded, in schema order."""
        return tuple(column.name for column in self.columns)

    @property
    def class_count(self) -> int:
        """How many classes a label tells apart; labels are the numbers below it."""
        return len(self.label.classes) if isinstance(self.label, ClassLabel) else 2

    @property
    def positive_class(self) -> int:
        """The class that confusion counts hold against the rest."""
        if isinstance(self.label, ClassLabel):
            return self.label.classes.index(self.label.of_interest)
        return 1

    @property
    def features(self) -> tuple[Feature, ...]:
        """The model inputs, in the order of the weights."""
        return tuple(feature for column in self.columns for feature in _features_of(column))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the model inputs, in the order of the weights."""
        return tuple(feature.name for feature in self.features)

    def to_json(self) -> str:
        """Return the canonical JSON text (RFC 8785) whose hash is the schema's identity."""
        return rfc8785.dumps(self.model_dump(mode="json")).decode()

    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON, in hex: what a consortium agrees on."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _require_recipe_columns(recipe: ImageRecipe, columns: Sequence[str]) -> None:
    if tuple(columns) != recipe.feature_names:
        raise ValueError(
            f"the recipe {recipe.name} makes the columns {recipe.feature_names[0]} to "
            f"{recipe.feature_names[-1]}, the schema has {columns[0]} to {columns[-1]}"
        )


def _features_of(column: NumericColumn | BinaryColumn | CategoryColumn) -> list[Feature]:
    code = column.missing_code if isinstance(column, NumericColumn) else None
    features = _value_features(column)
    if column.missing_indicator:
        features.append(
            Feature(
                name=f"{column.name}_missing",
                column=column.name,
                kind="missing",
                missing_code=code,
            )
        )
    return features


def _value_features(column: NumericColumn | BinaryColumn | CategoryColumn) -> list[Feature]:
    name = column.name
    if isinstance(column, CategoryColumn):
        return [
            Feature(name=f"{name}_{c}", column=name, kind="code", code=column.categories[c])
            for c in column.one_hot
        ]
    if isinstance(column, BinaryColumn):
        return [Feature(name=name, column=name, kind="value")]
    return [
        Feature(
            name=name,
            column=name,
            kind="value",
            centre=column.centre,
            scale=column.scale,
            missing_code=column.missing_code,
        )
    ]


def parse_schema(text: str, origin: str = "schema") -> RecordSchema:
    """Build a schema from JSON text.

    Raises
    ------
    SchemaError
        The text is no JSON, repeats a key, has an unknown key, lacks one, or its values
        contradict each other.
    """
    try:
        # from_json bounds the depth; json.loads would follow foreign brackets until it crashed.
        from_json(text)
        json.loads(text, object_pairs_hook=_refuse_repeated_keys)
        return RecordSchema.model_validate_json(text)
    except ValidationError as error:
        raise SchemaError(f"{origin} is not a valid schema: {_first_problem(error)}") from error
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{origin} is not a valid schema: {error}") from error


def load_schema(path: Path, expected_digest: str | None = None) -> RecordSchema:
    """Load a schema file and, when given, hold it to the digest the consortium agreed on.

    Raises
    ------
    SchemaError
        The file cannot be read, is no schema, or has another digest.
    """
    try:
        if path.stat().st_size > MAX_SCHEMA_BYTES:
            raise SchemaError(f"{path} is larger than {MAX_SCHEMA_BYTES} bytes: not a schema file")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemaError(f"{path} cannot be read as a schema: {error}") from error
    schema = parse_schema(text, str(path))
    if expected_digest is not None and schema.digest() != expected_digest:
        raise SchemaError(
            f"{path} has digest {schema.digest()}, the consortium agreed on {expected_digest}: "
            "fetch the agreed schema, features of different schemas cannot be averaged"
        )
    return schema


def _refuse_repeated_keys(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"a key occurs twice among {keys}")
    return result


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the whole"
    return f"at {where}: {problem['msg']} (got {str(problem['input'])[:80]!r})"
