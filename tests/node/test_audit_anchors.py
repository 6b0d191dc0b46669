"""``zkfl log``: the audit bundle is anchored on a second chain, and a rewritten history shows."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import rfc8785

from zkfl.audit_bundle import make_bundle
from zkfl.chain.anvil import running_anvil
from zkfl.chain.audit_anchor import AuditAnchor
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, error_decoder
from zkfl.chain.errors import ContractRevertError, RpcRefusedError
from zkfl.chain.hardhat import running_hardhat
from zkfl.chain.local_chain import LocalChain
from zkfl.chain.registry import Registry
from zkfl.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
ELSEWHERE = 31_338


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalChain]:
    """The other chain, which knows nothing of the consortium."""
    log = tmp_path_factory.mktemp("elsewhere") / "anvil.log"
    with running_anvil(log, chain_id=ELSEWHERE) as chain:
        yield chain


@pytest.fixture
def folder(after: "Site") -> Path:
    """The consortium's folder after a final round whose card nobody has published."""
    return after.workspace.root


def words(site: "Site", other: LocalChain) -> tuple[object, ...]:
    own = ("--rpc-url", site.anvil.url)
    return (*own, "--chain", other.url, "--chain-id", other.chain_id)


def anchored(run_zkfl: Run, site: "Site", other: LocalChain, *more: object) -> SimpleNamespace:
    home = site.workspace.role("office")
    other.fund(site.registry(home).client.sender)
    where = words(site, other)
    done = run_zkfl("log", "anchor", site.workspace.root, *where, "--home", home, "--json", *more)
    assert done.status == 0, done.err
    return SimpleNamespace(**json.loads(done.out))


def verified(run_zkfl: Run, site: "Site", other: LocalChain, *more: object) -> SimpleNamespace:
    return run_zkfl("log", "verify", site.workspace.root, *words(site, other), "--json", *more)


def place(folder: Path) -> str:
    [noted] = json.loads((folder / "anchors.json").read_text())["places"]
    return str(noted["contract"])


def client_of(site: "Site", other: LocalChain, name: str) -> ChainClient:
    account = site.registry(site.workspace.site(name)).client.account
    assert account is not None
    other.fund(account.address)
    return ChainClient(other.url, account, ELSEWHERE, decoder=error_decoder())


# --- the bundle ---


def test_the_bundle_holds_the_lineage_and_follows_from_the_chain_alone(
    run_zkfl: Run, after: "Site", tmp_path: Path
) -> None:
    out, file = tmp_path / "bundle.json", tmp_path / "deployment.json"
    shutil.copy(after.workspace.deployment, file)
    done = run_zkfl("log", "bundle", file, "--rpc-url", after.anvil.url, "--out", out, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    content = out.read_bytes()
    bundle = json.loads(content)
    assert said["bundle_sha256"] == hashlib.sha256(content).hexdigest()
    assert rfc8785.dumps(bundle) == content
    assert (bundle["format"], bundle["registry"]) == (
        "zkfl.audit-bundle.v1",
        after.deployment.registry,
    )
    creation = bundle["creation"]
    assert creation["addresses"]["router"] == after.deployment.router
    assert creation["config"]["srs_hash"] == after.deployment.srs_hash
    assert creation["config"]["training_circuit"] == after.deployment.training.manifest_hash
    assert [member["name"] for member in bundle["members"]] == ["ada", "bay", "cay", "dee"]
    assert [len(member["shards"]) for member in bundle["members"]] == [2, 1, 1, 0]
    [final] = bundle["rounds"]
    registry = after.node("ada").registry
    assert final["model_sha256"] == registry.model_hash().hex()
    assert sum(member["share"] for member in final["members"]) == 1 << 16
    assert final["card_published"] is False


def test_a_bundle_up_to_an_earlier_block_is_what_it_was_then(after: "Site") -> None:
    registry = after.node("ada").registry
    then = make_bundle(registry)
    after.coordinator().publish_card(1)
    now = make_bundle(registry)
    assert now.sha256() != then.sha256()
    assert make_bundle(registry, then.block).to_bytes() == then.to_bytes()
    before = make_bundle(registry, registry.events(names=["RoundOpened"])[0].block_number)
    assert (before.final_round, then.final_round) == (0, 1)


# --- anchors that agree ---


@pytest.mark.parametrize("running", [running_anvil, running_hardhat], ids=["anvil", "hardhat"])
def test_what_was_anchored_is_found_again(
    run_zkfl: Run,
    after: "Site",
    folder: Path,
    tmp_path: Path,
    running: Callable[..., AbstractContextManager[LocalChain]],
) -> None:
    with running(tmp_path / "node.log", chain_id=ELSEWHERE) as other:
        first = anchored(run_zkfl, after, other)
        assert first.result["contract"] == place(folder)
        assert [step["done"] for step in first.steps] == ["now", "now"]
        again = anchored(run_zkfl, after, other)
        assert [step["done"] for step in again.steps] == ["before"]
        after.coordinator().publish_card(1)
        later = anchored(run_zkfl, after, other)
        assert later.result["bundle_sha256"] != first.result["bundle_sha256"]
        done = verified(run_zkfl, after, other)
        assert done.status == 0, done.err
        said = json.loads(done.out)["result"]
        assert (said["compared"], said["agreeing"]) == (2, 2)
        assert [a["bundle_sha256"] for a in said["anchors"]] == [
            first.result["bundle_sha256"],
            later.result["bundle_sha256"],
        ]


def test_people_get_a_table_of_the_latest(
    run_zkfl: Run, after: "Site", folder: Path, elsewhere: LocalChain
) -> None:
    anchored(run_zkfl, after, elsewhere)
    done = run_zkfl("log", "verify", folder, *words(after, elsewhere), "--last", 1)
    assert done.status == 0, done.err
    said = " ".join(done.out.split())
    assert "1 anchors compared, 1 agree with the source chain; 0 skipped, 0 by strangers" in said
    assert f"contract {place(folder)} on chain {ELSEWHERE}, created in block" in said
    assert "agrees" in done.out


# --- anchors that are many ---


def add(site: "Site", other: LocalChain, name: str, digest: bytes | None = None) -> None:
    """Anchor what the chain leads to now, or something else, as one of the hospitals."""
    registry = site.node("ada").registry
    made = make_bundle(registry)
    AuditAnchor(client_of(site, other, name), place(site.workspace.root)).anchor(
        registry.client.chain_id,
        registry.address,
        digest or made.sha256(),
        made.final_round,
        made.block,
    )


def test_an_old_anchor_that_differs_is_not_crowded_out(
    run_zkfl: Run, after: "Site", elsewhere: LocalChain
) -> None:
    anchored(run_zkfl, after, elsewhere)
    add(after, elsewhere, "bay", b"\x07" * 32)
    for _ in range(6):
        add(after, elsewhere, "ada")
    for limit, compared, skipped in (((), 8, 0), (("--last", 2), 5, 3), (("--last", 99), 8, 0)):
        done = verified(run_zkfl, after, elsewhere, *limit)
        assert done.status == ExitCode.MISTRUST
        said = json.loads(done.out)["result"]
        assert (said["compared"], said["skipped"]) == (compared, skipped)
        assert said["agreeing"] == compared - 1
        assert [a["anchored_by"] for a in said["anchors"] if a["problem"]] == [after.address("bay")]


def test_what_an_account_anchored_counts_after_it_was_rotated(
    run_zkfl: Run, after: "Site", elsewhere: LocalChain
) -> None:
    anchored(run_zkfl, after, elsewhere)
    add(after, elsewhere, "bay", b"\x07" * 32)
    old, fresh = after.address("bay"), after.anvil.new_account()
    mine = after.node("bay").registry
    mine.nominate_account(old, fresh.address)
    client = ChainClient(after.anvil.url, fresh, mine.client.chain_id, decoder=error_decoder())
    Registry(client, mine.address).accept_account(old)
    assert old not in mine.members()
    done = verified(run_zkfl, after, elsewhere)
    assert done.status == ExitCode.MISTRUST
    said = json.loads(done.out)["result"]
    assert [a["anchored_by"] for a in said["anchors"] if a["problem"]] == [old]


def test_an_anchor_from_before_the_registry_speaks_for_itself_alone(
    run_zkfl: Run, after: "Site", elsewhere: LocalChain
) -> None:
    anchored(run_zkfl, after, elsewhere)
    registry = after.node("ada").registry
    AuditAnchor(client_of(after, elsewhere, "bay"), place(after.workspace.root)).anchor(
        registry.client.chain_id, registry.address, b"\x07" * 32, 0, 0
    )
    done = verified(run_zkfl, after, elsewhere)
    assert done.status == ExitCode.MISTRUST
    problems = [entry["problem"] for entry in json.loads(done.out)["result"]["anchors"]]
    assert problems[0] is None
    assert "the lineage does not add up (the first event of" in problems[1]


def test_since_when_a_contract_stands_is_found_without_anybodys_word(
    run_zkfl: Run, after: "Site", elsewhere: LocalChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(after, elsewhere, "bay")
    created = AuditAnchor.deploy(client)
    contract = AuditAnchor(client, str(created.contract_address))
    elsewhere.control("anvil_mine", hex(5))
    assert contract.creation_block() == created.block_number
    registry = after.node("ada").registry
    made = make_bundle(registry)
    contract.anchor(
        registry.client.chain_id, registry.address, made.sha256(), made.final_round, made.block
    )
    # the creation block that is named is not the one that is told
    words_ = ("--contract", contract.address, "--first-block", created.block_number + 1)
    said = json.loads(verified(run_zkfl, after, elsewhere, *words_).out)["result"]
    assert (said["contract"], said["created_block"]) == (contract.address, created.block_number)
    assert said["created_at"] <= said["anchors"][0]["anchored_at"]

    def forgotten(_: AuditAnchor, number: int) -> bool:
        message = f"missing trie node of block {number}"
        raise RpcRefusedError(message)

    monkeypatch.setattr(AuditAnchor, "_stood_at", forgotten)
    done = verified(run_zkfl, after, elsewhere, *words_)
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    assert (said["created_block"], said["created_at"]) == (None, None)


# --- anchors that do not agree ---


def test_a_chain_that_was_rewritten_shows(
    run_zkfl: Run, after: "Site", elsewhere: LocalChain
) -> None:
    snapshot = after.anvil.control("evm_snapshot")
    after.coordinator().publish_card(1)
    anchored(run_zkfl, after, elsewhere)
    after.anvil.control("evm_revert", snapshot)
    done = verified(run_zkfl, after, elsewhere)
    assert done.status == ExitCode.MISTRUST
    assert "the source chain has not come so far" in done.err
    after.anvil.control("anvil_mine", hex(8))
    done = verified(run_zkfl, after, elsewhere)
    assert done.status == ExitCode.MISTRUST
    said = json.loads(done.out)
    assert said["error"]["name"] == "AnchorMismatchError"
    assert "the source chain leads to" in said["result"]["anchors"][-1]["problem"]


@pytest.mark.parametrize(
    ("said", "problem"),
    [((b"\x07" * 32, 1), "leads to"), ((None, 2), "the latest final round there is 1, not 2")],
)
def test_a_false_anchor_of_a_member_shows(
    run_zkfl: Run,
    after: "Site",
    elsewhere: LocalChain,
    said: tuple[bytes | None, int],
    problem: str,
) -> None:
    digest, final_round = said
    anchored(run_zkfl, after, elsewhere)
    registry = after.node("ada").registry
    bundle = make_bundle(registry)
    AuditAnchor(client_of(after, elsewhere, "bay"), place(after.workspace.root)).anchor(
        registry.client.chain_id,
        registry.address,
        digest or bundle.sha256(),
        final_round,
        bundle.block,
    )
    done = verified(run_zkfl, after, elsewhere)
    assert done.status == ExitCode.MISTRUST
    [*others, false] = json.loads(done.out)["result"]["anchors"]
    assert problem in false["problem"]
    assert [entry["problem"] for entry in others] == [None]


def test_a_strangers_anchor_does_not_count_unless_it_is_named(
    run_zkfl: Run, after: "Site", elsewhere: LocalChain
) -> None:
    stranger = elsewhere.new_account()
    client = ChainClient(elsewhere.url, stranger, ELSEWHERE, decoder=error_decoder())
    contract = str(AuditAnchor.deploy(client).contract_address)
    registry = after.node("ada").registry
    bundle = make_bundle(registry)
    AuditAnchor(client, contract).anchor(
        registry.client.chain_id, registry.address, bundle.sha256(), 1, bundle.block
    )
    done = verified(run_zkfl, after, elsewhere, "--contract", contract)
    assert done.status == ExitCode.MISTRUST
    assert json.loads(done.out)["error"]["name"] == "AnchorMissingError"
    named = ("--contract", contract, "--by", stranger.address)
    assert verified(run_zkfl, after, elsewhere, *named).status == 0
    AuditAnchor(client_of(after, elsewhere, "bay"), contract).anchor(
        registry.client.chain_id, registry.address, bundle.sha256(), 1, bundle.block
    )
    said = json.loads(verified(run_zkfl, after, elsewhere, "--contract", contract).out)
    assert said["result"]["compared"] == 1
    assert said["result"]["strangers"] == {stranger.address: 1}
    assert f"1 by {stranger.address}, which does not count" in " ".join(said["notes"])


# --- contracts that are none ---


def test_another_contract_is_refused(run_zkfl: Run, after: "Site", elsewhere: LocalChain) -> None:
    client = client_of(after, elsewhere, "bay")
    artefact = compile_project()["VerifierRouter"]
    other = client.deploy(artefact.abi, artefact.bytecode(), [client.sender]).contract_address
    done = verified(run_zkfl, after, elsewhere, "--contract", other)
    assert done.status == ExitCode.MISTRUST
    assert "is not the AuditAnchor that this checkout compiles to" in done.err
    done = verified(run_zkfl, after, elsewhere, "--contract", client.sender)
    assert (done.status, json.loads(done.out)["error"]["name"]) == (ExitCode.CHAIN, "NoCodeError")


def test_anchors_that_are_left_out_show(
    run_zkfl: Run, after: "Site", folder: Path, elsewhere: LocalChain
) -> None:
    anchored(run_zkfl, after, elsewhere)
    late = ("--contract", place(folder), "--first-block", 1_000_000)
    done = verified(run_zkfl, after, elsewhere, *late)
    assert done.status == ExitCode.MISTRUST
    assert json.loads(done.out)["error"]["name"] == "AnchorShownWrongError"


def test_a_hash_of_zeros_is_refused(after: "Site", elsewhere: LocalChain) -> None:
    client = client_of(after, elsewhere, "bay")
    anchors = AuditAnchor(client, str(AuditAnchor.deploy(client).contract_address))
    with pytest.raises(ContractRevertError, match="BundleIsZero"):
        anchors.anchor(1, after.deployment.registry, bytes(32), 1, 1)


# --- what was given ---


def test_the_own_chain_and_unknown_contracts_are_refused(
    run_zkfl: Run, after: "Site", folder: Path, elsewhere: LocalChain
) -> None:
    own = run_zkfl("log", "verify", folder, *words(after, after.anvil))
    assert own.status == ExitCode.NOT_NOW
    assert "is the consortium's own" in own.err
    unknown = verified(run_zkfl, after, elsewhere)
    assert "no contract with anchors is known on chain 31338" in unknown.err
    lower = verified(run_zkfl, after, elsewhere, "--contract", after.deployment.registry.lower())
    assert "is no checksummed address" in lower.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": "zkfl.anchors.v2", "places": []}', "this version of zkfl: it has the format"),
        ('{"format": ', "it is no JSON"),
    ],
)
def test_a_file_of_another_form_is_refused(
    run_zkfl: Run, after: "Site", elsewhere: LocalChain, text: str, message: str
) -> None:
    (after.workspace.root / "anchors.json").write_text(text)
    done = verified(run_zkfl, after, elsewhere)
    assert done.status == ExitCode.CONFIG
    assert message in done.err
