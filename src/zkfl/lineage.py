"""The consortium's models from the first on, recomputed from events and calldata.

Nothing that the registry stores is believed: shares follow from admitted records and the rule,
shards from the seed, updates are read from the proofs that members signed, and every C(G') is
computed anew. The chain's own statements are compared with that, one by one.

Proofs are not verified again, and whoever serves the chain can leave out its end: the table
says up to where it goes.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from web3 import Web3

from zkfl.chain.events import ChainEvent
from zkfl.chain.protocol import ProtocolError, rewarded, selected_shard, shares, weight
from zkfl.chain.registry import Registry
from zkfl.chain.states import WeightRule
from zkfl.curve import G1Point, add, multiply, subtract
from zkfl.model_card import Contribution, ModelCard
from zkfl.signed_history import Creation, LineageError, SignedHistory, point_of, require_same

__all__ = [
    "FinalRound",
    "Holding",
    "Lineage",
    "LineageError",
    "Reading",
    "lineages_at",
    "rebuild",
    "rebuild_lineage",
    "rows",
]
_TRAINING_DATA, _TRAINING_MODEL, _TRAINING_UPDATE, _TRAINING_RATE = 0, 1, 4, 6
_RATE_RULE = "learningRate"
"""The constructor's argument: zero where rounds have no rate."""
_BENEFIT_UPDATE, _BENEFIT_REST = 0, 1
_FIRST_ATTEMPT = 1
_WHOLE_BPS = 10_000
_NO_HASH = bytes(32)


@dataclass(frozen=True)
class FinalRound:
    """A round that moved the model, as it was recomputed.

    Attributes
    ----------
    card
        What it is made of.
    published_card
        SHA-256 of the card on chain, equal to the card's; None while there is none.
    levels
        By members that proved their benefit; later shares may follow from them.
    rate
        Of its steps, as the event and every proof say; 0 where rounds have none.
    """

    card: ModelCard
    published_card: bytes | None
    levels: Mapping[str, int]
    rate: int = 0


@dataclass(frozen=True)
class Holding:
    """What a hospital brought.

    Attributes
    ----------
    member_id
        Its place in the order of joining, from 1.
    account, name
        At the end of what was read.
    shards
        Commitment and records of each admitted shard.
    first_shard
        Shards before it are retired.
    admitted_at
        Block and log index of each shard's admission.
    """

    member_id: int
    account: str
    name: str
    shards: Sequence[tuple[G1Point, int]]
    first_shard: int
    admitted_at: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Lineage:
    """Everything that was recomputed of a consortium.

    Attributes
    ----------
    chain_id, registry
        Where it lives.
    creation
        What its creator signed.
    holdings
        In the order of joining.
    finals
        Rounds that moved the model, in order.
    accounts
        Every account that a hospital had at any time, and the hospital's `Holding.member_id`.
    """

    chain_id: int
    registry: str
    creation: Creation
    holdings: Sequence[Holding]
    finals: Sequence[FinalRound]
    accounts: Mapping[str, int]


@dataclass(frozen=True)
class Reading:
    """What a registry states after one block, and the events that lead there.

    Attributes
    ----------
    block
        The last one whose events are among these.
    final_round, model, model_hash
        What it states as its model; all of it has to follow from the events.
    events
        From its creation on.
    """

    block: int
    final_round: int
    model: G1Point
    model_hash: bytes
    events: Sequence[ChainEvent]

    @classmethod
    def take(cls, registry: Registry) -> Self:
        """Read a registry after its latest block; what is mined meanwhile is left out."""
        block = registry.client.block_number()
        pinned = registry.at(block)
        # at once: endpoints forget what was stated after earlier blocks, and no events
        stated = pinned.final_round(), pinned.model(), pinned.model_hash()
        return cls(block, *stated, pinned.events())


@dataclass
class _Shard:
    commitment: G1Point
    count: int
    admitted_at: tuple[int, int]
    openings: int = 1


@dataclass
class _Hospital:
    member_id: int = 0
    name: str = ""
    shards: list[_Shard] = field(default_factory=list)
    first: int = 0

    def records(self) -> int:
        return sum(shard.count for shard in self.shards[self.first :])


@dataclass
class _Round:
    cohort: list[str]
    parts: dict[str, Contribution]
    model_before: G1Point
    members: int = 0
    levels: dict[str, int] = field(default_factory=dict)
    vouched: dict[str, bytes] = field(default_factory=dict)
    opened: bytes | None = None
    model_after: G1Point | None = None
    card: ModelCard | None = None
    published: bytes | None = None
    rate: int = 0


def rebuild(registry: Registry, on_round: Callable[[int], None] | None = None) -> list[FinalRound]:
    """Recompute every final round from the registry's creation on.

    Parameters
    ----------
    registry
        Only its events and their transactions are read, and what it states as its model.
    on_round
        Gets the number of each round that was recomputed.

    Raises
    ------
    LineageError
        The first difference.
    RpcError
        The endpoint does not answer.
    """
    return list(rebuild_lineage(registry, on_round).finals)


def rebuild_lineage(
    registry: Registry,
    on_round: Callable[[int], None] | None = None,
    reading: Reading | None = None,
) -> Lineage:
    """Recompute the whole lineage, as `rebuild` does.

    Parameters
    ----------
    registry, on_round
        As there.
    reading
        Of the registry, where it was read before: one reading for all that is said of it.

    Raises
    ------
    LineageError
        The first difference.
    RpcError
        The endpoint does not answer.
    """
    reading = reading or Reading.take(registry)
    rebuild = _Rebuild(registry, on_round or (lambda _: None))
    lineage = rebuild.run(reading.events)
    rebuild.compare_with(reading)
    return lineage


def lineages_at(
    registry: Registry,
    events: Sequence[ChainEvent],
    blocks: Iterable[int],
    on_round: Callable[[int], None] | None = None,
) -> dict[int, Lineage | LineageError]:
    """Recompute the lineage as it was at each of several blocks, in one go.

    Views tell of the latest block alone, so that none is compared.

    Parameters
    ----------
    registry
        Only the transactions of its events are read.
    events
        From its creation on, in the chain's order.
    blocks
        After which the lineage is wanted.
    on_round
        Gets the number of each round that was recomputed.

    Returns
    -------
    dict[int, Lineage | LineageError]
        By block; the first difference where it does not add up to there.

    Raises
    ------
    RpcError
        The endpoint does not answer.
    """
    ordered = sorted(events, key=lambda event: (event.block_number, event.log_index))
    numbers = [event.block_number for event in ordered]
    rebuild, taken = _Rebuild(registry, on_round or (lambda _: None)), 0
    told: dict[int, Lineage | LineageError] = {}
    broken: LineageError | None = None
    for block in sorted(set(blocks)):
        upto = bisect_right(numbers, block)
        try:
            told[block] = broken or rebuild.run(ordered[taken:upto])
        except LineageError as error:
            told[block] = error
            # before the creation there is nothing, which says nothing of what came later
            broken = error if upto else None
        taken = upto
    return told


class _Rebuild:
    def __init__(self, registry: Registry, on_round: Callable[[int], None]) -> None:
        self._registry = registry
        self._client = registry.client
        self._on_round = on_round
        self._history = SignedHistory(registry)
        self._hospitals: dict[str, _Hospital] = {}
        self._rounds: dict[int, _Round] = {}
        self._rates: dict[int, int] = {}
        self._finals: list[int] = []
        self._accounts: dict[str, int] = {}
        self._creation: Creation | None = None
        self._seed = _NO_HASH
        self._members = 0

    def run(self, events: Sequence[ChainEvent]) -> Lineage:
        """Go on by these events, and return what all until now lead to."""
        creation = self._creation or self._begin(events)
        steps: Mapping[str, Callable[[ChainEvent], None]] = {
            "MemberAdded": self._add,
            "ShardAdmitted": self._admit,
            "DatasetRetired": self._retire,
            "AccountRotated": self._rotate,
            "SelectionSeedDrawn": self._draw,
            "RateFixed": self._fix_rate,
            "RoundOpened": self._open,
            "UpdateSubmitted": self._submit,
            "RoundClosed": self._close,
            "Acknowledged": self._acknowledge,
            "RoundFinalized": self._finalize,
            "BenefitProven": self._benefit,
            "ModelOpened": self._correct,
            "ModelCardPublished": self._card,
        }
        for event in events:
            if event.name in steps:
                steps[event.name](event)
        registry = Web3.to_checksum_address(self._registry.address)
        holdings, finals = self._holdings(), self._final_rounds()
        accounts = dict(self._accounts)
        return Lineage(self._client.chain_id, registry, creation, holdings, finals, accounts)

    def _begin(self, events: Sequence[ChainEvent]) -> Creation:
        # the constructor gives the roles before it says that the registry stands
        first = next((event for event in events if event.name != "RoleGranted"), None)
        self._creation = self._history.creation(first)
        self._config = self._creation.config
        self._model = self._config.zero_commitment
        return self._creation

    def _holdings(self) -> list[Holding]:
        entries = sorted(self._hospitals.items(), key=lambda entry: entry[1].member_id)
        return [
            Holding(
                hospital.member_id,
                account,
                hospital.name,
                [(shard.commitment, shard.count) for shard in hospital.shards],
                hospital.first,
                [shard.admitted_at for shard in hospital.shards],
            )
            for account, hospital in entries
        ]

    def _final_rounds(self) -> list[FinalRound]:
        return [
            FinalRound(card, entry.published, dict(entry.levels), entry.rate)
            for entry in map(self._rounds.__getitem__, self._finals)
            if (card := entry.card) is not None
        ]

    # --- data ---

    def _add(self, event: ChainEvent) -> None:
        """Give members ids in the order of their first joining; accounts change, ids do not."""
        member = event.values["member"]
        if member not in self._hospitals:
            if member in self._accounts:
                raise LineageError(f"{member} was added after another account took it over")
            self._members += 1
            self._accounts[member] = self._members
            self._hospitals[member] = _Hospital(self._members)
        self._hospitals[member].name = str(event.values["name"])

    def _admit(self, event: ChainEvent) -> None:
        member, index = event.values["member"], int(event.values["shardIndex"])
        where = f"shard {index} of {member}"
        arguments = self._history.arguments(event, "admitShard", member, where)
        commitment = point_of(arguments["proof"], 0, where)
        require_same(where, "commitment", G1Point(*event.values["commitment"].values()), commitment)
        require_same(where, "records", int(event.values["count"]), int(arguments["count"]))
        hospital = self._hospitals.get(member)
        if hospital is None:
            raise LineageError(f"{where}: it is no member")
        require_same(where, "index", index, len(hospital.shards))
        place = event.block_number, event.log_index
        hospital.shards.append(_Shard(commitment, int(arguments["count"]), place))

    def _retire(self, event: ChainEvent) -> None:
        member, below = event.values["member"], int(event.values["below"])
        hospital = self._hospitals.get(member, _Hospital())
        if not hospital.first < below <= len(hospital.shards):
            raise LineageError(f"{member} retired shards below {below}, which it cannot have")
        hospital.first = below

    def _rotate(self, event: ChainEvent) -> None:
        old, new = event.values["account"], event.values["newAccount"]
        if new in self._accounts:
            raise LineageError(f"{new} took over {old}, and was a member before")
        if old not in self._hospitals:
            raise LineageError(f"{new} took over {old}, which was no member")
        hospital = self._hospitals.pop(old)
        self._hospitals[new] = hospital
        self._accounts[new] = hospital.member_id

    def _draw(self, event: ChainEvent) -> None:
        self._seed = bytes(event.values["seed"])

    # --- rounds ---

    def _open(self, event: ChainEvent) -> None:
        round_id, cohort = int(event.values["roundId"]), list(event.values["cohort"])
        where = f"round {round_id}"
        require_same(where, "C(G)", G1Point(*event.values["modelBefore"].values()), self._model)
        if int(event.values["attempt"]) == _FIRST_ATTEMPT:
            if round_id in self._rounds:
                raise LineageError(f"{where} was opened twice")
            parts = self._shared_out(round_id, cohort)
            entry = _Round(cohort, parts, self._model, len(cohort), rate=self._rate_of(round_id))
            self._rounds[round_id] = entry
            return
        entry = self._round(event)
        if not set(cohort) < set(entry.cohort) and cohort != entry.cohort:
            raise LineageError(f"{where}: a further attempt has new members")
        entry.cohort = cohort

    def _fix_rate(self, event: ChainEvent) -> None:
        round_id = int(event.values["roundId"])
        if round_id in self._rates:
            raise LineageError(f"round {round_id} was given two rates")
        self._rates[round_id] = int(event.values["rate"])

    def _rate_of(self, round_id: int) -> int:
        """Return the round's rate, 0 if the registry was created without a rule for it."""
        ruled = self._creation is not None and int(self._creation.addresses[_RATE_RULE], 16) != 0
        rate = self._rates.get(round_id, 0)
        if ruled != (rate != 0):
            raise LineageError(
                f"round {round_id} has the rate {rate or 'none'}, and the registry was created "
                f"{'with' if ruled else 'without'} a rule for rates"
            )
        return rate

    def _shared_out(self, round_id: int, cohort: list[str]) -> dict[str, Contribution]:
        try:
            records = [self._counted(member) for member in cohort]
            split = shares(self._config.weight_rule, records, self._config.cap_share)
            return {
                member: self._part(round_id, member, share)
                for member, share in zip(cohort, split, strict=True)
            }
        except ProtocolError as error:
            raise LineageError(
                f"round {round_id} has a cohort that it cannot have: {error}"
            ) from error

    def _counted(self, member: str) -> int:
        """Return the records that a share is computed from."""
        records = self._hospitals.get(member, _Hospital()).records()
        if self._config.weight_rule is not WeightRule.BENEFIT:
            return records
        levels = self._rounds[self._finals[-1]].levels if self._finals else {}
        return rewarded(records, levels.get(member, 0))

    def _part(self, round_id: int, member: str, share: int) -> Contribution:
        hospital = self._hospitals[member]
        live = len(hospital.shards) - hospital.first
        place = selected_shard(self._seed, hospital.member_id, live, round_id)
        for _ in range(live):
            shard = hospital.shards[hospital.first + place]
            if shard.openings < self._config.max_openings:
                break
            place = (place + 1) % live
        else:
            raise LineageError(f"round {round_id}: {member} has no shard with blinders left")
        return Contribution(
            member=member,
            shard=hospital.first + place,
            records=shard.count,
            share=share,
            weight=weight(share, self._config.shard_slots, shard.count),
            update=G1Point(0, 0),
        )

    def _submit(self, event: ChainEvent) -> None:
        entry, member = self._round(event), event.values["member"]
        where = f"round {event.values['roundId']}, update of {member}"
        if member not in entry.parts:
            raise LineageError(f"{where}: it is not in the cohort")
        part = entry.parts[member]
        shard = self._hospitals[member].shards[part.shard]
        arguments = self._history.arguments(event, "submitUpdate", member, where)
        proof = arguments["proof"]
        require_same(where, "round", int(event.values["roundId"]), int(arguments["roundId"]))
        require_same(where, "shard", point_of(proof, _TRAINING_DATA, where), shard.commitment)
        require_same(where, "C(G)", point_of(proof, _TRAINING_MODEL, where), self._model)
        update = point_of(proof, _TRAINING_UPDATE, where)
        require_same(where, "C_i", G1Point(*event.values["update"].values()), update)
        if entry.rate:
            step = multiply(self._config.lagrange0, entry.rate)
            rate = add(step, self._config.zero_commitment)
            require_same(where, "rate", point_of(proof, _TRAINING_RATE, where), rate)
        shard.openings += 1
        entry.parts[member] = Contribution(**{**vars(part), "update": update})

    def _close(self, event: ChainEvent) -> None:
        entry, where = self._round(event), f"round {event.values['roundId']}"
        zero, after = self._config.zero_commitment, self._model
        for member in entry.cohort:
            part = entry.parts[member]
            if not any(part.update):
                raise LineageError(f"{where} was closed without an update of {member}")
            after = add(after, multiply(subtract(part.update, zero), part.weight))
        require_same(where, "C(G')", G1Point(*event.values["modelAfter"].values()), after)
        entry.model_after = after

    def _finalize(self, event: ChainEvent) -> None:
        entry, round_id = self._round(event), int(event.values["roundId"])
        where = f"round {round_id}"
        if entry.model_after is None:
            raise LineageError(f"{where} became final and was never closed")
        self._require_ended(entry, bytes(event.values["modelHash"]), where)
        require_same(
            where, "C(G')", G1Point(*event.values["modelAfter"].values()), entry.model_after
        )
        entry.card = ModelCard(
            chain_id=self._client.chain_id,
            registry=Web3.to_checksum_address(self._registry.address),
            round_id=round_id,
            srs_hash=self._config.srs_hash,
            srs_insecure=self._config.srs_insecure,
            admission_circuit=self._config.admission_circuit,
            training_circuit=self._config.training_circuit,
            weight_rule=self._config.weight_rule.name.lower().replace("_", "-"),
            contributions=[entry.parts[member] for member in entry.cohort],
            model_before=self._model,
            model_after=entry.model_after,
            model_hash=bytes(event.values["modelHash"]),
            previous_card=self._previous_card(),
        )
        self._model = entry.model_after
        self._finals.append(round_id)
        self._on_round(round_id)

    def _acknowledge(self, event: ChainEvent) -> None:
        entry, member = self._round(event), event.values["member"]
        where = f"round {event.values['roundId']}, acknowledgement of {member}"
        arguments = self._history.arguments(event, "acknowledge", member, where)
        round_id, digest = arguments.values()
        require_same(where, "round", int(event.values["roundId"]), int(round_id))
        vouched = bytes(digest)
        require_same(where, "model", bytes(event.values["modelHash"]), vouched)
        if member not in entry.cohort:
            raise LineageError(f"{where}: it is not in the cohort")
        entry.vouched[member] = vouched

    def _require_ended(self, entry: _Round, model_hash: bytes, where: str) -> None:
        """Ask for a quorum that signed this file, or for the file itself, opened on chain."""
        if entry.opened == model_hash:
            return
        vouched = sum(digest == model_hash for digest in entry.vouched.values())
        needed = -(-entry.members * self._config.quorum_bps // _WHOLE_BPS)
        if vouched < needed:
            raise LineageError(
                f"{where} is shown as final with {vouched} signed acknowledgements of its model, "
                f"and needs {needed}"
            )

    def _benefit(self, event: ChainEvent) -> None:
        entry, member = self._round(event), event.values["member"]
        where = f"round {event.values['roundId']}, benefit of {member}"
        if entry.card is None or member not in entry.cohort:
            raise LineageError(f"{where}: the round is not final, or had no such member")
        arguments = self._history.arguments(event, "proveBenefit", member, where)
        require_same(where, "round", int(event.values["roundId"]), int(arguments["roundId"]))
        require_same(where, "level", int(event.values["level"]), int(arguments["level"]))
        part, proof, zero = entry.parts[member], arguments["proof"], self._config.zero_commitment
        require_same(where, "C_i", point_of(proof, _BENEFIT_UPDATE, where), part.update)
        own = multiply(subtract(part.update, zero), part.weight)
        moved = subtract(entry.card.model_after, entry.model_before)
        rest = subtract(add(moved, zero), own)
        require_same(where, "sum of the others", point_of(proof, _BENEFIT_REST, where), rest)
        entry.levels[member] = int(event.values["level"])

    def _previous_card(self) -> bytes:
        """Return the hash of the card before, published or not."""
        if not self._finals:
            return _NO_HASH
        card = self._rounds[self._finals[-1]].card
        return card.sha256() if card else _NO_HASH

    def _correct(self, event: ChainEvent) -> None:
        """Take the hash of a file that was shown on chain; before the end it is not final yet."""
        entry, where = self._round(event), f"round {event.values['roundId']}"
        entry.opened = bytes(event.values["modelHash"])
        content = b"".join(int(value).to_bytes(32, "big") for value in event.values["model"])
        require_same(
            where, "hash of the opened model", entry.opened, hashlib.sha256(content).digest()
        )
        if entry.card is not None:
            entry.card = ModelCard(
                **{**vars(entry.card), "model_hash": bytes(event.values["modelHash"])}
            )

    def _card(self, event: ChainEvent) -> None:
        entry, where = self._round(event), f"round {event.values['roundId']}"
        if entry.card is None:
            raise LineageError(f"{where} has a card and is not final")
        require_same(where, "card", bytes(event.values["cardHash"]), entry.card.sha256())
        entry.published = entry.card.sha256()

    # --- the end ---

    def compare_with(self, stated: Reading) -> None:
        """Compare with what the registry states after the last of these events."""
        last = self._finals[-1] if self._finals else 0
        require_same("the registry", "latest final round", stated.final_round, last)
        require_same("the registry", "C(G)", stated.model, self._model)
        card = self._rounds[last].card if last else None
        follows = card.model_hash if card else _NO_HASH
        require_same("the registry", "hash of the model", stated.model_hash, follows)

    # --- helpers ---

    def _round(self, event: ChainEvent) -> _Round:
        round_id = int(event.values["roundId"])
        if round_id not in self._rounds:
            raise LineageError(f"{event.name} of round {round_id}, which was never opened")
        return self._rounds[round_id]


def rows(finals: list[FinalRound]) -> Iterator[tuple[str, ...]]:
    """Return the lines of a table: round, members, shares, weights, C(G'), model, card."""
    for final in finals:
        card = final.card
        yield (
            str(card.round_id),
            str(len(card.contributions)),
            " ".join(str(part.share) for part in card.contributions),
            " ".join(str(part.weight) for part in card.contributions),
            f"{card.model_after.x:064x}"[:16],
            card.model_hash.hex()[:16],
            final.published_card.hex()[:16] if final.published_card else "none",
        )
