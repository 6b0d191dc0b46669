"""Bytes and seconds of encrypting, adding and opening updates, and of the masks."""

import secrets
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import tenseal
from eth_account import Account

from zkfl.encryption import EncryptionScheme, scheme_named
from zkfl.field import random_elements
from zkfl.limbs import to_limbs
from zkfl.masks import MaskKey, mask_vector

_LENGTHS = (35, 133, 517, 1_000)
"""Model vectors of wdbc, of 128 and 512 features, and DESIGN's example."""
_SUMMANDS = 4
_COHORTS = (4, 16)
_NAIVE_ENTRIES = 16
"""Entries that the naive encoding is measured on; its cost is linear."""
Value = TypeVar("Value")


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Measure both schemes at every length; ``quick`` takes the first."""
    lengths = _LENGTHS[: 1 if quick else None]
    rows = []
    for name in ("bfv", "ckks"):
        naive = _naive_bytes_an_entry(name)
        for length in lengths:
            print(f"  {name}, {length} entries …", file=sys.stderr, flush=True)
            rows.append(_measure_scheme(scheme_named(name), length, naive))
    return rows


def _measure_scheme(scheme: EncryptionScheme, length: int, naive: float) -> dict[str, object]:
    secret, public = scheme.generate()
    vector = random_elements(length)
    encrypt_s, ciphertext = _timed(lambda: scheme.encrypt(public, vector))
    ciphertexts = [ciphertext] + [
        scheme.encrypt(public, random_elements(length)) for _ in range(_SUMMANDS - 1)
    ]
    add_s, total = _timed(lambda: scheme.add(public, ciphertexts, length))
    decrypt_s, _ = _timed(lambda: scheme.decrypt(secret, total, length))
    return {
        "scheme": scheme.name,
        "entries": length,
        "ciphertext_B": len(ciphertext),
        "times_plaintext": round(len(ciphertext) / (32 * length), 1),
        "naive_over_ours": round(naive * length / len(ciphertext), 1),
        "encrypt_s": round(encrypt_s, 3),
        f"add_{_SUMMANDS}_s": round(add_s, 3),
        "decrypt_s": round(decrypt_s, 3),
        "public_context_B": len(public),
    } | {f"mask_{cohort}_s": round(_mask_seconds(cohort, length), 4) for cohort in _COHORTS}


def _naive_bytes_an_entry(name: str) -> float:
    """Return what one ciphertext an entry takes: the encoding of a first attempt.

    Same parameters, the entry's limbs alone in a ciphertext, the other slots idle.
    """
    scheme = scheme_named(name)
    _, public = scheme.generate()
    context = scheme.load_public(public)
    make = tenseal.bfv_vector if name == "bfv" else tenseal.ckks_vector
    entries = random_elements(_NAIVE_ENTRIES)
    sizes = [len(make(context, to_limbs([entry])).serialize()) for entry in entries]
    return sum(sizes) / len(sizes)


def _mask_seconds(cohort: int, length: int) -> float:
    keys = {Account.create().address: MaskKey.generate() for _ in range(cohort)}
    public = {address: key.public_bytes() for address, key in keys.items()}
    address, key = next(iter(keys.items()))
    context = secrets.token_bytes(32)
    return _timed(lambda: mask_vector(key, public, address, context, length))[0]


def _timed(action: Callable[[], Value]) -> tuple[float, Value]:
    start = time.perf_counter()
    value = action()
    return time.perf_counter() - start, value
