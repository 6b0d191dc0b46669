"""Which model a consortium trains: the part of a specification that names a family."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from zkfl.errors import ZkflError

INITIAL_BITS = 12
"""Initial parameters are integers in units of ``2^-12``, which every scale holds exactly."""

KERNEL = 3
"""Side of a filter."""
POOL = 2
"""Side of a cell that average pooling makes one number of."""


class ModelChoiceError(ZkflError):
    """The chosen model cannot be computed on records of this size."""


class InitialRange(NamedTuple):
    """A stretch of parameters that begin uniform in ``[-bound, bound]``.

    Attributes
    ----------
    length
        Parameters.
    bound
        In units of ``2^-12``; with 0 they begin at zero.
    """

    length: int
    bound: int


class _Choice(BaseModel, ABC):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def class_count(self) -> int:
        """How many classes a label tells apart; labels are the numbers below it."""
        return 2

    @property
    def label_columns(self) -> int:
        """Numbers that a record's label takes: one for two classes, else one a class."""
        return 1 if self.class_count == 2 else self.class_count  # noqa: PLR2004 - yes or no

    @property
    def positive_class(self) -> int:
        """The class that confusion counts hold against the rest."""
        return 1

    def largest_lookup(self, logit_integer: int, one: int) -> int:  # noqa: ARG002 - some need it
        """Return the largest magnitude that a training circuit looks up, scale ``s``.

        Parameters
        ----------
        logit_integer
            The bound on logits at scale ``s``.
        one
            The integer that stands for 1.0.
        """
        return logit_integer

    @abstractmethod
    def initial_ranges(self, features: int) -> Sequence[InitialRange]:
        """Return where every parameter begins, in the order of the model vector."""

    def parameter_count(self, features: int) -> int:
        """Return ``P`` for records of so many features."""
        return sum(stretch.length for stretch in self.initial_ranges(features))


class LogisticChoice(_Choice):
    """Logistic regression: a weight a feature and a bias; it begins at zero."""

    family: Literal["logistic"] = "logistic"
    seed: ClassVar[int] = 0

    def initial_ranges(self, features: int) -> Sequence[InitialRange]:
        """Return one stretch of zeros."""
        return (InitialRange(features + 1, 0),)


class MlpChoice(_Choice):
    """One hidden layer of ReLUs and a binary output.

    Attributes
    ----------
    hidden
        ``H``, hidden units.
    seed
        Public; the initial parameters are derived from it.
    """

    family: Literal["mlp"] = "mlp"
    hidden: int = Field(ge=1, le=256)
    seed: int = Field(ge=0, lt=1 << 64)

    def initial_ranges(self, features: int) -> Sequence[InitialRange]:
        """Return He's uniform bounds for both layers, zeros for biases.

        Rows of the first layer are features, then the bias; He et al. 2015,
        https://arxiv.org/abs/1502.01852.
        """
        return (
            InitialRange(features * self.hidden, _he_bound(features)),
            InitialRange(self.hidden, 0),
            InitialRange(self.hidden, _he_bound(self.hidden)),
            InitialRange(1, 0),
        )


class ConvolutionalChoice(_Choice):
    """Filters of 3x3 on a square grey image, ReLU, average pooling by 2x2, a binary output.

    Attributes
    ----------
    side
        Of the image in pixels; the features of a record are its pixels, row by row.
    filters
        How many.
    seed
        Public; the initial parameters are derived from it.
    """

    family: Literal["convolutional"] = "convolutional"
    side: int = Field(ge=KERNEL + POOL - 1, le=64, multiple_of=POOL)
    filters: int = Field(ge=1, le=64)
    seed: int = Field(ge=0, lt=1 << 64)

    @property
    def cells(self) -> int:
        """Pooled values a filter."""
        return ((self.side - KERNEL + 1) // POOL) ** 2

    @property
    def taps(self) -> int:
        """Weights of a filter, its bias included."""
        return KERNEL * KERNEL + 1

    def initial_ranges(self, features: int) -> Sequence[InitialRange]:
        """Return He's uniform bounds for filters and output, zeros for biases.

        Raises
        ------
        ModelChoiceError
            The features are not the pixels of such an image.
        """
        if features != self.side**2:
            raise ModelChoiceError(
                f"records have {features} features, images of {self.side}x{self.side} have "
                f"{self.side**2}: choose circuits for this size of image"
            )
        inputs = KERNEL * KERNEL
        return (
            InitialRange(inputs * self.filters, _he_bound(inputs)),
            InitialRange(self.filters, 0),
            InitialRange(self.filters * self.cells, _he_bound(self.filters * self.cells)),
            InitialRange(1, 0),
        )


class SoftmaxChoice(_Choice):
    """Logistic regression on several classes: a row of weights a feature and one of biases.

    Attributes
    ----------
    classes
        ``C``; two classes are a logistic regression.
    of_interest
        Number of the class that confusion counts hold against the rest.
    """

    family: Literal["softmax"] = "softmax"
    classes: int = Field(ge=3, le=16)
    of_interest: int = Field(ge=0, le=15)
    seed: ClassVar[int] = 0

    @model_validator(mode="after")
    def _interest_is_a_class(self) -> Self:
        if self.of_interest >= self.classes:
            raise ValueError(
                f"class {self.of_interest} is of interest, and there are {self.classes} classes, "
                f"numbered from 0: choose one up to {self.classes - 1}"
            )
        return self

    @property
    def class_count(self) -> int:
        """How many classes a label tells apart."""
        return self.classes

    @property
    def positive_class(self) -> int:
        """The class of interest."""
        return self.of_interest

    def largest_lookup(self, logit_integer: int, one: int) -> int:
        """Return the larger of a sum of exponentials and a logarithm of a probability."""
        return max(self.classes * one, logit_integer + math.ceil(math.log(self.classes) * one))

    def initial_ranges(self, features: int) -> Sequence[InitialRange]:
        """Return one stretch of zeros: the loss is convex, nothing has to be broken apart."""
        return (InitialRange((features + 1) * self.classes, 0),)


def _he_bound(inputs: int) -> int:
    """Return ``floor(2^12 * sqrt(6 / inputs))``, in integers alone."""
    return math.isqrt((6 << 2 * INITIAL_BITS) // inputs)


ModelChoice = Annotated[
    LogisticChoice | MlpChoice | ConvolutionalChoice | SoftmaxChoice,
    Field(discriminator="family"),
]
LOGISTIC = LogisticChoice()
