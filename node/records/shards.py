"""Cutting a hospital's records into shards of B slots, the units of admission and training."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zkfl.node.records.errors import PreprocessingError
from zkfl.node.records.order import keyed_order

MIN_KEY_BYTES = 16
"""A shuffling key shorter than this could be guessed."""


@dataclass(frozen=True)
class Shard:
    """B slots, of which the first ``used`` hold records and the rest are zero.

    Attributes
    ----------
    features : numpy.ndarray
        int64 ``(B, F)`` at scale ``2^s``.
    labels : numpy.ndarray
        int64 ``(B,)``, numbers of classes.
    mask : numpy.ndarray
        int64 ``(B,)``, 1 where the slot is used, unscaled.
    """

    features: NDArray[np.int64]
    labels: NDArray[np.int64]
    mask: NDArray[np.int64]

    @property
    def used(self) -> int:
        """Number of slots that hold a record."""
        return int(self.mask.sum())


def make_shards(
    features: NDArray[np.int64],
    labels: NDArray[np.int64],
    slots: int,
    key: bytes,
    classes: int = 2,
) -> list[Shard]:
    """Shuffle the records by a local secret and deal them into ``ceil(N / slots)`` shards.

    Records are dealt class by class, so sizes differ by at most one and every shard has
    the hospital's own mix of classes; a shard of one class would pull the round's
    average to that class. The key stays at the hospital: without it nobody can tell
    which record sits in which shard.

    Parameters
    ----------
    features
        int64 ``(N, F)`` at scale ``2^s``, from `quantise`.
    labels
        int64 ``(N,)``, numbers of classes.
    slots
        ``B``.
    key
        At least 16 bytes; the same key gives the same shards again.
    classes
        How many there are.

    Returns
    -------
    list[Shard]
        ``ceil(N / slots)`` shards.

    Raises
    ------
    PreprocessingError
        There is no record, shapes differ, a label is no class, slots or key are too small.
    """
    _require_inputs(features, labels, slots, key)
    _require_classes(labels, classes)
    shuffled = keyed_order(key, len(labels))
    order = [i for label in range(classes) for i in shuffled if labels[i] == label]
    count = -(-len(labels) // slots)
    return [
        _padded(features[order[i::count]], labels[order[i::count]], slots) for i in range(count)
    ]


def _padded(features: NDArray[np.int64], labels: NDArray[np.int64], slots: int) -> Shard:
    empty = slots - len(labels)
    return Shard(
        np.pad(features, ((0, empty), (0, 0))),
        np.pad(labels, (0, empty)),
        np.pad(np.ones_like(labels), (0, empty)),
    )


def _require_inputs(
    features: NDArray[np.int64], labels: NDArray[np.int64], slots: int, key: bytes
) -> None:
    if features.ndim != 2 or labels.shape != features.shape[:1] or len(labels) == 0:  # noqa: PLR2004 - a matrix
        raise PreprocessingError(
            f"features {features.shape} and labels {labels.shape} must be (N, F) and (N,), N > 0"
        )
    if features.dtype != np.int64 or labels.dtype != np.int64:
        raise PreprocessingError(
            f"shards hold int64 at scale 2^s, got {features.dtype} and {labels.dtype}: quantise"
        )
    if slots < 1:
        raise PreprocessingError(f"a shard needs at least one slot, got {slots}")
    if len(key) < MIN_KEY_BYTES:
        raise PreprocessingError(
            f"the shuffling key has {len(key)} bytes, at least {MIN_KEY_BYTES} are needed: "
            "draw it with secrets.token_bytes"
        )


def _require_classes(labels: NDArray[np.int64], classes: int) -> None:
    if not np.isin(labels, range(classes)).all():
        allowed = "0 or 1" if classes == 2 else f"0 to {classes - 1}"  # noqa: PLR2004 - yes or no
        raise PreprocessingError(f"labels must be {allowed}, got {np.unique(labels)[:10]}")
