"""What the rest of zkfl asks of a family of models; `zkfl.zk_circuits.families` has them all.

Each family states one model four times: as the graph that is proven, as the integers of an
honest witness, in float64 for evaluation without proofs, and in float32 for the exported file.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.integer_parts import IntegerParameters, Rescale
from zkfl.zk_circuits.layout import Shard
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, TrainingStep

FloatArray = NDArray[np.float64]
IntegerForward = Callable[[CircuitSpec, Shard, IntegerParameters, Rescale], IntArray]
"""``(spec, shard, parameters, divide)``."""


@dataclass(frozen=True)
class ModelFamily:
    """One model of a family, such as an MLP of 8 hidden units.

    Parameters are whole everywhere: those of the chain and the initial ones together.

    Attributes
    ----------
    kind
        Of its training circuit, for example ``logistic-training``.
    statement
        One sentence: what a valid training proof shows.
    settings
        Folder of the committed settings.
    training_step
        Makes the training circuit's graph.
    logits
        ``(spec, records, parameters)``: saturated logits as part of a graph, shape (B,), scale
        ``s``, of records ``[features | mask]``, shape (B, F+1). Of C classes shape (B, C), each
        less the largest.
    integer_logits
        What a witness of `logits` holds, scale ``s``; labels are not read.
    integer_step
        One local step's change, shape (P,), scale ``s``.
    graph_scores
        ``(spec, records, model)``: numbers whose sign is the prediction, as part of a graph in
        which every scale is 0, shape (B,); ``model`` is that of the chain, shape (P,). Of several
        classes the sign tells the class of interest from the rest.
    integer_scores
        ``(spec, shard, model)``: the same in integers, which do not fit int64.
    largest_score
        ``(spec)``: bounds their magnitude for admitted records and models that training reaches.
    decayed
        ``(features)``: 1 for parameters that the L2 term holds, 0 for biases, shape (P,).
    scores
        ``(model, features)``: logits in float64, shape (N,), or (N, C) of C classes, of
        parameters (P,) and features (N, F).
    gradient
        ``(model, features, residuals)``: the gradient summed over records, float64 (P,);
        residuals are the derivatives of the loss by each record's logits, shaped like them.
    export_tensors
        ``(features)``: names and shapes that cut a parameter vector for the exported file, in
        order.
    exported_probability
        ``(features, tensors)``: probabilities (N,), or (N, C) of C classes, in float32, which the
        export traces.
    logit_bits
        ``(spec)``: log2 of what a score is for a logit of 1; None where scores are no single
        logit's multiples, so that no inference can be proven.
    """

    kind: str
    statement: str
    settings: Path
    training_step: Callable[[CircuitSpec], TrainingStep]
    logits: Callable[[CircuitSpec, Tensor, Parameters], Tensor]
    integer_logits: IntegerForward
    integer_step: IntegerForward
    graph_scores: Callable[[CircuitSpec, Tensor, Tensor], Tensor]
    integer_scores: Callable[[CircuitSpec, Shard, Sequence[int]], list[int]]
    largest_score: Callable[[CircuitSpec], float]
    decayed: Callable[[int], FloatArray]
    scores: Callable[[FloatArray, FloatArray], FloatArray]
    gradient: Callable[[FloatArray, FloatArray, FloatArray], FloatArray]
    export_tensors: Callable[[int], Mapping[str, tuple[int, ...]]]
    exported_probability: Callable[[Tensor, Mapping[str, Tensor]], Tensor]
    logit_bits: Callable[[CircuitSpec], int] | None = None
