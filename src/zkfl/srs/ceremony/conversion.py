"""From a ceremony's powers to an EZKL SRS: the Lagrange points, the file, the full check.

snarkjs's ``prepare phase2`` would compute them too, among bases of other sizes and groups that no
SRS holds: at power 14 that took eight minutes.
"""

from collections.abc import Sequence
from pathlib import Path

from zkfl.curve import G1Point, ProgressCallback, add, multiply, negate
from zkfl.field import SCALAR_MODULUS
from zkfl.srs.ceremony.errors import CeremonyError
from zkfl.srs.ceremony.phase_one import TAU_G1, TAU_G2, PhaseOne
from zkfl.srs.check import check_srs
from zkfl.srs.demo import is_demo
from zkfl.srs.domain import omega, powers
from zkfl.srs.encoding import G1_BYTES, G2_BYTES, decode_g1, encode_g1
from zkfl.srs.file import HEADER_BYTES, SrsFile


def write_srs(file: PhaseOne, target: Path, on_progress: ProgressCallback | None = None) -> SrsFile:
    """Write the SRS of a ceremony's last file, and check all of it.

    Parameters
    ----------
    file
        After the beacon.
    target
        Where to; what is there is of no use unless this returns.
    on_progress
        Of the check.

    Raises
    ------
    SrsError
        The points do not belong together.
    CeremonyError
        The result is the insecure demo SRS.
    """
    size = G1_BYTES << file.power
    encoded = file.section(TAU_G1)[:size]
    basis = [
        decode_g1(encoded[at : at + G1_BYTES], f"tauG1[{at // G1_BYTES}]")
        for at in range(0, size, G1_BYTES)
    ]
    parts = [
        file.power.to_bytes(HEADER_BYTES, "little"),
        encoded,
        *map(encode_g1, lagrange_points(basis, file.power)),
        file.section(TAU_G2)[: 2 * G2_BYTES],
    ]
    target.write_bytes(b"".join(parts))
    srs = SrsFile(target)
    check_srs(srs, on_progress)
    if is_demo(srs):
        raise CeremonyError("the ceremony's secret is the demo's, which is public: begin anew")
    return srs


def lagrange_points(basis: Sequence[G1Point], logrows: int) -> list[G1Point]:
    """Return ``L_i(tau)*G1 = n^-1 * sum_j omega^(-i*j) * tau^j*G1`` by the radix-2 transform."""
    inverse_root = pow(omega(logrows), -1, SCALAR_MODULUS)
    share = pow(len(basis), -1, SCALAR_MODULUS)
    return _transform([multiply(point, share) for point in basis], inverse_root)


def _transform(points: Sequence[G1Point], root: int) -> list[G1Point]:
    count = len(points)
    if count == 1:
        return list(points)
    square = root * root % SCALAR_MODULUS
    even, odd = _transform(points[::2], square), _transform(points[1::2], square)
    factors = powers(root, count // 2)
    twisted = [multiply(point, factor) for point, factor in zip(odd, factors, strict=True)]
    low = [add(a, b) for a, b in zip(even, twisted, strict=True)]
    return low + [add(a, negate(b)) for a, b in zip(even, twisted, strict=True)]
