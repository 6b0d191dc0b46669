"""Runs snarkjs, the program that computes a ceremony's steps, and believes no half success.

https://github.com/iden3/snarkjs; version 0.7.6 in package.json. It reads entropy from its
standard input where ``-e`` is not given; ``-e`` would show it to every user of the machine.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from zkfl.srs.ceremony.errors import SnarkjsError
from zkfl.srs.ceremony.phase_one import BEACON_ITERATIONS_EXPONENT, BEACON_NAME

_BASE_SECONDS = 300.0
_SECONDS_PER_ROW = 0.1
"""Fifty times what a contribution took for a row at power 14 on a busy machine."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_FAILURE = re.compile(r"^\[(ERROR|WARN)\]", re.MULTILINE)
_RECORD_OK = "[INFO]  snarkJS: Powers Of tau file OK!"
_ALL_OK = "[INFO]  snarkJS: Powers of Tau Ok!"
_NOT_PREPARED = "[WARN]  snarkJS: this file does not contain phase2 precalculated values."
_SHOWN_CHARACTERS = 400


def find_snarkjs() -> Path:
    """Return the snarkjs of the nearest ``node_modules`` above this file, or of ``PATH``.

    Raises
    ------
    SnarkjsError
        There is none.
    """
    for folder in Path(__file__).resolve().parents:
        candidate = folder / "node_modules" / ".bin" / "snarkjs"
        if os.access(candidate, os.X_OK):
            return candidate
    on_path = shutil.which("snarkjs")
    if on_path is None:
        raise SnarkjsError("snarkjs was found neither in node_modules nor on PATH: run npm ci")
    return Path(on_path)


def begin(target: Path, power: int) -> None:
    """Write the file that a ceremony begins with, the same on every machine."""
    _run(power, "new", "bn128", str(power), str(target))
    _require_written(target)


def add_contribution(source: Path, target: Path, power: int, name: str, entropy: str) -> None:
    """Multiply a fresh secret into a file.

    snarkjs draws the secret from the operating system's generator and this entropy together;
    it ends with the process.
    """
    _run(power, "contribute", str(source), str(target), f"--name={name}", entropy=entropy)
    _require_written(target)


def add_beacon(source: Path, target: Path, power: int, beacon: bytes) -> None:
    """Multiply the beacon's public secret into a file: the same result on every machine."""
    words = (str(source), str(target), beacon.hex(), str(BEACON_ITERATIONS_EXPONENT))
    _run(power, "beacon", *words, f"--name={BEACON_NAME}")
    _require_written(target)


def require_verified(file: Path, power: int, records: int) -> None:
    """Have snarkjs check a file's points, and every link of its history from the generators on.

    Parameters
    ----------
    file
        Not shared with anybody, and read by `zkfl.srs.ceremony.phase_one` before.
    power
        log2 of the rows.
    records
        Contributions in its history, the beacon counted.

    Raises
    ------
    SnarkjsError
        The file does not hold, or snarkjs did not say so of every single record.
    """
    lines = _run(power, "verify", str(file)).splitlines()
    rest = [line for line in lines if not line.startswith(_NOT_PREPARED)]
    if rest.count(_RECORD_OK) != records or rest[-1:] != [_ALL_OK] or _FAILURE.search(_text(rest)):
        raise SnarkjsError(
            f"snarkjs ended well but did not vouch for all {records} records of {file.name}; it "
            f"said: {_text(rest)[-_SHOWN_CHARACTERS:]!r}"
        )


def _run(power: int, command: str, *words: str, entropy: str = "") -> str:
    """Return what snarkjs wrote, without colours; raise unless it ended with status 0."""
    allowed = _BASE_SECONDS + _SECONDS_PER_ROW * (1 << power)
    try:
        done = subprocess.run(
            [str(find_snarkjs()), "powersoftau", command, *words],
            input=f"{entropy}\n",
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=allowed,
            # Nothing of this process's environment, such as NODE_OPTIONS, changes what runs.
            env={"PATH": os.environ.get("PATH", os.defpath)},
        )
    except subprocess.TimeoutExpired as error:
        raise SnarkjsError(f"snarkjs {command} took more than {allowed:g} s, and was ended") from (
            error
        )
    except OSError as error:
        raise SnarkjsError(f"snarkjs does not run ({error.strerror}): run npm ci") from error
    written = _COLOUR.sub("", done.stdout)
    if done.returncode != 0:
        raise SnarkjsError(f"snarkjs {command} refuses: {_reason(written, done.stderr)}")
    return written


def _reason(written: str, complaints: str) -> str:
    """Return the message of the failure, without the program's stack trace."""
    found = [line for line in (written + complaints).splitlines() if "[ERROR]" in line]
    return (found[0] if found else complaints)[:_SHOWN_CHARACTERS].strip()


def _require_written(target: Path) -> None:
    if not target.is_file():
        raise SnarkjsError(f"snarkjs ended well but wrote no {target.name}")


def _text(lines: list[str]) -> str:
    return "\n".join(lines)
