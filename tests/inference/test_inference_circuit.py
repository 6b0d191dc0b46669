"""Which instances prove predictions, and what the others say."""

import pytest

from zkfl.inference.errors import InferenceError
from zkfl.inference.proving import inference_circuit
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.instances import get_instance, instance_names

SPECS = {name: get_instance(name).spec for name in instance_names()}
SEVERAL = [name for name, spec in SPECS.items() if family_of(spec.model).logit_bits is None]


@pytest.mark.parametrize("name", [name for name in SPECS if name not in SEVERAL])
def test_an_instance_of_one_logit_has_the_circuit(name: str) -> None:
    assert inference_circuit(SPECS[name]).name == f"inference-{name}"


@pytest.mark.parametrize("name", SEVERAL)
def test_one_of_several_logits_says_what_to_do(name: str) -> None:
    with pytest.raises(InferenceError) as refused:
        inference_circuit(SPECS[name])
    said = str(refused.value)
    assert f"the circuits {name!r} prove no prediction" in said
    assert "score records without --prove, prove the model's metrics, or found" in said
    assert "zkfl circuits list shows which" in said


def test_both_kinds_are_among_them() -> None:
    assert SEVERAL == ["busi-3", "tiny-softmax"]
    assert {"wdbc-rate", "tiny-rate"} <= SPECS.keys()
