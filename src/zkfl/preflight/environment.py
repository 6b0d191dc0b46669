"""Is this machine fit for zkfl? Versions, programs, caches, SRS files, locks."""

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from zkfl.cache import cache_folder
from zkfl.chain.anvil import find_anvil
from zkfl.chain.compile import SOLC_VERSION, find_solc
from zkfl.preflight.findings import Finding, Level, found
from zkfl.preflight.machine import disk_for, memory_for_prover
from zkfl.srs.file import SrsFile

PACKAGES = ("ezkl", "torch", "tenseal", "web3", "onnx")
_PIN = re.compile(r"([A-Za-z0-9_.-]+)==([0-9][^\s;,]*)$")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_LEAST_NODE = 20
_PYTHON = (3, 11)
_SECONDS = 30
_BUILD_SECONDS = 3_600
_MEGA = 1_000_000


def examine_machine() -> Iterator[Finding]:
    """Look at everything that zkfl needs of a machine, each for itself."""
    yield _python()
    pins = _pins()
    for package in PACKAGES:
        yield _package(package, pins.get(package))
    yield found("node", _node)
    yield found("anvil", lambda: _version_of([str(find_anvil()), "--version"]))
    yield found("solc", _solc)
    yield memory_for_prover()
    yield disk_for("cache disk", cache_folder())
    yield found("cache", _cache)
    yield found("interrupted builds", _interrupted_builds)
    yield found("locks", _locks)
    yield from _srs_files()


def _python() -> Finding:
    detail = platform.python_version()
    if sys.version_info[:2] == _PYTHON:
        return Finding("python", Level.OK, detail)
    return Finding(
        "python", Level.FAIL, detail, "zkfl needs Python 3.11: run scripts/setup with it"
    )


def _pins() -> dict[str, str]:
    """Return the versions that zkfl was tested with, by package."""
    try:
        required = metadata.requires("zkfl") or []
    except metadata.PackageNotFoundError:
        return {}
    return {pin[1]: pin[2] for text in required if (pin := _PIN.match(text))}


def _package(name: str, wanted: str | None) -> Finding:
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, Level.FAIL, "not installed", "run scripts/setup")
    if wanted is not None and version.partition("+")[0] != wanted:
        return Finding(name, Level.FAIL, f"{version}, zkfl needs {wanted}", "run scripts/setup")
    return Finding(name, Level.OK, version)


def _node() -> Finding:
    path = shutil.which("node")
    if path is None:
        remedy = "install Node 20 or newer: the compiler and local chains run on it"
        return Finding("node", Level.FAIL, "not found", remedy)
    version = _version_of([path, "--version"])
    if int(version.split(".")[0]) < _LEAST_NODE:
        return Finding("node", Level.FAIL, version, "install Node 20 or newer")
    return Finding("node", Level.OK, version)


def _solc() -> Finding:
    version = _version_of([str(find_solc()), "--version"])
    if version != SOLC_VERSION:
        remedy = f"install solc {SOLC_VERSION}: run scripts/setup"
        return Finding("solc", Level.FAIL, version, remedy)
    return Finding("solc", Level.OK, version)


def _version_of(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{command[0]} did not answer in {_SECONDS} s") from error
    version = _VERSION.search(done.stdout)
    if version is None:
        raise OSError(f"{command[0]} does not run: it ended with {done.returncode}")
    return version[0]


def _cache() -> str:
    folder = cache_folder()
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) // _MEGA
    builds = len(list((folder / "circuits").glob("*/manifest.json")))
    return f"{folder}: {builds} circuits, {size:,} MB"


def _interrupted_builds() -> Finding | str:
    """Look for what killed builds left; those that go on are younger than an hour."""
    before = time.time() - _BUILD_SECONDS
    left = [
        path
        for path in (cache_folder() / "circuits").glob(".build-*")
        if path.stat().st_mtime < before
    ]
    if not left:
        return "none"
    remedy = f"if no build runs, delete {left[0].parent}/.build-*"
    return Finding("interrupted builds", Level.WARN, f"{len(left)} left", remedy)


def _locks() -> Finding | str:
    """Look whether some process builds now. A lock ends with its process: none is ever stale."""
    held = [path for path in (cache_folder() / "circuits").glob("*.lock") if _is_held(path)]
    if not held:
        return "none is held"
    names = ", ".join(path.stem for path in held)
    remedy = "wait; if it takes too long, look for a zkfl process of yours that hangs"
    return Finding("locks", Level.WARN, f"some process builds {names}", remedy)


def _is_held(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _srs_files() -> Iterator[Finding]:
    for path in sorted((cache_folder() / "srs").glob("*.srs")):
        yield found(f"SRS {path.stem}", lambda path=path: _srs(path))  # type: ignore[misc]


def _srs(path: Path) -> str:
    """Look at header, size and the points of the second group; zkfl srs check looks at all."""
    srs = SrsFile(path)
    _ = srs.g2, srs.s_g2
    return f"logrows {srs.logrows}, sha256 {srs.sha256().hex()[:16]}…"
