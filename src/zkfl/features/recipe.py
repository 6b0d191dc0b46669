"""The feature recipe: everything that turns an image into numbers, in one canonical JSON.

Sites that follow the same recipe compute the same features, up to the float arithmetic of
their machines; the recipe is part of the record schema, and its digest stands in every file
of records made by it.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json

from zkfl.features.errors import RecipeError
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file

MAX_RECIPE_BYTES = 1 << 18
MAX_OUTPUTS = 2048
CHANNELS = 3

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Positive = Annotated[FiniteFloat, Field(gt=0)]
BackboneName = Literal["efficientnet-lite0", "resnet18", "resnet50"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StrictRecipe(_Strict):
    """What a schema says of how images become records: one canonical JSON, known by its hash."""

    def to_json(self) -> str:
        """Return the canonical JSON text (RFC 8785)."""
        return rfc8785.dumps(self.model_dump(mode="json")).decode()

    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON, in hex: what records made by it carry."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


class ImageInput(_Strict):
    """How pixels reach the backbone.

    Attributes
    ----------
    mode
        ``grey`` images are repeated over three channels; an image of the other mode is refused.
    size
        Side of the square that an image is resized to, bilinear with antialiasing.
    centre, scale
        A channel is ``(pixel - centre) / scale``, pixels being 0 to 255.
    """

    mode: Literal["grey", "rgb"]
    size: Annotated[int, Field(ge=32, le=512, multiple_of=32)]
    centre: Annotated[tuple[FiniteFloat, ...], Field(min_length=CHANNELS, max_length=CHANNELS)]
    scale: Annotated[tuple[Positive, ...], Field(min_length=CHANNELS, max_length=CHANNELS)]


class RandomProjection(_Strict):
    """A matrix of signs that a seed gives: nobody chose it with a site's data in view."""

    kind: Literal["random"]
    seed: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PcaProjection(_Strict):
    """Principal components of public or pilot images, in a safetensors file with this hash."""

    kind: Literal["pca"]
    file_sha256: Sha256


Projection = Annotated[RandomProjection | PcaProjection, Field(discriminator="kind")]


class FeatureRecipe(StrictRecipe):
    """From an image to the numbers of a record.

    Attributes
    ----------
    name
        For people.
    backbone, weights_sha256
        The frozen network, and the SHA-256 of the file with its weights.
    image
        How pixels reach it.
    projection
        From the backbone's width to the number of constants.
    constants_source
        Which public or pilot images gave projection and constants.
    centre, scale
        A feature is ``(projected - centre) / scale``.
    bound
        Features are clamped to this magnitude.
    decimals
        Features are rounded to so many decimals: float arithmetic differs below.
    """

    format: Literal["zkfl.feature-recipe.v1"] = "zkfl.feature-recipe.v1"
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    backbone: BackboneName
    weights_sha256: Sha256
    image: ImageInput
    projection: Projection
    constants_source: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    centre: Annotated[tuple[FiniteFloat, ...], Field(min_length=1, max_length=MAX_OUTPUTS)]
    scale: Annotated[tuple[Positive, ...], Field(min_length=1, max_length=MAX_OUTPUTS)]
    bound: Annotated[FiniteFloat, Field(gt=0, le=1024)]
    decimals: Annotated[int, Field(ge=1, le=6)]

    @model_validator(mode="after")
    def _constants_pair_up(self) -> Self:
        if len(self.centre) != len(self.scale):
            raise ValueError(f"{len(self.centre)} centres and {len(self.scale)} scales")
        return self

    @property
    def outputs(self) -> int:
        """Features of an image."""
        return len(self.centre)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns of the features, in order."""
        return tuple(f"feature_{place:04d}" for place in range(self.outputs))


def parse_recipe(text: str, origin: str) -> FeatureRecipe:
    """Build a recipe from JSON text.

    Raises
    ------
    RecipeError
        The text is no recipe.
    """
    try:
        # strict models take tuples from JSON text alone, and this bounds the depth first
        from_json(text)
        return FeatureRecipe.model_validate_json(text)
    except ValidationError as error:
        raise RecipeError(f"{origin} is no feature recipe: {json_problems(error)}") from error
    except ValueError as error:
        raise RecipeError(f"{origin} is no feature recipe: {error}") from error


def load_recipe(path: Path) -> FeatureRecipe:
    """Read a recipe's file.

    Raises
    ------
    RecipeError
        It cannot be read, or is no recipe.
    """
    try:
        content = read_public_file(path, MAX_RECIPE_BYTES)
        return parse_recipe(content.decode(), str(path))
    except (PublicFileError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} cannot be read as a feature recipe: {error}") from error
