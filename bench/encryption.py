"""Bytes and seconds of encrypting, adding and opening updates, and of the masks."""

import secrets
import sys
from functools import partial
from typing import Any

import tenseal
from eth_account import Account

from bench.clock import Seconds, columns, median_seconds
from zkfl.encryption import EncryptionScheme, scheme_named
from zkfl.field import ELEMENT_BYTES, random_elements
from zkfl.limbs import to_limbs
from zkfl.masks import MaskKey, mask_vector
from zkfl.zk_circuits.instances import get_instance

_WDBC = get_instance("wdbc").spec
_WIDTHS = {"128 features": 128, "512 features": 512}
LENGTHS = (
    {"wdbc": _WDBC.model_length}
    | {name: width + 1 + _WDBC.update_blinders for name, width in _WIDTHS.items()}
    | {"1,000": 1_000}
)
"""Entries of an update: weights, bias, blinders."""
_SUMMANDS = 4
_COHORTS = (4, 16)
_REPEATS = 3


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Measure both schemes at every length; ``quick`` takes the first."""
    lengths = list(LENGTHS.items())[: 1 if quick else None]
    return [
        _measure_length(scheme_named(name), model, length)
        for name in ("bfv", "ckks")
        for model, length in lengths
    ]


def _measure_length(scheme: EncryptionScheme, model: str, length: int) -> dict[str, object]:
    print(f"  {scheme.name}, {length} entries …", file=sys.stderr, flush=True)
    secret, public = scheme.generate()
    ours = _ours(scheme, secret, public, length)
    return (
        {"scheme": scheme.name, "model": model, "entries": length}
        | ours
        | {"times_plaintext": round(float(str(ours["ciphertext_B"])) / _plain_bytes(length), 1)}
        | _one_an_entry(scheme, public, length, ours)
        | _floats(length, ours)
        | _masks(length)
    )


def _plain_bytes(length: int) -> int:
    return length * ELEMENT_BYTES


def _ours(scheme: EncryptionScheme, secret: bytes, public: bytes, length: int) -> dict[str, object]:
    vector = random_elements(length)
    encrypt_seconds, ciphertext = median_seconds(lambda: scheme.encrypt(public, vector), _REPEATS)
    summands = [ciphertext] + [
        scheme.encrypt(public, random_elements(length)) for _ in range(_SUMMANDS - 1)
    ]
    add_seconds, total = median_seconds(lambda: scheme.add(public, summands, length), _REPEATS)
    decrypt_seconds, _ = median_seconds(lambda: scheme.decrypt(secret, total, length), _REPEATS)
    return {
        "ciphertext_B": len(ciphertext),
        **columns("encrypt", encrypt_seconds, 4),
        **columns(f"add_{_SUMMANDS}", add_seconds, 4),
        **columns("decrypt", decrypt_seconds, 4),
        "public_context_B": len(public),
    }


def _one_an_entry(
    scheme: EncryptionScheme, public: bytes, length: int, ours: dict[str, object]
) -> dict[str, object]:
    """Compare with a ciphertext for each entry: the same limbs, most slots idle."""
    context = scheme.load_public(public)
    make = tenseal.bfv_vector if scheme.name == "bfv" else tenseal.ckks_vector
    limbs = [to_limbs([entry]) for entry in random_elements(length)]
    seconds, sizes = median_seconds(
        lambda: [len(make(context, one).serialize()) for one in limbs], 1
    )
    return _ratios("one_an_entry", sum(sizes), seconds, ours)


def _floats(length: int, ours: dict[str, object]) -> dict[str, object]:
    """Compare with plain CKKS on floats: no limbs, no masks, and an approximate sum."""
    scheme = scheme_named("ckks")
    context: Any = scheme.load_public(scheme.generate()[1])
    numbers = [index / length for index in range(length)]
    seconds, size = median_seconds(
        lambda: len(tenseal.ckks_vector(context, numbers).serialize()), _REPEATS
    )
    return _ratios("floats", size, seconds, ours)


def _ratios(name: str, size: int, seconds: Seconds, ours: dict[str, object]) -> dict[str, object]:
    """Return bytes and CPU seconds of encryption as multiples of ours."""
    return {
        f"{name}_bytes_x": float(f"{size / float(str(ours['ciphertext_B'])):.3g}"),
        f"{name}_time_x": float(f"{seconds.cpu / float(str(ours['encrypt_cpu_s'])):.3g}"),
    }


def _masks(length: int) -> dict[str, object]:
    """Return the seconds of a mask in each cohort."""
    seconds = {cohort: _mask_seconds(cohort, length) for cohort in _COHORTS}
    return {
        name: value
        for cohort, one in seconds.items()
        for name, value in columns(f"mask_{cohort}", one, 4).items()
    }


def _mask_seconds(cohort: int, length: int) -> Seconds:
    keys = {Account.create().address: MaskKey.generate() for _ in range(cohort)}
    public = {address: key.public_bytes() for address, key in keys.items()}
    address, key = next(iter(keys.items()))
    context = secrets.token_bytes(32)
    masks = partial(mask_vector, key, public, address, context, length)
    return median_seconds(masks, _REPEATS)[0]
