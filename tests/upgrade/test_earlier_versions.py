"""What earlier versions wrote, today's code reads; what it cannot read, it refuses in words."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from zkfl.audit_bundle import FORMAT as BUNDLE_FORMAT
from zkfl.chain.anchor_places import load_places
from zkfl.chain.council_record import load_council
from zkfl.chain.deployment import load_deployment
from zkfl.chain.journal import Journal
from zkfl.consortium import Consortium
from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.field import vector_from_bytes
from zkfl.model_card import Contribution, ModelCard
from zkfl.model_export import predict
from zkfl.node.home import NodeHome
from zkfl.node.home_binding import bound_member
from zkfl.node.key_store import load_mask_key
from zkfl.node.opening_count import OpeningCount
from zkfl.node.pinned_keys import require_pinned
from zkfl.node.round_journal import RoundJournal
from zkfl.node.shard_vault import ShardVault
from zkfl.party_accounts import open_account
from zkfl.party_config import load_settings
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import TINY

HERE = Path(__file__).parent
VERSIONS = sorted(path.name for path in HERE.glob("v*"))
SITE = "bay"
WHAT_TO_DO = "use the version of zkfl that wrote it, "


class Recorded:
    """A copy of what a version wrote, with the modes and the empty folders that git drops."""

    def __init__(self, version: str, root: Path) -> None:
        shutil.copytree(HERE / version, root)
        for folder in ("sites", "roles"):
            for party in (root / folder).iterdir():
                (party / "state").mkdir(exist_ok=True)
            for path in (root / folder).rglob("*"):
                path.chmod(0o700 if path.is_dir() else 0o600)
        self.workspace = Workspace(root)
        self.home = NodeHome.open(self.workspace.site(SITE))
        self.expected: dict[str, str] = json.loads((root / "expected.json").read_text())

    @property
    def root(self) -> Path:
        return self.workspace.root

    def read_json(self, *parts: str) -> Any:  # noqa: ANN401 - as it was written
        return json.loads(self.root.joinpath(*parts).read_text())

    def artefact(self, name: str) -> bytes:
        return self.workspace.store.get(bytes.fromhex(self.expected[name]))


@pytest.fixture(params=VERSIONS)
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> Recorded:
    return Recorded(request.param, tmp_path / "recorded")


def test_there_is_a_version_to_read() -> None:
    assert VERSIONS


# --- what everybody has ---


def test_the_public_files_load(recorded: Recorded) -> None:
    workspace = recorded.workspace
    assert Consortium.load(workspace.consortium).hospitals == ("ada", "bay", "cay")
    deployment = load_deployment(workspace.deployment)
    assert deployment.registry == recorded.expected["registry"]
    assert load_council(workspace.council, deployment).registry == deployment.registry
    [place] = load_places(workspace.anchors).places
    assert place.chain_id == 31_338


def test_a_model_and_its_card_are_what_they_were(recorded: Recorded) -> None:
    assert len(vector_from_bytes(recorded.artefact("model_sha256"), TINY.model_length))
    content = recorded.artefact("card_sha256")
    card = json.loads(content)
    again = ModelCard(
        chain_id=card["chain_id"],
        registry=card["registry"],
        round_id=card["round"],
        srs_hash=bytes.fromhex(card["srs"]["sha256"]),
        srs_insecure=card["srs"]["insecure"],
        admission_circuit=bytes.fromhex(card["circuits"]["admission"]),
        training_circuit=bytes.fromhex(card["circuits"]["training"]),
        weight_rule=card["weight_rule"],
        contributions=[
            Contribution(
                member["account"],
                member["shard"],
                member["records"],
                member["share"],
                member["weight"],
                point(member["update"]),
            )
            for member in card["members"]
        ],
        model_before=point(card["model_before"]),
        model_after=point(card["model_after"]),
        model_hash=bytes.fromhex(card["model_sha256"]),
        previous_card=bytes.fromhex(card["previous_card"]),
    )
    assert again.to_bytes() == content


def point(written: list[str]) -> G1Point:
    x, y = (int(coordinate, 16) for coordinate in written)
    return G1Point(x, y)


def test_the_audit_bundle_is_of_the_format_that_is_compared(recorded: Recorded) -> None:
    content = (recorded.root / "bundle.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == recorded.expected["bundle_sha256"]
    bundle = json.loads(content)
    assert bundle["format"] == BUNDLE_FORMAT
    assert rfc8785.dumps(bundle) == content


def test_an_exported_model_scores_records(recorded: Recorded) -> None:
    scores = predict(recorded.root / "model.onnx", recorded.home.records)
    assert scores["probability"].between(0, 1).all()
    assert len(scores) == len(recorded.home.records.read_text().splitlines()) - 1


# --- what only a party has ---


def test_keys_and_settings_open(recorded: Recorded) -> None:
    assert load_settings(recorded.home.root).config.max_fee_gwei == 500
    assert open_account(recorded.home).address == recorded.expected["account"]
    assert bound_member(recorded.home) == recorded.expected["account"]
    office = NodeHome.open(recorded.workspace.role("office"))
    owner = load_deployment(recorded.workspace.deployment).owner
    assert open_account(office).address == owner
    assert len(load_mask_key(recorded.home).public_bytes()) == 32


def test_a_round_goes_on_from_its_journal(recorded: Recorded) -> None:
    journal = RoundJournal(recorded.home, 1)
    proof = journal.proof() or b""
    assert hashlib.sha256(proof).hexdigest() == recorded.expected["proof_sha256"]
    assert journal.vector("update", TINY.model_length) is not None
    assert journal.vector("secrets", TINY.secrets_length) is not None
    assert journal.submission(1) is not None
    folder = recorded.home.round(1)
    journal.bind((folder / "identity").read_bytes())
    journal.bind_attempt(1, (folder / "identity-1").read_bytes())


def test_sealed_shards_and_their_counts_are_there(recorded: Recorded) -> None:
    vault = ShardVault(recorded.home, TINY.data_length)
    assert len(vault) == 1
    assert vault.load(0).count == 5
    assert vault.version_of(0) == 1
    assert vault.admission_proof(0)
    OpeningCount(recorded.home, 0, TINY.max_openings).require_room(2)


def test_known_keys_stay_known(recorded: Recorded) -> None:
    pins = recorded.read_json("sites", SITE, "state", "pinned-keys.json")
    keys = {member: bytes.fromhex(pin["key"]) for member, pin in pins["members"].items()}
    require_pinned(recorded.home, keys, bytes.fromhex(pins["encryption_context"]), Unasked())
    # the order of its lines may be another one
    assert recorded.read_json("sites", SITE, "state", "pinned-keys.json") == pins


class Unasked:
    """Nobody has to sign what is known already."""

    def nonce_of(self, member: str, key: bytes) -> int:
        raise AssertionError((member, key))

    def former_account(self, account: str) -> str | None:
        raise AssertionError(account)


def test_mined_transactions_are_kept(recorded: Recorded) -> None:
    binding = recorded.read_json("sites", SITE, "state", "binding.json")
    genesis = bytes.fromhex(binding["genesis"])
    journal = Journal(
        recorded.home.transactions, binding["chain_id"], genesis, recorded.expected["account"]
    )
    assert journal.pending() is None
    assert [entry.nonce for entry in journal.mined(0, 10)] == [0, 1, 2, 3]


# --- formats of other versions ---

READERS: dict[str, Callable[[Recorded], object]] = {
    "consortium.json": lambda it: Consortium.load(it.workspace.consortium),
    "deployment.json": lambda it: load_deployment(it.workspace.deployment),
    "council.json": lambda it: load_council(
        it.workspace.council, load_deployment(it.workspace.deployment)
    ),
    "anchors.json": lambda it: load_places(it.workspace.anchors),
    f"sites/{SITE}/state/binding.json": lambda it: bound_member(it.home),
    f"sites/{SITE}/state/pinned-keys.json": lambda it: require_pinned(
        it.home, {}, bytes(32), Unasked()
    ),
    f"sites/{SITE}/state/shards/0/openings.json": lambda it: OpeningCount(
        it.home, 0, TINY.max_openings
    ).require_room(2),
}


@pytest.mark.parametrize("file", READERS)
@pytest.mark.parametrize("more", [{}, {"new": 1}], ids=["same fields", "more fields"])
def test_an_unknown_format_says_what_to_do(
    recorded: Recorded, file: str, more: dict[str, object]
) -> None:
    path = recorded.root / file
    content = json.loads(path.read_text())
    written = content["format"]
    path.write_text(json.dumps({**content, "format": "zkfl.later.v99", **more}))
    with pytest.raises(ZkflError) as refused:
        READERS[file](recorded)
    said = str(refused.value)
    ends = "and do not remove it" if "/state/" in file else "or have it made anew by this one"
    assert WHAT_TO_DO + ends in said
    assert f"format 'zkfl.later.v99', and this version of zkfl reads '{written}'" in said
