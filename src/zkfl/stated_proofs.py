"""Every proof that a registry took, read from calldata, and what it must be about.

Found from events and the transactions behind them alone. A proof that the endpoint does not show
is listed as well: whoever checks them all is to see that it is missing, and the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from eth_utils.crypto import keccak

from zkfl.chain.events import ChainEvent
from zkfl.chain.protocol import admission_context, benefit_context, training_context
from zkfl.chain.registry import Registry
from zkfl.chain.states import ConsortiumConfig
from zkfl.curve import G1Point, add, multiply, subtract, total
from zkfl.signed_history import LineageError, SignedHistory, point_of

CircuitKind = Literal["admission", "training", "benefit", "evaluation"]
_DATA = 0
_TRAINING_DATA, _TRAINING_UPDATE = 0, 4
_NOWHERE: frozenset[G1Point] = frozenset()


@dataclass(frozen=True)
class StatedProof:
    """A proof that the chain says it took.

    Attributes
    ----------
    circuit
        Which of the consortium's circuits it is of.
    member, hospital
        The account that sent it, and the hospital's place in the order of joining, from 1.
    round_id
        0 for an admission.
    shard
        Which shard of the hospital it is about; None where it is about none that is known.
    data
        As the contract took it; None if the endpoint does not show it.
    problem
        Why it is not shown.
    allowed
        The points that it may commit to, by tensor name.
    challenged
        Whether an event says that somebody proved on chain that it is invalid. Nobody signed
        that, so it excuses no proof that a round was closed with.
    closed_with
        Whether its round was closed with its member after it was challenged, which no chain does.
    """

    circuit: CircuitKind
    member: str
    hospital: int
    round_id: int = 0
    shard: int | None = None
    data: bytes | None = field(default=None, repr=False)
    problem: str = ""
    allowed: Mapping[str, frozenset[G1Point]] = field(default_factory=dict)
    challenged: bool = False
    closed_with: bool = False


@dataclass(frozen=True)
class ProofRecord:
    """What a registry's history says about proofs.

    Attributes
    ----------
    config
        As the creation's calldata says.
    names
        Names that the chain gives to accounts.
    proofs
        In the chain's order.
    """

    config: ConsortiumConfig
    names: Mapping[str, str]
    proofs: list[StatedProof]

    def of_round(self, round_id: int) -> list[StatedProof]:
        """Return a round's proofs, and the admissions of the shards that it trained on."""
        used = {
            (proof.hospital, proof.shard)
            for proof in self.proofs
            if proof.circuit == "training" and proof.round_id == round_id
        }
        return [
            proof
            for proof in self.proofs
            if proof.round_id == round_id
            or (proof.circuit == "admission" and (proof.hospital, proof.shard) in used)
        ]


@dataclass
class _Hospital:
    number: int = 0
    shards: list[G1Point] = field(default_factory=list)
    first: int = 0


@dataclass
class _Round:
    cohort: list[str]
    before: G1Point
    after: G1Point | None = None
    updates: dict[str, G1Point] = field(default_factory=dict)


def read_proofs(registry: Registry, events: Sequence[ChainEvent] | None = None) -> ProofRecord:
    """Read every proof from a registry's creation on.

    Parameters
    ----------
    registry
        Only its events, their transactions and the weights of its rounds are read.
    events
        All of its events, where they were read before; one reading for all that is said of them.

    Raises
    ------
    LineageError
        The registry is not one that this checkout's code created.
    RpcError
        The endpoint is not in order.
    """
    return _Reader(registry).run(registry.events() if events is None else events)


class _Reader:
    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._history = SignedHistory(registry)
        self._chain_id = registry.client.chain_id
        self._hospitals: dict[str, _Hospital] = {}
        self._names: dict[str, str] = {}
        self._rounds: dict[int, _Round] = {}
        self._rates: dict[int, int] = {}
        self._proofs: list[StatedProof] = []
        self._joined = 0

    def run(self, events: Sequence[ChainEvent]) -> ProofRecord:
        first = next((event for event in events if event.name != "RoleGranted"), None)
        self._config = self._history.creation(first).config
        steps: Mapping[str, Callable[[ChainEvent], None]] = {
            "MemberAdded": self._add,
            "ShardAdmitted": self._admit,
            "DatasetRetired": self._retire,
            "AccountRotated": self._rotate,
            "RateFixed": self._fix_rate,
            "RoundOpened": self._open,
            "UpdateSubmitted": self._submit,
            "UpdateChallenged": self._challenge,
            "RoundClosed": self._close,
            "BenefitProven": self._benefit,
        }
        for event in events:
            if event.name in steps:
                steps[event.name](event)
        return ProofRecord(self._config, self._names, self._proofs)

    # --- who has which data ---

    def _add(self, event: ChainEvent) -> None:
        member = str(event.values["member"])
        self._names[member] = str(event.values["name"])
        if member not in self._hospitals:
            self._joined += 1
            self._hospitals[member] = _Hospital(self._joined)

    def _rotate(self, event: ChainEvent) -> None:
        old, new = str(event.values["account"]), str(event.values["newAccount"])
        self._hospitals[new] = self._hospitals.pop(old, _Hospital())
        self._names[new] = self._names.get(old, "")

    def _retire(self, event: ChainEvent) -> None:
        self._hospital(str(event.values["member"])).first = int(event.values["below"])

    # --- proofs ---

    def _admit(self, event: ChainEvent) -> None:
        member, index = str(event.values["member"]), int(event.values["shardIndex"])
        hospital = self._hospital(member)
        context = admission_context(self._chain_id, self._registry.address, member, index)
        stated = StatedProof("admission", member, hospital.number, shard=index)
        commitment = _point(event.values["commitment"])
        allowed = {"data": commitment, "public": self._public(event.values["count"], context)}
        proof = self._shown(stated, event, "admitShard")
        # what the proof commits to, since that is what was proven admissible
        known = commitment if proof.data is None else point_of(proof.data, _DATA, "")
        hospital.shards.append(known)
        self._keep(proof, allowed)

    def _submit(self, event: ChainEvent) -> None:
        member, round_id = str(event.values["member"]), int(event.values["roundId"])
        hospital, entry = self._hospital(member), self._rounds.get(round_id)
        update = _point(event.values["update"])
        if entry is not None:
            entry.updates[member] = update
        stated = StatedProof("training", member, hospital.number, round_id)
        proof = self._shown(stated, event, "submitUpdate", bytes(event.values["proofHash"]))
        context = training_context(self._chain_id, self._registry.address, member, round_id)
        public = self._public(self._config.noise_bound, context)
        fixed = {"public": public, "update": update} | ({"model": entry.before} if entry else {})
        if round_id in self._rates:
            fixed["rate"] = self._public(self._rates[round_id], 0)
        live = hospital.shards[hospital.first :]
        if proof.data is not None:
            data = point_of(proof.data, _TRAINING_DATA, "")
            shard = hospital.first + live.index(data) if data in live else None
            proof = replace(proof, shard=shard)
        self._keep(proof, fixed, {"data": frozenset(live)})

    def _benefit(self, event: ChainEvent) -> None:
        member, round_id = str(event.values["member"]), int(event.values["roundId"])
        stated = StatedProof("benefit", member, self._hospital(member).number, round_id)
        proof = self._shown(stated, event, "proveBenefit")
        context = benefit_context(self._chain_id, self._registry.address, member, round_id)
        bound = multiply(self._config.lagrange0, self._config.noise_bound)
        fixed = {
            "public": self._public(event.values["level"], context),
            "bound": add(bound, self._config.zero_commitment),
            **self._others(round_id, member),
        }
        self._keep(proof, fixed)

    def _others(self, round_id: int, member: str) -> dict[str, G1Point]:
        """Return C_i and the commitment of what everybody else added."""
        entry = self._rounds.get(round_id)
        update = entry.updates.get(member) if entry else None
        if entry is None or update is None or entry.after is None:
            return {}
        zero = self._config.zero_commitment
        weight = self._registry.participation(round_id, member).weight
        own = multiply(subtract(update, zero), weight)
        return {
            "update": update,
            "rest": subtract(total([subtract(entry.after, entry.before), zero]), own),
        }

    # --- rounds ---

    def _fix_rate(self, event: ChainEvent) -> None:
        self._rates[int(event.values["roundId"])] = int(event.values["rate"])

    def _open(self, event: ChainEvent) -> None:
        round_id = int(event.values["roundId"])
        cohort, before = list(event.values["cohort"]), _point(event.values["modelBefore"])
        self._rounds.setdefault(round_id, _Round(cohort, before)).cohort = cohort

    def _challenge(self, event: ChainEvent) -> None:
        named = int(event.values["roundId"]), str(event.values["member"])
        self._proofs = [
            replace(proof, challenged=True)
            if proof.circuit == "training" and (proof.round_id, proof.member) == named
            else proof
            for proof in self._proofs
        ]

    def _close(self, event: ChainEvent) -> None:
        round_id = int(event.values["roundId"])
        entry = self._rounds.get(round_id)
        if entry is None:
            return
        entry.after = _point(event.values["modelAfter"])
        self._proofs = [
            replace(proof, closed_with=True)
            if proof.challenged and proof.round_id == round_id and proof.member in entry.cohort
            else proof
            for proof in self._proofs
        ]
        for member in entry.cohort:
            if member not in entry.updates:
                problem = "the round was closed with it, and no event shows it"
                number = self._hospital(member).number
                stated = StatedProof("training", member, number, round_id, problem=problem)
                self._proofs.append(stated)

    # --- helpers ---

    def _shown(
        self, stated: StatedProof, event: ChainEvent, function: str, digest: bytes | None = None
    ) -> StatedProof:
        """Return the proof with its bytes, or with the reason why nobody sees them."""
        where = f"{stated.circuit} proof of {stated.member}"
        try:
            arguments = self._history.arguments(event, function, stated.member, where)
            data = bytes(arguments["proof"])
            point_of(data, _TRAINING_UPDATE if stated.circuit == "training" else _DATA, where)
        except LineageError as error:
            return replace(stated, problem=str(error))
        if digest is not None and keccak(data) != digest:
            return replace(stated, problem=f"{where}: its event names another proof's hash")
        return replace(stated, data=data)

    def _keep(
        self,
        proof: StatedProof,
        fixed: Mapping[str, G1Point],
        several: Mapping[str, frozenset[G1Point]] | None = None,
    ) -> None:
        allowed = {name: frozenset({point}) for name, point in fixed.items()}
        zeros = frozenset({self._config.zero_commitment})
        self._proofs.append(replace(proof, allowed={**allowed, **(several or {}), "zeros": zeros}))

    def _public(self, scalar: int, context: int) -> G1Point:
        config = self._config
        parts = (multiply(config.lagrange0, int(scalar)), multiply(config.lagrange1, context))
        return total([config.zero_commitment, *parts])

    def _hospital(self, member: str) -> _Hospital:
        return self._hospitals.setdefault(member, _Hospital())


def _point(shown: Mapping[str, int]) -> G1Point:
    return G1Point(int(shown["x"]), int(shown["y"]))
