"""Audit bundles on other chains: put there, and compared with what the source chain says now."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from zkfl.audit_bundle import AuditBundle, bundles_at
from zkfl.chain.audit_anchor import Anchor, AuditAnchor
from zkfl.chain.events import ChainEvent
from zkfl.chain.registry import Registry
from zkfl.chain.transactions import TxResult
from zkfl.errors import ZkflError
from zkfl.lineage import lineages_at
from zkfl.signed_history import LineageError


class AnchorError(ZkflError):
    """A consortium's history and its anchors do not agree."""


class AnchorMissingError(AnchorError):
    """Nobody who counts has anchored anything."""


class AnchorMismatchError(AnchorError):
    """The source chain no longer leads to what was anchored."""


@dataclass(frozen=True)
class CheckedAnchor:
    """An anchor, and what the source chain leads to at its block.

    Attributes
    ----------
    anchor
        As it stands on the other chain.
    moment
        Time of the block that it stands in, in seconds.
    problem
        Why it does not agree; empty where it does.
    """

    anchor: Anchor
    moment: int
    problem: str


def add_anchor(anchors: AuditAnchor, bundle: AuditBundle) -> TxResult | None:
    """Put a bundle's hash on the anchors' chain; None if this account's latest is the same."""
    source, digest = bundle.lineage, bundle.sha256()
    sender = str(anchors.client.sender)
    own = [
        anchor
        for anchor in anchors.anchors(source.chain_id, source.registry)
        if anchor.anchored_by == sender
    ]
    if own and own[-1].bundle == digest:
        return None
    return anchors.anchor(
        source.chain_id, source.registry, digest, bundle.final_round, bundle.block
    )


@dataclass(frozen=True)
class ComparedAnchors:
    """What a contract's anchors of a registry say, all of them accounted for.

    Attributes
    ----------
    checked
        Those that were compared, the oldest first.
    skipped
        How many count and were not compared, because fewer were asked for.
    strangers
        Accounts whose anchors do not count, and how many each has.
    """

    checked: Sequence[CheckedAnchor]
    skipped: int
    strangers: Mapping[str, int]


def check_anchors(
    anchors: AuditAnchor,
    registry: Registry,
    accounts: Collection[str] | None = None,
    last: int | None = None,
    on_round: Callable[[int], None] | None = None,
) -> ComparedAnchors:
    """Recompute the bundle at the anchors' blocks from one reading of the chain, and compare.

    Parameters
    ----------
    anchors, registry
        On their chains.
    accounts
        Whose anchors count: anyone may add some. None for every account that a hospital had at
        any time, and those that held a role at the creation.
    last
        How many are compared, from the latest back; the oldest of each account is compared
        besides, so that new ones cannot crowd it out. None for all.
    on_round
        Gets the number of each round that was recomputed.

    Raises
    ------
    AnchorMissingError
        None of these accounts has added one.
    LineageError
        The accounts cannot be told, since the lineage does not add up.
    RpcError
        An endpoint is not in order.
    """
    block = registry.client.block_number()
    events = registry.events(to_block=block)
    counted = _parties(registry, events, block) if accounts is None else set(accounts)
    found = anchors.anchors(registry.client.chain_id, registry.address)
    counting = [anchor for anchor in found if anchor.anchored_by in counted]
    strangers = Counter(a.anchored_by for a in found if a.anchored_by not in counted)
    if not counting:
        raise AnchorMissingError(
            f"none of the {len(counted)} accounts that count has anchored anything of "
            f"{registry.address} at {anchors.address} ({strangers.total()} anchors are by others): "
            "name others with --by, or look on another chain"
        )
    chosen = _chosen(counting, last)
    reached = {anchor.source_block for anchor in chosen if anchor.source_block <= block}
    bundles = bundles_at(registry, events, reached, on_round)
    checked = [
        CheckedAnchor(anchor, anchors.moment_of(anchor), _problem(bundles, anchor))
        for anchor in chosen
    ]
    return ComparedAnchors(checked, len(counting) - len(chosen), strangers)


def _parties(registry: Registry, events: Sequence[ChainEvent], block: int) -> set[str]:
    """Return every account that was a hospital's, and those that held a role at the creation."""
    lineage = lineages_at(registry, events, [block])[block]
    if isinstance(lineage, LineageError):
        raise lineage
    roles = ("owner", "aggregator", "guardian", "keyHolder")
    return {lineage.creation.addresses[role] for role in roles} | set(lineage.accounts)


def _chosen(counting: Sequence[Anchor], last: int | None) -> Sequence[Anchor]:
    """Return the latest and the oldest of each account, in their order."""
    if last is None:
        return counting
    oldest: dict[str, int] = {}
    for place, anchor in enumerate(counting):
        oldest.setdefault(anchor.anchored_by, place)
    latest = range(max(0, len(counting) - last), len(counting))
    return [counting[place] for place in sorted({*oldest.values(), *latest})]


def require_agreeing(checked: Sequence[CheckedAnchor]) -> None:
    """Raise `AnchorMismatchError` for the first anchor that does not agree."""
    for entry in checked:
        if entry.problem:
            anchor = entry.anchor
            raise AnchorMismatchError(
                f"{anchor.anchored_by} anchored {anchor.bundle.hex()} for block "
                f"{anchor.source_block}, but {entry.problem}: the chain was rewritten, the "
                "endpoint shows another history, or the anchor was false from the start; ask a "
                "second endpoint and the account's owner"
            )


def _problem(bundles: Mapping[int, AuditBundle | LineageError], anchor: Anchor) -> str:
    bundle = bundles.get(anchor.source_block)
    if bundle is None:
        return "the source chain has not come so far"
    if isinstance(bundle, LineageError):
        return f"up to there the lineage does not add up ({bundle})"
    if bundle.sha256() != anchor.bundle:
        return f"up to there the source chain leads to {bundle.sha256().hex()}"
    if bundle.final_round != anchor.final_round:
        return f"the latest final round there is {bundle.final_round}, not {anchor.final_round}"
    return ""
