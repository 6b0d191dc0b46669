"""A consortium's audit bundle: recomputed, anchored on another chain, compared with anchors."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from web3 import Web3

from zkfl.anchoring import (
    CheckedAnchor,
    ComparedAnchors,
    add_anchor,
    check_anchors,
    require_agreeing,
)
from zkfl.atomic_file import write_atomically
from zkfl.audit_bundle import AuditBundle, make_bundle
from zkfl.auditor import open_deployment
from zkfl.chain.anchor_places import AnchorPlace, load_places, save_place
from zkfl.chain.audit_anchor import AuditAnchor
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.fees import GWEI, FeeLimits
from zkfl.chain.registry import Registry
from zkfl.chain.transactions import ReceiptLimits
from zkfl.cli.consortium_session import StepError, say, show
from zkfl.cli.output import (
    error_console,
    keep_facts,
    keep_note,
    show_table,
    tell,
)
from zkfl.cli.round_status import moment
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_account
from zkfl.party_config import load_settings
from zkfl.workspace import Workspace

_FILE_MODE = 0o644
_COLUMNS = ("anchored", "by", "final round", "block", "bundle", "source chain")
_HASH_DIGITS = 16
_SHOWN_STRANGERS = 5
_NO_OLD_STATE = "created at a time that this endpoint does not know (it keeps no old states)"


@dataclass(frozen=True)
class Place:
    """Where anchors are: the options of a command."""

    url: str
    chain_id: int
    contract: str | None
    first_block: int = 0


def bundle(path: Path, out: Path | None, rpc_url: str, block: int | None) -> None:
    """Recompute the bundle and show its hash."""
    made = _bundle(open_deployment(path, rpc_url), block)
    if out is not None:
        write_atomically(out, made.to_bytes(), _FILE_MODE)
        error_console().print(f"wrote {out}", markup=False)
    _tell_bundle(made)


def anchor(path: Path, place: Place, home: Path, rpc_url: str, block: int | None) -> None:
    """Put the bundle's hash on another chain, in a contract that is created where none is known."""
    registry = open_deployment(path, rpc_url)
    _require_another(registry, place)
    made = _bundle(registry, block)
    client = _paying_client(NodeHome.open(home), place)
    anchors = _known(client, path, place) or _created(client, path, place)
    result = add_anchor(anchors, made)
    show(f"bundle anchored at {anchors.address} on chain {place.chain_id}", result)
    _tell_bundle(made)
    keep_facts(anchor_chain=place.chain_id, contract=anchors.address)


def verify(path: Path, place: Place, by: list[str] | None, last: int | None, rpc_url: str) -> None:
    """Compare anchors with what the source chain leads to at their blocks."""
    registry = open_deployment(path, rpc_url)
    _require_another(registry, place)
    accounts = _checksummed(by) if by else None
    client = _client(place)
    anchors = _known(client, path, place)
    if anchors is None:
        raise StepError(
            f"no contract with anchors is known on chain {place.chain_id}: name it with --contract"
        )
    with error_console().status("comparing anchors …") as status:
        compared = check_anchors(
            anchors,
            registry,
            accounts,
            last,
            lambda number: status.update(f"comparing anchors: round {number} adds up …"),
        )
    _show(compared.checked)
    _tell_counts(compared)
    _tell_contract(anchors, place)
    require_agreeing(compared.checked)


def _bundle(registry: Registry, block: int | None) -> AuditBundle:
    with error_console().status("recomputing the lineage …"):
        return make_bundle(registry, block)


def _tell_bundle(made: AuditBundle) -> None:
    digest = made.sha256().hex()
    tell(f"bundle  {digest}", bundle_sha256=digest)
    tell(
        f"up to   block {made.block}, final round {made.final_round}",
        block=made.block,
        final_round=made.final_round,
    )


def _require_another(registry: Registry, place: Place) -> None:
    if registry.client.chain_id == place.chain_id:
        raise StepError(
            f"chain {place.chain_id} is the consortium's own: whoever rewrites it rewrites its "
            "anchors; name another chain"
        )


def _checksummed(accounts: list[str]) -> list[str]:
    wrong = [account for account in accounts if not Web3.is_checksum_address(account)]
    if wrong:
        raise StepError(f"{wrong[0][:80]!r} is no checksummed address: copy it with its capitals")
    return accounts


# --- the contract ---


def _known(client: ChainClient, path: Path, place: Place) -> AuditAnchor | None:
    """Return the contract that was named, or that the file names."""
    if place.contract is not None:
        [address] = _checksummed([place.contract])
        return AuditAnchor(client, address, place.first_block)
    noted = load_places(_file(path)).on(place.chain_id)
    return None if noted is None else AuditAnchor(client, noted.contract, noted.block_number)


def _created(client: ChainClient, path: Path, place: Place) -> AuditAnchor:
    result = AuditAnchor.deploy(client)
    address = str(result.contract_address)
    noted = AnchorPlace(chain_id=place.chain_id, contract=address, block_number=result.block_number)
    save_place(_file(path), noted)
    show(f"contract for anchors created at {address}", result)
    keep_note(f"{_file(path)} names it")
    return AuditAnchor(client, address, result.block_number)


def _file(path: Path) -> Path:
    return Workspace(path if path.is_dir() else path.parent).anchors


def _client(place: Place) -> ChainClient:
    return ChainClient(place.url, None, place.chain_id, decoder=error_decoder())


def _paying_client(home: NodeHome, place: Place) -> ChainClient:
    """Return a client of the other chain; the party's settings name the endpoint of its own."""
    config = load_settings(home.root).config
    return ChainClient(
        place.url,
        open_account(home),
        place.chain_id,
        decoder=error_decoder(),
        journal_folder=home.transactions,
        fee_limits=FeeLimits(max_fee_per_gas=int(config.max_fee_gwei * GWEI)),
        receipt_limits=ReceiptLimits(confirmations=config.confirmations),
    )


# --- what people see ---


def _tell_counts(compared: ComparedAnchors) -> None:
    """Account for every anchor: what was left out could be what differs."""
    agreeing = sum(not entry.problem for entry in compared.checked)
    others = sum(compared.strangers.values())
    tell(
        f"{len(compared.checked)} anchors compared, {agreeing} agree with the source chain; "
        f"{compared.skipped} skipped, {others} by strangers",
        compared=len(compared.checked),
        agreeing=agreeing,
        skipped=compared.skipped,
        strangers=dict(compared.strangers),
    )
    for account, count in Counter(compared.strangers).most_common(_SHOWN_STRANGERS):
        say(f"{count} by {account}, which does not count: if it is a party's, name it with --by")


def _tell_contract(anchors: AuditAnchor, place: Place) -> None:
    """Say where the anchors stand and since when: anyone can create such a contract later."""
    block = anchors.creation_block()
    since = None if block is None else anchors.moment_of_block(block)
    when = f"created in block {block}, {moment(since)}" if since is not None else _NO_OLD_STATE
    tell(
        f"contract {anchors.address} on chain {place.chain_id}, {when}: ask several hospitals "
        "whether it is theirs",
        anchor_chain=place.chain_id,
        contract=anchors.address,
        created_block=block,
        created_at=since,
    )


def _show(checked: Sequence[CheckedAnchor]) -> None:
    table = Table(*_COLUMNS)
    for entry in checked:
        anchor = entry.anchor
        table.add_row(
            moment(entry.moment),
            anchor.anchored_by,
            str(anchor.final_round),
            str(anchor.source_block),
            anchor.bundle.hex()[:_HASH_DIGITS],
            "agrees" if not entry.problem else "DIFFERS",
        )
    keep_facts(anchors=[_facts(entry) for entry in checked])
    show_table(table)


def _facts(entry: CheckedAnchor) -> dict[str, object]:
    anchor = entry.anchor
    return {
        "anchored_at": entry.moment,
        "anchored_by": anchor.anchored_by,
        "final_round": anchor.final_round,
        "source_block": anchor.source_block,
        "bundle_sha256": anchor.bundle.hex(),
        "transaction": anchor.tx_hash,
        "problem": entry.problem or None,
    }
