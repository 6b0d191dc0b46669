"""What a round must have come to, whatever happened in it."""

from collections import Counter
from dataclasses import dataclass
from functools import cache

from zkfl.chain.journal import PendingTransaction
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.commitments import Committer
from zkfl.drills.drilled_round import ROUND, DrilledRound
from zkfl.drills.errors import DrillFailedError
from zkfl.drills.small_consortium import CONSORTIUM, HOSPITAL, KEY_HOLDER, RECORDS
from zkfl.field import SCALAR_MODULUS, vector_from_bytes
from zkfl.founding import Foundation, found
from zkfl.node.home import NodeHome
from zkfl.node.round_journal import RoundJournal
from zkfl.party_accounts import open_account

_OPENINGS = 2
"""Proofs over each shard: its admission and one training step."""
_ONCE = ("RoundOpened", "RoundClosed", "SumAnnounced", "SumOpened", "ModelPublished")
_LAST = ("RoundFinalized", "ModelCardPublished")
_EVENTS = Counter(
    {(name, ""): 1 for name in (*_ONCE, *_LAST)}
    | {(name, site): 1 for name in ("ShardAdmitted", "UpdateSubmitted") for site in RECORDS}
    # two of three are a quorum
    | {("Acknowledged", site): 1 for site in (KEY_HOLDER, HOSPITAL)}
)
_TRANSACTIONS = 14
"""Three admissions, one opening, three updates, four steps of the closing, two acknowledgements
and the model's card."""


@dataclass(frozen=True)
class Outcome:
    """A round that ended right.

    Attributes
    ----------
    deltas
        Of the model's parameters without noise, integers mod p at scale ``s + 39``.
    """

    deltas: tuple[int, ...]


def require_right(drill: DrilledRound, founded_at: int) -> Outcome:
    """Check a round that has ended, from the chain and from everyone's own files.

    Parameters
    ----------
    drill
        The round; its chain runs.
    founded_at
        The last block before the drill began to admit shards.

    Raises
    ------
    DrillFailedError
        Something was lost, sent twice, or is another model than that of the proven updates.
    """
    registry = drill.registry()
    _equal("status", registry.round(ROUND).status, RoundStatus.FINAL)
    _equal("rounds", registry.current_round(), ROUND)
    _require_sent_once(registry, _names(drill), founded_at)
    _require_no_leftovers(drill, registry)
    return Outcome(_model(drill, registry))


def _require_sent_once(registry: Registry, names: dict[str, str], founded_at: int) -> None:
    wanted = {name for name, _ in _EVENTS}
    events = Counter(
        (event.name, names.get(str(event.values.get("member")), ""))
        for event in registry.events(founded_at + 1)
        if event.name in wanted
    )
    if events != _EVENTS:
        raise DrillFailedError(
            f"events: {dict(events - _EVENTS)} too many, {dict(_EVENTS - events)} missing"
        )
    eth = registry.client.w3.eth
    blocks = range(founded_at + 1, registry.client.block_number() + 1)
    sent = [tx for number in blocks for tx in eth.get_block(number).get("transactions", [])]
    _equal("transactions", len(sent), _TRANSACTIONS)
    failed = [tx for tx in sent if eth.get_transaction_receipt(tx)["status"] != 1]  # type: ignore[arg-type]
    _equal("failed transactions", failed, [])


def _require_no_leftovers(drill: DrilledRound, registry: Registry) -> None:
    for name, address in _addresses(drill).items():
        home = NodeHome.open(drill.workspace.site(name))
        _equal(f"{name}: openings", registry.shard_of(address, 0).openings, _OPENINGS)
        count = (home.shard(0) / "openings.json").read_text()
        if f'"openings":{_OPENINGS},' not in count:
            raise DrillFailedError(f"{name} counts other openings than the chain: {count}")
    left = [str(path) for path in drill.workspace.root.rglob("state/scratch/**/*.json")]
    _equal("witnesses in the clear", left, [])
    journals = drill.workspace.root.rglob("state/transactions/*.json")
    pending = [PendingTransaction.model_validate_json(path.read_bytes()) for path in journals]
    # One that is mined is taken out of the journal when its party sends the next.
    unmined = [tx.tx_hash for tx in pending if registry.client.receipt(tx.tx_hash) is None]
    _equal("transactions in flight", unmined, [])


def _model(drill: DrilledRound, registry: Registry) -> tuple[int, ...]:
    """Compute the model anew from everyone's own update; return it without everyone's noise."""
    spec, commit = _foundation().circuits.training.definition.spec, _committer().commit
    total, noise = [0] * spec.model_length, [0] * spec.model_length
    for name, address in _addresses(drill).items():
        part = registry.participation(ROUND, address)
        journal = RoundJournal(NodeHome.open(drill.workspace.site(name)), ROUND)
        update = journal.vector("update", spec.model_length)
        secrets = journal.vector("secrets", spec.secrets_length)
        if update is None or secrets is None or commit(update) != part.update:
            raise DrillFailedError(f"{name} holds another update than the chain")
        total = _weighted(total, part.weight, update)
        noise = _weighted(noise, part.weight, secrets[: spec.model_length])
    published = drill.workspace.store.get(registry.model_hash())
    _equal("model", vector_from_bytes(published, spec.model_length), total)
    _equal("C(G)", registry.model(), commit(total))
    return tuple(_weighted(total, -1, noise)[: spec.parameters])


def _weighted(total: list[int], weight: int, vector: list[int]) -> list[int]:
    return [(t + weight * v) % SCALAR_MODULUS for t, v in zip(total, vector, strict=True)]


def _addresses(drill: DrilledRound) -> dict[str, str]:
    homes = {name: NodeHome.open(drill.workspace.site(name)) for name in RECORDS}
    return {name: str(open_account(home).address) for name, home in homes.items()}


def _names(drill: DrilledRound) -> dict[str, str]:
    return {address: name for name, address in _addresses(drill).items()}


def _equal(what: str, actual: object, expected: object) -> None:
    if actual != expected:
        raise DrillFailedError(f"{what}: {str(actual)[:300]}, expected {str(expected)[:300]}")


@cache
def _foundation() -> Foundation:
    return found(CONSORTIUM, None)


@cache
def _committer() -> Committer:
    return Committer(_foundation().srs.path)
