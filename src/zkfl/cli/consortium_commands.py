"""A consortium step by step, against any RPC endpoint: the commands behind ``scripts/``."""

from pathlib import Path
from typing import Annotated

import typer

from zkfl.chain.anvil import fund_accounts
from zkfl.chain.deployment import Deployment, load_deployment
from zkfl.chain.states import RoundStatus
from zkfl.cli.consortium_session import (
    DEFAULT_RPC,
    Folder,
    RpcUrl,
    Site,
    Srs,
    load_foundation,
    open_folder,
    open_parties,
    print_status,
    say,
    saying,
    show,
)
from zkfl.cli.output import error_console, result_console
from zkfl.consortium import Consortium
from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import write_site_csv
from zkfl.founding import (
    ROLES,
    Foundation,
    announce_encryption,
    create_parties,
    deploy_consortium,
    open_account,
    open_client,
)
from zkfl.model_release import feature_bounds, release_model
from zkfl.node.home import NodeHome
from zkfl.parties import PartyOpener
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import get_instance


def init(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Annotated[Path, typer.Argument(help="A new folder for the consortium.")],
    dataset: Annotated[str, typer.Option(help="wdbc or heart.")] = "wdbc",
    hospitals: Annotated[int, typer.Option(help="Sites, 3 to 16; heart has 4.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the partition.")] = 0,
    scheme: Annotated[str, typer.Option(help="bfv or ckks.")] = "bfv",
    weights: Annotated[str, typer.Option(help="records, capped, square-root, equal.")] = "records",
    data_dir: Annotated[Path | None, typer.Option(envvar="ZKFL_DATA_DIR")] = None,
) -> None:
    """Make a consortium's folder: agreements, keys of every party, records of every hospital.

    Example:  zkfl init consortium --hospitals 5 --scheme ckks
    """
    bounds = feature_bounds(get_instance(dataset).spec)
    federation = load_federation(dataset, bounds, hospitals, seed, data_dir)
    consortium = Consortium.agree(
        name=f"{dataset} consortium",
        dataset=dataset,
        circuits=dataset,
        scheme=scheme,
        weight_rule=weights,
        hospitals=tuple(hospital.name for hospital in federation.hospitals),
    )
    workspace = Workspace(folder)
    with error_console().status("making keys …"):
        create_parties(workspace, consortium, None)
    for hospital in federation.hospitals:
        write_site_csv(hospital, NodeHome(workspace.site(hospital.name)).records)
    for name, address in _addresses(workspace, consortium).items():
        result_console().print(f"{address}  {name}")
    error_console().print("fund these addresses (zkfl fund on anvil), then run zkfl deploy")


def fund(
    folder: Folder,
    rpc_url: RpcUrl = DEFAULT_RPC,
    ether: Annotated[int, typer.Option(help="Balance of each party, in ether.")] = 100,
) -> None:
    """On a local anvil: set the balance of every party.

    Example:  zkfl fund consortium --rpc-url http://127.0.0.1:8545
    """
    workspace, consortium = open_folder(folder)
    fund_accounts(rpc_url, list(_addresses(workspace, consortium).values()), ether)
    error_console().print(f"every party holds {ether} ether")


def deploy(
    folder: Folder,
    rpc_url: RpcUrl = DEFAULT_RPC,
    chain_id: Annotated[int, typer.Option(help="Of the chain; a wrong one is refused.")] = 31_337,
    srs: Srs = None,
) -> None:
    """Build the circuits and deploy verifiers, router and registry; announce all keys.

    Example:  zkfl deploy consortium --rpc-url http://127.0.0.1:8545 --chain-id 31337
    """
    workspace, consortium = open_folder(folder)
    foundation = load_foundation(consortium, srs)
    deployment = _deployed(workspace, consortium, foundation, rpc_url, chain_id)
    opener = PartyOpener(workspace, consortium, foundation, deployment, rpc_url)
    for name in consortium.hospitals:
        show(f"{name}: mask key", opener.node(name).announce_mask_key())
    announce_encryption(workspace, consortium, opener.node(consortium.hospitals[0]).registry)
    result_console().print(f"registry  {deployment.registry}")
    if deployment.srs_insecure:
        error_console().print("[bold red]INSECURE demo SRS[/]: the contract's first event says so")


def _deployed(
    workspace: Workspace,
    consortium: Consortium,
    foundation: Foundation,
    rpc_url: str,
    chain_id: int,
) -> Deployment:
    """Deploy, or take what stands already: a second registry would orphan the first."""
    if workspace.deployment.exists():
        error_console().print("deployed before: going on with the announcements")
        return load_deployment(workspace.deployment)
    office = open_client(NodeHome.open(workspace.role("office")), rpc_url, chain_id)
    return deploy_consortium(workspace, consortium, foundation, office, say)


def admit(
    folder: Folder, site: Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Prove and admit the shards of hospitals.

    Example:  zkfl admit consortium --site hospital-01
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    for name in site or consortium.hospitals:
        for result in opener.node(name, saying(name)).admit():
            show(f"{name}: shard admitted", result)


def open_(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None) -> None:
    """Open a round, as the aggregator.

    Example:  zkfl open consortium
    """
    opener, _ = open_parties(folder, rpc_url, srs)
    round_id, result = opener.coordinator().open_round()
    show(f"round {round_id} opened", result)


def train(
    folder: Folder, site: Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Train, prove and submit the current round's updates of hospitals.

    In a further attempt, updates are masked again and not proven again.

    Example:  zkfl train consortium --site hospital-02
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    for name in site or consortium.hospitals:
        node = opener.node(name, saying(name))
        round_id = node.registry.current_round()
        again = node.registry.round(round_id).attempt > 1
        result = node.remask(round_id) if again else node.submit(round_id)
        show(f"{name}: update", result)


def close(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None) -> None:
    """Close the current round: the contract computes C(G'), the sum is opened, G' published.

    Example:  zkfl close consortium
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    coordinator = opener.coordinator()
    round_id = coordinator.registry.current_round()
    if coordinator.registry.round(round_id).status == RoundStatus.FINAL:
        say(f"round {round_id} is final: nothing is left to do")
        return
    show(f"round {round_id} closed", coordinator.close_round(round_id))
    if coordinator.registry.round(round_id).status == RoundStatus.DISPUTED:
        say("the masks do not cancel: every hospital splits its mask (zkfl answer)")
        return
    show("sum announced", coordinator.announce_sum(round_id))
    holder = opener.node(consortium.hospitals[0], saying("key holder"))
    show("sum", holder.open_sum(round_id))
    if coordinator.registry.round(round_id).status == RoundStatus.REVEALING:
        say("the sum does not open C(G'): every hospital reveals its masked update (zkfl answer)")
        return
    show("model published", coordinator.publish_model(round_id))


def acknowledge(
    folder: Folder, site: Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Check the published model against the chain and acknowledge it, until it is final.

    Example:  zkfl acknowledge consortium
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    for name in site or consortium.hospitals:
        node = opener.node(name, saying(name))
        round_id = node.registry.current_round()
        if node.registry.round(round_id).status == RoundStatus.FINAL:
            break
        show(f"{name}: acknowledged", node.acknowledge(round_id))
    print_status(folder, rpc_url)


def status(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC) -> None:
    """Show where the current round stands.

    Example:  zkfl status consortium
    """
    print_status(folder, rpc_url)


def export(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="ONNX file to write.")] = Path("model.onnx"),
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Check the current model against the chain and write it as ONNX, for zkfl predict.

    Example:  zkfl export consortium --out model.onnx
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    node = opener.node(consortium.hospitals[0])
    release_model(node.ground, node.registry, opener.deployment, out)
    result_console().print(f"model  {out}")


def _addresses(workspace: Workspace, consortium: Consortium) -> dict[str, str]:
    folders = {name: workspace.role(name) for name in ROLES}
    folders |= {name: workspace.site(name) for name in consortium.hospitals}
    return {name: open_account(NodeHome.open(path)).address for name, path in folders.items()}
