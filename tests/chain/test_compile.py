import hashlib
import tomllib
from pathlib import Path

import pytest

from zkfl.chain import compile as compile_module
from zkfl.chain.artefacts import OversizeContractError, UnlinkedLibraryError
from zkfl.chain.compile import (
    SETTINGS,
    CompileError,
    compile_project,
    compile_sources,
    compile_verifier,
    error_decoder,
    find_solc,
)
from zkfl.chain.deploy import registry_links
from zkfl.chain.reverts import error_selector
from zkfl.chain.solidity_sources import SourceNotFoundError, contracts_root

HEAD = "// SPDX-License-Identifier: Apache-2.0\npragma solidity 0.8.30;\n"
ACCEPTS = HEAD + (
    "contract Halo2Verifier { function verifyProof(bytes calldata, uint256[] calldata)"
    " external pure returns (bool) { return true; } }"
)
LIBRARY = HEAD + (
    "library Far { function f() external pure returns (uint256) { return 1; } }"
    "contract Near { function g() external pure returns (uint256) { return Far.f(); } }"
)
OVERSIZE = (
    HEAD + 'contract Big { function f() external pure returns (bytes memory) { return hex"%s"; } }'
)


def test_equal_sources_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compile_verifier(ACCEPTS, tmp_path)
    assert 0 < first.runtime_size < 1000
    monkeypatch.setattr(compile_module, "_run_solc", lambda _: pytest.fail("not from the cache"))
    assert compile_verifier(ACCEPTS, tmp_path) == first


@pytest.mark.parametrize("damage", [b"", b"{}x", b'{"Halo2Verifier": {"name": "evil"}}'])
def test_a_damaged_cache_entry_is_compiled_again(tmp_path: Path, damage: bytes) -> None:
    first = compile_verifier(ACCEPTS, tmp_path)
    [entry] = tmp_path.iterdir()
    entry.write_bytes(damage)
    assert compile_verifier(ACCEPTS, tmp_path) == first


def test_an_entry_under_anothers_hash_is_not_taken(tmp_path: Path) -> None:
    first = compile_verifier(ACCEPTS, tmp_path)
    [entry] = tmp_path.iterdir()
    other = compile_verifier(ACCEPTS.replace("true", "false"), tmp_path)
    [other_entry] = set(tmp_path.iterdir()) - {entry}
    other_entry.write_bytes(entry.read_bytes())
    assert compile_verifier(ACCEPTS.replace("true", "false"), tmp_path) == other != first


def test_a_verifier_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "Verifier.sol"
    path.write_text(ACCEPTS)
    assert compile_verifier(path, tmp_path / "cache") == compile_verifier(
        ACCEPTS, tmp_path / "cache"
    )


def test_a_verifier_too_large_to_deploy_is_refused(tmp_path: Path) -> None:
    # the optimiser folds what repeats
    code = hashlib.shake_256(b"verifier").hexdigest(25_000)
    with pytest.raises(OversizeContractError, match=r"a chain takes 24576 \(EIP-170\)"):
        compile_verifier(OVERSIZE % code, tmp_path)


def test_a_source_of_two_contracts_is_no_verifier(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="one deployable contract, found 2"):
        compile_verifier(LIBRARY, tmp_path)


def test_an_error_of_the_compiler_is_shown(tmp_path: Path) -> None:
    with pytest.raises(CompileError, match="Expected identifier"):
        compile_sources({"A.sol": "contract { }"}, cache_folder=tmp_path)


def test_a_missing_import_is_named(tmp_path: Path) -> None:
    source = HEAD + 'import {Gone} from "./Gone.sol";'
    with pytest.raises(SourceNotFoundError, match=r"src/A.sol imports src/Gone.sol"):
        compile_sources({"src/A.sol": source}, cache_folder=tmp_path)


def test_packages_are_imported_by_name(tmp_path: Path) -> None:
    source = HEAD + (
        'import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";'
        "contract Mine is Ownable { constructor() Ownable(msg.sender) {} }"
    )
    artefacts = compile_sources({"src/Mine.sol": source}, cache_folder=tmp_path)
    assert list(artefacts) == ["Mine"]
    names = {entry.get("name") for entry in artefacts["Mine"].abi if entry["type"] == "error"}
    assert "OwnableUnauthorizedAccount" in names


def test_a_library_is_linked_by_address(tmp_path: Path) -> None:
    near = compile_sources({"Near.sol": LIBRARY}, cache_folder=tmp_path)["Near"]
    address = "0x" + "ab" * 20
    assert bytes.fromhex("ab" * 20) in near.bytecode({"Near.sol:Far": address})
    with pytest.raises(UnlinkedLibraryError, match=r"Near needs the address of Near\.sol:Far"):
        near.bytecode()


def test_another_compiler_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "solc"
    other.write_text("#!/bin/sh\necho 'Version: 0.8.20+commit.a1b79de6'\n")
    other.chmod(0o700)
    monkeypatch.setenv("ZKFL_SOLC", str(other))
    with pytest.raises(CompileError, match=r"is solc 0\.8\.20, the contracts need 0\.8\.30"):
        compile_verifier(ACCEPTS, tmp_path / "cache")


def test_a_missing_compiler_and_missing_sources_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZKFL_SOLC", raising=False)
    monkeypatch.setenv("ZKFL_CONTRACTS", str(tmp_path / "contracts"))
    with pytest.raises(SourceNotFoundError, match="has no folder src"):
        contracts_root()
    (tmp_path / "contracts" / "src").mkdir(parents=True)
    monkeypatch.setattr(compile_module.solcx, "get_installed_solc_versions", list)
    with pytest.raises(CompileError, match="run from a checkout after npm ci"):
        find_solc()


def test_the_errors_of_contracts_libraries_and_packages_are_known() -> None:
    address = {"name": "account", "type": "address"}
    word = "0x" + "11" * 20
    for name in ("NotAMember", "OwnableUnauthorizedAccount"):
        data = error_selector({"name": name, "inputs": [address]}) + bytes(12) + b"\x11" * 20
        assert error_decoder().decode(data).name == name
        assert error_decoder().decode(data).values == {"account": word}
    cap = [{"name": "capShare", "type": "uint256"}, {"name": "cohort", "type": "uint256"}]
    data = error_selector({"name": "CapTooSmall", "inputs": cap}) + bytes(64)
    assert error_decoder().decode(data).name == "CapTooSmall"


def test_settings_are_those_of_foundry() -> None:
    profile = tomllib.loads((contracts_root().parent / "foundry.toml").read_text())["profile"]
    foundry = profile["default"]
    assert {
        "optimizer": {"enabled": foundry["optimizer"], "runs": foundry["optimizer_runs"]},
        "evmVersion": foundry["evm_version"],
        "viaIR": foundry.get("via_ir", False),
        "metadata": {
            "bytecodeHash": foundry["bytecode_hash"],
            "appendCBOR": foundry["cbor_metadata"],
        },
    } == SETTINGS


def test_the_projects_contracts_fit_a_chain() -> None:
    project = compile_project()
    links = registry_links("0x" + "11" * 20)
    for name in ("ConsortiumRegistry", "VerifierRouter", "VectorOpening", "Weights"):
        project[name].require_deployable()
        assert project[name].bytecode(links)
