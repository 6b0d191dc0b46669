r"""Decodes strings of contracts whatever bytes they hold.

Solidity's ``string`` is any bytes. A name that is no UTF-8 would make web3 give up on the whole
answer, and one bad name would hide all events of a contract. Here such bytes become lone
surrogates, as Python keeps them in file names: no text has them, `str.isprintable` is false for
them, and `zkfl.foreign_text` shows them as ``\x..``.
"""

from collections.abc import Iterable
from typing import Any

from eth_abi.codec import ABICodec
from eth_abi.decoding import StringDecoder
from eth_abi.encoding import TextStringEncoder
from eth_abi.registry import BaseEquals, registry


class _AnyTextDecoder(StringDecoder):
    """Keeps bytes that are no UTF-8."""

    def __init__(self) -> None:
        super().__init__("surrogateescape")  # type: ignore[no-untyped-call]


class AnyTextCodec(ABICodec):
    """Encodes as another codec does, and decodes every string.

    Parameters
    ----------
    encoder
        web3's own, which is stricter than eth-abi's.
    """

    def __init__(self, encoder: ABICodec) -> None:
        decoders = registry.copy()  # type: ignore[no-untyped-call]
        decoders.unregister("string")
        strings = BaseEquals("string")  # type: ignore[no-untyped-call]
        decoders.register(strings, TextStringEncoder, _AnyTextDecoder, label="string")
        super().__init__(decoders)
        self._encoder = encoder

    def encode(self, types: Iterable[str], args: Iterable[Any]) -> bytes:
        """Return the encoding of values."""
        return self._encoder.encode(types, args)

    def is_encodable(self, typ: str, arg: Any) -> bool:  # noqa: ANN401 (as eth-abi's)
        """Tell whether a value fits a type."""
        return self._encoder.is_encodable(typ, arg)
