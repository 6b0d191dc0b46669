"""Is a hospital ready for a round? Its folder, its keys, its records, its machine, the chain."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from zkfl.agreed_schema import agreed_schema
from zkfl.cache import cache_folder
from zkfl.chain.bond_vault import BondVault
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deploy import NO_VAULT
from zkfl.chain.deployment import Deployment, load_deployment
from zkfl.chain.fees import GWEI, estimate_fees, fee_cap
from zkfl.chain.registry import Registry
from zkfl.chain.transport import redact_url
from zkfl.consortium import Consortium
from zkfl.datasets.public_schema import public_schema
from zkfl.errors import ZkflError
from zkfl.founding import found as found_circuits
from zkfl.key_holders import key_holders
from zkfl.least_records import minimum_records, require_full_shards
from zkfl.node.home import NodeHome
from zkfl.node.key_store import load_he_secret, load_mask_key
from zkfl.node.records.load import load_records
from zkfl.parties import PartyOpener
from zkfl.party_accounts import open_account
from zkfl.party_config import DEFAULT_RPC_URL, PartySettings, load_settings
from zkfl.preflight.findings import Finding, Level, found
from zkfl.preflight.machine import disk_for
from zkfl.preflight.prover import prover_finding
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import get_instance

CALM_ROUND_GAS = 900_000
"""A submission and an acknowledgement; see bench/README.md."""
TROUBLED_ROUND_GAS = 2_000_000
"""The same with a further attempt, a mask that is split, and an update that is revealed."""
STALE_SECONDS = 600
_ETHER = 10**18


class NotExaminedError(ZkflError):
    """Something cannot be looked at, since what it needs is not in order."""


@dataclass(frozen=True)
class Site:
    """Where a hospital takes part.

    Attributes
    ----------
    workspace
        Holds the agreements, and the hospital's own folder.
    name
        The hospital.
    rpc_url
        From the command line; its default gives way to the party's settings.
    srs
        An SRS file; None for the demo's.
    """

    workspace: Workspace
    name: str
    rpc_url: str
    srs: Path | None

    @property
    def home(self) -> NodeHome:
        """The hospital's folder, if it is closed to others."""
        return NodeHome.open(self.workspace.site(self.name))

    @property
    def consortium(self) -> Consortium:
        """The agreements."""
        return Consortium.load(self.workspace.consortium)

    @property
    def deployment(self) -> Deployment:
        """Where the consortium lives."""
        return load_deployment(self.workspace.deployment)

    @property
    def settings(self) -> PartySettings:
        """The hospital's settings."""
        return load_settings(self.workspace.site(self.name))

    @property
    def url(self) -> str:
        """The endpoint that counts."""
        given = self.rpc_url != DEFAULT_RPC_URL
        return self.rpc_url if given else self.settings.config.rpc_url

    def registry(self) -> Registry:
        """Return the registry, over a client that only reads."""
        deployment = self.deployment
        client = ChainClient(self.url, None, deployment.chain_id, decoder=error_decoder())
        return Registry(client, deployment.registry, deployment.block_number)


def examine_site(site: Site) -> Iterator[Finding]:
    """Look at everything that a round needs, each for itself."""
    yield found("agreements", lambda: _agreements(site))
    yield found("settings", lambda: _settings(site))
    yield found("folder", lambda: f"{site.home.root}, closed to others")
    yield found("chain key", lambda: f"opens: {open_account(site.home).address}")
    yield found("mask key", lambda: f"public part {_mask_key(site).hex()[:16]}…")
    yield found("records", lambda: _records(site))
    yield prover_finding(site.workspace.site(site.name))
    yield disk_for("disk", site.workspace.root)
    yield disk_for("cache disk", cache_folder())
    endpoint = found("endpoint", lambda: _endpoint(site))
    yield endpoint
    if endpoint.level is Level.FAIL:
        bond = ("bond",) if _asks_for_bonds(site) else ()
        for name in ("membership", "key holders", "funds", *bond, "circuits"):
            yield Finding(name, Level.FAIL, "not looked at: the endpoint is not in order")
        return
    yield found("membership", lambda: _membership(site))
    yield found("key holders", lambda: _key_holders(site))
    yield found("funds", lambda: _funds(site))
    if _asks_for_bonds(site):
        yield found("bond", lambda: _bond(site))
    yield found("circuits", lambda: _circuits(site))


def _agreements(site: Site) -> str:
    consortium = site.consortium
    if site.name not in consortium.hospitals:
        raise NotExaminedError(
            f"the consortium has no hospital {site.name!r}: it has "
            f"{', '.join(consortium.hospitals)}"
        )
    return f"{consortium.name}, circuits {consortium.circuits}, registry {site.deployment.registry}"


def _settings(site: Site) -> str:
    chosen = sorted(k for k, origin in site.settings.origins.items() if origin != "default")
    return f"chosen: {', '.join(chosen)}" if chosen else "all default"


def _mask_key(site: Site) -> bytes:
    return load_mask_key(site.home).public_bytes()


def _records(site: Site) -> str:
    path = site.home.records
    schema = agreed_schema(site.workspace, site.consortium, public_schema)
    table = load_records(path, schema)
    spec = get_instance(site.consortium.circuits).spec
    require_full_shards(len(table), spec.slots, minimum_records(site.consortium, spec))
    return f"{len(table)} records in {path.name} fit the schema {schema.name}"


def _endpoint(site: Site) -> Finding | str:
    begun = time.monotonic()
    registry = site.registry()
    milliseconds = (time.monotonic() - begun) * 1_000
    site.deployment.require_on(registry.client)
    client = registry.client
    place = redact_url(site.url)
    detail = (
        f"{place}, chain {client.chain_id}, block {client.block_number()}, {milliseconds:.0f} ms"
    )
    age = int(time.time()) - client.block_timestamp()
    if age > STALE_SECONDS:
        remedy = "on a public chain, the endpoint is behind: use another; on a local one, no matter"
        return Finding("endpoint", Level.WARN, f"{detail}, its last block is {age} s old", remedy)
    return detail


def _membership(site: Site) -> Finding | str:
    registry, address = site.registry(), open_account(site.home).address
    member = registry.member_of(address)
    if not member.active:
        why = f" ({member.blame.name})" if member.blame else ""
        raise NotExaminedError(f"{address} is no active member of the registry{why}")
    if member.mask_key != _mask_key(site):
        remedy = "the office's zkfl deploy announces it; zkfl rotate-mask-key announces a new one"
        return Finding("membership", Level.FAIL, "the chain has another mask key", remedy)
    if site.deployment.key_holder == address:
        load_he_secret(site.home)
    if member.first_shard and member.records == 0:
        remedy = f"zkfl admit {site.workspace.root} --site {site.name} --records NEWFILE"
        return Finding("membership", Level.WARN, "active, with every shard retired", remedy)
    if member.records == 0:
        remedy = f"zkfl admit {site.workspace.root} --site {site.name}"
        return Finding("membership", Level.WARN, "active, without admitted records", remedy)
    return f"active, {member.records} records admitted"


def _key_holders(site: Site) -> Finding | str:
    """Look who can open the sum of a round, as the parties themselves stated it."""
    holders = key_holders(site.registry())
    missing = ", ".join(holder.name for holder in holders if not holder.acknowledged)
    if missing or not holders:
        detail = f"{missing or 'nobody'} may open sums, and has not acknowledged the HE key"
        remedy = "zkfl he-key acknowledge at each of them; their zkfl node run does so too"
        return Finding("key holders", Level.WARN, detail, remedy)
    return f"{', '.join(holder.name for holder in holders)} acknowledged the announced HE key"


def _funds(site: Site) -> Finding:
    client, address = site.registry().client, open_account(site.home).address
    balance, price = client.balance(address), fee_cap(estimate_fees(client.w3))
    limit = int(site.settings.config.max_fee_gwei * GWEI)
    gwei = f"{Decimal(price) / GWEI:.3g} gwei"
    detail = f"{address} holds {balance / _ETHER:.6g} ether, a unit of gas costs up to {gwei}"
    if price > limit:
        remedy = "compare with another endpoint; if the fee is real, raise max_fee_gwei"
        return Finding("funds", Level.FAIL, f"{detail}: above max_fee_gwei", remedy)
    rounds = balance // (CALM_ROUND_GAS * price) if price else None
    if rounds is None or balance >= TROUBLED_ROUND_GAS * price:
        enough = "" if rounds is None else f", enough for {rounds} rounds"
        return Finding("funds", Level.OK, detail + enough)
    missing = (TROUBLED_ROUND_GAS * price - balance) / _ETHER
    level = Level.WARN if rounds else Level.FAIL
    return Finding("funds", level, detail, f"send {missing:.6g} ether or more to the account")


def _asks_for_bonds(site: Site) -> bool:
    try:
        return site.deployment.bond_vault != NO_VAULT
    except (ZkflError, OSError):
        # the line about agreements says so
        return False


def _bond(site: Site) -> Finding | str:
    registry, deployment = site.registry(), site.deployment
    vault = BondVault(registry.client, deployment.bond_vault, deployment.block_number)
    member_id = registry.member_id_of(open_account(site.home).address)
    staked, bond = vault.stake_of(member_id).staked, vault.bond()
    if vault.covers(member_id):
        return f"{staked} wei are staked, and the bond is {bond} wei"
    remedy = f"zkfl bond deposit {site.workspace.root} --site {site.name}"
    detail = f"{staked} wei are staked of a bond of {bond} wei: no round takes the hospital"
    return Finding("bond", Level.WARN, detail, remedy)


def _circuits(site: Site) -> str:
    """Compare this machine's circuits and contracts with those on chain."""
    consortium, deployment = site.consortium, site.deployment
    foundation = found_circuits(consortium, site.srs)
    opener = PartyOpener(site.workspace, consortium, foundation, deployment, site.rpc_url)
    opener.registry(site.home)
    hashes = (deployment.admission.manifest_hash[:16], deployment.training.manifest_hash[:16])
    return f"{hashes[0]}… and {hashes[1]}… are the chain's, and so is the contracts' code"
