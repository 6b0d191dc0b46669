"""The named instances: which circuits a consortium can choose."""

from dataclasses import dataclass

from zkfl.errors import ZkflError
from zkfl.zk_circuits import admission, benefit, evaluation, inference, training_circuit
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.model_choice import (
    ConvolutionalChoice,
    MlpChoice,
    ModelChoice,
    SoftmaxChoice,
)
from zkfl.zk_circuits.spec import CircuitSpec


class UnknownInstanceError(ZkflError):
    """No instance has this name."""


@dataclass(frozen=True)
class Instance:
    """The circuits of a consortium; they share data vectors, models and updates.

    That of an inference is not among those which a consortium is founded with, and not every
    instance has it.
    """

    spec: CircuitSpec
    admission: CircuitDefinition
    training: CircuitDefinition
    benefit: CircuitDefinition
    evaluation: CircuitDefinition
    inference: CircuitDefinition | None = None

    @property
    def circuits(self) -> tuple[CircuitDefinition, ...]:
        """Those of a consortium's founding, admission first."""
        return (self.admission, self.training, self.benefit, self.evaluation)


WDBC = CircuitSpec(
    name="wdbc",
    slots=64,
    features=30,
    parameters=31,
    data_blinders=2048,
    logrows=14,
    feature_bound=4.0,
    norm_bound=4.0,
    logit_bound=7.75,
    learning_rate=2.0,
    l2=0.0078125,
    clip=8.0,
    training_columns=1,
    admission_columns=1,
    training_base=16_000,
    training_legs=2,
    admission_base=2048,
    admission_legs=3,
)
"""Wisconsin breast cancer: 30 features of cell nuclei."""


def _derive(**changes: str | float | ModelChoice) -> CircuitSpec:
    """Return `WDBC` with changes, validated again."""
    return CircuitSpec.model_validate(WDBC.model_dump() | changes)


WDBC_RATE = _derive(name="wdbc-rate", rate_bits=10, training_columns=2)
"""The same with a public rate in each round, whose products need a second column."""

HEART = _derive(name="heart", features=15, parameters=16, learning_rate=4.0, clip=16.0)
"""Heart disease: 15 features after encoding."""

BUSI = _derive(
    name="busi",
    features=64,
    parameters=65,
    learning_rate=4.0,
    clip=16.0,
    logrows=15,
)
"""Breast ultrasound: 64 projected features of a frozen backbone."""

TCGA_BRCA = _derive(name="tcga-brca", slots=48, features=39, parameters=40)
"""Breast cancer in six regions: 39 features; with 64 slots it would need a second column."""

BUSI_3 = _derive(
    name="busi-3",
    features=64,
    parameters=195,
    learning_rate=4.0,
    clip=16.0,
    logrows=16,
    training_columns=2,
    benefit_columns=2,
    model=SoftmaxChoice(classes=3, of_interest=2),
)
"""The same features of breast ultrasound for normal, benign and malignant."""

TINY = _derive(
    name="tiny",
    slots=8,
    features=3,
    parameters=4,
    data_blinders=24,
    logrows=12,
    feature_bound=1.0,
    norm_bound=1.5,
    logit_bound=1.875,
    learning_rate=0.5,
    l2=0.5,
    clip=5.0,
    training_base=600,
    training_legs=3,
    admission_base=1024,
)
"""Small enough for tests that prove; the same graphs."""

TINY_RATE = CircuitSpec.model_validate(TINY.model_dump() | {"name": "tiny-rate", "rate_bits": 10})
"""`TINY` with a public rate in each round."""

WDBC_MLP = _derive(
    name="wdbc-mlp",
    parameters=129,
    logrows=15,
    learning_rate=1.0,
    l2=0.0,
    training_columns=2,
    benefit_columns=2,
    model=MlpChoice(hidden=4, seed=1),
)
"""The same records for a hidden layer of 4 units."""

TINY_MLP = _derive(
    name="tiny-mlp",
    slots=8,
    features=3,
    parameters=11,
    data_blinders=24,
    logrows=12,
    feature_bound=1.0,
    norm_bound=1.5,
    logit_bound=1.875,
    learning_rate=0.5,
    clip=5.0,
    training_columns=2,
    benefit_columns=2,
    training_base=600,
    training_legs=3,
    admission_base=1024,
    model=MlpChoice(hidden=2, seed=1),
)
"""Small enough for tests that prove."""

CNN = _derive(
    name="cnn",
    slots=16,
    features=64,
    parameters=77,
    logrows=17,
    norm_bound=8.0,
    learning_rate=0.5,
    clip=4.0,
    training_columns=2,
    model=ConvolutionalChoice(side=8, filters=4, seed=1),
)
"""Grey images of 8x8 for a convolution of 4 filters."""

TINY_CNN = _derive(
    name="tiny-cnn",
    slots=8,
    features=16,
    parameters=23,
    data_blinders=24,
    feature_bound=1.0,
    norm_bound=1.5,
    logit_bound=1.875,
    learning_rate=0.5,
    l2=0.5,
    clip=5.0,
    model=ConvolutionalChoice(side=4, filters=2, seed=1),
)
"""Small enough for tests that prove."""

TINY_SOFTMAX = _derive(
    name="tiny-softmax",
    slots=8,
    features=3,
    parameters=12,
    data_blinders=24,
    logrows=13,
    feature_bound=1.0,
    norm_bound=1.5,
    logit_bound=2.75,
    learning_rate=0.5,
    l2=0.5,
    clip=5.0,
    training_base=600,
    training_legs=3,
    admission_base=1024,
    model=SoftmaxChoice(classes=3, of_interest=2),
)
"""Small enough for tests that prove."""

_COMMITTED = {
    spec.name: spec
    for spec in (
        *(WDBC, HEART, TCGA_BRCA, BUSI, BUSI_3, WDBC_MLP, CNN, WDBC_RATE),
        *(TINY, TINY_MLP, TINY_CNN, TINY_SOFTMAX, TINY_RATE),
    )
}


def instance_names() -> tuple[str, ...]:
    """Return the names that `get_instance` knows."""
    return tuple(_COMMITTED)


def get_instance(name: str) -> Instance:
    """Return a named instance.

    Raises
    ------
    UnknownInstanceError
        There is none of this name.
    """
    if name not in _COMMITTED:
        raise UnknownInstanceError(
            f"no circuits are named {name!r}; there are {', '.join(_COMMITTED)}"
        )
    return _circuits(_COMMITTED[name], committed=True)


def bench_instance(slots: int, features: int, logrows: int) -> Instance:
    """Return an instance for measurements; its settings are generated where it is built."""
    spec = _derive(
        name=f"bench-{slots}x{features}",
        slots=slots,
        features=features,
        parameters=features + 1,
        logrows=logrows,
        training_columns=2,
        admission_columns=2,
        admission_base=4096,
    )
    return _circuits(spec, committed=False)


def _circuits(spec: CircuitSpec, *, committed: bool) -> Instance:
    return Instance(
        spec,
        admission.define(spec, committed=committed),
        training_circuit.define(spec, committed=committed),
        benefit.define(spec, committed=committed),
        evaluation.define(spec, committed=committed),
        inference.committed_inference(spec) if committed else None,
    )
