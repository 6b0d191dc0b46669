"""BFV: integers modulo a 41-bit prime, added exactly."""

from collections.abc import Sequence
from typing import Any

import tenseal

from zkfl.encryption.scheme import POLYNOMIAL_DEGREE, EncryptionScheme

PLAIN_MODULUS = 1_099_511_922_689
"""The smallest prime above 2^40 that is 1 mod 2N, so that slots exist (batching)."""

_MODULUS_BITS = [54, 54, 55]
"""Sums of 64 leave more than 50 bits of noise budget; SEAL's default doubles every file."""


class Bfv(EncryptionScheme):
    """Brakerski/Fan-Vercauteren, N = 8192, moduli of 54, 54 and 55 bits."""

    name = "bfv"
    slots = POLYNOMIAL_DEGREE
    ciphertext_scale = 1.0

    def _fresh_context(self) -> Any:  # noqa: ANN401
        return tenseal.context(
            tenseal.SCHEME_TYPE.BFV, POLYNOMIAL_DEGREE, PLAIN_MODULUS, _MODULUS_BITS
        )

    def _encrypt(self, context: Any, numbers: list[int]) -> Any:  # noqa: ANN401
        return tenseal.bfv_vector(context, numbers)

    def _from_bytes(self, context: Any, chunk: bytes) -> Any:  # noqa: ANN401
        return tenseal.bfv_vector_from(context, chunk)

    def _integers(self, numbers: Sequence[float]) -> list[int]:
        return [int(number) for number in numbers]
