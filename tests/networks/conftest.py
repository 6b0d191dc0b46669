"""One scenario, played on anvil and on Hardhat's network: real proofs, a dropout, a bad proof.

The second network gets the keys and the drawn secrets of the first, so that everything that
does not hang on fresh encryptions and proofs must come out the same.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deployment import Deployment
from zkfl.chain.errors import ChainError, ContractRevertError
from zkfl.chain.local_chain import LocalChain
from zkfl.chain.local_nodes import running_local_chain
from zkfl.chain.registry import Registry
from zkfl.chain.states import Participation, Round, RoundStatus
from zkfl.chain.transactions import ReceiptLimits
from zkfl.consortium import Consortium
from zkfl.curve import G1Point
from zkfl.field import random_elements
from zkfl.founding import (
    Foundation,
    announce_encryption,
    create_parties,
    deploy_consortium,
    found,
    open_ground,
)
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode
from zkfl.node.round_journal import RoundJournal
from zkfl.node.shard_vault import SealedShard
from zkfl.party_accounts import open_account
from zkfl.workspace import ROLES, Workspace
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_data, pack_public
from zkfl.zk_circuits.prover import prove

CHAIN_ID = 31_337
WINDOW = 3_600
RECORDS = {"ada": 8, "bay": 5, "cay": 3, "dee": 6}
"""Used slots of each hospital's one shard; dee drops out of the first round."""
SCRYPT_COST = 1 << 12
LAST_BYTE_OF_A_COORDINATE = 31
CONSORTIUM = Consortium(
    name="on two networks",
    demo=True,
    dataset="wdbc",
    circuits="tiny",
    noise_bound=1 << 23,
    submission_window=WINDOW,
    remask_window=WINDOW,
    publication_window=WINDOW,
    acknowledgement_window=WINDOW,
    reveal_window=WINDOW,
    hospitals=tuple(RECORDS),
)


@dataclass
class Outcome:
    """What a network made of the scenario; two networks must agree on all of it."""

    addresses: tuple[str, ...] = ()
    deployment_gas: dict[str, int] = field(default_factory=dict)
    shards: dict[str, G1Point] = field(default_factory=dict)
    contexts: dict[str, tuple[int, int]] = field(default_factory=dict)
    statuses: list[RoundStatus] = field(default_factory=list)
    updates: list[dict[str, tuple[G1Point, G1Point, int]]] = field(default_factory=list)
    models: list[tuple[G1Point, str]] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


class Stage:
    """The consortium on one network."""

    def __init__(
        self,
        chain: LocalChain,
        workspace: Workspace,
        foundation: Foundation,
        drawn: Path | None,
    ) -> None:
        self.chain = chain
        self.workspace = workspace
        self.outcome = Outcome()
        self._foundation = foundation
        self._drawn = drawn
        self.deployment = self._deploy()
        ground = open_ground(workspace, CONSORTIUM, foundation)
        self.nodes = {
            name: HospitalNode(
                NodeHome.open(workspace.site(name)), self._registry(workspace.site(name)), ground
            )
            for name in RECORDS
        }
        self.coordinator = Coordinator(self._registry(workspace.role("aggregator")), ground)
        self.reader = self.nodes["ada"].registry

    def client_of(self, folder: Path) -> ChainClient:
        account = open_account(NodeHome.open(folder))
        limits = ReceiptLimits(30, 0.01)
        decoder = error_decoder()
        return ChainClient(
            self.chain.url, account, CHAIN_ID, receipt_limits=limits, decoder=decoder
        )

    def _registry(self, folder: Path) -> Registry:
        return Registry(self.client_of(folder), self.deployment.registry)

    def _deploy(self) -> Deployment:
        workspace = self.workspace
        for folder in [workspace.role(role) for role in ROLES] + [
            workspace.site(name) for name in RECORDS
        ]:
            self.chain.fund(open_account(NodeHome.open(folder)).address)
        office = self.client_of(workspace.role("office"))
        made = deploy_consortium(workspace, CONSORTIUM, self._foundation, office)
        circuits = (made.admission.verifier, made.training.verifier)
        self.outcome.addresses = (*circuits, made.router, made.opening, made.weights, made.registry)
        self.outcome.deployment_gas = {step.step: step.gas_used for step in made.transactions}
        return made

    # --- what everybody does ---

    def play(self) -> None:
        """Admit, lose a hospital in the first round, refuse a proof in the second."""
        announce_encryption(self.workspace, CONSORTIUM, self.reader)
        self._refuse("a round without shards", self.coordinator.open_round)
        for seed, name in enumerate(RECORDS):
            self.nodes[name].announce_mask_key()
            self._admit(name, seed)
        self._round_with_a_dropout()
        self._round_with_a_bad_proof()
        self.outcome.events = [event.name for event in self.reader.events()]

    def _admit(self, name: str, seed: int) -> None:
        node = self.nodes[name]
        if self._drawn is not None:
            _copy(self._drawn, self.workspace, Path("sites") / name / "state" / "shards")
        else:
            node.vault.save(SealedShard(0, RECORDS[name], _shard(RECORDS[name], seed)))
        vector = node.vault.load(0).vector
        context = self.reader.admission_context(node.address, 0)
        inputs = {"data": vector, "public": pack_public(RECORDS[name], context)}
        proof = prove(node.ground.circuits.admission, inputs, 120.0)
        node.registry.admit_shard(RECORDS[name], proof.data)
        self.outcome.shards[name] = self.reader.shard_of(node.address, 0).commitment
        training = self.reader.training_context(node.address, 1)
        self.outcome.contexts[name] = (context, training)

    def _round_with_a_dropout(self) -> None:
        round_id, staying = self._open(), ("ada", "bay", "cay")
        self._refuse("a second round", self.coordinator.open_round)
        for name in staying:
            self._submit(name, round_id)
        self._refuse("a close before all have submitted", self.coordinator.close_round, round_id)
        self.chain.advance_time(WINDOW + 1)
        self.nodes["bay"].registry.push_round(round_id)
        self._note(round_id)
        for name in staying:
            self.nodes[name].remask(round_id)
        self._finish(round_id, staying)

    def _round_with_a_bad_proof(self) -> None:
        round_id = self._open()
        node = self.nodes["bay"]
        self._draw("bay", round_id)
        node.prove(round_id)
        good = RoundJournal(node.home, round_id).proof()
        assert good is not None
        zero, digest = node.ground.committer.zero, bytes([1]) * 32
        for place in (LAST_BYTE_OF_A_COORDINATE, len(good) - 1):
            bad = good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :]
            self._refuse(
                f"a proof with another byte {place}",
                node.registry.submit_update,
                round_id,
                bad,
                zero,
                digest,
            )
        self._refuse(
            "a short proof", node.registry.submit_update, round_id, good[:-1], zero, digest
        )
        self._refuse("no member's opening", self._outsider().open_round)
        for name in RECORDS:
            self._submit(name, round_id)
        self._refuse("a second update", node.registry.submit_update, round_id, good, zero, digest)
        self._finish(round_id, tuple(RECORDS))

    def _open(self) -> int:
        round_id, _ = self.coordinator.open_round()
        self._note(round_id)
        return round_id

    def _draw(self, name: str, round_id: int) -> None:
        """Take the secrets that the first network's hospital drew; its node draws its own."""
        folder = Path("sites") / name / "state" / "rounds" / str(round_id)
        if self._drawn is not None and not (self.workspace.root / folder).exists():
            for kept in ("identity", "secrets.vector"):
                _copy(self._drawn, self.workspace, folder / kept)

    def _submit(self, name: str, round_id: int) -> None:
        self._draw(name, round_id)
        self.nodes[name].submit(round_id)

    def _finish(self, round_id: int, cohort: tuple[str, ...]) -> None:
        self.coordinator.close_round(round_id)
        self._note(round_id)
        self.coordinator.announce_sum(round_id)
        self.nodes["ada"].open_sum(round_id)
        self.coordinator.publish_model(round_id)
        self._note(round_id)
        for name in cohort:
            self.nodes[name].acknowledge(round_id)
        parts = {name: self._part(name, round_id) for name in cohort}
        self.outcome.updates.append({n: (p.update, p.mask, p.weight) for n, p in parts.items()})
        self.outcome.models.append((self.reader.model(), self.reader.model_hash().hex()))
        self._note(round_id)

    # --- what is kept of it ---

    def _part(self, name: str, round_id: int) -> Participation:
        return self.reader.participation(round_id, self.nodes[name].address)

    def _note(self, round_id: int) -> None:
        state: Round = self.reader.round(round_id)
        self.outcome.statuses.append(state.status)

    def _outsider(self) -> Registry:
        return self._registry(self.workspace.role("guardian"))

    def _refuse(self, what: str, act: Callable[..., object], *arguments: object) -> None:
        with pytest.raises(ChainError) as refused:
            act(*arguments)
        assert isinstance(refused.value, ContractRevertError), refused.value
        self.outcome.refusals.append((what, str(refused.value)))


def _shard(count: int, seed: int) -> list[int]:
    """Return a data vector of random records within the bounds, with fresh blinders."""
    rng = np.random.default_rng(seed)
    limit = min(TINY.feature_integer, int(TINY.norm_bound * TINY.one / TINY.features**0.5))
    features = rng.integers(-limit, limit + 1, (count, TINY.features))
    return pack_data(TINY, features, rng.integers(0, 2, count), random_elements(TINY.data_blinders))


def _copy(drawn: Path, workspace: Workspace, inside: Path) -> None:
    source, target = drawn / inside, workspace.root / inside
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


Play = Callable[[str], Stage]


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Play the scenario on a network, by its name, once a session."""
    root = tmp_path_factory.mktemp("networks")
    founded = Workspace(root / "founded")
    foundation = found(CONSORTIUM, None)
    create_parties(founded, CONSORTIUM, SCRYPT_COST)
    first: list[Path] = []
    with ExitStack() as running:

        @cache
        def play(name: str) -> Stage:
            chain = running.enter_context(
                running_local_chain(name, root / f"{name}.log", chain_id=CHAIN_ID)
            )
            workspace = Workspace(root / name)
            shutil.copytree(founded.root, workspace.root)
            stage = Stage(chain, workspace, foundation, first[0] if first else None)
            first.append(workspace.root)
            stage.play()
            return stage

        yield play
