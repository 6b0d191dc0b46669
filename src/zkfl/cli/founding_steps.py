"""Founding a consortium: folder, funds, contracts, admitted records."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from zkfl.card_check import check_deployed, council_of
from zkfl.card_folder import load_cards
from zkfl.chain.client import ChainClient
from zkfl.chain.deployment import Deployment
from zkfl.chain.local_chain import fund_accounts
from zkfl.cli.card_steps import show_cards
from zkfl.cli.consortium_session import (
    StepError,
    chosen_sites,
    deployment_of,
    load_foundation,
    open_folder,
    open_parties,
    say,
    saying,
    show,
)
from zkfl.cli.output import error_console, keep_step, tell, tell_entry
from zkfl.consortium import Consortium
from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import Federation, write_site_csv
from zkfl.datasets.fit import require_fit
from zkfl.datasets.names import require_dataset, usual_circuits
from zkfl.flower.files import FlowerFiles
from zkfl.founding import (
    Foundation,
    announce_encryption,
    create_parties,
    deploy_consortium,
    further_key_holders,
    grant_key_holders,
    write_agreements,
)
from zkfl.model_release import feature_bounds
from zkfl.node.held_out_home import HeldOutHome
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode
from zkfl.parties import PartyOpener
from zkfl.party_accounts import open_client
from zkfl.party_card import PartyCard, agreements_hash
from zkfl.rated_circuits import agreed_schedule
from zkfl.roster import accounts_here, known_accounts
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import get_instance


def init(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Path,
    dataset: str,
    hospitals: int,
    seed: int,
    scheme: str,
    weights: str,
    data_dir: Path | None,
    *,
    demo: bool,
    challenge_window: int = 0,
    keys: bool = True,
    circuits: str | None = None,
    metrics: bool = False,
    rates: str | None = None,
) -> None:
    """Make a consortium's folder: agreements, keys of every party, records of every hospital."""
    require_dataset(dataset)
    instance = get_instance(circuits or usual_circuits(dataset))
    bounds = feature_bounds(instance.spec)
    federation = load_federation(dataset, bounds, hospitals, seed, data_dir)
    require_fit(federation, instance.spec)
    consortium = Consortium.agree(
        name=f"{dataset} consortium",
        dataset=dataset,
        circuits=instance.spec.name,
        scheme=scheme,
        weight_rule=weights,
        challenge_window=challenge_window,
        schema_sha256=federation.schema.digest(),
        proven_metrics=metrics,
        rate_schedule=agreed_schedule(rates, instance.spec),
        demo=demo,
        hospitals=tuple(hospital.name for hospital in federation.hospitals),
    )
    workspace = Workspace(folder)
    if not keys:
        write_agreements(workspace, consortium)
        agreed = agreements_hash(consortium)
        tell(f"agreements  {agreed}  {workspace.consortium}", agreements=agreed)
        error_console().print("send the file to every party: each makes its own keys (zkfl join)")
        return
    with error_console().status("making keys …"):
        create_parties(workspace, consortium, None)
        FlowerFiles(workspace).ensure(consortium.hospitals, [])
    for hospital in federation.hospitals:
        write_site_csv(hospital, NodeHome(workspace.site(hospital.name)).records)
    if metrics:
        _deal_test_records(federation, workspace)
    for name, address in accounts_here(workspace, consortium).items():
        tell_entry("parties", {"name": name, "address": address}, f"{address}  {name}")
    error_console().print("fund these addresses (zkfl fund on a local chain), then run zkfl deploy")


def _deal_test_records(federation: Federation, workspace: Workspace) -> None:
    """Deal the held-out records, which belong to no site of a rehearsal, one by one to all."""
    count = len(federation.hospitals)
    for place, hospital in enumerate(federation.hospitals):
        dealt = replace(hospital, records=federation.test_records.iloc[place::count])
        write_site_csv(dealt, HeldOutHome(workspace.site(hospital.name)).records)


def fund(folder: Path, rpc_url: str, ether: int, cards: Path | None = None) -> None:
    """On a local chain (anvil or Hardhat): set the balance of every party that is known here."""
    workspace, consortium = open_folder(folder)
    known = known_accounts(workspace, consortium, load_cards(cards or workspace.cards, consortium))
    fund_accounts(rpc_url, list(known.values()), ether)
    keep_step("every party funded", ether=ether)
    error_console().print(f"{len(known)} parties hold {ether} ether each")


def deploy(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Path,
    rpc_url: str,
    chain_id: int,
    srs: Path | None,
    cards: Path | None = None,
    key_holders: Iterable[str] = (),
) -> None:
    """Build the circuits and deploy verifiers, router and registry; announce the keys here."""
    workspace, consortium = open_folder(folder)
    found_cards = load_cards(cards or workspace.cards, consortium)
    holders = further_key_holders(consortium, found_cards, key_holders)
    foundation = load_foundation(consortium, srs)
    office = open_client(NodeHome.open(workspace.role("office")), rpc_url, chain_id)
    deployment = _deployed(workspace, consortium, foundation, office, found_cards)
    for name in grant_key_holders(office, deployment, holders):
        say(f"{name} may open sums too")
    opener = PartyOpener(workspace, consortium, foundation, deployment, rpc_url)
    here = workspace.present(consortium.hospitals)
    for name in here:
        show(f"{name}: mask key", opener.node(name).announce_mask_key())
    if consortium.hospitals[0] in here:
        holder = opener.node(consortium.hospitals[0])
        announce_encryption(workspace, consortium, holder.registry)
    if found_cards:
        registry = opener.reader()
        council = council_of(workspace, registry, deployment)
        found = check_deployed(found_cards, registry, deployment, consortium, council)
        show_cards(found_cards, found)
    tell(f"registry  {deployment.registry}", registry=deployment.registry)
    if deployment.srs_insecure:
        error_console().print("[bold red]INSECURE demo SRS[/]: the contract's first event says so")


def _deployed(
    workspace: Workspace,
    consortium: Consortium,
    foundation: Foundation,
    office: ChainClient,
    cards: Mapping[str, PartyCard],
) -> Deployment:
    """Deploy, or take what stands already: a second registry would orphan the first."""
    if not workspace.deployment.exists():
        return deploy_consortium(workspace, consortium, foundation, office, say, cards)
    error_console().print("deployed before: going on with the announcements")
    deployment = deployment_of(workspace)
    deployment.require_on(office)
    return deployment


def admit(
    folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None, records: Path | None
) -> None:
    """Prove and admit the shards of hospitals; of one, with a further file of records."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site, workspace)
    if records and len(names) != 1:
        raise StepError("--records are those of one hospital: name it with --site")
    opener = open_parties(workspace, consortium, rpc_url, srs)
    for name in names:
        node = opener.node(name, saying(name))
        if records:
            say(f"{name}: {records} is version {node.add_records(records)} of its records")
        results = node.admit()
        for result in results:
            show(f"{name}: shard admitted", result)
        if not results:
            count = node.registry.shard_count(node.address)
            say(f"{name}: all {count} shards admitted before")


def retire_shards(  # noqa: PLR0913 - each parameter is an option of the command
    folder: Path, site: str, below: int | None, rpc_url: str, srs: Path | None, *, yes: bool = False
) -> None:
    """Take a hospital's older shards out of all further rounds."""
    workspace, consortium = open_folder(folder)
    [name] = chosen_sites(consortium, [site])
    node = open_parties(workspace, consortium, rpc_url, srs).node(name, saying(name))
    if not yes:
        _require_a_live_shard(node, name, below)
    result = node.retire_shards(below)
    member = node.registry.member_of(node.address)
    show(f"{name}: shards below {member.first_shard} retired", result)
    say(f"{name}: {member.records} records are left, at version {member.dataset_version}")


def _require_a_live_shard(node: HospitalNode, name: str, below: int | None) -> None:
    """Refuse to retire all shards: without one, the hospital is in no further round."""
    admitted = node.registry.shard_count(node.address)
    first = node.registry.member_of(node.address).first_shard
    if below is not None and first < below and below == admitted:
        raise StepError(
            f"--below {below} retires every shard of {name}, which has {admitted}: without one it "
            "takes part in no round until it admits other records; if that is meant, add --yes"
        )
