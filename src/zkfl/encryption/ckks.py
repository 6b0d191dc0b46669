"""CKKS: approximate numbers, rounded to the integers they stand for."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tenseal

from zkfl.encryption.errors import DecryptionError
from zkfl.encryption.scheme import POLYNOMIAL_DEGREE, EncryptionScheme

_MODULUS_BITS = [60, 40, 60]
_SCALE = 2.0**40
_LARGEST_FRACTION = 0.01


class Ckks(EncryptionScheme):
    """Cheon-Kim-Kim-Song, N = 8192, moduli of 60, 40 and 60 bits, scale 2^40."""

    name = "ckks"
    slots = POLYNOMIAL_DEGREE // 2
    ciphertext_scale = _SCALE

    def _fresh_context(self) -> Any:  # noqa: ANN401
        context = tenseal.context(
            tenseal.SCHEME_TYPE.CKKS, POLYNOMIAL_DEGREE, coeff_mod_bit_sizes=_MODULUS_BITS
        )
        context.global_scale = _SCALE
        return context

    def _encrypt(self, context: Any, numbers: list[int]) -> Any:  # noqa: ANN401
        return tenseal.ckks_vector(context, [float(number) for number in numbers])

    def _from_bytes(self, context: Any, chunk: bytes) -> Any:  # noqa: ANN401
        return tenseal.ckks_vector_from(context, chunk)

    def _integers(self, numbers: Sequence[float]) -> list[int]:
        values = np.asarray(numbers, dtype=np.float64)
        integers = np.rint(values)
        if not np.all(np.abs(values - integers) < _LARGEST_FRACTION):  # also for NaN, infinity
            raise DecryptionError(
                "the decrypted numbers are too far from integers to be rounded safely: the "
                "ciphertext is damaged or not of this key"
            )
        return [int(number) for number in integers]
