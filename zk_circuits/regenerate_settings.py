"""Rewrite committed settings: ``python -m zkfl.zk_circuits.regenerate_settings [instance ...]``.

New settings are a new verifying key, so a running consortium keeps its old ones.
"""

import sys
from collections.abc import Iterator

from zkfl.zk_circuits import inference
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.instances import Instance, get_instance, instance_names
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.settings_generation import generate_settings


def main() -> None:
    """Regenerate the instances named on the command line, or all."""
    for name in sys.argv[1:] or instance_names():
        for definition in _definitions(get_instance(name)):
            if definition.settings_path is not None:
                settings = generate_settings(definition, export_onnx(definition))
                definition.settings_path.write_bytes(settings)


def _definitions(instance: Instance) -> Iterator[CircuitDefinition]:
    """Return an instance's circuits; that of an inference also where it has no settings yet."""
    yield from instance.circuits
    if family_of(instance.spec.model).logit_bits is not None:
        yield inference.define(instance.spec)


if __name__ == "__main__":
    main()
