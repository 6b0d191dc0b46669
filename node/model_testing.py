"""A hospital tests the consortium's models on records of its own, and proves the counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.chain.model_metrics import ModelMetrics
from zkfl.chain.protocol import evaluation_context, held_out_context
from zkfl.chain.router import Router
from zkfl.chain.transactions import TxResult
from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.node.admission import seal_shards
from zkfl.node.held_out_home import HeldOutHome, HeldOutRecordsError
from zkfl.node.held_out_overlap import require_held_out
from zkfl.node.hospital import HospitalNode
from zkfl.node.opening_count import BlindersSpentError, OpeningCount, OpeningCountError
from zkfl.node.own_records import read_records
from zkfl.node.shard_vault import SealedShard, ShardVault, ShardVaultError
from zkfl.node.training import UpdateMismatchError, require_linked
from zkfl.private_file import PrivateFileError, read_private_file
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.evaluation.reference import confusion_counts
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import InvalidProofError, read_points

_PROOF_LIMIT = 1024 * 1024
_NONE_HERE = 0
"""Proofs of a shard that a contract accepted which holds no such shard yet."""


class ModelTestingError(ZkflError):
    """Metrics cannot be proven by this hospital, or not of this round."""


class StuckShardError(ZkflError):
    """Files of some test shards are not in order, or their blinders are spent."""


_STUCK = (
    BlindersSpentError,
    InvalidProofError,
    ModelTestingError,
    OpeningCountError,
    PrivateFileError,
    ShardVaultError,
    UpdateMismatchError,
)
"""What concerns one test shard alone."""


@dataclass(frozen=True)
class ShardMetrics:
    """What was proven of a round's model on one test shard.

    Attributes
    ----------
    shard_index, counts
        Which of the hospital's test shards, and how often the model is right on it.
    sent
        The transaction; None where it was proven before.
    """

    shard_index: int
    counts: ConfusionCounts
    sent: TxResult | None


class ModelTester:
    """Commits to a hospital's test records, and proves final models' counts on them.

    Parameters
    ----------
    node
        The hospital; its ground must name the contract of metrics.

    Raises
    ------
    ModelTestingError
        The consortium has none.
    """

    def __init__(self, node: HospitalNode) -> None:
        circuit, address = node.ground.circuits.evaluation, node.ground.metrics
        if circuit is None or address is None:
            raise ModelTestingError(
                "this consortium proves no metrics: whoever founds one decides it (zkfl init "
                "--metrics)"
            )
        self._node = node
        self._spec = node.spec
        self._circuit: BuiltCircuit = circuit
        self.metrics = ModelMetrics(node.registry.client, address)
        self.home = HeldOutHome(node.home.root)
        self._vault = ShardVault(self.home, node.spec.data_length)

    @property
    def member_id(self) -> int:
        """The hospital's number in the registry."""
        return self._node.registry.member_id_of(self._node.address)

    # --- test shards ---

    def owes_admission(self) -> bool:
        """Tell whether test records are to be sealed or admitted, without reading them."""
        if not self.home.has_records():
            return False
        sealed = len(self._vault)
        return not sealed or self.metrics.test_shard_count(self.member_id) < sealed

    def admit(self) -> list[TxResult]:
        """Prove and admit every test shard that the chain does not hold yet.

        Raises
        ------
        HeldOutRecordsError
            The hospital has no test records, or some of them are training records too.
        """
        return [self._admit(shard) for shard in self._to_admit()]

    def admit_next(self) -> int | None:
        """Admit the next test shard, and return its index; None if none is left.

        A proof takes long: whoever has more to do looks at the chain in between. Raises as `admit`.
        """
        shard = next(iter(self._to_admit()), None)
        if shard is None:
            return None
        self._admit(shard)
        return shard.index

    def _to_admit(self) -> Sequence[SealedShard]:
        if not self.home.has_records():
            raise HeldOutRecordsError(
                f"{self.home.records} is missing: give a file of test records (zkfl admit --test "
                "--records FILE)"
            )
        shards = self._sealed()
        admitted = self.metrics.test_shard_count(self.member_id)
        for shard in shards[:admitted]:
            self._require_admitted(shard)
        return shards[admitted:]

    def _sealed(self) -> Sequence[SealedShard]:
        schema = self._node.ground.schema
        features, labels = read_records(self.home.records, schema, self._spec)
        require_held_out(self.home.records, self._trained_on(), schema)
        return seal_shards(self._spec, features, labels, self.home, self._vault)

    def _trained_on(self) -> list[Path]:
        """Return the files that train or did: a retired version was seen by older models."""
        home = self._node.home
        files = (home.records_of(version) for version in range(1, home.latest_version() + 1))
        return [file for file in files if file.exists()]

    def _admit(self, shard: SealedShard) -> TxResult:
        context = held_out_context(*self._place(), shard.index)
        inputs = {"data": shard.vector, "public": pack_public(shard.count, context)}
        circuit = self._node.ground.circuits.admission
        kept = self._vault.admission_proof(shard.index)
        proof = kept
        if proof is None or not self._is_for_here(circuit, proof, inputs):
            proof = self._admission_proof(shard, inputs, again=kept is not None)
        return self.metrics.admit_test_shard(shard.count, proof)

    def _admission_proof(
        self, shard: SealedShard, inputs: dict[str, list[int]], *, again: bool
    ) -> bytes:
        """Prove that a shard is well formed; the first time is counted since it was sealed."""
        count = OpeningCount(self.home, shard.index, self._spec.max_openings)
        if again:
            count.require_room(_NONE_HERE)
        step = f"proving admission of test shard {shard.index}"
        proof = self._node.prove_step(step, self._node.ground.circuits.admission, inputs).data
        if again:
            # before it is kept: what is kept is sent without another look
            count.record(proof, _NONE_HERE)
        self._vault.keep_admission_proof(shard.index, proof)
        return proof

    # --- metrics ---

    def owed(self, round_id: int) -> list[int]:
        """Return the admitted test shards that are not counted for a round and can be."""
        member = self.member_id
        return [
            index
            for index in range(self.metrics.test_shard_count(member))
            if not self.metrics.is_proven(round_id, member, index)
            and self.metrics.test_shard_of(member, index).openings < self._spec.max_openings
        ]

    def provable(self, round_id: int) -> list[int]:
        """Return those owed that a proof can be made of and is taken of.

        Left out is what trains too, and whose blinders this node spent on proofs that nobody took.
        """
        return [
            index
            for index in self.owed(round_id)
            if not self._trains(index) and self._has_room(index)
        ]

    def _trains(self, index: int) -> bool:
        """Tell whether the registry holds a test shard as a training shard, whoever admitted it."""
        commitment = self.metrics.test_shard_of(self.member_id, index).commitment
        return self._node.registry.is_admitted(commitment)

    def _has_room(self, index: int) -> bool:
        """Tell whether a shard has blinders left, by the count of what left this node."""
        openings = self.metrics.test_shard_of(self.member_id, index).openings
        try:
            return self._count_of(index).has_room(openings)
        except OpeningCountError:
            return True  # the proof is what says so

    def is_open(self) -> bool:
        """Tell whether the router still takes proofs of both circuits."""
        router = Router(self._node.registry.client, self.metrics.router())
        circuits = (self._node.ground.circuits.admission, self._circuit)
        routes = (router.route(circuit.manifest.manifest_hash()) for circuit in circuits)
        return not any(route.removed for route in routes)

    def prove(self, round_id: int) -> Iterator[ShardMetrics]:
        """Prove the counts of a final round's model on each admitted test shard, one by one.

        Raises
        ------
        HospitalError
            The round is not final.
        ModelTestingError
            The hospital admitted no test shard.
        StuckShardError
            On some shards they cannot be proven; on all others they were.
        """
        model = self._node.final_model(round_id)
        admitted = self.metrics.test_shard_count(self.member_id)
        if not admitted:
            raise ModelTestingError(
                f"{self._node.address} has admitted no test shard: run zkfl admit --test first"
            )
        owed = self.owed(round_id)
        stuck: dict[int, ZkflError] = {}
        for index in range(admitted):
            try:
                proven = self._shard_metrics(round_id, index, model, owed=index in owed)
            except _STUCK as error:
                stuck[index] = error
            else:
                yield proven
        if stuck:
            raise _stuck(round_id, stuck)

    def prove_next(self, round_id: int) -> int | None:
        """Prove the counts on the next shard that owes them, and return its index; else None.

        Raises as `prove`, once no shard is left whose counts can be proven.
        """
        left, stuck = self.provable(round_id), dict[int, ZkflError]()
        model = self._node.final_model(round_id) if left else []
        for index in left:
            try:
                self._shard_metrics(round_id, index, model, owed=True)
            except _STUCK as error:
                stuck[index] = error
            else:
                return index
        if stuck:
            raise _stuck(round_id, stuck)
        return None

    def _shard_metrics(
        self, round_id: int, index: int, model: list[int], *, owed: bool
    ) -> ShardMetrics:
        shard = self._vault.load(index)
        openings = self._require_admitted(shard) if owed else 0
        counts = confusion_counts(self._spec, shard.vector, model)
        if not owed:
            return ShardMetrics(index, counts, None)
        if self._trains(index):
            raise ModelTestingError(
                f"test shard {index} is a training shard too, so no more can be proven with it: "
                "admit other records as a test shard"
            )
        proof = self._proof(round_id, shard, counts, model, openings)
        sent = self.metrics.prove_metrics(round_id, index, counts, proof)
        return ShardMetrics(index, counts, sent)

    def _proof(
        self,
        round_id: int,
        shard: SealedShard,
        counts: ConfusionCounts,
        model: list[int],
        openings: int,
    ) -> bytes:
        """Return a counted proof: the kept one, or a new one where none is kept for here."""
        context = evaluation_context(*self._place(), round_id)
        public = pack_public(counts.packed(), context)
        inputs = {"data": shard.vector, "model": model, "public": public}
        count = self._count_of(shard.index)
        path = self.home.evaluation_proof(shard.index, round_id)
        proof = read_private_file(path, limit=_PROOF_LIMIT) if path.exists() else None
        if proof is None or not self._is_for_here(self._circuit, proof, inputs):
            count.require_room(openings)
            step = f"proving the metrics of round {round_id} on test shard {shard.index}"
            proof = self._node.prove_step(step, self._circuit, inputs).data
            write_atomically(path, proof)
        count.record(proof, openings)
        return proof

    # --- helpers ---

    def _count_of(self, index: int) -> OpeningCount:
        return OpeningCount(self.home, index, self._spec.max_openings)

    def _place(self) -> tuple[int, str, str]:
        """Return what every context names; an endpoint could state another member's."""
        client = self._node.registry.client
        return client.chain_id, self.metrics.address, self._node.address

    def _require_admitted(self, shard: SealedShard) -> int:
        """Compare a sealed shard with the chain's, and return how often that was opened."""
        on_chain = self.metrics.test_shard_of(self.member_id, shard.index)
        opened = tuple(self._node.ground.committer.commit(shard.vector))
        if opened != tuple(on_chain.commitment) or shard.count != on_chain.count:
            raise ModelTestingError(
                f"test shard {shard.index} in {self.home.root} is not the one on chain: its files "
                "were damaged, exchanged, or restored from the copy of another consortium"
            )
        return on_chain.openings

    def _is_for_here(
        self, circuit: BuiltCircuit, proof: bytes, inputs: dict[str, list[int]]
    ) -> bool:
        """Tell whether a kept proof names this contract and this account.

        One that was made for another contract of metrics, or under an account that was changed
        since, is refused there for its context alone. One about other data is damaged, and no
        reason to open the shard once more.
        """
        commit = self._node.ground.committer.commit
        expected = {name: G1Point(*commit(vector)) for name, vector in inputs.items()}
        public = expected.pop("public")
        require_linked(proof, circuit.definition, expected)
        return read_points(circuit.definition, proof)["public"] == public


def _stuck(round_id: int, stuck: dict[int, ZkflError]) -> StuckShardError:
    why = "; ".join(f"test shard {index}: {error}" for index, error in stuck.items())
    return StuckShardError(
        f"the metrics of round {round_id} cannot be proven on {len(stuck)} test shard(s), and "
        f"those of the others were: {why}"
    )
