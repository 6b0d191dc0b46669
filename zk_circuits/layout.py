"""Where each number sits in the vectors that are committed; offsets follow from a spec."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from zkfl.errors import ZkflError
from zkfl.field import require_element, to_field, to_signed
from zkfl.fixed_point import IntArray
from zkfl.zk_circuits.spec import CircuitSpec


class LayoutError(ZkflError):
    """Numbers do not fill a vector the way its layout asks."""


@dataclass(frozen=True)
class Shard:
    """The records of a data vector without its blinders, as signed integers at scale ``s``.

    Attributes
    ----------
    features
        int64, shape (B, F).
    labels
        int64, 0 or ``2^s``: shape (B,), or (B, C) with a column a class.
    mask
        int64, shape (B,), ``2^s`` where the slot is used, else 0.
    """

    features: IntArray
    labels: IntArray
    mask: IntArray

    @property
    def records(self) -> IntArray:
        """``[features | mask]``, int64, shape (B, F+1)."""
        return np.concatenate([self.features, self.mask[:, None]], axis=1)

    @property
    def count(self) -> int:
        """Used slots."""
        return int(np.count_nonzero(self.mask))


def _require_length(name: str, actual: int, expected: int) -> None:
    if actual != expected:
        raise LayoutError(
            f"{name} has {actual} entries, this circuit takes {expected}: "
            "was it made for another instance?"
        )


def _blinders(name: str, values: Sequence[int], expected: int) -> list[int]:
    _require_length(name, len(values), expected)
    for value in values:
        require_element(value)
    return list(values)


def pack_data(
    spec: CircuitSpec, features: ArrayLike, labels: ArrayLike, blinders: Sequence[int]
) -> list[int]:
    """Lay out a shard: a row ``[features | mask]`` a slot, then labels, then blinders.

    A label of two classes is one number; of more classes it is a row of C numbers, of which the
    one of its class is 1.

    Parameters
    ----------
    spec
        The consortium's sizes.
    features
        Integers at scale ``s``, shape (count, F) with ``count <= B``; the other slots stay
        unused.
    labels
        Numbers of classes, shape (count,).
    blinders
        ``data_blinders`` uniform field elements.

    Returns
    -------
    list[int]
        ``data_length`` field elements.

    Raises
    ------
    LayoutError
        A shape does not fit the spec, or a label is no class of the model.
    FieldError
        A blinder is not a field element.
    """
    rows = np.asarray(features, dtype=np.int64)
    classes = np.asarray(labels, dtype=np.int64)
    count = len(classes)
    if rows.shape != (count, spec.features) or count > spec.slots:
        raise LayoutError(
            f"features of shape {rows.shape} with {count} labels do not fit a shard of "
            f"{spec.slots} slots with {spec.features} features"
        )
    records = np.zeros((spec.slots, spec.features + 1), dtype=np.int64)
    records[:count, :-1] = rows
    records[:count, -1] = spec.one
    padded = np.zeros((spec.slots, spec.label_columns), dtype=np.int64)
    padded[:count] = _label_rows(spec, classes) * spec.one
    body = [to_field(int(value)) for value in (*records.ravel(), *padded.ravel())]
    return body + _blinders("the data vector's blinders", blinders, spec.data_blinders)


def _label_rows(spec: CircuitSpec, classes: IntArray) -> IntArray:
    """Return labels as they are laid out, int64, shape (count, label columns)."""
    if spec.label_columns == 1:
        return classes[:, None]
    if np.any((classes < 0) | (classes >= spec.label_columns)):
        raise LayoutError(
            f"labels {np.unique(classes)[:10].tolist()} are not all classes of a model that has "
            f"{spec.label_columns}: number them from 0"
        )
    return np.eye(spec.label_columns, dtype=np.int64)[classes]


def class_numbers(spec: CircuitSpec, labels: IntArray) -> IntArray:
    """Return the class of each label of an admitted shard, int64, shape (count,)."""
    if spec.label_columns == 1:
        return labels // spec.one
    return np.asarray(np.argmax(labels, axis=1), dtype=np.int64)


def unpack_data(spec: CircuitSpec, data: Sequence[int]) -> Shard:
    """Read the records of a data vector back.

    Raises
    ------
    LayoutError
        The vector has another length, or an entry is too large to be a fixed-point number.
    """
    _require_length("the data vector", len(data), spec.data_length)
    width = spec.features + 1
    body = signed_array(data[: spec.slots * (width + spec.label_columns)])
    records = body[: spec.slots * width].reshape(spec.slots, width)
    labels = body[spec.slots * width :]
    if spec.label_columns > 1:
        labels = labels.reshape(spec.slots, spec.label_columns)
    return Shard(records[:, :-1], labels, records[:, -1])


def pack_model(
    spec: CircuitSpec, parameters: Sequence[int], blinders: Sequence[int] | None = None
) -> list[int]:
    """Lay out a model: ``P`` parameters at scale ``s + 39``, then blinders (zeros at first)."""
    _require_length("the model's parameters", len(parameters), spec.parameters)
    tail = [0] * spec.update_blinders if blinders is None else blinders
    return [to_field(value) for value in parameters] + _blinders(
        "the model's blinders", tail, spec.update_blinders
    )


def unpack_model(spec: CircuitSpec, vector: Sequence[int]) -> list[int]:
    """Return the ``P`` signed parameters of a model or update vector."""
    _require_length("the model vector", len(vector), spec.model_length)
    return [to_signed(value) for value in vector[: spec.parameters]]


def pack_secrets(
    spec: CircuitSpec,
    noise: Sequence[int],
    update_blinders: Sequence[int],
    own_blinders: Sequence[int],
    rate: int | None = None,
) -> list[int]:
    """Lay out a proof's secrets: noise at scale ``s + 23``, the update's blinders, its own.

    Where circuits take a rate, it comes last. It is no secret, and is not bound here: the circuit
    puts it out again, as a vector of its own.

    Parameters
    ----------
    spec
        The consortium's sizes.
    noise
        ``P`` integers.
    update_blinders, own_blinders
        Uniform field elements.
    rate
        Of the round; None for the full one, or where circuits take none.

    Raises
    ------
    LayoutError
        A length or the rate does not fit the spec.
    """
    _require_length("the noise", len(noise), spec.parameters)
    return (
        [to_field(value) for value in noise]
        + _blinders("the update's blinders", update_blinders, spec.update_blinders)
        + _blinders("the secrets' own blinders", own_blinders, spec.own_blinders)
        + _rate(spec, rate)
    )


def rate_of(spec: CircuitSpec, secrets: Sequence[int]) -> int:
    """Return the rate that a secrets vector holds; the full one where circuits take none."""
    return to_signed(secrets[spec.secrets_length - 1]) if spec.rate_bits else spec.full_rate


def _rate(spec: CircuitSpec, rate: int | None) -> list[int]:
    if not spec.rate_bits and rate is not None:
        raise LayoutError(f"rate {rate} is given to circuits ({spec.name}) that take none")
    taken = spec.full_rate if rate is None else rate
    if not 1 <= taken <= spec.full_rate:
        raise LayoutError(
            f"rate {taken} is not from 1 to {spec.full_rate}, as {spec.name} takes it"
        )
    return [taken] * spec.rate_length


def pack_public(scalar: int, context: int) -> list[int]:
    """Lay out the public scalars: a count or noise bound, then the proof's context."""
    return [to_field(scalar), to_field(context)]


def signed_array(elements: Sequence[int]) -> IntArray:
    """Return field elements as signed int64.

    Raises
    ------
    LayoutError
        An element's magnitude needs more than 62 bits: it is a blinder, or garbage.
    """
    signed = [to_signed(element) for element in elements]
    if any(abs(value) >= 1 << 62 for value in signed):
        raise LayoutError("an entry is too large for a fixed-point number: is it a blinder?")
    return np.array(signed, dtype=np.int64)
