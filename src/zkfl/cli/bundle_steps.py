"""Taking part by files, from the command line: a relay's steps and a hospital's."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from web3 import Web3

from zkfl.airgap.airgapped_site import AirgappedSite
from zkfl.airgap.bundles import ToNodeHeader, ToRelayHeader, read_bundle, read_header
from zkfl.airgap.calls import CallNames
from zkfl.airgap.errors import UnansweredReadError
from zkfl.airgap.offline_turn import OfflineTurn, take_offline_turn
from zkfl.airgap.relay import Import, Relay
from zkfl.atomic_file import write_atomically
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deployment import Deployment
from zkfl.chain.fees import GWEI, FeeLimits
from zkfl.chain.registry import Registry
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.transactions import ReceiptLimits
from zkfl.cli.consortium_session import (
    StepError,
    chosen_sites,
    deployment_of,
    load_foundation,
    open_folder,
    say,
    saying,
)
from zkfl.cli.output import keep_facts, tell, tell_entry
from zkfl.consortium import Consortium
from zkfl.founding import Foundation, open_ground
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode
from zkfl.node.turns import HospitalTurns
from zkfl.parties import require_agreed
from zkfl.party_accounts import open_account
from zkfl.party_config import load_settings
from zkfl.party_store import store_of
from zkfl.turns import Turn
from zkfl.workspace import Workspace

_BUNDLE_MODE = 0o644


class BundleRejectedError(StepError):
    """A contract refused a transaction that a bundle brought, and those after it were not sent."""


def set_up_relay(folder: Path, member: str, rpc_url: str) -> None:
    """Make a relay's key and print its public half."""
    workspace = Workspace(folder)
    deployment = deployment_of(workspace)
    account = member if Web3.is_checksum_address(member) else _named(deployment, member, rpc_url)
    key = _relay(workspace, deployment).set_up(account)
    tell(f"relay key  {key}", relay_key=key)
    tell(f"serves     {account}", member=account)


def trust_relay(
    folder: Path, site: str, relay_key: str, *, instead: bool, forget_view: bool
) -> None:
    """Pin a relay's key at a hospital, instead of another one if asked to."""
    here, _, _ = _open_site(folder, site)
    before = here.latest_block()
    here.trust(relay_key, replace=instead, forget_view=forget_view)
    tell(f"trusts  {here.notes.relay_key}", relay_key=here.notes.relay_key)
    block = here.latest_block()
    tell(f"no bundle before block {block} is taken", earliest_block=block)
    if forget_view:
        say(
            f"WARNING: block {before}, the latest that was shown, is forgotten: the next bundle "
            "decides alone which chain this node sees, and may show an older block. Compare it "
            "with another source before you export"
        )


def export_at_relay(folder: Path, out: Path, rpc_url: str) -> None:
    """Write what the node may ask, and artefacts."""
    workspace = Workspace(folder)
    done = _relay(workspace, deployment_of(workspace)).export(rpc_url)
    write_atomically(out, done.content, _BUNDLE_MODE)
    _tell_to_node(done.header)
    tell(f"bundle   {out}, {len(done.content):,} bytes", bundle=str(out), bytes=len(done.content))


def import_at_site(folder: Path, file: Path, site: str) -> None:
    """Take in answers and artefacts."""
    here, _, _ = _open_site(folder, site)
    _tell_to_node(here.take_in(read_bundle(file)))


def export_at_site(folder: Path, out: Path, site: str, srs: Path | None) -> None:
    """Take the node's turn on the last bundle, and write what it signed.

    Raises
    ------
    UnansweredReadError
        The bundle did not answer all that the node asked; what was written asks for it.
    """
    here, workspace, consortium = _open_site(folder, site)
    view = here.view
    foundation = load_foundation(consortium, srs)
    home = NodeHome.open(workspace.site(site))
    deployment = deployment_of(workspace)

    def take(registry: Registry) -> Turn:
        say("comparing the contracts with this checkout")
        require_agreed(registry, deployment, consortium, foundation)
        return HospitalTurns(_node(home, registry, workspace, consortium, foundation)).take()

    config = load_settings(home.root).config
    limits = FeeLimits(max_fee_per_gas=int(config.max_fee_gwei * GWEI))
    ended = take_offline_turn(here, limits, take)
    write_atomically(out, ended.handed.content, _BUNDLE_MODE)
    _tell_turn(ended, out)
    keep_facts(block=view.moment.number)
    if ended.unanswered:
        raise UnansweredReadError(f"{ended.turn.waits_for}. {out} is written")


def import_at_relay(folder: Path, file: Path, rpc_url: str) -> None:
    """Store artefacts and bring transactions to the chain.

    Raises
    ------
    BundleRejectedError
        A contract refused one.
    """
    workspace = Workspace(folder)
    relay = _relay(workspace, deployment_of(workspace))
    done = relay.take_in(read_bundle(file), rpc_url, ReceiptLimits())
    _tell_import(done)
    refused = [outcome for outcome in done.outcomes if outcome.state == "refused"]
    if refused:
        raise BundleRejectedError(
            f"{refused[0].call} (nonce {refused[0].nonce}): {refused[0].detail}. Nothing was sent "
            "after it: export again, so that the node sees how things stand"
        )


def show_bundle(file: Path) -> None:
    """Print a bundle's header."""
    header = read_header(read_bundle(file))
    tell("unchecked: whether it is genuine shows when it is imported", checked=False)
    if isinstance(header, ToNodeHeader):
        _tell_to_node(header)
    else:
        _tell_to_relay(header)
    binding = header.binding.model_dump()
    keep_facts(format=header.format, **binding)
    for name, value in binding.items():
        tell(f"{name:<9}{value}")


def _relay(workspace: Workspace, deployment: Deployment) -> Relay:
    folder = workspace.root / "relay"
    return Relay(folder, deployment, store_of(NodeHome(folder), workspace), say)


def _named(deployment: Deployment, name: str, rpc_url: str) -> str:
    client = ChainClient(rpc_url, None, deployment.chain_id, decoder=error_decoder())
    registry = Registry(client, deployment.registry, deployment.block_number)
    found = [member for member in registry.members() if registry.member_of(member).name == name]
    if len(found) != 1:
        raise StepError(
            f"{len(found)} members of the registry are called {name!r}: name the account (0x…)"
        )
    return found[0]


def _open_site(folder: Path, name: str) -> tuple[AirgappedSite, Workspace, Consortium]:
    workspace, consortium = open_folder(folder)
    [chosen] = chosen_sites(consortium, [name])
    home = NodeHome.open(workspace.site(chosen))
    deployment, account = deployment_of(workspace), open_account(home)
    store = store_of(home, workspace)
    here = AirgappedSite(home.root / "state" / "airgap", deployment, account, store)
    return here, workspace, consortium


def _node(
    home: NodeHome,
    registry: Registry,
    workspace: Workspace,
    consortium: Consortium,
    foundation: Foundation,
) -> HospitalNode:
    common = open_ground(workspace, consortium, foundation)
    ground = replace(common, store=store_of(home, workspace))
    deadline = load_settings(home.root).config.prover_deadline_seconds
    return HospitalNode(home, registry, ground, deadline, saying(home.root.name))


def _tell_to_node(header: ToNodeHeader) -> None:
    moment = header.moment
    age = timedelta(seconds=max(0, int(time.time()) - moment.timestamp))
    tell(
        f"number   {header.sequence}, from relay to node; block {moment.number}, {age} ago",
        number=header.sequence,
        block=moment.number,
        timestamp=moment.timestamp,
        artefacts=len(header.artefacts),
        lacking=list(header.lacking),
    )
    tell(f"files    {len(header.artefacts)}")
    for digest in header.lacking:
        say(f"the relay's store lacks {digest}, which the chain names")


def _tell_to_relay(header: ToRelayHeader) -> None:
    wanted = len(header.wanted_artefacts)
    tell(
        f"number   {header.sequence}, from node to relay, on the relay's {header.answers_of}",
        number=header.sequence,
        answers_of=header.answers_of,
        transactions=len(header.transactions),
        artefacts=len(header.artefacts),
        wanted_artefacts=list(header.wanted_artefacts),
    )
    tell(f"signed   {len(header.transactions)}; files {len(header.artefacts)}; wants {wanted}")


def _tell_turn(ended: OfflineTurn, out: Path) -> None:
    names = CallNames(registry_abi())
    for transaction in ended.handed.transactions:
        call = names.of(transaction.data) or "unknown"
        entry: dict[str, object] = {
            "call": call,
            "nonce": transaction.nonce,
            "tx_hash": transaction.tx_hash,
        }
        tell_entry("signed", entry, f"signed   {call}, nonce {transaction.nonce}")
    tell(f"waits    for {ended.turn.waits_for}", waits_for=ended.turn.waits_for)
    wanted = list(ended.handed.header.wanted_artefacts)
    keep_facts(bundle=str(out), number=ended.handed.header.sequence, wanted_artefacts=wanted)
    keep_facts(unanswered=ended.unanswered)
    tell(f"bundle   {out}, {len(ended.handed.content):,} bytes")


def _tell_import(done: Import) -> None:
    for outcome in done.outcomes:
        entry = dict(vars(outcome))
        said = f": {outcome.detail}" if outcome.detail else ""
        gas = f", {outcome.gas_used:,} gas" if outcome.gas_used else ""
        text = f"{outcome.state:<12} {outcome.call}, nonce {outcome.nonce}{gas}{said}"
        tell_entry("transactions", entry, text)
    tell(f"stored   {len(done.stored)} files", stored=done.stored)
    wanted = len(done.wanted_artefacts)
    tell(
        f"wants    {wanted} files and {done.wanted_reads} answers with the next export",
        wanted_artefacts=list(done.wanted_artefacts),
        wanted_reads=done.wanted_reads,
    )
