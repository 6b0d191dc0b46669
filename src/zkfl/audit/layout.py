"""Where the contracts keep what they store: label, slot, offset and type."""

import json
import subprocess
from pathlib import Path
from typing import Any

from zkfl.audit.errors import AuditError
from zkfl.chain.compile import SETTINGS, find_solc
from zkfl.chain.solidity_sources import project_sources, with_imports

FOLDER = Path("contracts/storage-layout")
CONTRACTS = (
    "AuditAnchor",
    "LearningRate",
    "ModelMetrics",
    "InferenceVerifier",
    "BondVault",
    "ConsortiumRegistry",
    "RegistryExtension",
    "VectorOpening",
    "VerifierRouter",
)
ALIKE = ("ConsortiumRegistry", "RegistryExtension")
"""The code of both runs on one storage."""
_Json = dict[str, Any]


def pages(root: Path) -> dict[Path, str]:
    """Return the layout of every deployed contract, also of one that stores nothing.

    Raises
    ------
    AuditError
        The compiler refuses the sources, or a contract and its extension store differently.
    """
    layouts = _layouts(root)
    require_alike([reduced(contract, layouts[contract]) for contract in ALIKE])
    return {
        FOLDER / f"{contract}.json": json.dumps(reduced(contract, layouts[contract]), indent=1)
        + "\n"
        for contract in CONTRACTS
    }


def require_alike(layouts: list[_Json]) -> None:
    """Refuse layouts that differ: code of one would misread what the other stored.

    Raises
    ------
    AuditError
        The first place that differs.
    """
    first = layouts[0]
    for other in layouts[1:]:
        for part in ("storage", "structs"):
            if other[part] != first[part]:
                raise AuditError(
                    f"{first['contract']} and {other['contract']} share one storage, but differ "
                    f"in their {part}: declare what is stored in RegistryState alone"
                )


def reduced(contract: str, whole: _Json) -> _Json:
    """Return a layout without what changes with unrelated lines of source."""
    types = whole["types"] or {}
    structs = {
        kind["label"]: [_place(member, types) for member in kind["members"]]
        for kind in types.values()
        if "members" in kind
    }
    return {
        "contract": contract,
        "storage": [_place(row, types) for row in whole["storage"]],
        "structs": dict(sorted(structs.items())),
    }


def _place(row: _Json, types: _Json) -> _Json:
    kind = types[row["type"]]["label"]
    return {"label": row["label"], "slot": int(row["slot"]), "offset": row["offset"], "type": kind}


def _layouts(root: Path) -> dict[str, _Json]:
    wanted = [f"src/{contract}.sol" for contract in CONTRACTS]
    sources = with_imports(project_sources(root / "contracts"), root / "contracts")
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sources.items()},
        "settings": {
            **SETTINGS,
            "outputSelection": {name: {"*": ["storageLayout"]} for name in wanted},
        },
    }
    done = subprocess.run(
        [str(find_solc()), "--standard-json"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise AuditError(f"solc fails: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout)
    refused = [e["formattedMessage"] for e in answer.get("errors", []) if e["severity"] == "error"]
    if refused:
        raise AuditError(f"solc refuses the sources: {refused[0]}")
    compiled = answer["contracts"]
    return {
        contract: compiled[f"src/{contract}.sol"][contract]["storageLayout"]
        for contract in CONTRACTS
    }
