"""An SRS whose secret everybody knows: for demonstrations, equal on every machine.

Whoever knows the secret can open any commitment to anything and prove anything. The
contracts therefore carry a flag for it, and `is_demo` recognises it in any file.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from py_ecc.optimized_bn128 import optimized_curve as ecc

from zkfl.atomic_file import write_atomically
from zkfl.cache import cache_folder
from zkfl.curve import G1, G2, G2Point, ProgressCallback, multiply
from zkfl.field import SCALAR_MODULUS
from zkfl.srs.domain import omega, powers
from zkfl.srs.encoding import encode_g1, encode_g2
from zkfl.srs.file import HEADER_BYTES, SrsFile

DEMO_TAG = b"zkfl.insecure-demo-srs.v1"
DEMO_TAU = int.from_bytes(hashlib.sha256(DEMO_TAG).digest(), "big") % SCALAR_MODULUS
"""The secret of every demo SRS, public on purpose."""
_PROGRESS_STEP = 1024


def demo_srs(logrows: int, path: Path, on_progress: ProgressCallback | None = None) -> SrsFile:
    """Write the INSECURE demo SRS, byte for byte the same everywhere.

    Parameters
    ----------
    logrows
        log2 of the rows, 3 to 28; 15 takes about 10 s.
    path
        Where to; an existing file is replaced atomically.
    on_progress
        Called now and then with the points done and the points in all.

    Raises
    ------
    SrsFormatError
        ``logrows`` is out of range.
    """
    root = omega(logrows)
    scalars = powers(DEMO_TAU, 1 << logrows) + _lagrange_values(root, 1 << logrows)
    parts = [logrows.to_bytes(HEADER_BYTES, "little"), *_generator_multiples(scalars, on_progress)]
    write_atomically(path, b"".join([*parts, encode_g2(G2), encode_g2(demo_s_g2())]), mode=0o644)
    return SrsFile(path)


def cached_demo_srs(logrows: int, on_progress: ProgressCallback | None = None) -> SrsFile:
    """Return the insecure demo SRS, making it once a machine."""
    path = cache_folder() / "srs" / f"insecure-demo-k{logrows}.srs"
    return SrsFile(path) if path.exists() else demo_srs(logrows, path, on_progress)


def is_demo(srs: SrsFile) -> bool:
    """Tell whether an SRS has the demo's public secret and so protects nothing."""
    return srs.s_g2 == demo_s_g2()


def _lagrange_values(root: int, rows: int) -> list[int]:
    """Return ``L_i(tau) = root^i * (tau^n - 1) / (n * (tau - root^i))`` for all ``i``."""
    vanishing = (pow(DEMO_TAU, rows, SCALAR_MODULUS) - 1) * pow(rows, -1, SCALAR_MODULUS)
    return [
        point * vanishing * pow(DEMO_TAU - point, -1, SCALAR_MODULUS) % SCALAR_MODULUS
        for point in powers(root, rows)
    ]


def _generator_multiples(
    scalars: Sequence[int], on_progress: ProgressCallback | None
) -> list[bytes]:
    points = []
    for done, scalar in enumerate(scalars, start=1):
        points.append(encode_g1(multiply(G1, scalar)))
        if on_progress and (done % _PROGRESS_STEP == 0 or done == len(scalars)):
            on_progress(done, len(scalars))
    return points


@cache
def demo_s_g2() -> G2Point:
    """Return the demo secret's multiple of the generator of G2."""
    x, y = ecc.normalize(ecc.multiply(ecc.G2, DEMO_TAU))
    return G2Point(*(int(part) for part in (*x.coeffs, *y.coeffs)))
