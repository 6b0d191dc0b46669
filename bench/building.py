"""A circuit from its module to keys and verifier, step by step, each step timed."""

from functools import partial
from pathlib import Path

from bench.child import peak_bytes
from bench.clock import columns, timed
from bench.definitions import definition_of
from bench.row_groups import rows_by_group
from bench.row_profile import row_profile
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits import ezkl_calls
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import CircuitFiles
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.settings_generation import generate_settings


def files_of(definition: CircuitDefinition, folder: Path) -> CircuitFiles:
    """Return where a build lies, on the demo SRS (made once a machine)."""
    return CircuitFiles(folder, cached_demo_srs(definition.spec.logrows).path)


def build(instance: str, kind: str, folder: str) -> dict[str, object]:
    """Build a circuit into an empty folder; return its rows, seconds and peak memory."""
    definition = definition_of(instance, kind)
    files = files_of(definition, Path(folder))
    # From the first call on: EZKL's bridge to Python remembers who did not listen.
    with row_profile() as profile:
        onnx = export_onnx(definition)
        files.onnx.write_bytes(onnx)
        settings_seconds, settings = timed(partial(_settings, definition, onnx))
        files.settings.write_bytes(settings)
        compile_seconds, _ = timed(partial(ezkl_calls.compile_circuit, files))
        setup_seconds, _ = timed(partial(ezkl_calls.set_up, files))
    setup_peak = peak_bytes()
    ezkl_calls.write_verifier(files)
    operations = profile.by_operation()
    return {
        **columns("settings", settings_seconds, 2),
        **columns("compile", compile_seconds, 2),
        **columns("setup", setup_seconds, 2),
        "rows": -(-profile.total // definition.run_arguments.columns),
        "cells": profile.total,
        "setup_MB": setup_peak // 1_000_000,
        "cells_by_group": rows_by_group(definition.kind, operations),
        "cells_by_operation": operations,
    }


def _settings(definition: CircuitDefinition, onnx: bytes) -> bytes:
    if definition.settings_path is None:
        return generate_settings(definition, onnx)
    return definition.settings_path.read_bytes()
