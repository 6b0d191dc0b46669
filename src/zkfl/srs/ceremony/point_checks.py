"""Whether every point of a transcript's file lies in its group, which snarkjs does not check.

A point of G2 outside of the subgroup, multiplied by the next contributor's secret powers, would
show the remainders of that secret modulo the small factors of the cofactor.
"""

from collections.abc import Iterator

from zkfl.curve import INFINITY, CurveError, G2Point, ProgressCallback, pairing_product_is_one
from zkfl.srs.ceremony.phase_one import (
    ALPHA_G1,
    BETA_G1,
    BETA_G2,
    TAU_G1,
    TAU_G2,
    PhaseOne,
    record_points,
)
from zkfl.srs.encoding import G1_BYTES, G2_BYTES, decode_g1, decode_g2
from zkfl.srs.errors import SrsPointError

_PROGRESS_STEP = 256
_INFINITY_G2 = G2Point(0, 0, 0, 0)
_G1_SECTIONS = {TAU_G1: "tauG1", ALPHA_G1: "alphaTauG1", BETA_G1: "betaTauG1"}
_G2_SECTIONS = {TAU_G2: "tauG2", BETA_G2: "betaG2"}


def require_valid_points(file: PhaseOne, on_progress: ProgressCallback | None = None) -> None:
    """Check every point of the sections and of the history.

    Raises
    ------
    SrsPointError
        A point is infinity, not canonical, not on its curve, or outside the subgroup.
    """
    for data, name in _g1_points(file):
        decode_g1(data, name)
    g2_points = list(_g2_points(file))
    for done, (data, name) in enumerate(g2_points, start=1):
        _require_in_g2(decode_g2(data, name), name)
        if on_progress and (done % _PROGRESS_STEP == 0 or done == len(g2_points)):
            on_progress(done, len(g2_points))


def _g1_points(file: PhaseOne) -> Iterator[tuple[bytes, str]]:
    for kind, name in _G1_SECTIONS.items():
        yield from _split(file.section(kind), G1_BYTES, name)
    for index, record in enumerate(file.records):
        yield from _named(record_points(record)[0], f"record {index}, G1")


def _g2_points(file: PhaseOne) -> Iterator[tuple[bytes, str]]:
    for kind, name in _G2_SECTIONS.items():
        yield from _split(file.section(kind), G2_BYTES, name)
    for index, record in enumerate(file.records):
        yield from _named(record_points(record)[1], f"record {index}, G2")


def _split(data: bytes, size: int, name: str) -> Iterator[tuple[bytes, str]]:
    yield from _named([data[at : at + size] for at in range(0, len(data), size)], name)


def _named(points: list[bytes], name: str) -> Iterator[tuple[bytes, str]]:
    for index, point in enumerate(points):
        yield point, f"{name}[{index}]"


def _require_in_g2(point: G2Point, name: str) -> None:
    if point == _INFINITY_G2:
        raise SrsPointError(f"{name} is infinity, which no SRS contains: the file is damaged")
    try:
        # EIP-197 refuses what is not in the subgroup, whatever it is paired with.
        pairing_product_is_one([(INFINITY, point)])
    except CurveError as error:
        raise SrsPointError(
            f"{name} is not in the group G2: multiplied by a secret it would show parts of it; "
            "whoever made this file cheated, or the file is damaged"
        ) from error
