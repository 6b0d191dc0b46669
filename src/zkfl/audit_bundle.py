"""The audit bundle: a consortium's whole lineage as canonical bytes that anyone can recompute.

Its hash is what is put on other chains: a chain that is rewritten later no longer leads to it.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

import rfc8785

from zkfl.chain.events import ChainEvent
from zkfl.chain.registry import Registry
from zkfl.chain.states import ConsortiumConfig
from zkfl.curve import G1Point
from zkfl.lineage import FinalRound, Holding, Lineage, LineageError, lineages_at

FORMAT = "zkfl.audit-bundle.v1"


@dataclass(frozen=True)
class AuditBundle:
    """A lineage up to a block.

    Attributes
    ----------
    lineage
        As it was recomputed.
    block
        Up to which it goes; no part of the bytes, since quiet blocks change nothing.
    """

    lineage: Lineage
    block: int

    @property
    def final_round(self) -> int:
        """Return the last final round, 0 before the first."""
        return self.lineage.finals[-1].card.round_id if self.lineage.finals else 0

    def to_bytes(self) -> bytes:
        """Return the file: JSON by RFC 8785; numbers that may be large are texts."""
        lineage = self.lineage
        bundle: dict[str, Any] = {
            "format": FORMAT,
            "chain_id": lineage.chain_id,
            "registry": lineage.registry,
            "creation": {
                "transaction": lineage.creation.tx_hash,
                "creator": lineage.creation.creator,
                "addresses": dict(lineage.creation.addresses),
                "config": _config(lineage.creation.config),
            },
            "members": [_member(holding) for holding in lineage.holdings],
            "rounds": [_round(final) for final in lineage.finals],
        }
        return rfc8785.dumps(bundle)

    def sha256(self) -> bytes:
        """Return what is anchored, 32 bytes."""
        return hashlib.sha256(self.to_bytes()).digest()


def make_bundle(registry: Registry, block: int | None = None) -> AuditBundle:
    """Recompute a consortium's lineage from its creation on, up to a block.

    Parameters
    ----------
    registry
        Read only.
    block
        The latest if None.

    Raises
    ------
    LineageError
        It does not add up.
    RpcError
        The endpoint does not answer.
    """
    last = registry.client.block_number() if block is None else block
    made = bundles_at(registry, registry.events(to_block=last), [last])[last]
    if isinstance(made, LineageError):
        raise made
    return made


def bundles_at(
    registry: Registry,
    events: Sequence[ChainEvent],
    blocks: Iterable[int],
    on_round: Callable[[int], None] | None = None,
) -> dict[int, AuditBundle | LineageError]:
    """Recompute the bundles at several blocks from one reading of the chain.

    Parameters and exceptions are those of `zkfl.lineage.lineages_at`.

    Returns
    -------
    dict[int, AuditBundle | LineageError]
        By block; the first difference where the lineage does not add up to there.
    """
    told = lineages_at(registry, events, blocks, on_round)
    return {
        block: lineage if isinstance(lineage, LineageError) else AuditBundle(lineage, block)
        for block, lineage in told.items()
    }


def _config(config: ConsortiumConfig) -> dict[str, object]:
    """Return every field of the configuration under its own name."""
    return {entry.name: _plain(getattr(config, entry.name)) for entry in fields(config)}


def _plain(value: object) -> object:
    if isinstance(value, G1Point):
        return _point(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Enum):
        return value.name.lower().replace("_", "-")
    # a noise bound may be beyond what a JSON number holds exactly
    return value if isinstance(value, bool) else str(value)


def _member(holding: Holding) -> dict[str, object]:
    return {
        "id": holding.member_id,
        "account": holding.account,
        "name": holding.name,
        "first_shard": holding.first_shard,
        "shards": [
            {"commitment": _point(commitment), "records": records}
            for commitment, records in holding.shards
        ],
    }


def _round(final: FinalRound) -> dict[str, object]:
    card = final.card
    return {
        "round": card.round_id,
        "members": [
            {
                "account": part.member,
                "shard": part.shard,
                "share": part.share,
                "weight": part.weight,
                "update": _point(part.update),
            }
            for part in card.contributions
        ],
        "model_before": _point(card.model_before),
        "model_after": _point(card.model_after),
        "model_sha256": card.model_hash.hex(),
        "card_sha256": card.sha256().hex(),
        "card_published": final.published_card is not None,
        **({"rate": final.rate} if final.rate else {}),
    }


def _point(point: Sequence[int]) -> list[str]:
    return [f"{coordinate:064x}" for coordinate in point]
