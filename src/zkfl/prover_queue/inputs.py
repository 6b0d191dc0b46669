"""The vectors of an order: a circuit's inputs as text, and back."""

from zkfl.field import vector_from_bytes, vector_to_bytes
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.prover import InputError, Vectors


def pack_inputs(inputs: Vectors) -> dict[str, str]:
    """Encode vectors for an order."""
    return {name: vector_to_bytes(vector).hex() for name, vector in inputs.items()}


def unpack_inputs(definition: CircuitDefinition, inputs: dict[str, str]) -> dict[str, list[int]]:
    """Decode the vectors of an order.

    Raises
    ------
    InputError
        They are not the circuit's.
    FieldError
        A vector has another length, or an entry is no field element.
    """
    lengths = {tensor.name: tensor.length for tensor in definition.inputs}
    if inputs.keys() != lengths.keys():
        raise InputError(f"{definition.name} takes {sorted(lengths)}, got {sorted(inputs)}")
    return {
        name: vector_from_bytes(bytes.fromhex(inputs[name]), length)
        for name, length in lengths.items()
    }
