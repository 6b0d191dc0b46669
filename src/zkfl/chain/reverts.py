"""Revert data back into the error a contract raised, with names and values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from zkfl.chain.errors import ContractRevertError

Abi = Sequence[Mapping[str, Any]]

_SELECTOR_BYTES = 4
_MAX_RENDERED_CHARACTERS = 400
# Solidity's two built-in errors:
# https://docs.soliditylang.org/en/v0.8.30/control-structures.html#panic-via-assert-and-error-via-require
_BUILT_IN: Abi = (
    {"type": "error", "name": "Error", "inputs": [{"name": "message", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


def error_selector(entry: Mapping[str, Any]) -> bytes:
    """Return the first 4 bytes of the hash of an ABI entry's signature."""
    types = ",".join(collapse_if_tuple(dict(item)) for item in entry["inputs"])
    return bytes(keccak(text=f"{entry['name']}({types})")[:_SELECTOR_BYTES])


class RevertDecoder:
    """Decodes revert data by the errors of every ABI it was given.

    Parameters
    ----------
    abis
        ABIs of all contracts and libraries whose errors may come up.
    """

    def __init__(self, abis: Iterable[Abi] = ()) -> None:
        self._errors = {error_selector(entry): entry for entry in _BUILT_IN}
        for abi in abis:
            self.add(abi)

    def add(self, abi: Abi) -> None:
        """Learn the errors of one more ABI."""
        for entry in abi:
            if entry.get("type") == "error":
                self._errors[error_selector(entry)] = entry

    def decode(self, data: object, tx_hash: str | None = None) -> ContractRevertError:
        """Return the error that ``data`` (hex text or bytes) encodes; never raises."""
        raw = _as_bytes(data)
        entry = self._errors.get(raw[:_SELECTOR_BYTES])
        if entry is None:
            return _unknown(raw, tx_hash)
        try:
            values = _decode_values(entry, raw[_SELECTOR_BYTES:])
        except (DecodingError, ValueError, OverflowError):
            return _unknown(raw, tx_hash)
        name = str(entry["name"])
        return ContractRevertError(name, values, _render(name, values), tx_hash)


def _as_bytes(data: object) -> bytes:
    if isinstance(data, Mapping):
        # Hardhat and some clients wrap the data once more
        return _as_bytes(data.get("data"))
    try:
        return bytes(HexBytes(data)) if isinstance(data, str | bytes) else b""
    except ValueError:
        return b""


def _unknown(raw: bytes, tx_hash: str | None) -> ContractRevertError:
    text = "0x" + raw.hex()
    shown = _shorten(text) if raw else "no revert data"
    return ContractRevertError("Unknown", {"data": text}, f"unknown error, {shown}", tx_hash)


def _decode_values(entry: Mapping[str, Any], payload: bytes) -> dict[str, object]:
    inputs = entry["inputs"]
    decoded = decode([collapse_if_tuple(dict(item)) for item in inputs], payload)
    return {
        item.get("name") or f"arg{index}": _named(item, value)
        for index, (item, value) in enumerate(zip(inputs, decoded, strict=True))
    }


def _named(item: Mapping[str, Any], value: object) -> object:
    """Return a value with the names of its fields, and its addresses as everyone writes them."""
    inner, bracket, _ = str(item["type"]).rpartition("[")
    if bracket and isinstance(value, tuple):
        return tuple(_named({**item, "type": inner}, entry) for entry in value)
    if item["type"] == "address":
        return to_checksum_address(str(value))
    if item["type"] == "tuple" and isinstance(value, tuple):
        return {
            part["name"]: _named(part, entry)
            for part, entry in zip(item["components"], value, strict=True)
        }
    return value


def _render(name: str, values: Mapping[str, object]) -> str:
    return f"{name}({', '.join(f'{key}={_readable(value)}' for key, value in values.items())})"


def _readable(value: object) -> str:
    if isinstance(value, bytes):
        return _shorten("0x" + value.hex())
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}={_readable(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_readable(v) for v in value) + "]"
    # repr: a revert string is foreign text and must not bring control characters into a log
    return _shorten(repr(value) if isinstance(value, str) else str(value)).strip("'")


def _shorten(text: str) -> str:
    if len(text) <= _MAX_RENDERED_CHARACTERS:
        return text
    return f"{text[:_MAX_RENDERED_CHARACTERS]}... ({len(text)} characters)"
