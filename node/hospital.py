"""One hospital's part in the protocol, a method a step; each step can be repeated safely."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zkfl.chain.errors import RpcBadAnswerError
from zkfl.chain.protocol import admission_context, benefit_context, training_context
from zkfl.chain.registry import Registry
from zkfl.chain.states import Participation, Round, RoundStatus, Shard
from zkfl.chain.transactions import TxResult
from zkfl.commitments import masked_commitment
from zkfl.common_ground import CommonGround
from zkfl.curve import G1Point, ProgressCallback, add, subtract
from zkfl.least_records import require_full_shards
from zkfl.model_vector import checked_model, current_model, found_model
from zkfl.node.admission import require_shards, seal_shards
from zkfl.node.benefit import OwnPart, prove_once, state_benefit
from zkfl.node.dataset_versions import add_records, first_shard_of_latest
from zkfl.node.errors import ChainChangedError, HospitalError, OvertakenError, SitOutError
from zkfl.node.held_out_home import HeldOutHome
from zkfl.node.held_out_overlap import require_held_out
from zkfl.node.home import NodeHome
from zkfl.node.home_binding import bind_home
from zkfl.node.key_holder import open_sum, proven_model
from zkfl.node.key_store import load_he_secret, load_mask_key
from zkfl.node.known_disputes import remember_split
from zkfl.node.opening_count import OpeningCount
from zkfl.node.own_records import read_records
from zkfl.node.proof_checks import ProofChecks
from zkfl.node.records.patients import require_patients_apart
from zkfl.node.records.schema import RecordSchema
from zkfl.node.round_identity import attempt_identity, round_identity
from zkfl.node.round_journal import RoundJournal, Submission
from zkfl.node.round_masks import RoundMasks
from zkfl.node.shard_vault import SealedShard, ShardVault
from zkfl.node.submission import Sealing, masked_update, seal_update, submit_once
from zkfl.node.training import ProvenUpdate, TrainingInputs, prove_update, require_linked
from zkfl.vector_opening import open_vector
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import CircuitProver, Proof, prove

_FIRST_ATTEMPT = 1
StepCallback = Callable[[str], None]
"""Gets the name of the step that begins."""


@dataclass(frozen=True, kw_only=True)
class SharedGround(CommonGround):
    """What all hospitals use alike: the common ground, the schema, and where metrics are proven.

    Attributes
    ----------
    schema
        Of the records.
    minimum_records
        Fewest records in a shard that trains, as agreed.
    metrics
        Address of the contract that takes proofs of metrics; None where none are proven.
    """

    schema: RecordSchema
    minimum_records: int
    metrics: str | None = None


class HospitalNode:
    """A hospital: its folder, its chain account, and the shared ground.

    Parameters
    ----------
    home
        The hospital's own folder.
    registry
        Over a client that signs with the hospital's chain key.
    ground
        What all parties use alike.
    prove_seconds
        Deadline of one proof.
    on_step
        Progress.
    prover
        Makes the proofs; by default, on this machine.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is one part of a node
        self,
        home: NodeHome,
        registry: Registry,
        ground: SharedGround,
        prove_seconds: float = 600.0,
        on_step: StepCallback | None = None,
        prover: CircuitProver = prove,
    ) -> None:
        self.home = home
        self.registry = registry
        self.ground = ground
        self.spec = ground.spec
        self.vault = ShardVault(home, self.spec.data_length)
        self._prove_seconds = prove_seconds
        self._prover = prover
        self._on_step = on_step or (lambda _: None)
        bind_home(home, registry)
        self._checked: dict[int, tuple[SealedShard, G1Point]] = {}
        self._scratch = home.fresh_scratch()
        self._proof_checks = ProofChecks(registry, ground, self._on_step)

    @property
    def address(self) -> str:
        """The hospital's chain address."""
        return str(self.registry.client.sender)

    # --- keys ---

    def announce_mask_key(self) -> TxResult | None:
        """Announce the X25519 public key, unless the chain holds it already."""
        public = load_mask_key(self.home).public_bytes()
        if self.registry.member_of(self.address).mask_key == public:
            return None
        return self.registry.announce_mask_key(public)

    # --- admission ---

    def seal(self) -> Sequence[SealedShard]:
        """Load the records against the schema and seal them into shards, once.

        Versions whose shards are all retired need no file any more. No patient is in two others,
        and no test record in any.
        """
        versions = self._live_versions()
        self._require_apart([self.home.records_of(version) for version in versions])
        return [shard for version in versions for shard in self._seal_version(version)]

    def _live_versions(self) -> list[int]:
        """Return the versions of the records that are in use: not all their shards are retired."""
        first = self.registry.member_of(self.address).first_shard
        retired = {self.vault.version_of(index) for index in range(min(first, len(self.vault)))}
        live = {self.vault.version_of(index) for index in range(first, len(self.vault))}
        versions = range(1, self.home.latest_version() + 1)
        return [version for version in versions if version not in retired - live]

    def _seal_version(self, version: int) -> Sequence[SealedShard]:
        features, labels = self._read_records(self.home.records_of(version))
        self._require_full(len(labels))
        return seal_shards(self.spec, features, labels, self.home, self.vault, version)

    def _require_full(self, records: int) -> None:
        """Refuse records that the chain would not admit, before anything is stored or proven."""
        require_full_shards(records, self.spec.slots, self.ground.minimum_records)

    def _read_records(self, path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return a file's features at scale ``s`` and its labels, checked against the schema."""
        return read_records(path, self.ground.schema, self.spec)

    def admit(self) -> list[TxResult]:
        """Prove and admit every shard that the chain does not hold yet."""
        shards = self.seal()
        admitted = self.registry.shard_count(self.address)
        for shard in shards:
            if shard.index < admitted:
                self._require_admitted(shard, self.registry.shard_of(self.address, shard.index))
        return [self._admit(shard) for shard in shards if shard.index >= admitted]

    def owes_admission(self) -> bool:
        """Tell whether records are to be sealed or admitted, without reading them."""
        sealed = len(self.vault)
        if not sealed or self.vault.version_of(sealed - 1) < self.home.latest_version():
            return True
        return self.registry.shard_count(self.address) < sealed

    def add_records(self, source: Path) -> int:
        """Take a further file of records as the next version of the data; `admit` admits it."""
        return add_records(self.home, source, self._require_shards)

    def _require_shards(self, source: Path) -> None:
        """Refuse records that make no shards, before they become a version."""
        older = [self.home.records_of(version) for version in self._live_versions()]
        self._require_apart([*older, source])
        features, labels = self._read_records(source)
        self._require_full(len(labels))
        require_shards(self.spec, features, labels)

    def _require_apart(self, training: Sequence[Path]) -> None:
        require_patients_apart(training)
        held_out = HeldOutHome(self.home.root)
        if held_out.has_records():
            require_held_out(held_out.records, training, self.ground.schema)

    def retire_shards(self, below: int | None = None) -> TxResult | None:
        """Take older shards out of all further rounds; None if this was done before.

        Parameters
        ----------
        below
            Shards of a smaller index; all before those of the newest version if None.
        """
        admitted = self.registry.shard_count(self.address)
        limit = first_shard_of_latest(self.vault, admitted) if below is None else below
        if limit == self.registry.member_of(self.address).first_shard:
            return None
        return self.registry.retire_shards(limit)

    def _admit(self, shard: SealedShard) -> TxResult:
        self._on_step(f"proving admission of shard {shard.index}")
        client = self.registry.client
        # Computed here: an endpoint could name another member's context, and that member
        # could then post the proof.
        context = admission_context(
            client.chain_id, self.registry.address, self.address, shard.index
        )
        inputs = {"data": shard.vector, "public": pack_public(shard.count, context)}
        proof = self.vault.admission_proof(shard.index)
        if proof is None:
            proof = self._prove(self.ground.circuits.admission, inputs).data
            self.vault.keep_admission_proof(shard.index, proof)
        else:
            commit = self.ground.committer.commit
            expected = {name: commit(vector) for name, vector in inputs.items()}
            require_linked(proof, self.ground.circuits.admission.definition, expected)
        self._on_step(f"admitting shard {shard.index}")
        return self.registry.admit_shard(shard.count, proof)

    def _admitted(self, shard_index: int) -> tuple[SealedShard, Shard]:
        """Return a shard and what the chain holds of it; they are compared once a process."""
        on_chain = self.registry.shard_of(self.address, shard_index)
        if shard_index not in self._checked:
            shard = self.vault.load(shard_index)
            self._require_admitted(shard, on_chain)
            self._checked[shard_index] = shard, on_chain.commitment
        shard, commitment = self._checked[shard_index]
        if on_chain.commitment != commitment:
            raise ChainChangedError(
                f"the chain's commitment of shard {shard_index} changed while this node ran: the "
                "endpoint serves another chain, or a block was undone; restart the node"
            )
        return shard, on_chain

    def _require_admitted(self, shard: SealedShard, on_chain: Shard) -> None:
        opened = tuple(self.ground.committer.commit(shard.vector)) == tuple(on_chain.commitment)
        if not opened or shard.count != on_chain.count:
            raise HospitalError(
                f"shard {shard.index} in {self.home.root} is not the one on chain: its files were "
                "damaged, exchanged, or restored from the copy of another consortium"
            )

    # --- a round ---

    def prove(self, round_id: int) -> None:
        """Train and prove, unless this was done before; nothing is sent."""
        part = self._participation(round_id)
        if not part.submitted:
            with self._begun(round_id, part) as (state, _, journal):
                self._proven_update(round_id, state, part, journal)

    def submit(self, round_id: int) -> TxResult | None:
        """Train, prove, mask, encrypt and submit; None if this was done before."""
        part = self._participation(round_id)
        if part.submitted:
            return None
        with self._begun(round_id, part) as (state, masks, journal):
            if state.attempt != _FIRST_ATTEMPT:
                raise OvertakenError(
                    f"round {round_id} is at attempt {state.attempt}: it takes new masks, and no "
                    "new updates"
                )
            update = self._proven_update(round_id, state, part, journal)
            openings = self.registry.shard_of(self.address, part.shard_index).openings
            self._openings(part.shard_index).record(update.proof, openings)
            submission = self._sealed(state, part, masks, update.vector, journal)
            self._on_step("submitting")
            return submit_once(self.registry, round_id, update, submission)

    def remask(self, round_id: int) -> TxResult | None:
        """Mask and encrypt again in a further attempt; None if this was done before.

        Raises
        ------
        HospitalError
            There is no further attempt, or the update that the chain accepted is lost.
        """
        part = self._participation(round_id)
        if part.submitted:
            return None
        with self._begun(round_id, part) as (state, masks, journal):
            if state.attempt == _FIRST_ATTEMPT:
                raise OvertakenError(f"round {round_id} is at its first attempt: train instead")
            vector = self._accepted_update(part, journal)
            submission = self._sealed(state, part, masks, vector, journal)
            self._on_step(f"submitting to attempt {state.attempt}")
            return self.registry.remask_update(
                round_id, state.attempt, submission.mask, submission.ciphertext_hash
            )

    @contextmanager
    def _begun(
        self, round_id: int, part: Participation
    ) -> Iterator[tuple[Round, RoundMasks, RoundJournal]]:
        """Open the round's journal alone, for the round that it was begun for, on known keys."""
        state = self._in_status(round_id, RoundStatus.OPEN)
        masks = RoundMasks.shown(self.home, self.registry, round_id, state)
        with self._journal(round_id, state, part) as journal:
            yield state, masks, journal

    @contextmanager
    def _journal(self, round_id: int, state: Round, part: Participation) -> Iterator[RoundJournal]:
        journal = RoundJournal(self.home, round_id)
        with journal.locked():
            journal.bind(round_identity(state, part, self._rate(state)))
            yield journal

    def _accepted_update(self, part: Participation, journal: RoundJournal) -> list[int]:
        """Return the update that the chain accepted a proof of."""
        vector = journal.vector("update", self.spec.model_length)
        if vector is None or self.ground.committer.commit(vector) != part.update:
            raise SitOutError(
                f"the update that {self.address} proved in this round is not in its folder any "
                "more: restore the folder's latest copy, or sit the round out"
            )
        return vector

    def _sealed(
        self,
        state: Round,
        part: Participation,
        masks: RoundMasks,
        vector: list[int],
        journal: RoundJournal,
    ) -> Submission:
        self._on_step("masking and encrypting")
        self._bind_attempt(state, masks, journal)
        public = self.ground.store.get(state.encryption_context)
        sealing = Sealing(part.weight, masks.vector(self.spec.model_length), public)
        return seal_update(vector, sealing, self.ground, journal, state.attempt)

    @staticmethod
    def _bind_attempt(state: Round, masks: RoundMasks, journal: RoundJournal) -> None:
        identity = attempt_identity(state, masks.keys, masks.unpaired)
        journal.bind_attempt(state.attempt, identity)

    def _participation(self, round_id: int) -> Participation:
        part = self.registry.participation(round_id, self.address)
        if part.weight == 0:
            status = self.registry.round(round_id).status
            raise OvertakenError(
                f"{self.address} takes no part in round {round_id}, which is {status.name}"
            )
        return part

    def _in_status(self, round_id: int, status: RoundStatus) -> Round:
        state = self.registry.round(round_id)
        if state.status != status:
            raise OvertakenError(
                f"round {round_id} is {state.status.name}, not {status.name}: see what it waits "
                "for with zkfl status"
            )
        return state

    def _openings(self, shard_index: int) -> OpeningCount:
        return OpeningCount(self.home, shard_index, self.spec.max_openings)

    def _proven_update(
        self, round_id: int, state: Round, part: Participation, journal: RoundJournal
    ) -> ProvenUpdate:
        shard, admitted = self._admitted(part.shard_index)
        if journal.proof() is None:
            self._openings(shard.index).require_room(admitted.openings)
        client = self.registry.client
        context = training_context(client.chain_id, self.registry.address, self.address, round_id)
        model = current_model(
            self.registry, self.ground.store, self.ground.committer, self.spec.model_length
        )
        public = pack_public(self.ground.noise_bound, context)
        rate = self._rate(state)
        inputs = TrainingInputs(shard.vector, model, public, rate)
        self._on_step("proving the training step")
        update = prove_update(self.spec, inputs, self._prove_training, journal)
        commit = self.ground.committer.commit
        require_linked(
            update.proof,
            self.ground.circuits.training.definition,
            {
                "data": admitted.commitment,
                "model": self.registry.model(),
                "public": commit(public),
                "update": commit(update.vector),
                **({} if rate is None else {"rate": commit([rate])}),
            },
        )
        return update

    def _rate(self, state: Round) -> int | None:
        """Return the round's rate as the chain says; it takes no proof of another."""
        if not self.spec.rate_bits:
            return None
        if not 1 <= state.rate <= self.spec.full_rate:
            raise RpcBadAnswerError(
                f"the endpoint shows a round with the rate {state.rate}, and no rule gives one "
                f"outside of 1 to {self.spec.full_rate}: ask another endpoint"
            )
        return state.rate

    def _prove_training(self, inputs: dict[str, list[int]]) -> Proof:
        return self._prove(self.ground.circuits.training, inputs)

    def prove_step(self, step: str, circuit: BuiltCircuit, inputs: dict[str, list[int]]) -> Proof:
        """Say which step begins, and return its proof, made where this hospital makes them."""
        self._on_step(step)
        return self._prove(circuit, inputs)

    def _prove(self, circuit: BuiltCircuit, inputs: dict[str, list[int]]) -> Proof:
        return self._prover(circuit, inputs, self._prove_seconds, scratch=self._scratch)

    # --- when a round does not add up ---

    def split_mask(self, round_id: int) -> TxResult | None:
        """In a disputed round: state the mask shared with each peer; None if done before."""
        part = self._participation(round_id)
        if part.answered:
            return None
        state = self._in_status(round_id, RoundStatus.DISPUTED)
        masks = RoundMasks.shown(self.home, self.registry, round_id, state)
        self._on_step("splitting the mask")
        split, about = self._committed(masks), masks.about
        remember_split(self.home, about, self._agreeing(split), masks.place)
        return self.registry.split_mask(round_id, about.attempt, about.cohort, list(split.values()))

    def _committed(self, masks: RoundMasks) -> dict[str, G1Point]:
        """Return ``C(m_ij)`` by peer, in the cohort's order."""
        by_peer = masks.by_peer(self.spec.model_length)
        return {peer: self.ground.committer.commit(mask) for peer, mask in by_peer.items()}

    def _agreeing(self, by_peer: Mapping[str, G1Point]) -> dict[str, G1Point]:
        """Return ``C(m_ji) = 2*U - C(m_ij)`` by peer."""
        zero = self.ground.committer.zero
        return {peer: subtract(add(zero, zero), mask) for peer, mask in by_peer.items()}

    def reveal(self, round_id: int, on_progress: ProgressCallback | None = None) -> TxResult | None:
        """In a revealing round: show the masked update; None if done before.

        Raises
        ------
        HospitalError
            Reveals are not demanded, or the masked update is not what the chain holds.
        """
        part = self._participation(round_id)
        if part.answered:
            return None
        state = self._in_status(round_id, RoundStatus.REVEALING)
        self._require_valid_proofs(round_id)
        with self._journal(round_id, state, part) as journal:
            vector = self._accepted_update(part, journal)
            masks = RoundMasks.shown(self.home, self.registry, round_id, state)
            self._require_sealed(state, part, journal)
            self._bind_attempt(state, masks, journal)
        masked = masked_update(vector, part.weight, masks.vector(self.spec.model_length))
        self._on_step("opening the masked update")
        zero = self.ground.committer.zero
        commitment = masked_commitment(part.update, part.weight, part.mask, zero)
        quotient = open_vector(self.ground.committer.srs, commitment, masked, on_progress)
        return self.registry.reveal_update(round_id, masked, quotient)

    @staticmethod
    def _require_sealed(state: Round, part: Participation, journal: RoundJournal) -> None:
        """Reveal only what was encrypted before, under the mask that the chain shows.

        An endpoint could otherwise show an attempt of its own, in which a peer that works with it
        makes up most of the mask.
        """
        sealed = journal.submission(state.attempt)
        if sealed is None or sealed.mask != part.mask:
            raise SitOutError(
                f"this node sealed no update under the mask that the chain shows for attempt "
                f"{state.attempt}: nothing is revealed; the endpoint lies, or the folder is not "
                "the latest copy"
            )

    # --- after the round has closed ---

    def open_sum(self, round_id: int) -> TxResult | None:
        """As the key holder: open the announced sum, or refuse it; None if done before."""
        self._require_valid_proofs(round_id)
        self._on_step("opening the sum")
        return open_sum(self.registry, round_id, self.ground, load_he_secret(self.home))

    def check_proofs(self, round_id: int) -> list[str]:
        """Where proofs are posted: check all of the cohort, and challenge those that are invalid.

        Returns
        -------
        list[str]
            Who was challenged; nobody where the chain verifies proofs as they come.

        Raises
        ------
        ProofNotShownError, ProofDisputedError, ProverError
            A proof cannot be checked, or the chain finds it valid.
        """
        if not self.ground.challenge_window:
            return []
        return self._proof_checks.challenge_invalid(round_id)

    def _require_valid_proofs(self, round_id: int) -> None:
        challenged = self.check_proofs(round_id)
        if challenged:
            raise OvertakenError(
                f"{', '.join(challenged)} posted invalid proofs in round {round_id}, which were "
                "challenged: see how the round goes on with zkfl status"
            )

    def acknowledge(self, round_id: int) -> TxResult | None:
        """Acknowledge the published model if it opens C(G'); None if nothing is left to do."""
        state = self.registry.round(round_id)
        if state.status == RoundStatus.FINAL:
            return None
        if state.status != RoundStatus.PUBLISHED:
            raise OvertakenError(
                f"round {round_id} is {state.status.name}: it has no published model to acknowledge"
            )
        if self._participation(round_id).acknowledged == state.model_hash:
            return None
        self._require_valid_proofs(round_id)
        self._on_step("checking the published model")
        checked_model(
            self.ground.store,
            self.ground.committer,
            state.model_hash,
            self.spec.model_length,
            proven_model(self.registry, round_id, state, self.ground),
        )
        return self.registry.acknowledge(round_id, state.model_hash)

    # --- after a round ---

    def final_model(self, round_id: int) -> list[int]:
        """Return a final round's model, ``M`` field elements that open what the chain holds.

        Raises
        ------
        HospitalError
            The round is not final.
        ModelMismatchError, ArtifactError, FieldError
            The model is missing, or is not what the chain commits to.
        """
        state = self._in_status(round_id, RoundStatus.FINAL)
        store, committer = self.ground.store, self.ground.committer
        length, expected = self.spec.model_length, state.model_after
        return found_model(self.registry, store, committer, state.model_hash, length, expected)

    def prove_benefit(self, round_id: int) -> TxResult | None:
        """Prove the highest level of benefit of the last final round; None if done before.

        Raises
        ------
        HospitalError
            The consortium has another rule for shares, the round is not final, or the update is
            lost.
        """
        circuit = self.ground.circuits.benefit
        if circuit is None:
            rule = self.registry.config().weight_rule
            raise HospitalError(f"this consortium's shares are by {rule.name}: nothing is proven")
        state = self._in_status(round_id, RoundStatus.FINAL)
        part = self._participation(round_id)
        if self.registry.benefit_of(round_id, self.address).proven:
            return None
        client = self.registry.client
        context = benefit_context(client.chain_id, self.registry.address, self.address, round_id)
        with self._journal(round_id, state, part) as journal:
            own = OwnPart(self._accepted_update(part, journal), part.weight)
            statement = state_benefit(self.registry, self.ground, round_id, own, context)
            self._on_step("proving the benefit of the update")
            proof = prove_once(statement, circuit, self.ground, self._prove, journal)
        return self.registry.prove_benefit(round_id, statement.level, proof)
