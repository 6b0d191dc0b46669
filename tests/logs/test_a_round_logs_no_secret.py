"""A whole round at debug level: no secret and no record in logs, output or arguments."""

import base64
import csv
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.drills.small_consortium import RECORDS, write_parties
from zkfl.field import to_ezkl_hex
from zkfl.node.home import NodeHome
from zkfl.node.key_store import load_he_secret, load_mask_key
from zkfl.node.round_journal import RoundJournal
from zkfl.node.shard_vault import ShardVault
from zkfl.party_accounts import open_account
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import get_instance

EXECUTABLE = """
import sys
from zkfl import founding
from zkfl.cli.app import main
from zkfl.drills.small_consortium import SCHEMA
founding.public_schema = lambda _: SCHEMA
main()
"""
ROUND = ("deploy", "admit", "open", "train", "close", "acknowledge", "status")
LONG = 1 << 100


@dataclass
class Seen:
    """All that others on the machine, or a log server, could see of a round."""

    texts: dict[str, str] = field(default_factory=dict)
    arguments: set[bytes] = field(default_factory=set)


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("chain") / "anvil.log") as chain:
        yield chain


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("logged") / "ours"
    write_parties(root)
    for place, name in enumerate(RECORDS):
        path = NodeHome(Workspace(root).site(name)).records
        with path.open() as file:
            rows = list(csv.reader(file))
        for number, row in enumerate(rows[1:]):
            # a value that nothing else has
            row[0] = f"{41 + place}.{918_273_645 + 1_001 * number}"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    return Workspace(root)


@pytest.fixture(scope="module")
def seen(workspace: Workspace, anvil: Anvil) -> Seen:
    seen = Seen()
    log = workspace.root.parent / "zkfl.log"
    run(seen, ["fund", str(workspace.root), "--rpc-url", anvil.url], log)
    for command in ROUND:
        as_json = ["--json", "--log-format", "json"] if command in {"train", "status"} else []
        words = [command, str(workspace.root), "--rpc-url", anvil.url, *as_json]
        run(seen, words, log)
    seen.texts["log"] = log.read_text()
    return seen


def run(seen: Seen, words: list[str], log: Path) -> None:
    command = [sys.executable, "-c", EXECUTABLE, *words]
    command += ["--log-level", "debug", "--log-file", str(log)]
    ended = threading.Event()
    watcher = threading.Thread(target=watch, args=(seen, ended))
    watcher.start()
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=400)
    finally:
        ended.set()
        watcher.join()
    assert done.returncode == 0, done.stderr[-2000:]
    seen.texts[f"{words[0]}: stdout"] = done.stdout
    seen.texts[f"{words[0]}: stderr"] = done.stderr


def watch(seen: Seen, ended: threading.Event) -> None:
    """Note the arguments of every process that mentions zkfl, as any user could."""
    while not ended.wait(0.02):
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if b"zkfl" in arguments:
                seen.arguments.add(arguments)


def secrets_of(workspace: Workspace) -> dict[str, bytes | str | int]:
    found: dict[str, bytes | str | int] = {}
    circuit = get_instance("tiny").training
    lengths = {tensor.name: tensor.length for tensor in circuit.inputs + circuit.outputs}
    for name in RECORDS:
        home = NodeHome(workspace.site(name))
        found[f"{name}: chain password"] = home.chain_password.read_text().strip()
        found[f"{name}: chain key"] = bytes(open_account(home).key)
        found[f"{name}: mask key"] = load_mask_key(home).private_bytes()
        if home.he_secret.exists():
            # the container's head is no secret
            found[f"{name}: HE secret"] = load_he_secret(home)[-64:]
        shard = ShardVault(home, lengths["data"]).load(0)
        journal = RoundJournal(home, 1)
        vectors = {"shard": shard.vector}
        for vector in ("secrets", "update"):
            vectors[vector] = journal.vector(vector, lengths[vector]) or []
        for kind, vector_ in vectors.items():
            long = [element for element in vector_ if element > LONG]
            for place, element in enumerate(long[:40]):
                found[f"{name}: {kind}, long element {place}"] = element
        with home.records.open() as file:
            for number, row in enumerate(list(csv.reader(file))[1:]):
                found[f"{name}: record {number}"] = row[0]
    return found


def spellings(secret: bytes | str | int) -> set[str]:
    if isinstance(secret, str):
        return {secret}
    if isinstance(secret, int):
        whole = secret.to_bytes(32, "big")
        return {str(secret), *spellings(whole), *spellings(whole[::-1]), to_ezkl_hex([secret])[0]}
    encoded = base64.b64encode(secret).decode().rstrip("=")
    return {
        secret.hex(),
        secret.hex()[8:],
        encoded,
        base64.b64encode(secret).decode(),
        repr(secret),
    }


def test_the_round_was_logged_in_full(seen: Seen) -> None:
    events = [json.loads(line) for line in seen.texts["log"].splitlines()]
    names = {event["event"] for event in events}
    assert names >= {
        "command started",
        "command ended",
        "chain account unlocked",
        "rpc request",
        "transaction signed",
        "transaction mined",
        "proof begun",
        "proof ended",
    }
    assert {event["command"] for event in events if "command" in event} == {"fund", *ROUND}
    assert all("zkfl" in str(arguments) for arguments in seen.arguments)
    assert any(b"prove_child" in arguments for arguments in seen.arguments)


def test_no_secret_and_no_record_is_in_sight(workspace: Workspace, seen: Seen) -> None:
    secrets = secrets_of(workspace)
    kinds = {name.split(": ")[1].split(",")[0].rstrip("0123456789 ") for name in secrets}
    assert kinds == {
        *("chain password", "chain key", "mask key", "HE secret"),
        *("shard", "secrets", "update", "record"),
    }
    sights = seen.texts | {
        f"arguments {place}": arguments.decode(errors="replace")
        for place, arguments in enumerate(sorted(seen.arguments))
    }
    leaks = [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for spelling in spellings(secret)
        for place, text in sights.items()
        if spelling.lower() in text.lower()
    ]
    assert not leaks


def test_standard_output_and_error_hold_only_json_where_asked(seen: Seen) -> None:
    for command in ("train", "status"):
        said = json.loads(seen.texts[f"{command}: stdout"])
        assert said["command"] == command
        lines = seen.texts[f"{command}: stderr"].splitlines()
        assert [json.loads(line)["level"] for line in lines]
