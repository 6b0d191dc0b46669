"""The insecure demo SRS: reproducible, recognisable, well-formed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkfl.curve import G1, multiply
from zkfl.field import SCALAR_MODULUS
from zkfl.srs import (
    SrsFile,
    SrsFormatError,
    check_srs,
    demo_srs,
    is_demo,
    lagrange_point,
    zero_commitment,
)
from zkfl.srs.demo import DEMO_TAU
from zkfl.srs.domain import TWO_ADICITY, evaluate, omega
from zkfl.zk_circuits.ezkl_calls import library


def test_is_the_same_every_time(srs: SrsFile, tmp_path: Path) -> None:
    again = demo_srs(srs.logrows, tmp_path / "again.srs")
    assert again.path.read_bytes() == srs.path.read_bytes()


def test_holds_powers_of_the_public_secret(srs: SrsFile) -> None:
    basis = srs.powers_basis()
    assert basis[0] == G1
    assert basis[3] == multiply(G1, pow(DEMO_TAU, 3, SCALAR_MODULUS))


def test_passes_the_check_and_reports_progress(srs: SrsFile) -> None:
    seen: list[tuple[int, int]] = []
    check_srs(srs, lambda done, count: seen.append((done, count)))
    assert seen[-1][0] == seen[-1][1]


def test_is_recognised_at_every_size(srs: SrsFile, tmp_path: Path) -> None:
    assert is_demo(srs)
    assert is_demo(demo_srs(3, tmp_path / "small.srs"))


def test_an_srs_of_ezkl_is_no_demo_and_passes_the_check(tmp_path: Path) -> None:
    path = tmp_path / "ezkl.srs"
    library.gen_srs(str(path), 5)
    other = SrsFile(path)
    assert not is_demo(other)
    check_srs(other)


def test_making_it_reports_progress(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    demo_srs(3, tmp_path / "demo.srs", lambda done, count: seen.append((done, count)))
    assert seen == [(16, 16)]


def test_zero_commitment_sums_the_unusable_rows(srs: SrsFile) -> None:
    expected = sum(_lagrange_value(srs, row) for row in range(srs.rows - 6, srs.rows))
    assert zero_commitment(srs) == multiply(G1, expected)
    assert lagrange_point(srs, 1) == multiply(G1, _lagrange_value(srs, 1))


def _lagrange_value(srs: SrsFile, row: int) -> int:
    """Evaluate L_row at tau through the coefficients that the definition gives."""
    root = omega(srs.logrows)
    coefficients = [pow(root, -row * j, SCALAR_MODULUS) for j in range(srs.rows)]
    value = sum(c * pow(DEMO_TAU, j, SCALAR_MODULUS) for j, c in enumerate(coefficients))
    return value * pow(srs.rows, -1, SCALAR_MODULUS) % SCALAR_MODULUS


def test_root_of_unity_has_the_order_of_the_domain() -> None:
    for logrows in (3, 15, TWO_ADICITY):
        assert pow(omega(logrows), 1 << (logrows - 1), SCALAR_MODULUS) == SCALAR_MODULUS - 1


@given(st.lists(st.integers(0, SCALAR_MODULUS - 1), min_size=8, max_size=8))
def test_transform_evaluates_the_polynomial(coefficients: list[int]) -> None:
    root = omega(3)
    direct = [
        sum(c * pow(root, i * j, SCALAR_MODULUS) for j, c in enumerate(coefficients))
        % SCALAR_MODULUS
        for i in range(8)
    ]
    assert evaluate(coefficients, root) == direct


@pytest.mark.parametrize("logrows", [-1, 2, 29])
def test_refuses_sizes_that_no_circuit_has(logrows: int, tmp_path: Path) -> None:
    with pytest.raises(SrsFormatError, match=f"logrows is {logrows}, not in"):
        demo_srs(logrows, tmp_path / "none.srs")
    assert not list(tmp_path.iterdir())
