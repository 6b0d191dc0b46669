"""How large the contracts are that are deployed, against the limits of EIP-170 and EIP-3860."""

from dataclasses import dataclass
from pathlib import Path

from zkfl.audit.errors import AuditError
from zkfl.audit.marked import with_part
from zkfl.chain.artefacts import MAX_RUNTIME_BYTES, Artefact
from zkfl.chain.compile import compile_project, compile_verifier

PAGE = Path("docs/reference/contracts.md")
GENERATED = Path("contracts/src/generated")
CREATION_LIMIT = 49_152
DEPLOYED = (
    "ConsortiumRegistry",
    "RegistryExtension",
    "VectorOpening",
    "VerifierRouter",
    "Weights",
    "MemberCouncil",
    "BondVault",
    "CeremonyLog",
    "AuditAnchor",
    "LearningRate",
    "ModelMetrics",
    "InferenceVerifier",
)


@dataclass(frozen=True)
class Size:
    """Bytes of one contract."""

    name: str
    runtime: int
    creation: int


def pages(root: Path) -> dict[Path, str]:
    """Return the page with the sizes.

    Raises
    ------
    AuditError
        A contract cannot be deployed.
    """
    sizes = sizes_of(root)
    require_deployable(sizes)
    page = (root / PAGE).read_text(encoding="utf-8")
    return {PAGE: with_part(page, "sizes", table(sizes), PAGE)}


def sizes_of(root: Path) -> list[Size]:
    """Return the sizes of the project's contracts and of every generated verifier."""
    compiled = compile_project(root / "contracts")
    verifiers = sorted((root / GENERATED).glob("*/*.sol"))
    return [
        *(_size(name, compiled[name]) for name in DEPLOYED),
        *(
            _size(f"Halo2Verifier of {path.parent.name}", compile_verifier(path))
            for path in verifiers
        ),
    ]


def require_deployable(sizes: list[Size]) -> None:
    """Refuse what no chain accepts.

    Raises
    ------
    AuditError
        The name and the size of the first contract that is too large.
    """
    for size in sizes:
        if size.runtime > MAX_RUNTIME_BYTES:
            raise AuditError(
                f"{size.name} has {size.runtime:,} bytes, at most {MAX_RUNTIME_BYTES:,} run"
            )
        if size.creation > CREATION_LIMIT:
            raise AuditError(
                f"{size.name} needs {size.creation:,} bytes to be created, at most "
                f"{CREATION_LIMIT:,} are allowed"
            )


def table(sizes: list[Size]) -> str:
    """Return the sizes as a table."""
    rows = [
        "| contract | runtime bytes | left of 24,576 | creation bytes |",
        "|---|---:|---:|---:|",
    ]
    for size in sizes:
        left = MAX_RUNTIME_BYTES - size.runtime
        rows.append(f"| `{size.name}` | {size.runtime:,} | {left:,} | {size.creation:,} |")
    return "\n".join([*rows, ""])


def _size(name: str, compiled: Artefact) -> Size:
    return Size(name, compiled.runtime_size, len(compiled.bytecode_hex) // 2)
