"""EZKL behind typed functions that raise zkfl errors.

EZKL reports failures as RuntimeError, and panics as an exception that derives from
BaseException; neither says which step failed or what to do.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from zkfl.errors import ZkflError
from zkfl.field import BASE_MODULUS, to_ezkl_hex
from zkfl.zk_circuits.circuit_files import CircuitFiles

Point = tuple[int, int]
library: Any = importlib.import_module("ezkl")
"""EZKL itself, untyped: its stubs lack the defaults of arguments."""
VERSION: str = library.__version__


def _tells_something(record: logging.LogRecord) -> bool:
    return "SRS for poly commit does not exist" not in record.getMessage()


# gen_witness is given no SRS on purpose: the commitments are computed by the prover.
logging.getLogger("ezkl.execute").addFilter(_tells_something)


class EzklError(ZkflError):
    """A step of EZKL failed."""


def _call(step: str, hint: str, function: Callable[[], Any]) -> Any:  # noqa: ANN401 - untyped library
    try:
        return function()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise EzklError(f"EZKL failed to {step}: {error}; {hint}") from error


def compile_circuit(files: CircuitFiles) -> None:
    """Compile the graph under the settings."""
    _call(
        "compile the circuit",
        "do the settings belong to this graph?",
        lambda: library.compile_circuit(str(files.onnx), str(files.compiled), str(files.settings)),
    )


def set_up(files: CircuitFiles) -> None:
    """Make the proving and the verifying key."""
    _call(
        "make the keys",
        "the circuit may need more rows than one column has, or the SRS is for another logrows",
        lambda: library.setup(
            str(files.compiled), str(files.verifying_key), str(files.proving_key), str(files.srs)
        ),
    )


def write_verifier(files: CircuitFiles) -> None:
    """Write the Solidity verifier.

    EZKL compiles it afterwards for its ABI with a solc that it looks for on the network;
    the source is complete by then, so only its absence counts.
    """
    files.verifier.unlink(missing_ok=True)
    try:
        asyncio.run(_write_verifier(files))
    except RuntimeError as error:
        if not files.verifier.is_file() or files.verifier.stat().st_size == 0:
            raise EzklError(f"EZKL wrote no verifier: {error}") from error


async def _write_verifier(files: CircuitFiles) -> None:
    await library.create_evm_verifier(
        vk_path=str(files.verifying_key),
        settings_path=str(files.settings),
        sol_code_path=str(files.verifier),
        abi_path=str(files.folder / "verifier.abi"),
        srs_path=str(files.srs),
    )


def make_witness(compiled: Path, inputs: Path, output: Path) -> Mapping[str, Any]:
    """Run the circuit's forward pass on a file of inputs."""
    witness: Mapping[str, Any] = _call(
        "compute the witness",
        "a value is out of range: are the features, the noise or the model far too large?",
        lambda: library.gen_witness(str(inputs), str(compiled), str(output)),
    )
    return witness


def verify(files: CircuitFiles, proof: Path) -> bool:
    """Verify a proof file."""
    try:
        return bool(
            library.verify(
                str(proof), str(files.settings), str(files.verifying_key), str(files.srs)
            )
        )
    except RuntimeError:
        return False


def commit(files: CircuitFiles, vector: Sequence[int]) -> list[Point]:
    """Commit to a vector; one point a column."""
    points = _call(
        "commit to a vector",
        "is the SRS of the circuit's logrows?",
        lambda: library.kzg_commit(
            to_ezkl_hex(vector), str(files.verifying_key), str(files.settings), str(files.srs)
        ),
    )
    return [(_coordinate(point.x), _coordinate(point.y)) for point in points]


def _coordinate(text: str) -> int:
    value = int.from_bytes(bytes.fromhex(text), "little")
    if value >= BASE_MODULUS:
        raise EzklError(f"EZKL returned {value}, which is no coordinate on BN254")
    return value
