"""Structured reference strings: the public points behind every commitment and proof."""

from zkfl.srs.check import check_srs
from zkfl.srs.demo import demo_srs, is_demo
from zkfl.srs.errors import (
    PtauError,
    SrsError,
    SrsFormatError,
    SrsGeneratorError,
    SrsLagrangeError,
    SrsPointError,
    SrsPowersError,
)
from zkfl.srs.file import SrsFile
from zkfl.srs.points import UNUSABLE_ROWS, lagrange_point, zero_commitment
from zkfl.srs.ptau import convert_ptau, is_ptau

__all__ = [
    "UNUSABLE_ROWS",
    "PtauError",
    "SrsError",
    "SrsFile",
    "SrsFormatError",
    "SrsGeneratorError",
    "SrsLagrangeError",
    "SrsPointError",
    "SrsPowersError",
    "check_srs",
    "convert_ptau",
    "demo_srs",
    "is_demo",
    "is_ptau",
    "lagrange_point",
    "zero_commitment",
]
