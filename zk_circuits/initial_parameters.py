"""Public parameters at which training begins; the model on chain is the change from them.

Zero is a saddle of every model with a hidden layer, while the contract's first model is the
zero vector. So a training circuit adds these constants, fixed by its verifying key, and
whoever computes with a model from the chain adds them too.
"""

import hashlib

import numpy as np

from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.model_choice import ModelChoice

DOMAIN = b"zkfl.initial-parameters.v1"
_WORD_BYTES = 8


def initial_parameters(model: ModelChoice, features: int) -> IntArray:
    """Return the initial parameters, int64 in units of ``2^-12``, shape (P,).

    Parameter ``j`` of a stretch with bound ``b`` is ``floor(x_j * (2b + 1) / 2^64) - b``,
    where ``x_j`` is word ``j`` of SHAKE-256 over the domain's name, the family's name, and
    seed, features and parameter count as 8 bytes each; all words are big-endian.

    Parameters
    ----------
    model
        The consortium's choice.
    features
        ``F``.
    """
    count = model.parameter_count(features)
    numbers = b"".join(n.to_bytes(_WORD_BYTES, "big") for n in (model.seed, features, count))
    name = DOMAIN + b"\x00" + model.family.encode() + b"\x00"
    stream = hashlib.shake_256(name + numbers).digest(count * _WORD_BYTES)
    words = [
        int.from_bytes(stream[place : place + _WORD_BYTES], "big")
        for place in range(0, len(stream), _WORD_BYTES)
    ]
    ranges = model.initial_ranges(features)
    bounds = [stretch.bound for stretch in ranges for _ in range(stretch.length)]
    values = [(x * (2 * b + 1) >> 64) - b for x, b in zip(words, bounds, strict=True)]
    return np.array(values, dtype=np.int64)
