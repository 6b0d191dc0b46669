"""Rewrite the committed verifiers: ``python -m zkfl.zk_circuits.regenerate_verifiers``.

They are those of the insecure demo SRS, which is the same on every machine. A consortium
on an SRS of its own deploys verifiers that its own build writes the same way.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.cache import cache_folder
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import get_instance

INSTANCES = ("busi", "heart", "tcga-brca", "wdbc", "wdbc-mlp")
"""Those whose verifiers are committed and built in a minute.

``tiny`` and its likes are for tests. ``busi-3`` and ``wdbc-rate`` have none: who chooses them
builds them. Nor has any circuit of a prediction, which no consortium is founded with.
"""
LARGE_INSTANCES = ("cnn",)
"""Their keys take minutes, so that only the nightly tests build them anew."""
GENERATED = Path(__file__).resolve().parents[1] / "contracts" / "src" / "generated"
_KEY_DIGITS = 8
_MODE = 0o644


def demo_builds(names: Iterable[str] = (*INSTANCES, *LARGE_INSTANCES)) -> Iterator[BuiltCircuit]:
    """Build every circuit of these instances on the demo SRS."""
    for name in names:
        instance = get_instance(name)
        srs = cached_demo_srs(instance.spec.logrows)
        for definition in instance.circuits:
            yield build_circuit(definition, srs.path, cache_folder() / "circuits")


def generated_files(built: BuiltCircuit) -> dict[Path, bytes]:
    """Return what is committed of a build, by path; the folder is named by the verifying key."""
    digits = built.manifest.hashes.verifying_key[:_KEY_DIGITS]
    folder = GENERATED / f"{built.definition.name}-{digits}"
    return {
        folder / "Halo2Verifier.sol": built.files.verifier.read_bytes(),
        folder / "manifest.json": built.files.manifest.read_bytes(),
    }


def main() -> None:
    """Write all, and remove what no circuit generates any more."""
    shutil.rmtree(GENERATED, ignore_errors=True)
    for built in demo_builds():
        for path, content in generated_files(built).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content, _MODE)


if __name__ == "__main__":
    main()
