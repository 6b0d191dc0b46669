"""Rewrite committed settings: ``python -m zkfl.zk_circuits.regenerate_settings [instance ...]``.

New settings are a new verifying key, so a running consortium keeps its old ones.
"""

import sys

from zkfl.zk_circuits.instances import get_instance, instance_names
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.settings_generation import generate_settings


def main() -> None:
    """Regenerate the instances named on the command line, or all."""
    for name in sys.argv[1:] or instance_names():
        instance = get_instance(name)
        for definition in instance.circuits:
            if definition.settings_path is not None:
                settings = generate_settings(definition, export_onnx(definition))
                definition.settings_path.write_bytes(settings)


if __name__ == "__main__":
    main()
