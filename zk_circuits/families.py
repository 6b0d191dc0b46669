"""The families of models that can be trained: the one place that knows them all.

A new family is a folder with a `ModelFamily`, a choice in `zkfl.zk_circuits.model_choice`, and
a line here.
"""

from typing import assert_never

from zkfl.zk_circuits.convolutional_training.family import convolutional_family
from zkfl.zk_circuits.logistic_training.family import logistic_family
from zkfl.zk_circuits.mlp_training.family import mlp_family
from zkfl.zk_circuits.model_choice import (
    ConvolutionalChoice,
    LogisticChoice,
    MlpChoice,
    ModelChoice,
    SoftmaxChoice,
)
from zkfl.zk_circuits.model_family import ModelFamily
from zkfl.zk_circuits.softmax_training.family import softmax_family


def family_of(choice: ModelChoice) -> ModelFamily:
    """Return the family of a choice, bound to it."""
    match choice:
        case LogisticChoice():
            return logistic_family()
        case MlpChoice():
            return mlp_family(choice)
        case ConvolutionalChoice():
            return convolutional_family(choice)
        case SoftmaxChoice():
            return softmax_family(choice)
        case _:
            assert_never(choice)
