from types import SimpleNamespace

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from zkfl.chain.client import ChainClient
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.reverts import RevertDecoder, error_selector

TOO_LOW = {
    "type": "error",
    "name": "TooLow",
    "inputs": [{"name": "given", "type": "uint256"}, {"name": "", "type": "bytes"}],
}


def test_a_struct_keeps_its_field_names(client: ChainClient, counter: SimpleNamespace) -> None:
    with pytest.raises(ContractRevertError) as refused:
        client.call(counter.address, counter.abi, "refusePoint")
    assert refused.value.name == "WrongPoint"
    assert refused.value.values["point"] == {"x": 1, "y": 2}
    assert "why=off the curve" in str(refused.value)
    assert "tag=0x" + "0" * 63 + "7" in str(refused.value)


@pytest.mark.parametrize(
    ("call", "name", "values"),
    [
        (("refuseText",), "Error", {"message": "not today"}),
        (("divide", 0), "Panic", {"code": 0x12}),
        (("refuseSilently",), "Unknown", {"data": "0x"}),
    ],
)
def test_reverts_without_a_custom_error(
    client: ChainClient,
    counter: SimpleNamespace,
    call: tuple[str, int],
    name: str,
    values: dict[str, object],
) -> None:
    with pytest.raises(ContractRevertError) as refused:
        client.call(counter.address, counter.abi, *call)
    assert refused.value.name == name
    assert refused.value.values == values


def test_unnamed_parameters_are_numbered_and_long_values_cut() -> None:
    data = error_selector(TOO_LOW) + encode(("uint256", "bytes"), (3, b"\x01" * 1000))
    error = RevertDecoder([[TOO_LOW]]).decode(data)
    assert error.values == {"given": 3, "arg1": b"\x01" * 1000}
    assert "(2002 characters)" in str(error)
    assert len(str(error)) < 600


ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
OWNED = {
    "type": "error",
    "name": "Owned",
    "inputs": [
        {"name": "by", "type": "address"},
        {"name": "all", "type": "address[]"},
        {
            "name": "parts",
            "type": "tuple[]",
            "components": [
                {"name": "holder", "type": "address"},
                {
                    "name": "inner",
                    "type": "tuple",
                    "components": [{"name": "others", "type": "address[2]"}],
                },
            ],
        },
    ],
}


def test_addresses_are_written_with_their_checksum_wherever_they_stand() -> None:
    types = ("address", "address[]", "(address,(address[2]))[]")
    low = ADDRESS.lower()
    data = encode(types, (low, [low, low], [(low, ([low, low],))]))
    error = RevertDecoder([[OWNED]]).decode(error_selector(OWNED) + data)
    part = {"holder": ADDRESS, "inner": {"others": (ADDRESS, ADDRESS)}}
    assert error.values == {"by": ADDRESS, "all": (ADDRESS, ADDRESS), "parts": (part,)}
    assert str(error).count(ADDRESS) == 6
    assert low not in str(error)


def test_control_characters_of_a_contract_stay_out_of_the_message() -> None:
    data = bytes.fromhex("08c379a0") + encode(("string",), ("a\nb\x1b[31m",))
    assert "\n" not in str(RevertDecoder().decode(data))
    assert "\x1b" not in str(RevertDecoder().decode(data))


def test_truncated_values_become_unknown() -> None:
    error = RevertDecoder([[TOO_LOW]]).decode(error_selector(TOO_LOW) + b"\x01")
    assert error.name == "Unknown"


@given(st.binary(max_size=200) | st.text(max_size=50) | st.none() | st.integers())
def test_foreign_data_never_raises(data: object) -> None:
    decoder = RevertDecoder([[TOO_LOW]])
    assert decoder.decode(data).name in {"Unknown", "TooLow", "Error", "Panic"}
    if isinstance(data, bytes):
        assert decoder.decode(error_selector(TOO_LOW) + data).name in {"TooLow", "Unknown"}
