"""Solidity to artefacts: solc's standard JSON through py-solc-x, cached by content.

Settings equal those of ``foundry.toml``; a test compares them.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import solcx
from solcx.exceptions import SolcError

from zkfl.chain.artefacts import Artefact, Artefacts, load_cached, store
from zkfl.chain.errors import ChainError
from zkfl.chain.reverts import RevertDecoder
from zkfl.chain.solidity_sources import contracts_root, project_sources, with_imports

SOLC_VERSION = "0.8.30"
SETTINGS: Mapping[str, Any] = {
    "optimizer": {"enabled": True, "runs": 200},
    "evmVersion": "cancun",
    "viaIR": False,
    "metadata": {"bytecodeHash": "none", "appendCBOR": False},
}
"""Compiler settings that change the code."""
CACHE_VARIABLE = "ZKFL_CACHE"
SOLC_VARIABLE = "ZKFL_SOLC"
_OUTPUTS = ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences"]
_RUNTIME_OUTPUT = "evm.deployedBytecode.object"


class CompileError(ChainError):
    """The compiler is missing, has another version, or refuses the sources."""


def default_cache_folder() -> Path:
    """Return ``$ZKFL_CACHE/solidity``, or the user's cache folder."""
    chosen = os.environ.get(CACHE_VARIABLE)
    base = Path(chosen) if chosen else _user_cache() / "zkfl"
    return base / "solidity"


def compile_project(root: Path | None = None, cache_folder: Path | None = None) -> Artefacts:
    """Compile everything under ``contracts/src`` but generated verifiers.

    Returns
    -------
    dict of str to Artefact
        By contract name: ``ConsortiumRegistry``, ``VerifierRouter``, interfaces, libraries.

    Raises
    ------
    CompileError, SourceNotFoundError
        See `compile_sources`.
    """
    root = root or contracts_root()
    return compile_sources(project_sources(root), root=root, cache_folder=cache_folder)


def compile_verifier(source: str | Path, cache_folder: Path | None = None) -> Artefact:
    """Compile a generated verifier: text, or a file, that holds one deployable contract.

    Raises
    ------
    CompileError
        It does not compile, or does not hold exactly one deployable contract.
    OversizeContractError
        It has more than 24,576 bytes of runtime code.
    """
    text = source.read_text() if isinstance(source, Path) else source
    artefacts = compile_sources({"Verifier.sol": text}, cache_folder=cache_folder)
    deployable = [artefact for artefact in artefacts.values() if artefact.runtime_size]
    if len(deployable) != 1:
        raise CompileError(
            f"a verifier source must hold one deployable contract, found {len(deployable)}"
        )
    deployable[0].require_deployable()
    return deployable[0]


def compile_sources(
    sources: Mapping[str, str], *, root: Path | None = None, cache_folder: Path | None = None
) -> Artefacts:
    """Compile sources and all they import, or return what an equal compilation gave.

    Parameters
    ----------
    sources
        Text by source unit name; only their contracts are returned.
    root
        The ``contracts`` folder; found by itself if None.
    cache_folder
        Created where missing; `default_cache_folder` if None.

    Raises
    ------
    CompileError
        No compiler, or it refuses the sources; the message holds its diagnostics.
    SourceNotFoundError
        An import cannot be found.
    """
    folder = cache_folder or default_cache_folder()
    every = with_imports(sources, root or contracts_root())
    content_hash = _content_hash(every, sorted(sources))
    cached = load_cached(folder, content_hash)
    if cached is not None:
        return cached
    output = _run_solc(_standard_json(every, sorted(sources)))
    artefacts = _collect(output["contracts"], sorted(sources), content_hash)
    store(folder, content_hash, artefacts)
    return artefacts


@cache
def error_decoder() -> RevertDecoder:
    """Return a decoder that knows every custom error of the project's contracts."""
    return RevertDecoder(artefact.abi for artefact in compile_project().values())


def find_solc() -> Path:
    """Return ``ZKFL_SOLC``, a native compiler of the right version, or npm's ``bin/solc``.

    Raises
    ------
    CompileError
        There is neither.
    """
    chosen = os.environ.get(SOLC_VARIABLE)
    if chosen:
        return Path(chosen)
    if SOLC_VERSION in map(str, solcx.get_installed_solc_versions()):
        return Path(solcx.install.get_executable(SOLC_VERSION))
    through_node = contracts_root().parent / "bin" / "solc"
    if not os.access(through_node, os.X_OK):
        raise CompileError(
            f"no solc {SOLC_VERSION}: {through_node} is missing; run from a checkout after npm ci"
        )
    return through_node


def _run_solc(request: Mapping[str, Any]) -> dict[str, Any]:
    binary = find_solc()
    try:
        version = str(solcx.wrapper.get_solc_version(binary))
        if version != SOLC_VERSION:
            raise CompileError(f"{binary} is solc {version}, the contracts need {SOLC_VERSION}")
        answer: dict[str, Any] = solcx.compile_standard(dict(request), solc_binary=binary)
    except SolcError as error:
        raise CompileError(f"solc refuses the sources:\n{_diagnostics(error)}") from error
    except (OSError, ValueError) as error:
        raise CompileError(f"{binary} does not run: {error}; run npm ci") from error
    return answer


def _diagnostics(error: SolcError) -> str:
    try:
        entries = json.loads(error.stdout_data or "")["errors"]
        return "\n".join(
            entry["formattedMessage"] for entry in entries if entry["severity"] == "error"
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return str(error)[:2000]


def _standard_json(every: Mapping[str, str], wanted: list[str]) -> dict[str, Any]:
    selection = {name: {"*": [*_OUTPUTS, _RUNTIME_OUTPUT]} for name in wanted}
    return {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in every.items()},
        "settings": {**SETTINGS, "outputSelection": selection},
    }


def _content_hash(every: Mapping[str, str], wanted: list[str]) -> str:
    whole = {"solc": SOLC_VERSION, "request": _standard_json(every, wanted)}
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _collect(contracts: Mapping[str, Any], wanted: list[str], content_hash: str) -> Artefacts:
    artefacts: Artefacts = {}
    for source in wanted:
        for name, compiled in contracts.get(source, {}).items():
            if name in artefacts:
                raise CompileError(
                    f"{name} is in {artefacts[name].source} and in {source}: rename one"
                )
            artefacts[name] = _artefact(source, name, compiled, content_hash)
    return artefacts


def _artefact(source: str, name: str, compiled: Mapping[str, Any], content_hash: str) -> Artefact:
    code = compiled["evm"]["bytecode"]
    return Artefact(
        name=name,
        source=source,
        abi=compiled["abi"],
        bytecode_hex=code["object"],
        links={
            f"{unit}:{library}": [place["start"] for place in places]
            for unit, libraries in code.get("linkReferences", {}).items()
            for library, places in libraries.items()
        },
        runtime_size=len(compiled["evm"]["deployedBytecode"]["object"]) // 2,
        content_hash=content_hash,
    )


def _user_cache() -> Path:
    chosen = os.environ.get("XDG_CACHE_HOME")
    return Path(chosen) if chosen else Path.home() / ".cache"
