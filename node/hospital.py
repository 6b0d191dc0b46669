"""One hospital's part in the protocol, a method a step; each step can be repeated safely."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from zkfl.chain.protocol import admission_context, training_context
from zkfl.chain.registry import Registry
from zkfl.chain.states import Participation, Round, RoundStatus, Shard
from zkfl.chain.transactions import TxResult
from zkfl.common_ground import CommonGround
from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.masks import mask_context, mask_vector
from zkfl.model_vector import checked_model, current_model
from zkfl.node.admission import seal_shards
from zkfl.node.home import NodeHome
from zkfl.node.home_binding import bind_home
from zkfl.node.key_holder import open_sum
from zkfl.node.key_store import load_he_secret, load_mask_key
from zkfl.node.opening_count import OpeningCount
from zkfl.node.pinned_keys import require_pinned
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds, preprocess, quantise
from zkfl.node.round_identity import round_identity
from zkfl.node.round_journal import RoundJournal
from zkfl.node.shard_vault import SealedShard, ShardVault
from zkfl.node.submission import Sealing, seal_update, submit_once
from zkfl.node.training import ProvenUpdate, TrainingInputs, prove_update, require_linked
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import Proof, prove

StepCallback = Callable[[str], None]
"""Gets the name of the step that begins."""


class HospitalError(ZkflError):
    """A step of the protocol cannot be taken by this hospital now."""


@dataclass(frozen=True, kw_only=True)
class SharedGround(CommonGround):
    """What all hospitals use alike: the common ground and the schema of the records."""

    schema: RecordSchema


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
    """

    def __init__(
        self,
        home: NodeHome,
        registry: Registry,
        ground: SharedGround,
        prove_seconds: float = 600.0,
        on_step: StepCallback | None = None,
    ) -> None:
        self.home = home
        self.registry = registry
        self.ground = ground
        self.spec = ground.spec
        self.vault = ShardVault(home, self.spec.data_length)
        self._prove_seconds = prove_seconds
        self._on_step = on_step or (lambda _: None)
        bind_home(home, registry)
        self._checked: dict[int, tuple[SealedShard, G1Point]] = {}
        self._scratch = home.fresh_scratch()

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
        """Load the records against the schema and seal them into shards, once."""
        bounds = FeatureBounds(self.spec.feature_bound, self.spec.norm_bound, self.spec.scale_bits)
        table = load_records(self.home.records, self.ground.schema)
        features = quantise(preprocess(table, self.ground.schema, bounds), bounds)
        labels = table[self.ground.schema.label.name].to_numpy(dtype="int64")
        return seal_shards(self.spec, features, labels, self.home, self.vault)

    def admit(self) -> list[TxResult]:
        """Prove and admit every shard that the chain does not hold yet."""
        shards = self.seal()
        admitted = self.registry.shard_count(self.address)
        for shard in shards[:admitted]:
            self._require_admitted(shard, self.registry.shard_of(self.address, shard.index))
        return [self._admit(shard) for shard in shards[admitted:]]

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
            raise HospitalError(
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
            with self._begun(round_id, part) as (_, journal):
                self._proven_update(round_id, part, journal)

    def submit(self, round_id: int) -> TxResult | None:
        """Train, prove, mask, encrypt and submit; None if this was done before."""
        part = self._participation(round_id)
        if part.submitted:
            return None
        with self._begun(round_id, part) as (state, journal):
            update = self._proven_update(round_id, part, journal)
            openings = self.registry.shard_of(self.address, part.shard_index).openings
            self._openings(part.shard_index).record(update.proof, openings)
            self._on_step("masking and encrypting")
            sealing = self._sealing(round_id, state, part)
            submission = seal_update(update, sealing, self.ground, journal, state.attempt)
            self._on_step("submitting")
            return submit_once(self.registry, round_id, update, submission)

    @contextmanager
    def _begun(self, round_id: int, part: Participation) -> Iterator[tuple[Round, RoundJournal]]:
        """Open the round's journal alone, for the round that it was begun for, on known keys."""
        state, keys = self._open_round(round_id), self._mask_keys(round_id)
        require_pinned(self.home, {**keys, "encryption context": state.encryption_context})
        journal = RoundJournal(self.home, round_id)
        with journal.locked():
            journal.bind(round_identity(state, part, keys))
            yield state, journal

    def _participation(self, round_id: int) -> Participation:
        part = self.registry.participation(round_id, self.address)
        if part.weight == 0:
            raise HospitalError(f"{self.address} takes no part in round {round_id}")
        return part

    def _open_round(self, round_id: int) -> Round:
        state = self.registry.round(round_id)
        if state.status != RoundStatus.OPEN:
            raise HospitalError(
                f"round {round_id} is {state.status.name}, not OPEN: it takes no updates any more"
            )
        return state

    def _openings(self, shard_index: int) -> OpeningCount:
        return OpeningCount(self.home, shard_index, self.spec.max_openings)

    def _proven_update(
        self, round_id: int, part: Participation, journal: RoundJournal
    ) -> ProvenUpdate:
        shard, admitted = self._admitted(part.shard_index)
        if journal.proof() is None:
            self._openings(shard.index).require_room(admitted.openings)
        client = self.registry.client
        context = training_context(client.chain_id, self.registry.address, self.address, round_id)
        model = current_model(
            self.registry, self.ground.store, self.ground.committer, self.spec.model_length
        )
        public = pack_public(self.registry.config().noise_bound, context)
        inputs = TrainingInputs(shard.vector, model, public)
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
            },
        )
        return update

    def _prove_training(self, inputs: dict[str, list[int]]) -> Proof:
        return self._prove(self.ground.circuits.training, inputs)

    def _prove(self, circuit: BuiltCircuit, inputs: dict[str, list[int]]) -> Proof:
        return prove(circuit, inputs, self._prove_seconds, scratch=self._scratch)

    def _sealing(self, round_id: int, state: Round, part: Participation) -> Sealing:
        client = self.registry.client
        context = mask_context(client.chain_id, self.registry.address, round_id, state.attempt)
        mask = mask_vector(
            load_mask_key(self.home),
            self._mask_keys(round_id),
            self.address,
            context,
            self.spec.model_length,
        )
        public = self.ground.store.get(state.encryption_context)
        return Sealing(part.weight, mask, public)

    def _mask_keys(self, round_id: int) -> dict[str, bytes]:
        cohort = self.registry.cohort(round_id)
        return {member: self.registry.member_of(member).mask_key for member in cohort}

    # --- after the round has closed ---

    def open_sum(self, round_id: int) -> bytes:
        """As the key holder: open the encrypted sum, and leave its integers for all.

        Returns the SHA-256 (32 bytes) of the stored sum.
        """
        self._on_step("opening the sum")
        return open_sum(self.registry, round_id, self.ground, load_he_secret(self.home))

    def acknowledge(self, round_id: int) -> TxResult | None:
        """Acknowledge the published model if it opens C(G'); None if nothing is left to do."""
        state = self.registry.round(round_id)
        if state.status == RoundStatus.FINAL:
            return None
        if state.status != RoundStatus.PUBLISHED:
            raise HospitalError(
                f"round {round_id} is {state.status.name}: it has no published model to acknowledge"
            )
        if self.registry.acknowledged(round_id, self.address, state.model_hash):
            return None
        self._on_step("checking the published model")
        checked_model(
            self.ground.store,
            self.ground.committer,
            state.model_hash,
            self.spec.model_length,
            state.model_after,
        )
        return self.registry.acknowledge(round_id, state.model_hash)
