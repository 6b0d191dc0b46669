"""A consortium that an adversary can attack: real proofs, a real chain, three hospitals.

Everything dear is done once a session: keys, deployment, admissions, an open round and an
honest training proof for each hospital. A test gets a copy of the folders and a chain that
is put back afterwards, so that it may destroy both.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from torch.nn import Module

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deployment import Deployment
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.registry import Registry
from zkfl.chain.router import Router
from zkfl.chain.states import BlameReason, FailureReason, RoundStatus
from zkfl.chain.transactions import ReceiptLimits, TxResult
from zkfl.commitments import masked_commitment
from zkfl.common_ground import Circuits
from zkfl.consortium import Consortium
from zkfl.curve import G1Point, add, subtract, total
from zkfl.field import SCALAR_MODULUS, random_elements, vector_to_bytes
from zkfl.founding import (
    Foundation,
    announce_encryption,
    create_parties,
    deploy_consortium,
    found,
    open_ground,
)
from zkfl.masks import mask_context, mask_vector
from zkfl.model_opening import open_model
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode, SharedGround
from zkfl.node.key_store import load_mask_key
from zkfl.node.known_disputes import remember_split
from zkfl.node.round_journal import RoundJournal
from zkfl.node.round_masks import RoundMasks
from zkfl.node.shard_vault import SealedShard
from zkfl.node.submission import masked_update
from zkfl.party_accounts import open_account
from zkfl.vector_opening import open_vector
from zkfl.workspace import ROLES, Workspace
from zkfl.zk_circuits.circuit import TensorSpec
from zkfl.zk_circuits.circuit_files import CircuitFiles
from zkfl.zk_circuits.ezkl_calls import compile_circuit
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_data, pack_public
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.prover import Proof, compute_witness, prove, read_points

Vectors = dict[str, list[int]]

CHAIN_ID = 31_337
DEADLINE = 120.0
FORGERY_DEADLINE = 20.0
"""An honest proof takes one second; a forged one whose lookups fail may never return."""
NOISE_BOUND = 1 << 23
WINDOW = 3_600
ROUND = 1
COUNTS = {"ada": (8,), "bay": (5,), "cay": (8, 3)}
"""Used slots of each hospital's shards; the first hospital is the key holder."""
SCRYPT_COST = 1 << 12
RECEIPTS = ReceiptLimits(30, 0.01)
A_HASH = bytes([1]) * 32
CONSORTIUM = Consortium(
    name="attacked",
    demo=True,
    dataset="wdbc",
    circuits="tiny",
    weight_rule="equal",
    noise_bound=NOISE_BOUND,
    submission_window=WINDOW,
    remask_window=WINDOW,
    publication_window=WINDOW,
    acknowledgement_window=WINDOW,
    reveal_window=WINDOW,
    hospitals=tuple(COUNTS),
)


def synthetic_shard(count: int, seed: int) -> list[int]:
    """Return a data vector of random records within the bounds, with fresh blinders."""
    rng = np.random.default_rng(seed)
    limit = min(TINY.feature_integer, int(TINY.norm_bound * TINY.one / TINY.features**0.5))
    features = rng.integers(-limit, limit + 1, (count, TINY.features))
    labels = rng.integers(0, 2, count)
    return pack_data(TINY, features, labels, random_elements(TINY.data_blinders))


def client_of(anvil: Anvil, account: LocalAccount) -> ChainClient:
    decoder = error_decoder()
    return ChainClient(anvil.url, account, CHAIN_ID, decoder=decoder, receipt_limits=RECEIPTS)


@dataclass(frozen=True)
class Founded:
    """What a session shares."""

    workspace: Workspace
    foundation: Foundation
    deployment: Deployment
    anvil: Anvil
    registries: dict[str, Registry] = field(default_factory=dict)

    def registry(self, folder: Path) -> Registry:
        """Return what signs with a party's key; it keeps no state, so tests share it."""
        if folder.name not in self.registries:
            client = client_of(self.anvil, open_account(NodeHome(folder)))
            self.registries[folder.name] = Registry(client, self.deployment.registry)
        return self.registries[folder.name]


class Arena:
    """The consortium in an open round, with an honest proof of everyone in the journals."""

    def __init__(self, founded: Founded, workspace: Workspace) -> None:
        self.anvil = founded.anvil
        self.workspace = workspace
        self.ground: SharedGround = open_ground(workspace, CONSORTIUM, founded.foundation)
        self.committer = self.ground.committer
        self.spec = TINY
        self.nodes = {
            name: HospitalNode(
                NodeHome.open(workspace.site(name)),
                founded.registry(workspace.site(name)),
                self.ground,
                DEADLINE,
            )
            for name in COUNTS
        }
        self.chain = self.nodes["ada"].registry
        self.aggregator = founded.registry(workspace.role("aggregator"))
        self.office = founded.registry(workspace.role("office"))
        self.coordinator = Coordinator(self.aggregator, self.ground)
        self.router = Router(self.chain.client, founded.deployment.router)

    @property
    def circuits(self) -> Circuits:
        return self.ground.circuits

    # --- what a hospital knows ---

    def journal(self, name: str) -> RoundJournal:
        return RoundJournal(self.nodes[name].home, ROUND)

    def shard(self, name: str, index: int = 0) -> list[int]:
        return self.nodes[name].vault.load(index).vector

    def selected(self, name: str) -> int:
        return self.chain.participation(ROUND, self.nodes[name].address).shard_index

    def secrets(self, name: str) -> list[int]:
        secrets = self.journal(name).vector("secrets", TINY.secrets_length)
        assert secrets is not None
        return secrets

    def honest_proof(self, name: str) -> bytes:
        proof = self.journal(name).proof()
        assert proof is not None
        return proof

    def honest_update(self, name: str) -> list[int]:
        update = self.journal(name).vector("update", TINY.model_length)
        assert update is not None
        return update

    def training_inputs(self, name: str, round_id: int = ROUND, **changes: list[int]) -> Vectors:
        """Return what the hospital would prove honestly, save for the changes."""
        context = self.chain.training_context(self.nodes[name].address, round_id)
        honest = {
            "data": self.shard(name, self.selected(name)),
            "model": [0] * TINY.model_length,
            "secrets": self.secrets(name),
            "public": pack_public(NOISE_BOUND, context),
        }
        return honest | changes

    def admission_inputs(self, name: str, data: list[int], count: int) -> Vectors:
        address = self.nodes[name].address
        context = self.chain.admission_context(address, self.chain.shard_count(address))
        return {"data": data, "public": pack_public(count, context)}

    def prove_training(self, name: str, round_id: int = ROUND, **changes: list[int]) -> Proof:
        inputs = self.training_inputs(name, round_id, **changes)
        return prove(self.circuits.training, inputs, DEADLINE, require_zeros=False)

    def prove_admission(self, inputs: Vectors) -> Proof:
        return prove(self.circuits.admission, inputs, DEADLINE, require_zeros=False)

    # --- what a hospital sends ---

    def send(
        self,
        name: str,
        proof: bytes,
        *,
        round_id: int = ROUND,
        mask: G1Point | None = None,
        digest: bytes = A_HASH,
    ) -> TxResult:
        """Submit a proof with any mask commitment and ciphertext hash."""
        point = self.committer.zero if mask is None else mask
        return self.nodes[name].registry.submit_update(round_id, proof, point, digest)

    def send_raw(self, name: str, data: bytes) -> TxResult:
        """Send calldata as it is to the registry."""
        return self.nodes[name].registry.client.send(self.chain.address, HexBytes(data))

    def calldata(self, function: str, *arguments: object) -> bytes:
        contract = self.chain.client.w3.eth.contract(abi=self.chain.abi)  # type: ignore[call-overload]
        return bytes(HexBytes(contract.encode_abi(function, args=list(arguments))))

    def outsider(self) -> Registry:
        return Registry(client_of(self.anvil, self.anvil.new_account()), self.chain.address)

    def mask(self, name: str) -> list[int]:
        """Return the mask of the hospital in this round."""
        node, chain = self.nodes[name], self.chain
        context = mask_context(chain.client.chain_id, chain.address, ROUND, 1)
        keys = {member: chain.member_of(member).mask_key for member in chain.cohort(ROUND)}
        key = load_mask_key(node.home)
        return mask_vector(key, keys, node.address, context, TINY.model_length)

    def pair_commitments(self, name: str) -> list[G1Point]:
        """Return what an honest hospital would split its mask into."""
        by_peer = self.round_masks(name).by_peer(TINY.model_length)
        return [self.committer.commit(mask) for mask in by_peer.values()]

    def split_otherwise(self, name: str, parts: list[G1Point]) -> TxResult:
        """Split a mask into any points, as a liar that goes on with its own node afterwards."""
        node, zero = self.nodes[name], self.committer.zero
        masks = self.round_masks(name)
        peers = [member for member in masks.keys if member != node.address]
        agreeing = [subtract(add(zero, zero), part) for part in parts]
        remember_split(node.home, masks.about, dict(zip(peers, agreeing, strict=True)), masks.place)
        return self.split(name, parts)

    def split(self, name: str, parts: list[G1Point]) -> TxResult:
        """Send a split into any points, of the attempt and cohort that the chain shows."""
        about = self.round_masks(name).about
        registry = self.nodes[name].registry
        return registry.split_mask(ROUND, about.attempt, about.cohort, parts)

    def round_masks(self, name: str) -> RoundMasks:
        """Return what a hospital sees of the round's masks."""
        node = self.nodes[name]
        return RoundMasks.shown(node.home, node.registry, ROUND, self.chain.round(ROUND))

    def sum_of(self, masks: list[G1Point]) -> G1Point:
        """Return the commitment of the sum of what these commitments open to."""
        zero = self.committer.zero
        return add(total(subtract(mask, zero) for mask in masks), zero)

    def masked(self, name: str) -> list[int]:
        """Return the masked update that an honest hospital would encrypt."""
        weight = self.chain.participation(ROUND, self.nodes[name].address).weight
        return masked_update(self.honest_update(name), weight, self.mask(name))

    def submit_by_hand(
        self, name: str, *, proof: bytes | None = None, vector: list[int] | None = None
    ) -> TxResult:
        """Submit an honest mask with any proof and an encryption of any vector."""
        public = self.ground.store.get(self.chain.round(ROUND).encryption_context)
        content = self.masked(name) if vector is None else vector
        digest = self.ground.store.put(self.ground.scheme.encrypt(public, content))
        mask = self.committer.commit(self.mask(name))
        return self.send(name, proof or self.honest_proof(name), mask=mask, digest=digest)

    def submit_all(self, *, but: str | None = None) -> None:
        """Let everyone submit honestly, save one."""
        for name, node in self.nodes.items():
            if name != but:
                node.submit(ROUND)

    # --- what must hold whatever happens ---

    def require_links(self, proof: bytes, name: str) -> None:
        """A forged proof opens with every point that the contract asks for."""
        points = read_points(self.circuits.training.definition, proof)
        shard = self.chain.shard_of(self.nodes[name].address, self.selected(name))
        expected = {"data": shard.commitment, "model": self.chain.model()}
        expected |= {"zeros": self.committer.zero}
        assert {key: points[key] for key in expected} == expected

    def storage_root(self) -> object:
        """Return the root of everything that the registry stores."""
        answer = self.anvil.control("eth_getProof", self.chain.address, [], "latest")
        assert isinstance(answer, dict)
        return answer["storageHash"]

    def set_word(self, slot: int, word: int) -> None:
        """Change a word of the registry's storage, as no transaction can."""
        arguments = (self.chain.address, hex(slot), f"0x{word:064x}")
        self.anvil.control("anvil_setStorageAt", *arguments)

    def word(self, slot: int) -> int:
        w3 = self.chain.client.w3
        return int.from_bytes(w3.eth.get_storage_at(self.chain.address, slot))

    def slots_of(self, point: G1Point) -> list[int]:
        """Return where the registry stores a point outside of its mappings."""
        words = [self.word(slot) for slot in range(64)]
        return [slot for slot in range(63) if words[slot : slot + 2] == list(point)]

    def push(self) -> None:
        """Let the deadline pass, and an outsider push the round on."""
        self.anvil.advance_time(WINDOW + 1)
        self.outsider().push_round(ROUND)

    def to_closed(self) -> None:
        """Let everyone submit honestly, and close the round."""
        self.submit_all()
        self.coordinator.close_round(ROUND)

    def to_opened(self) -> None:
        """Go on to an honestly opened sum."""
        self.to_closed()
        self.coordinator.announce_sum(ROUND)
        self.nodes["ada"].open_sum(ROUND)

    def state_sum(self, total: list[int]) -> None:
        """Let the key holder state any integers as the opened sum."""
        digest = self.ground.store.put(vector_to_bytes(total))
        announced = self.chain.round(ROUND).encrypted_sum_hash
        self.nodes["ada"].registry.open_sum(ROUND, announced, digest)

    def true_sum(self) -> list[int]:
        """Return the sum that the proven updates have, from everyone's own secrets."""
        columns = zip(*(self.masked(name) for name in self.nodes), strict=True)
        return [sum(column) % SCALAR_MODULUS for column in columns]

    def recover(self, honest: Collection[str] = tuple(COUNTS)) -> None:
        """Let the honest reveal and an outsider open the model."""
        assert self.chain.round(ROUND).status is RoundStatus.REVEALING
        for name in honest:
            if self.journal(name).submission(self.chain.round(ROUND).attempt):
                self.nodes[name].reveal(ROUND)
            else:
                self.reveal_by_hand(name)
        open_model(self.outsider(), ROUND, self.ground)

    def reveal_by_hand(self, name: str) -> None:
        """Reveal for a hospital that submitted with other software than its node."""
        registry = self.nodes[name].registry
        part = self.chain.participation(ROUND, self.nodes[name].address)
        point = masked_commitment(part.update, part.weight, part.mask, self.committer.zero)
        masked = self.masked(name)
        registry.reveal_update(ROUND, masked, open_vector(self.committer.srs, point, masked))

    def require_true_model(self) -> None:
        """The round is final with the model of the proven updates, its file's hash included."""
        assert self.chain.round(ROUND).status is RoundStatus.FINAL
        assert self.chain.model() == self.committer.commit(self.true_sum())
        assert self.chain.model_hash() == sha256(vector_to_bytes(self.true_sum())).digest()

    def require_excluded(self, *names: str, reason: BlameReason) -> None:
        """These members and no others were excluded, for this reason."""
        members = {name: self.chain.member_of(node.address) for name, node in self.nodes.items()}
        assert {name for name, member in members.items() if not member.active} == set(names)
        assert {members[name].blame for name in names} == ({reason} if names else set())
        events = self.chain.events(names=["MemberExcluded"])
        blamed = {(event.values["member"], event.values["reason"]) for event in events}
        assert blamed == {(self.nodes[name].address, reason) for name in names}

    def require_failed(self, reason: FailureReason) -> None:
        """The round has failed for this reason, said so, and the model has not moved."""
        state = self.chain.round(ROUND)
        assert (state.status, state.failure) == (RoundStatus.FAILED, reason)
        [event] = self.chain.events(names=["RoundFailed"])
        assert (event.values["roundId"], event.values["reason"]) == (ROUND, reason)
        assert self.chain.model() == self.committer.zero
        assert self.chain.model_hash() == bytes(32)


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("anvil") / "anvil.log", chain_id=CHAIN_ID) as chain:
        yield chain


@pytest.fixture(scope="session")
def founded(anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    workspace = Workspace(tmp_path_factory.mktemp("consortium"))
    foundation = found(CONSORTIUM, None)
    create_parties(workspace, CONSORTIUM, SCRYPT_COST)
    folders = [workspace.role(role) for role in ROLES] + [workspace.site(name) for name in COUNTS]
    for folder in folders:
        anvil.fund(open_account(NodeHome(folder)).address)
    office = client_of(anvil, open_account(NodeHome(workspace.role("office"))))
    deployment = deploy_consortium(workspace, CONSORTIUM, foundation, office)
    founded = Founded(workspace, foundation, deployment, anvil)
    _found_rounds(Arena(founded, workspace))
    return founded


def _found_rounds(arena: Arena) -> None:
    """Announce keys, admit shards, open a round and prove it honestly."""
    announce_encryption(arena.workspace, CONSORTIUM, arena.chain)
    for place, (name, counts) in enumerate(COUNTS.items()):
        arena.nodes[name].announce_mask_key()
        for index, count in enumerate(counts):
            shard = SealedShard(index, count, synthetic_shard(count, 10 * place + index))
            arena.nodes[name].vault.save(shard)
            proof = arena.prove_admission(arena.admission_inputs(name, shard.vector, count))
            arena.nodes[name].registry.admit_shard(count, proof.data)
    assert arena.coordinator.open_round()[0] == ROUND
    for node in arena.nodes.values():
        node.prove(ROUND)


@pytest.fixture
def arena(founded: Founded, tmp_path: Path) -> Iterator[Arena]:
    root = tmp_path / "consortium"
    shutil.copytree(founded.workspace.root, root)
    snapshot = founded.anvil.control("evm_snapshot")
    try:
        yield Arena(founded, Workspace(root))
    finally:
        founded.anvil.control("evm_revert", snapshot)


@pytest.fixture
def refused(arena: Arena) -> Callable[[str], AbstractContextManager[SimpleNamespace]]:
    """Expect that the chain refuses by a custom error of this name and stores nothing."""

    @contextmanager
    def expect(name: str) -> Iterator[SimpleNamespace]:
        found = SimpleNamespace(values={})
        before = arena.storage_root()
        with pytest.raises(ContractRevertError) as caught:
            yield found
        assert caught.value.name == name, str(caught.value)
        assert arena.storage_root() == before
        found.values = caught.value.values

    return expect


@pytest.fixture(scope="session")
def new_shard() -> Callable[[int, int], list[int]]:
    return synthetic_shard


Forge = Callable[..., bytes]


@pytest.fixture
def forge(arena: Arena, tmp_path: Path) -> Forge:
    """Prove with a graph of the adversary's own under honest settings and proving key."""

    def run(graph: Callable[[], Module], inputs: Vectors, **lengths: int) -> bytes:
        honest = arena.circuits.training
        definition = replace(
            honest.definition,
            module=graph,
            inputs=_lengthened(honest.definition.inputs, lengths),
            outputs=_lengthened(honest.definition.outputs, lengths),
        )
        files = CircuitFiles(tmp_path / "forgery", honest.files.srs)
        files.folder.mkdir()
        files.settings.symlink_to(honest.files.settings)
        files.proving_key.symlink_to(honest.files.proving_key)
        files.onnx.write_bytes(export_onnx(definition))
        compile_circuit(files)
        witness = compute_witness(definition, files.compiled, inputs, files.folder)
        return _prove_unchecked(files, witness.path)

    return run


def _lengthened(tensors: tuple[TensorSpec, ...], more: dict[str, int]) -> tuple[TensorSpec, ...]:
    return tuple(replace(t, length=t.length + more.get(t.name, 0)) for t in tensors)


def _prove_unchecked(files: CircuitFiles, witness: Path) -> bytes:
    """Prove as `run_prover` does, but keep a proof that does not verify."""
    proof = files.folder / "proof.json"
    arguments = [witness, files.compiled, files.proving_key, proof, files.srs]
    child = [sys.executable, "-m", "zkfl.zk_circuits.prove_child", str(os.getpid())]
    command = [*child, *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=FORGERY_DEADLINE)
    return bytes.fromhex(json.loads(proof.read_text())["hex_proof"].removeprefix("0x"))
