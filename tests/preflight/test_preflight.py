"""``zkfl preflight``: each thing that a round needs, spoilt, makes its line fail and no other."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.chain.anvil import Anvil
from zkfl.cli.exit_codes import ExitCode
from zkfl.drills.small_consortium import HOSPITAL, RECORDS, write_parties
from zkfl.node.home import NodeHome
from zkfl.node.key_store import create_mask_key
from zkfl.party_accounts import open_account
from zkfl.preflight import machine, site
from zkfl.workspace import Workspace

Run = Callable[..., SimpleNamespace]
NAMES = [
    *("agreements", "settings", "folder", "chain key", "mask key", "records"),
    *("memory", "disk", "cache disk", "endpoint", "membership", "key holders", "funds", "circuits"),
]
ETHER = 10**18


@pytest.fixture(scope="module")
def founded(deploy: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("founded") / "ours"
    write_parties(root)
    deploy(root)
    return root


@pytest.fixture
def folder(founded: Path, tmp_path: Path) -> Path:
    shutil.copytree(founded, tmp_path / "ours")
    return tmp_path / "ours"


@pytest.fixture
def home(folder: Path) -> NodeHome:
    return NodeHome(Workspace(folder).site(HOSPITAL))


@pytest.fixture
def look(run_zkfl: Run, folder: Path, anvil: Anvil) -> Run:
    """Run the command; return its status, and level and texts of each finding."""

    def run(url: str = anvil.url, hospital: str = HOSPITAL) -> SimpleNamespace:
        words = ("preflight", folder, "--site", hospital, "--rpc-url", url, "--json")
        done = run_zkfl(*words)
        said = json.loads(done.out)["result"]
        found = {entry["name"]: entry for entry in said["findings"]}
        assert list(found) == NAMES
        return SimpleNamespace(
            status=done.status,
            level=said["level"],
            levels={name: entry["level"] for name, entry in found.items()},
            texts={name: entry["detail"] + entry["remedy"] for name, entry in found.items()},
        )

    return run


def fails(done: SimpleNamespace, *names: str) -> bool:
    failed = {name for name, level in done.levels.items() if level == "fail"}
    return (done.status, done.level, failed) == (ExitCode.CHECK_FAILED, "fail", set(names))


def test_a_site_that_is_ready_passes(look: Run) -> None:
    done = look()
    assert done.status == 0, done.texts
    assert done.level == "warn"
    assert {name for name, level in done.levels.items() if level != "ok"} == {"membership"}
    assert "without admitted records" in done.texts["membership"]
    assert "zkfl admit" in done.texts["membership"]
    assert "5 records" in done.texts["records"]


def test_people_get_a_line_each(run_zkfl: Run, folder: Path, anvil: Anvil) -> None:
    done = run_zkfl("preflight", folder, "--site", HOSPITAL, "--rpc-url", anvil.url)
    lines = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert [line[6:24].strip() for line in lines] == NAMES
    assert {line[:4].strip() for line in lines} == {"ok", "warn"}


def test_an_open_key_file(look: Run, home: NodeHome) -> None:
    home.mask_key.chmod(0o644)
    done = look()
    assert fails(done, "mask key", "membership")
    assert "has mode 0644" in done.texts["mask key"]


def test_a_wrong_password(look: Run, home: NodeHome) -> None:
    home.chain_password.write_text("wrong")
    done = look()
    assert fails(done, "chain key", "mask key", "membership", "funds", "circuits")
    assert "the password is wrong" in done.texts["chain key"]
    assert "the mask key does not open" in done.texts["mask key"]


def test_another_mask_key(look: Run, home: NodeHome) -> None:
    home.mask_key.unlink()
    create_mask_key(home)
    done = look()
    assert fails(done, "membership")
    assert "another mask key" in done.texts["membership"]


def test_a_plain_mask_key_in_the_place_of_a_sealed_one(look: Run, home: NodeHome) -> None:
    home.mask_key.write_bytes(bytes(range(32)))
    done = look()
    assert fails(done, "mask key", "membership")
    assert "holds a mask key in the clear" in done.texts["mask key"]


def test_an_open_folder(look: Run, home: NodeHome) -> None:
    home.root.chmod(0o755)
    done = look()
    assert done.levels["folder"] == "fail"
    assert "chmod 700" in done.texts["folder"]


def test_a_record_beyond_the_schema(look: Run, home: NodeHome) -> None:
    text = home.records.read_text().splitlines()
    text[1] = "1000,1,1,well"
    home.records.write_text("\n".join(text))
    assert fails(look(), "records")


def test_records_for_too_empty_a_shard(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """More are asked for than the schema does."""
    monkeypatch.setattr(site, "minimum_records", lambda *_: RECORDS[HOSPITAL] + 1)
    done = look()
    assert fails(done, "records")
    assert f"with fewer than {RECORDS[HOSPITAL] + 1}" in done.texts["records"]


def test_wrong_settings(look: Run, home: NodeHome) -> None:
    (home.root / "party.toml").write_text("confirmation = 2\n")
    (home.root / "party.toml").chmod(0o600)
    done = look()
    assert done.levels["settings"] == "fail"
    assert "did you mean 'confirmations'" in done.texts["settings"]


@pytest.mark.parametrize(("wei", "level"), [(0, "fail"), (10**15, "fail"), (3 * 10**15, "warn")])
def test_too_little_money(look: Run, home: NodeHome, anvil: Anvil, wei: int, level: str) -> None:
    address = open_account(home).address
    anvil.control("anvil_setNextBlockBaseFeePerGas", hex(10**9))
    anvil.control("evm_mine")
    anvil.control("anvil_setBalance", address, hex(wei))
    try:
        done = look()
    finally:
        anvil.control("anvil_setBalance", address, hex(100 * ETHER))
    assert done.levels["funds"] == level
    assert "send" in done.texts["funds"]
    assert address in done.texts["funds"]


def test_a_fee_above_the_limit(look: Run, home: NodeHome) -> None:
    (home.root / "party.toml").write_text("max_fee_gwei = 0.000000001\n")
    (home.root / "party.toml").chmod(0o600)
    done = look()
    assert fails(done, "funds")
    assert "above max_fee_gwei" in done.texts["funds"]


def test_circuits_of_another_consortium(look: Run, folder: Path) -> None:
    path = folder / "deployment.json"
    deployment = json.loads(path.read_text())
    deployment["admission"]["manifest_hash"] = "ab" * 32
    path.write_text(json.dumps(deployment))
    assert fails(look(), "circuits")


def test_nobody_at_the_endpoint(look: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zkfl.chain.transport.time.sleep", lambda _: None)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    done = look(url)
    assert fails(done, "endpoint", "membership", "key holders", "funds", "circuits")
    assert url in done.texts["endpoint"]
    assert done.texts["funds"] == "not looked at: the endpoint is not in order"


def test_another_chain(look: Run, folder: Path) -> None:
    path = folder / "deployment.json"
    path.write_text(path.read_text().replace('"chain_id": 31337', '"chain_id": 31338'))
    done = look()
    assert done.levels["endpoint"] == "fail"
    assert "serves chain id 31337, expected 31338" in done.texts["endpoint"]


def test_a_hospital_that_is_not_there(look: Run) -> None:
    done = look(hospital="zed")
    assert done.levels["agreements"] == "fail"
    assert "no hospital 'zed': it has ada, bay, cay" in done.texts["agreements"]


@pytest.mark.parametrize(
    ("share", "level"), [(1.0, "ok"), (0.99, "warn"), (0.5, "warn"), (0.49, "fail")]
)
def test_memory(monkeypatch: pytest.MonkeyPatch, share: float, level: str) -> None:
    free = int(machine.PROVER_BYTES * share)
    monkeypatch.setattr(machine, "available_memory", lambda: free)
    assert machine.memory_for_prover().level == level


@pytest.mark.parametrize(
    ("free", "level"),
    [
        (machine.ROOMY_DISK_BYTES, "ok"),
        (machine.ROOMY_DISK_BYTES - 1, "warn"),
        (machine.LEAST_DISK_BYTES, "warn"),
        (machine.LEAST_DISK_BYTES - 1, "fail"),
    ],
)
def test_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, level: str) -> None:
    monkeypatch.setattr(
        "zkfl.preflight.machine.shutil.disk_usage", lambda _: SimpleNamespace(free=free)
    )
    finding = machine.disk_for("disk", tmp_path / "to" / "be" / "made")
    assert finding.level == level
    assert str(tmp_path) in finding.detail


def test_memory_is_what_this_machine_has() -> None:
    total = int(Path("/proc/meminfo").read_text().split()[1]) * 1024
    assert 0 < machine.available_memory() <= total
