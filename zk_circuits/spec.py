"""What one consortium's circuits have in common: sizes, bounds and training constants."""

import math
from collections.abc import Iterator
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from zkfl.errors import ZkflError
from zkfl.zk_circuits.model_choice import LOGISTIC, ModelChoice

UNUSABLE_ROWS = 6
"""Rows at the end of every column that Halo2 keeps for blinding (5 + 1)."""
WEIGHT_BITS = 16
"""Weights are integers in units of ``2^-16``."""
DITHER_BITS = 23
"""Bits of an update below the last bit of a delta: noise fills them, so that a sum of updates
shows the sum of deltas and not which deltas it is made of."""
MODEL_EXTRA_BITS = WEIGHT_BITS + DITHER_BITS
"""The model is kept at scale ``s + 39``, the scale of the weighted sum of updates."""
MODEL_DROPPED_BITS = 27
"""What a training circuit drops of the model before it computes with it."""
MODEL_GUARD_BITS = MODEL_EXTRA_BITS - MODEL_DROPPED_BITS
"""The model is computed with at scale ``s + 12``."""
SMALLEST_NOISE_BOUND = 1 << DITHER_BITS
"""One unit of a delta each way; with less, sums begin to show single deltas."""
LARGEST_PARAMETER = 32
"""Range checks hold parameters up to here, which clip, L2 term and saturation never reach."""
PUBLIC_LENGTH = 2
BOUND_LENGTH = 1
RATE_LENGTH = 1
_BLINDERS_NEVER_SPENT = 2
_BLOCK_MARGIN = 16
"""Rows that keep the reserved columns in one block."""
_TABLE_MARGIN = 8
"""Rows that keep a lookup table from spilling into a second column."""
_LARGEST_CLASS_WEIGHT = 16.0
_LEFT_OUT_WHEN_NEUTRAL = (
    "model",
    "class_weights",
    "proximal",
    "momentum",
    "benefit_columns",
    "rate_bits",
)
"""Younger than the first manifests, whose hashes must not change."""


class SpecError(ZkflError):
    """A circuit specification asks for something that the circuits cannot hold."""


class CircuitSpec(BaseModel):
    """Sizes and constants of an admission circuit and a training circuit that fit together.

    Attributes
    ----------
    name
        Instance name, for example ``wdbc``.
    slots, features
        ``B`` and ``F``: a shard is ``B`` records of ``F`` features.
    parameters
        ``P``, the parameters of the model.
    data_blinders
        Uniform field elements after the records of a data vector. Every proof reveals one
        linear equation on the vector, so they bound how often it may be opened.
    update_blinders
        Uniform field elements after an update: it appears in two proofs, of training and of
        benefit, and its weighted sum is opened, so 2 + 2 + 1.
    own_blinders
        Uniform field elements that only the secrets vector of a proof holds.
    scale_bits
        ``s``, the fraction bits of features, labels, noise and updates.
    logrows
        log2 of the rows; one for the whole consortium.
    feature_bound
        Largest magnitude of a feature, a power of two.
    norm_bound
        Largest L2 norm of a record's features; it bounds one record's gradient in a logistic
        regression, up to its class weight.
    logit_bound
        Logits saturate here, so that no lookup leaves the sigmoid's table.
    learning_rate, l2
        Of one local step, per slot and per used slot.
    clip
        Largest L2 norm of an update before noise.
    local_steps
        Gradient steps unrolled in one proof.
    training_columns, admission_columns
        Inner columns: fewer make a proof smaller and its verification cheaper.
    training_base, training_legs, admission_base, admission_legs
        Digits of EZKL's range checks: values stay below ``base^legs``.
    model
        The family of the model and what only that family has.
    class_weights
        Factors on the loss of a record of label 0 and of label 1.
    proximal
        FedProx' ``mu``: local steps are pulled back to the round's model.
    momentum
        Of the local steps of one proof; their velocity begins at zero in every round.
    benefit_columns
        Inner columns of the benefit circuit, whose rows grow with the parameters.
    rate_bits
        Each round has a public rate of 1 to ``2^rate_bits``, and multiplies `learning_rate` by
        ``rate / 2^rate_bits``; 0 for circuits that take none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9-]{1,32}$")
    slots: int = Field(ge=2)
    features: int = Field(ge=1)
    parameters: int = Field(ge=1)
    data_blinders: int = Field(ge=_BLINDERS_NEVER_SPENT + 1)
    update_blinders: int = Field(default=5, ge=5)
    own_blinders: int = Field(default=4, ge=3)
    scale_bits: int = Field(default=10, ge=4, le=13)
    logrows: int = Field(ge=8, le=20)
    feature_bound: float = Field(gt=0)
    norm_bound: float = Field(gt=0)
    logit_bound: float = Field(gt=0)
    learning_rate: float = Field(gt=0)
    l2: float = Field(ge=0, lt=1)
    clip: float = Field(gt=0)
    local_steps: int = Field(default=1, ge=1)
    training_columns: int = Field(ge=1, le=4)
    admission_columns: int = Field(ge=1, le=4)
    training_base: int = Field(ge=2)
    training_legs: int = Field(ge=1)
    admission_base: int = Field(ge=2)
    admission_legs: int = Field(ge=1)
    model: ModelChoice = LOGISTIC
    class_weights: tuple[float, float] = (1.0, 1.0)
    proximal: float = Field(default=0.0, ge=0, lt=1)
    momentum: float = Field(default=0.0, ge=0, lt=1)
    benefit_columns: int = Field(default=1, ge=1, le=4)
    rate_bits: int = Field(default=0, ge=0)

    @model_serializer(mode="wrap")
    def _without_neutral(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out younger options that do nothing, so that older manifests keep their bytes."""
        content: dict[str, Any] = handler(self)
        return {name: value for name, value in content.items() if not self._is_neutral(name)}

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Describe as before what uses no younger option: builds are cached by it."""
        for name, value in super().__repr_args__():
            if name is None or not self._is_neutral(name):
                yield name, value

    def _is_neutral(self, name: str) -> bool:
        field = type(self).model_fields[name]
        return name in _LEFT_OUT_WHEN_NEUTRAL and getattr(self, name) == field.default

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse sizes that leave a column and bounds that fixed point rounds."""
        if self.data_length > self.usable_rows - 2:
            raise SpecError(
                f"a data vector of {self.data_length} entries needs a second column at logrows "
                f"{self.logrows}: use fewer slots, features or blinders, or more rows"
            )
        if not math.log2(self.feature_bound).is_integer():
            raise SpecError(f"feature_bound {self.feature_bound} is not a power of two")
        for name, value in self._exact_constants().items():
            if not float(value * 2**self.scale_bits).is_integer():
                raise SpecError(f"{name} = {value} is no multiple of 2^-{self.scale_bits}")
        if max(self.feature_integer, self.lookup_integer) > self.table_bound:
            raise SpecError(
                f"feature_bound {self.feature_bound} or logit_bound {self.logit_bound} leaves the "
                f"lookup table of +-{self.table_bound} at scale {self.scale_bits}: raise logrows"
            )
        self._require_digits()
        self._require_options()
        return self

    def _require_options(self) -> None:
        """Refuse a model of another size and options that would do nothing."""
        expected = self.model.parameter_count(self.features)
        if self.parameters != expected:
            raise SpecError(
                f"a {self.model.family} model on {self.features} features has {expected} "
                f"parameters, the spec says {self.parameters}"
            )
        self._require_class_weights()
        if self.local_steps == 1 and (self.proximal or self.momentum):
            raise SpecError(
                f"proximal {self.proximal} and momentum {self.momentum} do nothing in one local "
                "step: set local_steps to 2 or more, or leave them at 0"
            )
        if self.rate_bits > self.scale_bits:
            raise SpecError(
                f"rate_bits {self.rate_bits} is more than scale_bits {self.scale_bits}: a finer "
                "rate than the numbers that it multiplies"
            )

    def _require_class_weights(self) -> None:
        if not all(0 < weight <= _LARGEST_CLASS_WEIGHT for weight in self.class_weights):
            raise SpecError(
                f"class_weights {self.class_weights} must be above 0 and at most "
                f"{_LARGEST_CLASS_WEIGHT}"
            )
        if self.class_weights[0] == self.class_weights[1] != 1:
            raise SpecError(
                f"class_weights {self.class_weights} are equal, which only scales the step: "
                "change learning_rate instead"
            )
        if self.model.label_columns > 1 and self.class_weights != (1.0, 1.0):
            raise SpecError(
                f"class_weights {self.class_weights} are of two classes, a {self.model.family} "
                f"model has {self.model.class_count}: leave them at 1"
            )

    def _require_digits(self) -> None:
        """Refuse range checks too narrow for what honest records produce."""
        largest_norm = self.features * self.feature_table**2
        if self.admission_base**self.admission_legs <= largest_norm:
            raise SpecError(
                f"a squared norm reaches {largest_norm}, which admission_base "
                f"{self.admission_base} with {self.admission_legs} legs cannot hold"
            )
        largest_parameter = LARGEST_PARAMETER << (self.scale_bits + MODEL_GUARD_BITS)
        largest = max(largest_parameter, 1 << MODEL_DROPPED_BITS)
        if self.training_base**self.training_legs <= largest:
            raise SpecError(
                f"a parameter of the model reaches {largest}, which training_base "
                f"{self.training_base} with {self.training_legs} legs cannot hold"
            )

    def _exact_constants(self) -> dict[str, float]:
        return {
            "norm_bound squared": self.norm_bound**2,
            "clip squared": self.clip**2,
            "half of logit_bound": self.logit_bound / 2,
            "class weight of label 0": self.class_weights[0],
            "class weight of label 1": self.class_weights[1],
        }

    @property
    def usable_rows(self) -> int:
        """Rows of a column that hold values."""
        return int(2**self.logrows) - UNUSABLE_ROWS

    @property
    def reservable_rows(self) -> int:
        """Most rows a circuit may reserve without a second block of columns."""
        return self.usable_rows - _BLOCK_MARGIN

    @property
    def table_bound(self) -> int:
        """Largest magnitude that a lookup table of one column can hold."""
        return self.usable_rows // 2 - _TABLE_MARGIN

    @property
    def feature_table(self) -> int:
        """Largest magnitude in the table that judges features: beyond it nothing proves."""
        return min(self.table_bound, 2 * self.feature_integer)

    @property
    def one(self) -> int:
        """The integer that stands for 1.0."""
        return int(2**self.scale_bits)

    @property
    def model_scale_bits(self) -> int:
        """Fraction bits of the model, ``s + 39``."""
        return self.scale_bits + MODEL_EXTRA_BITS

    @property
    def feature_integer(self) -> int:
        """`feature_bound` at scale ``s``."""
        return round(self.feature_bound * self.one)

    @property
    def logit_integer(self) -> int:
        """`logit_bound` at scale ``s``."""
        return round(self.logit_bound * self.one)

    @property
    def lookup_integer(self) -> int:
        """Largest magnitude that a training circuit looks up, at scale ``s``."""
        return self.model.largest_lookup(self.logit_integer, self.one)

    @property
    def largest_noise_bound(self) -> int:
        """Largest bound on noise that the range checks of an honest prover hold."""
        return int(self.training_base**self.training_legs) // 2

    @property
    def data_length(self) -> int:
        """Entries of a data vector: features, mask and labels a slot, then blinders."""
        return self.slots * (self.features + 1 + self.label_columns) + self.data_blinders

    @property
    def label_columns(self) -> int:
        """Numbers that a record's label takes."""
        return self.model.label_columns

    @property
    def model_length(self) -> int:
        """``M``: entries of a model or update vector, blinders included."""
        return self.parameters + self.update_blinders

    @property
    def secrets_length(self) -> int:
        """Entries of a secrets vector: noise, the update's blinders, its own, the rate if any."""
        return self.parameters + self.update_blinders + self.own_blinders + self.rate_length

    @property
    def rate_length(self) -> int:
        """1 where each round has a rate, else 0."""
        return RATE_LENGTH if self.rate_bits else 0

    @property
    def full_rate(self) -> int:
        """The largest rate of a round, which takes nothing away from `learning_rate`."""
        return int(2**self.rate_bits)

    @property
    def max_openings(self) -> int:
        """Proofs that may open one data vector, its admission included."""
        return self.data_blinders - _BLINDERS_NEVER_SPENT
