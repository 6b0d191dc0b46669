"""The generated verifiers fit a chain, accept their proofs and no altered ones."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyrevm
import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.prover import prove

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Case, MakeSrs

    from zkfl.zk_circuits.spec import CircuitSpec

ROOT = Path(__file__).parents[2]
DEADLINE = 120.0
LARGEST_CODE = 24_576
CALLER = "0x" + "11" * 20
ACCEPTED = (1).to_bytes(32, "big")


class Compiled(NamedTuple):
    creation: bytes
    size: int


def compile_verifier(path: Path) -> Compiled:
    node = shutil.which("node")
    assert node is not None, "node compiles the verifiers"
    request = {
        "language": "Solidity",
        "sources": {path.name: {"content": path.read_text()}},
        "settings": {
            "optimizer": {"enabled": True, "runs": 1},
            "evmVersion": "cancun",
            "outputSelection": {"*": {"*": ["evm.bytecode.object", "evm.deployedBytecode.object"]}},
        },
    }
    done = subprocess.run(
        [node, str(ROOT / "bin" / "solc"), "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    evm = json.loads(done.stdout)["contracts"][path.name]["Halo2Verifier"]["evm"]
    deployed = bytes.fromhex(evm["deployedBytecode"]["object"])
    return Compiled(bytes.fromhex(evm["bytecode"]["object"]), len(deployed))


class Chain:
    """A verifier deployed on an EVM of its own."""

    def __init__(self, compiled: Compiled) -> None:
        self.evm = pyrevm.EVM()
        self.evm.set_balance(CALLER, 10**30)
        self.address = self.evm.deploy(CALLER, compiled.creation)

    def accepts(self, proof: bytes) -> bool:
        arguments = encode(["bytes", "uint256[]"], [proof, []])
        call = keccak(text="verifyProof(bytes,uint256[])")[:4] + arguments
        try:
            return bytes(self.evm.message_call(CALLER, self.address, calldata=call)) == ACCEPTED
        except RuntimeError:
            return False


@pytest.fixture(scope="module")
def verifier(training: BuiltCircuit) -> Chain:
    return Chain(compile_verifier(training.files.verifier))


def test_a_proof_is_accepted_and_altered_ones_are_not(
    training: BuiltCircuit, verifier: Chain, case: "Case"
) -> None:
    proof = prove(training, case.training(), DEADLINE).data
    assert verifier.accepts(proof)
    for place in range(0, len(proof), 97):
        altered = bytearray(proof)
        altered[place] ^= 1
        assert not verifier.accepts(bytes(altered))
    assert not verifier.accepts(proof[:-32])
    assert not verifier.accepts(proof + bytes(32))


def test_a_commitment_cannot_be_exchanged(
    training: BuiltCircuit, verifier: Chain, case: "Case"
) -> None:
    proof = prove(training, case.training(), DEADLINE).data
    swapped = proof[64:128] + proof[:64] + proof[128:]
    assert not verifier.accepts(swapped)


@pytest.mark.parametrize(
    "name",
    [
        "tiny",
        "tiny-mlp",
        "wdbc",
        "heart",
        pytest.param("wdbc-mlp", marks=pytest.mark.slow),
        pytest.param("wdbc-rate", marks=pytest.mark.slow),
        pytest.param("busi", marks=pytest.mark.slow),
    ],
)
def test_an_instance_proves_and_its_verifiers_can_be_deployed(
    name: str,
    make_srs: "MakeSrs",
    cache: Path,
    honest_case: "Callable[[CircuitSpec], Case]",
) -> None:
    instance = get_instance(name)
    case = honest_case(instance.spec)
    points = []
    for definition, inputs in (
        (instance.admission, case.admission()),
        (instance.training, case.training()),
        (instance.benefit, case.benefit()),
    ):
        built = build_circuit(definition, make_srs(instance.spec.logrows), cache)
        compiled = compile_verifier(built.files.verifier)
        assert compiled.size < LARGEST_CODE
        proof = prove(built, inputs, DEADLINE)
        assert Chain(compiled).accepts(proof.data)
        points.append(proof.points)
    assert points[0]["data"] == points[1]["data"]
    assert points[1]["update"] == points[2]["update"]
