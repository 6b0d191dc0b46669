"""A call is read from its own bytes, by the reader's own names."""

import pytest
from eth_account import Account

from zkfl.chain.council_calls import ROLE_IDS, Call, CouncilCalls, UnreadableCallError
from zkfl.chain.roles import Role

REGISTRY, ROUTER, EVE = (Account.create().address for _ in range(3))
CALLS = CouncilCalls(REGISTRY, ROUTER)
CIRCUIT = b"\x0c" * 32
WORDS = {
    CALLS.add_member(EVE, "Eve"): f'add member {EVE}, named "Eve"',
    CALLS.add_member(EVE, ""): f'add member {EVE}, named ""',
    CALLS.remove_member(EVE): f"remove member {EVE}",
    CALLS.nominate_account(EVE, ROUTER): f"let member {EVE} go on under account {ROUTER}",
    CALLS.grant_role(Role.AGGREGATOR, EVE): f"make {EVE} aggregator",
    CALLS.grant_role(Role.KEY_HOLDER, EVE): f"make {EVE} key holder",
    CALLS.revoke_role(Role.GUARDIAN, EVE): f"take the role of guardian from {EVE}",
    CALLS.register_circuit(CIRCUIT, EVE, 384, 6): (
        f"register circuit {CIRCUIT.hex()}: verifier {EVE}, proofs of 384 bytes, 6 points"
    ),
    CALLS.remove_circuit(CIRCUIT): f"remove circuit {CIRCUIT.hex()} for good",
}
# A name that is the same in every process, although the addresses are drawn.
NAMES = [f"{number} {words.split(' 0')[0]}" for number, words in enumerate(WORDS.values())]


@pytest.mark.parametrize(("call", "words"), WORDS.items(), ids=NAMES)
def test_each_call_says_what_it_does(call: Call, words: str) -> None:
    assert CALLS.in_words(call) == words


@pytest.mark.parametrize("call", WORDS, ids=NAMES)
@pytest.mark.parametrize(
    "change",
    [
        lambda c: Call(EVE, c.data),
        lambda c: Call(ROUTER if c.target == REGISTRY else REGISTRY, c.data),
        lambda c: Call(c.target, c.data + b"\x00"),
        lambda c: Call(c.target, c.data[:-1]),
        lambda c: Call(c.target, c.data[:4]),
        lambda c: Call(c.target, b""),
        lambda c: Call(c.target, b"\x00\x00\x00\x00" + c.data[4:]),
    ],
    ids=["target", "other contract", "longer", "shorter", "selector", "nothing", "other function"],
)
def test_anything_else_is_no_call_of_a_council(call: Call, change: object) -> None:
    with pytest.raises(UnreadableCallError, match="do not vote for it"):
        CALLS.in_words(change(call))  # type: ignore[operator]


def test_dirt_above_an_address_is_not_read_over() -> None:
    call = CALLS.remove_member(EVE)
    with pytest.raises(UnreadableCallError):
        CALLS.in_words(Call(call.target, call.data[:4] + b"\x01" + call.data[5:]))


def test_a_name_elsewhere_is_not_followed() -> None:
    call = CALLS.add_member(EVE, "Eve")
    moved = call.data[:67] + b"\x60" + call.data[68:] + bytes(32)
    with pytest.raises(UnreadableCallError):
        CALLS.in_words(Call(call.target, moved))


def test_a_role_that_is_none_of_the_three_is_named_as_such() -> None:
    call = CALLS.grant_role(Role.GUARDIAN, EVE)
    forged = Call(call.target, call.data[:4] + bytes(32) + call.data[36:])
    assert "unknown role 0000" in CALLS.in_words(forged)


def test_role_names_are_those_of_the_contract(governed: object) -> None:
    registry = governed.registry()  # type: ignore[attr-defined]
    for role, role_id in ROLE_IDS.items():
        name = f"{role.value}_ROLE"
        assert bytes(registry.client.call(registry.address, registry.abi, name)) == role_id
