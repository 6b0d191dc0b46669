"""Python against the vectors that ``contracts/test/libraries`` holds the contracts to."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from py_ecc.bn128 import bn128_curve as ecc
from py_ecc.fields import bn128_FQ as FQ

from zkfl.chain.protocol import (
    LARGEST_LEVEL,
    WHOLE_SHARE,
    ProtocolError,
    admission_context,
    benefit_context,
    rewarded,
    selected_shard,
    shares,
    training_context,
    weight,
)
from zkfl.chain.states import WeightRule
from zkfl.commitments import combine
from zkfl.curve import (
    INFINITY,
    CurveError,
    G1Point,
    add,
    decode_point,
    linear_combination,
    multiply,
    require_on_curve,
    subtract,
)
from zkfl.evaluation.baselines import contract_weight
from zkfl.field import BASE_MODULUS, SCALAR_MODULUS
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.instances import get_instance, instance_names
from zkfl.zk_circuits.prover import POINT_BYTES, InvalidProofError, read_points

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "vectors"
WEIGHTS, CONTEXTS, SELECTION, LAYOUT, BN254 = (
    json.loads((FOLDER / f"{name}.json").read_text())
    for name in ("weights", "contexts", "selection", "layout", "bn254")
)
Case = dict[str, Any]
Affine = tuple[FQ, FQ] | None


def number(text: str) -> int:
    return int(text, 16)


def point(coordinates: dict[str, str]) -> G1Point:
    return G1Point(number(coordinates["x"]), number(coordinates["y"]))


def other(coordinates: dict[str, str]) -> Affine:
    """Return the point as py_ecc, which shares no code with the precompiles, has it."""
    x, y = point(coordinates)
    return (FQ(x), FQ(y)) if (x, y) != INFINITY else None


def test_regeneration_reproduces_the_committed_files(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "regenerate_vectors"
    subprocess.run([sys.executable, script, tmp_path], check=True, capture_output=True)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert written == [
        "bn254.json",
        "contexts.json",
        "layout.json",
        "opening.json",
        "selection.json",
        "weights.json",
    ]
    for name in written:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_rules_have_the_numbers_of_the_contracts_enumeration() -> None:
    assert {rule.name: int(rule) for rule in WeightRule} == WEIGHTS["rules"]
    assert WEIGHTS["whole"] == WHOLE_SHARE


def test_shares() -> None:
    for case in WEIGHTS["shares"]:
        assigned = shares(WeightRule(case["rule"]), case["records"], case["capShare"])
        assert assigned == case["shares"], case


def test_shares_by_benefit() -> None:
    for case in WEIGHTS["benefits"]:
        counted = [
            rewarded(n, level) for n, level in zip(case["records"], case["levels"], strict=True)
        ]
        assert shares(WeightRule.BENEFIT, counted) == case["shares"], case
        assert {0, LARGEST_LEVEL} <= set(case["levels"])


def test_every_rule_has_shares() -> None:
    assert {case["rule"] for case in WEIGHTS["shares"]} == set(WeightRule)


@pytest.mark.parametrize("case", WEIGHTS["refusedCaps"], ids=lambda case: str(case["capShare"]))
def test_caps_that_leave_some_unassigned_are_refused(case: Case) -> None:
    cap, cohort = case["capShare"], case["records"]
    message = f"{len(cohort)} shares of at most {cap} do not reach {WHOLE_SHARE}"
    with pytest.raises(ProtocolError, match=message):
        shares(WeightRule.CAPPED, cohort, cap)


@pytest.mark.parametrize("formula", [weight, contract_weight])
def test_weights(formula: Callable[[int, int, int], int]) -> None:
    for case in WEIGHTS["weights"]:
        assert formula(case["share"], case["slots"], case["used"]) == case["weight"], case


@pytest.mark.parametrize(
    ("circuit", "context"),
    [
        ("admission", admission_context),
        ("training", training_context),
        ("benefit", benefit_context),
    ],
)
def test_contexts(circuit: str, context: Callable[[int, str, str, int], int]) -> None:
    for case in CONTEXTS[circuit]:
        place = (number(case["chainId"]), case["registry"], case["member"], case["number"])
        assert context(*place) == number(case["context"]), case


def test_columns_of_public_scalars() -> None:
    lagrange = [point(CONTEXTS["lagrange0"]), point(CONTEXTS["lagrange1"])]
    zero = point(CONTEXTS["zeroCommitment"])
    for case in CONTEXTS["columns"]:
        cells = [number(case["scalar"]), number(case["context"])]
        assert add(linear_combination(cells, lagrange), zero) == point(case["point"]), case


@pytest.mark.parametrize("case", SELECTION["cases"], ids=lambda case: str(case["shards"]))
def test_selected_shards(case: Case) -> None:
    seed = number(case["seed"]).to_bytes(32, "big")
    rounds = range(case["firstRound"], case["firstRound"] + case["shards"] + 1)
    selected = [selected_shard(seed, case["memberId"], case["shards"], r) for r in rounds]
    assert selected == case["selected"]
    assert set(selected) == set(range(case["shards"]))


def definition(circuit: str, name: str) -> CircuitDefinition:
    instance = get_instance(name)
    named = {definition.kind: definition for definition in (instance.admission, instance.benefit)}
    return named.get(circuit, instance.training)


@pytest.mark.parametrize("name", instance_names())
@pytest.mark.parametrize("circuit", ["admission", "training", "benefit"])
def test_points_of_a_proof(circuit: str, name: str) -> None:
    case = LAYOUT[circuit]
    expected = list(zip(case["names"], map(point, case["points"]), strict=True))
    read = read_points(definition(circuit, name), bytes.fromhex(case["proof"][2:]))
    assert list(read.items())[: len(expected)] == expected
    rated = circuit == "training" and get_instance(name).spec.rate_bits > 0
    assert list(read)[len(expected) :] == ["rate"] * rated


@pytest.mark.parametrize("circuit", ["admission", "training", "benefit"])
def test_a_proof_that_ends_within_its_points_is_refused(circuit: str) -> None:
    case = LAYOUT[circuit]
    needed = case["commitments"] * POINT_BYTES
    proof = bytes.fromhex(case["proof"][2:])
    assert len(read_points(definition(circuit, "wdbc"), proof[:needed])) == case["commitments"]
    with pytest.raises(InvalidProofError, match=f"{needed - 1} bytes cannot hold"):
        read_points(definition(circuit, "wdbc"), proof[: needed - 1])


def test_moduli() -> None:
    assert number(BN254["scalarModulus"]) == SCALAR_MODULUS == ecc.curve_order
    assert number(BN254["baseModulus"]) == BASE_MODULUS == ecc.field_modulus


def test_sums_and_differences() -> None:
    for case in BN254["additions"]:
        assert add(point(case["a"]), point(case["b"])) == point(case["sum"]), case
        assert ecc.add(other(case["a"]), other(case["b"])) == other(case["sum"]), case
    for case in BN254["subtractions"]:
        assert subtract(point(case["a"]), point(case["b"])) == point(case["difference"]), case
        negative = ecc.neg(other(case["b"]))
        assert ecc.add(other(case["a"]), negative) == other(case["difference"]), case


def test_products() -> None:
    for case in BN254["multiplications"]:
        scalar, product = number(case["scalar"]), case["product"]
        assert multiply(point(case["a"]), scalar) == point(product), case
        assert ecc.multiply(other(case["a"]), scalar) == other(product), case


def test_the_combination_of_a_round() -> None:
    case = BN254["combination"]
    updates = [point(update) for update in case["updates"]]
    combined = combine(
        point(case["model"]), case["weights"], updates, point(case["zeroCommitment"])
    )
    assert combined == point(case["result"])


@pytest.mark.parametrize("case", BN254["offCurve"])
def test_points_off_the_curve_are_refused(case: Case) -> None:
    with pytest.raises(CurveError, match="is not on BN254"):
        require_on_curve(point(case))
    with pytest.raises(CurveError, match="is not on BN254"):
        decode_point(bytes.fromhex(case["x"][2:] + case["y"][2:]))
    assert not ecc.is_on_curve(other(case), ecc.b)


@pytest.mark.parametrize("case", BN254["notBelowModulus"])
def test_coordinates_not_below_the_modulus_are_refused(case: Case) -> None:
    with pytest.raises(CurveError, match=r"coordinates lie in \[0, q\)"):
        require_on_curve(point(case))
    with pytest.raises(CurveError, match=r"coordinates lie in \[0, q\)"):
        decode_point(bytes.fromhex(case["x"][2:] + case["y"][2:]))
