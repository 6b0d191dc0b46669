"""The calls that a council may make: written, and read back into words.

Reading uses the caller's own ABI and role names and asks no endpoint, so that what a member
reads is what its vote is bound to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak
from web3 import Web3

from zkfl.chain.compile import compile_project
from zkfl.chain.errors import ChainError
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.roles import Role
from zkfl.foreign_text import foreign_text

ROLE_IDS: Mapping[Role, bytes] = {
    Role.AGGREGATOR: bytes(keccak(text="zkfl.aggregator")),
    Role.GUARDIAN: bytes(keccak(text="zkfl.guardian")),
    Role.KEY_HOLDER: bytes(keccak(text="zkfl.key-holder")),
}
"""The roles that are given by vote, as the registry names them."""
_SELECTOR_BYTES = 4
_REGISTRY, _ROUTER = "ConsortiumRegistry", "VerifierRouter"
_SENTENCES = {
    "addMember": "add member {member}, named {name}",
    "removeMember": "remove member {member}",
    "nominateAccount": "let member {account} go on under account {newAccount}",
    "grantRole": "make {account} {role}",
    "revokeRole": "take the role of {role} from {account}",
    "renounceRole": "give up the council's own role of {role}",
    "register": (
        "register circuit {circuit}: verifier {verifier}, proofs of {proofLength} bytes, "
        "{commitments} points"
    ),
    "remove": "remove circuit {circuit} for good",
}


class UnreadableCallError(ChainError):
    """A proposal holds a call that no genuine council takes."""


@dataclass(frozen=True)
class Call:
    """A call to be proposed: the contract's address, selector and arguments."""

    target: str
    data: bytes


@dataclass(frozen=True)
class CouncilCalls:
    """Writes and reads the calls of one consortium.

    Attributes
    ----------
    registry, router
        Addresses, from a deployment that was checked.
    """

    registry: str
    router: str

    def add_member(self, member: str, name: str) -> Call:
        """Add a hospital, or take one back."""
        return self._to_registry("addMember", member, name)

    def remove_member(self, member: str) -> Call:
        """Remove a hospital."""
        return self._to_registry("removeMember", member)

    def nominate_account(self, account: str, new_account: str) -> Call:
        """Let a hospital that lost its chain key go on under another account."""
        return self._to_registry("nominateAccount", account, new_account)

    def grant_role(self, role: Role, account: str) -> Call:
        """Give an account a role of daily work."""
        return self._to_registry("grantRole", ROLE_IDS[role], account)

    def revoke_role(self, role: Role, account: str) -> Call:
        """Take a role of daily work from an account."""
        return self._to_registry("revokeRole", ROLE_IDS[role], account)

    def register_circuit(
        self, circuit: bytes, verifier: str, proof_length: int, commitments: int
    ) -> Call:
        """Route a circuit's proofs to a verifier."""
        arguments = (circuit, verifier, proof_length, commitments)
        return Call(self.router, _encoded(_ROUTER, "register", arguments))

    def remove_circuit(self, circuit: bytes) -> Call:
        """Leave a circuit's tombstone."""
        return Call(self.router, _encoded(_ROUTER, "remove", (circuit,)))

    def in_words(self, call: Call) -> str:
        """Say what a call does, fit for a terminal.

        Raises
        ------
        UnreadableCallError
            It is none of a council's calls, or has arguments that cannot be read.
        """
        entry = self._entry(call)
        values = _decoded(entry, call)
        return _SENTENCES[str(entry["name"])].format(**values)

    def _to_registry(self, function: str, *arguments: object) -> Call:
        return Call(self.registry, _encoded(_REGISTRY, function, arguments))

    def _entry(self, call: Call) -> Mapping[str, Any]:
        contract = {self.registry: _REGISTRY, self.router: _ROUTER}.get(call.target)
        for name in _SENTENCES if contract else ():
            entry = _function(str(contract), name)
            if entry is not None and call.data[:_SELECTOR_BYTES] == _selector(entry):
                return entry
        raise _unreadable(call)


def _function(contract: str, name: str) -> Mapping[str, Any] | None:
    abi = registry_abi() if contract == _REGISTRY else compile_project()[contract].abi
    return next((e for e in abi if e["type"] == "function" and e["name"] == name), None)


def _selector(entry: Mapping[str, Any]) -> bytes:
    signature = f"{entry['name']}({','.join(_types(entry))})"
    return bytes(keccak(text=signature)[:_SELECTOR_BYTES])


def _types(entry: Mapping[str, Any]) -> list[str]:
    return [collapse_if_tuple(cast("Any", dict(item))) for item in entry["inputs"]]


def _encoded(contract: str, function: str, arguments: tuple[object, ...]) -> bytes:
    entry = _function(contract, function)
    if entry is None:
        raise UnreadableCallError(f"{contract} of this checkout has no function {function}")
    return _selector(entry) + encode(_types(entry), arguments)


def _decoded(entry: Mapping[str, Any], call: Call) -> dict[str, str]:
    # names are bytes until they are made fit for a terminal
    types = ["bytes" if kind == "string" else kind for kind in _types(entry)]
    payload = call.data[_SELECTOR_BYTES:]
    try:
        values = decode(types, payload)
    except (DecodingError, OverflowError) as error:
        raise _unreadable(call) from error
    if encode(types, values) != payload:
        raise _unreadable(call)
    names = [str(item["name"]) for item in entry["inputs"]]
    return {
        ("account" if name == "callerConfirmation" else name): _worded(name, value)
        for name, value in zip(names, values, strict=True)
    }


def _worded(name: str, value: object) -> str:
    if name == "name":
        # a quote inside could end the name and go on as our own words
        quoted = foreign_text(cast("bytes", value)).replace('"', '\\"')
        return f'"{quoted}"'
    if name == "role":
        return _role_named(cast("bytes", value))
    if isinstance(value, bytes):
        return value.hex()
    return Web3.to_checksum_address(value) if isinstance(value, str) else str(value)


def _role_named(role_id: bytes) -> str:
    for role, known in ROLE_IDS.items():
        if known == role_id:
            return role.name.lower().replace("_", " ")
    return f"unknown role {role_id.hex()}"


def _unreadable(call: Call) -> UnreadableCallError:
    return UnreadableCallError(
        f"a call of {call.data[:_SELECTOR_BYTES].hex()} ({len(call.data)} bytes) to "
        f"{call.target} is none that a council takes: the endpoint lies, or the council is not "
        "this consortium's; do not vote for it"
    )
