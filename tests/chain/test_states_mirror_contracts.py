"""Values of the contracts are packed and unpacked by position, so names must agree in order."""

import re
from dataclasses import fields
from enum import IntEnum
from typing import Any

import pytest

from zkfl.chain.compile import compile_project
from zkfl.chain.reverts import error_selector
from zkfl.chain.solidity_sources import contracts_root
from zkfl.chain.states import (
    BlameReason,
    ConsortiumConfig,
    FailureReason,
    Member,
    Nomination,
    Participation,
    Round,
    RoundStatus,
    Route,
    Shard,
    WeightRule,
)

SOURCE = contracts_root() / "src" / "interfaces" / "ConsortiumTypes.sol"


def snake(name: str) -> str:
    """Return a Solidity name as Python spells it."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def returned(contract: str, function: str) -> list[dict[str, Any]]:
    """Return the ABI's components of the struct that a view returns."""
    abi = compile_project()[contract].abi
    [entry] = [entry for entry in abi if entry.get("name") == function]
    components: list[dict[str, Any]] = entry["outputs"][0]["components"]
    return components


@pytest.mark.parametrize(
    ("contract", "function", "kind"),
    [
        ("ConsortiumRegistry", "config", ConsortiumConfig),
        ("ConsortiumRegistry", "memberOf", Member),
        ("ConsortiumRegistry", "shardOf", Shard),
        ("ConsortiumRegistry", "round", Round),
        ("ConsortiumRegistry", "participation", Participation),
        ("RegistryExtension", "nominationOf", Nomination),
        ("VerifierRouter", "route", Route),
    ],
)
def test_structs_have_the_same_fields_in_the_same_order(
    contract: str, function: str, kind: type[Any]
) -> None:
    names = [snake(component["name"]) for component in returned(contract, function)]
    assert names == [field.name for field in fields(kind)]


@pytest.mark.parametrize("kind", [WeightRule, RoundStatus, FailureReason, BlameReason])
def test_enumerations_have_the_same_names_in_the_same_order(kind: type[IntEnum]) -> None:
    found = re.search(rf"^enum {kind.__name__} {{([^}}]*)}}", SOURCE.read_text(), re.MULTILINE)
    assert found is not None
    names = [snake(name.strip()).upper() for name in found[1].split(",")]
    assert names == [member.name for member in kind]
    assert [int(member) for member in kind] == list(range(len(names)))


def test_points_are_x_then_y() -> None:
    commitment = returned("ConsortiumRegistry", "shardOf")[0]
    assert [part["name"] for part in commitment["components"]] == ["x", "y"]


@pytest.mark.parametrize(
    ("contracts", "interface"),
    [
        (("ConsortiumRegistry", "RegistryExtension"), "IConsortiumRegistry"),
        (("ConsortiumRegistry",), "IRegistryCore"),
        (("RegistryExtension",), "IRegistryExtension"),
        (("VerifierRouter",), "IVerifierRouter"),
        (("VectorOpening",), "IVectorOpening"),
    ],
)
def test_everything_that_contracts_offer_of_their_own_stands_in_their_interface(
    contracts: tuple[str, ...], interface: str
) -> None:
    """Other contracts and tools read the interface; OpenZeppelin's functions have their own."""
    project = compile_project()
    inherited = {
        *("grantRole", "revokeRole", "renounceRole", "hasRole", "getRoleAdmin"),
        *("DEFAULT_ADMIN_ROLE", "supportsInterface", "paused"),
        *("owner", "pendingOwner", "transferOwnership", "acceptOwnership", "renounceOwnership"),
    }

    def functions(name: str) -> set[str]:
        return {entry["name"] for entry in project[name].abi if entry["type"] == "function"}

    offered = set().union(*map(functions, contracts))
    assert offered - inherited == functions(interface)


def test_no_selector_is_answered_by_both_halves_but_what_they_share() -> None:
    """The registry's own code comes first, so a second answer could never be heard."""
    project = compile_project()

    def selectors(name: str) -> dict[bytes, str]:
        entries = (entry for entry in project[name].abi if entry["type"] == "function")
        return {error_selector(entry): entry["name"] for entry in entries}

    core, extension = selectors("ConsortiumRegistry"), selectors("RegistryExtension")
    common = {core[selector] for selector in core.keys() & extension.keys()}
    shared = {entry["name"] for entry in project["IRegistryState"].abi}
    access = {"grantRole", "revokeRole", "renounceRole", "hasRole", "getRoleAdmin"}
    assert common == shared | access | {"DEFAULT_ADMIN_ROLE", "supportsInterface", "paused"}
