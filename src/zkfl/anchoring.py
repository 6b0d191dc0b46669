"""Audit bundles on other chains: put there, and compared with what the source chain says now."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from zkfl.audit_bundle import AuditBundle, make_bundle
from zkfl.chain.audit_anchor import Anchor, AuditAnchor
from zkfl.chain.registry import Registry
from zkfl.chain.transactions import TxResult
from zkfl.errors import ZkflError
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


def check_anchors(
    anchors: AuditAnchor,
    registry: Registry,
    accounts: Collection[str],
    last: int,
    on_anchor: Callable[[int, int], None] | None = None,
) -> list[CheckedAnchor]:
    """Recompute the bundle at each of the latest anchors' blocks, and compare.

    Parameters
    ----------
    anchors, registry
        On their chains.
    accounts
        Whose anchors count: anyone may add some.
    last
        How many are compared, from the latest back.
    on_anchor
        Gets the number of anchors done and the number in all.

    Returns
    -------
    list[CheckedAnchor]
        The oldest first.

    Raises
    ------
    AnchorMissingError
        None of these accounts has added one.
    RpcError
        An endpoint is not in order.
    """
    source = registry.client.chain_id
    counting = [a for a in anchors.anchors(source, registry.address) if a.anchored_by in accounts]
    if not counting:
        raise AnchorMissingError(
            f"none of the {len(accounts)} accounts that count has anchored anything of "
            f"{registry.address} at {anchors.address}: name others with --by, or look on another "
            "chain"
        )
    chosen = counting[-last:]
    checked = []
    for done, anchor in enumerate(chosen, start=1):
        problem = _problem(registry, anchor)
        checked.append(CheckedAnchor(anchor, anchors.moment_of(anchor), problem))
        if on_anchor is not None:
            on_anchor(done, len(chosen))
    return checked


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


def _problem(registry: Registry, anchor: Anchor) -> str:
    if anchor.source_block > registry.client.block_number():
        return "the source chain has not come so far"
    try:
        bundle = make_bundle(registry, anchor.source_block)
    except LineageError as error:
        return f"up to there the lineage does not add up ({error})"
    if bundle.sha256() != anchor.bundle:
        return f"up to there the source chain leads to {bundle.sha256().hex()}"
    if bundle.final_round != anchor.final_round:
        return f"the latest final round there is {bundle.final_round}, not {anchor.final_round}"
    return ""
