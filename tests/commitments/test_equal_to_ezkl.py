"""Commitments without a verifying key equal EZKL's own, in `kzg_commit` and in proofs.

The circuit doubles a vector; it is proven on the demo SRS, which shows that EZKL takes it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from zkfl.commitments import Committer
from zkfl.curve import G1Point, decode_point
from zkfl.field import random_elements, to_ezkl_hex, to_field
from zkfl.zk_circuits.ezkl_calls import library

LENGTH = 60
LOGROWS = 8


@dataclass(frozen=True)
class Keys:
    folder: Path
    srs: Path

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def kzg_commit(self, vector: Sequence[int]) -> G1Point:
        (point,) = library.kzg_commit(
            to_ezkl_hex(vector), self.path("vk"), self.path("settings.json"), str(self.srs)
        )
        x, y = (int.from_bytes(bytes.fromhex(text), "little") for text in (point.x, point.y))
        return G1Point(x, y)


def doubling_network() -> onnx.ModelProto:
    two = numpy_helper.from_array(np.array([2.0], dtype=np.float32), "two")
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [LENGTH]) for n in ("x", "y")]
    node = helper.make_node("Mul", ["x", "two"], ["y"])
    graph = helper.make_graph([node], "double", ends[:1], ends[1:], [two])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run_arguments() -> object:
    arguments = library.PyRunArgs()
    arguments.input_visibility = arguments.output_visibility = "polycommit"
    arguments.param_visibility = "fixed"
    arguments.input_scale = arguments.param_scale = 0
    arguments.logrows = LOGROWS
    arguments.decomp_base, arguments.decomp_legs = 64, 2
    arguments.lookup_range = (-32, 32)
    arguments.disable_freivalds = True
    arguments.ignore_range_check_inputs_outputs = True
    return arguments


@pytest.fixture(scope="module")
def keys(srs_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Keys:
    made = Keys(tmp_path_factory.mktemp("doubling"), srs_path)
    onnx.save(doubling_network(), made.path("network.onnx"))
    settings = made.path("settings.json")
    library.gen_settings(made.path("network.onnx"), settings, run_arguments())
    library.compile_circuit(made.path("network.onnx"), made.path("compiled"), settings)
    library.setup(made.path("compiled"), made.path("vk"), made.path("pk"), str(srs_path))
    return made


VECTORS = {
    "empty of meaning": [0],
    "small": [1, 2, 3],
    "negative": [to_field(-value) for value in range(1, 20)],
    "full size": random_elements(LENGTH),
    "longest": [*random_elements(2), *range(240), to_field(-1)],
}


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_equals_kzg_commit(keys: Keys, committer: Committer, vector: list[int]) -> None:
    assert committer.commit(vector) == keys.kzg_commit(vector)


def test_equals_the_points_at_the_start_of_a_proof(keys: Keys, committer: Committer) -> None:
    vector = random_elements(LENGTH)
    inputs = Path(keys.path("input.json"))
    inputs.write_text(json.dumps({"input_data": [to_ezkl_hex(vector)]}))
    library.gen_witness(str(inputs), keys.path("compiled"), keys.path("witness"))
    proof = keys.path("proof.json")
    library.prove(
        keys.path("witness"), keys.path("compiled"), keys.path("pk"), proof, str(keys.srs)
    )
    assert library.verify(proof, keys.path("settings.json"), keys.path("vk"), str(keys.srs))
    raw = bytes.fromhex(json.loads(Path(proof).read_text())["hex_proof"].removeprefix("0x"))
    doubled = [to_field(2 * entry) for entry in vector]
    assert decode_point(raw[:64]) == committer.commit(vector)
    assert decode_point(raw[64:128]) == committer.commit(doubled)
