"""Record what this version of zkfl writes, for later versions to read.

Run as ``python tests/upgrade/record.py``, from a checkout that is set up, before a version is
tagged: it plays one round of three hospitals with the smallest circuits on two chains of its own,
and writes ``tests/upgrade/v<version>/``. Keys and passwords in it guard nothing: their chains end
with the run.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

from zkfl import founding
from zkfl.chain.anvil import running_anvil
from zkfl.cli.app import main
from zkfl.drills.small_consortium import HOSPITAL, SCHEMA, write_parties
from zkfl.node.home import NodeHome
from zkfl.node.round_journal import RoundJournal
from zkfl.party_accounts import open_account
from zkfl.workspace import Workspace

HERE = Path(__file__).parent
ANCHORS_CHAIN = 31_338
LARGEST_BYTES = 200_000
SETTINGS = (
    'confirmations = 1\nmax_fee_gwei = 500\npassword_source = "file"\nlog_level = "warning"\n'
)
PUBLIC = ("consortium.json", "deployment.json", "council.json", "anchors.json")
PRIVATE = {f"sites/{HOSPITAL}": ("scratch",), "roles/office": ("scratch", "mined")}
"""Folders, and what is left out: the office's transactions hold the code of all contracts."""


def zkfl(*words: object) -> None:
    """Run a command of zkfl; what it refuses ends the recording."""
    sys.argv = ["zkfl", *map(str, words)]
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise


def play(root: Path, url: str, anchors: str, out: Path) -> None:
    """Take a consortium from its founding to a final round, a council and an anchor."""
    write_parties(root)
    settings = Workspace(root).site(HOSPITAL) / "party.toml"
    settings.write_text(SETTINGS)
    settings.chmod(0o600)
    rpc = ("--rpc-url", url)
    for verb in ("fund", "deploy", "admit", "open", "train", "close", "acknowledge"):
        zkfl(verb, root, *rpc)
    zkfl("model", "export", root, "--out", out / "model.onnx", *rpc)
    zkfl("fund", root, "--rpc-url", anchors)
    place = ("--chain", anchors, "--chain-id", ANCHORS_CHAIN, "--home", root / "roles" / "office")
    zkfl("log", "anchor", root, *place, *rpc)
    zkfl("log", "bundle", root, "--out", out / "bundle.json", *rpc)
    zkfl("council", "hand-over", root, "--delay", 3_600, "--yes", *rpc)


def keep(root: Path, out: Path) -> None:
    """Copy what later versions must read, and say what they must find in it."""
    for name in PUBLIC:
        shutil.copy(root / name, out)
    for folder, left_out in PRIVATE.items():
        shutil.copytree(root / folder, out / folder, ignore=shutil.ignore_patterns(*left_out))
    bundle = json.loads((out / "bundle.json").read_text())
    [final] = bundle["rounds"]
    (out / "store").mkdir()
    for digest in (final["model_sha256"], final["card_sha256"]):
        shutil.copy(root / "store" / digest, out / "store")
    home = NodeHome(root / "sites" / HOSPITAL)
    expected = {
        "account": open_account(home).address,
        "registry": bundle["registry"],
        "bundle_sha256": hashlib.sha256((out / "bundle.json").read_bytes()).hexdigest(),
        "model_sha256": final["model_sha256"],
        "card_sha256": final["card_sha256"],
        "proof_sha256": hashlib.sha256(RoundJournal(home, 1).proof() or b"").hexdigest(),
    }
    (out / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


def record(out: Path) -> None:
    """Play and keep; nothing is left behind where it fails, or where it grew too large."""
    out.mkdir()
    with tempfile.TemporaryDirectory(prefix="zkfl-record-") as name:
        work = Path(name)
        try:
            with (
                running_anvil(work / "anvil.log") as chain,
                running_anvil(work / "anchors.log", chain_id=ANCHORS_CHAIN) as anchors,
            ):
                # the smallest circuits take three features, and no shipped schema has so few
                with patch.object(founding, "public_schema", lambda _: SCHEMA):
                    play(work / "all", chain.url, anchors.url, out)
                keep(work / "all", out)
            demo = ("--hospitals", 3, "--rounds", 1, "--out", work / "demo")
            zkfl("demo", *demo, "--results", out / "results.json")
            size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
            if size > LARGEST_BYTES:
                sys.exit(f"{size} bytes were recorded, at most {LARGEST_BYTES} are kept")
        except BaseException:
            shutil.rmtree(out)
            raise


if __name__ == "__main__":
    record(HERE / f"v{version('zkfl')}")
