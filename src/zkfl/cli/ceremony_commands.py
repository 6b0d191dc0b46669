"""``zkfl srs ceremony``: hospitals make an SRS together, and one honest one suffices."""

from pathlib import Path
from typing import Annotated

import typer

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.transactions import TxResult
from zkfl.cli.output import error_console, keep_step, tell, tell_entry
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client
from zkfl.srs.ceremony import Agreement, Ceremony, CeremonyState, deploy_log, load_agreement
from zkfl.srs.ceremony import save_agreement as save
from zkfl.srs.ceremony.errors import AgreementError
from zkfl.srs.ceremony.transcript import Transcript

ceremony = typer.Typer(
    help="Make an SRS together: safe if one of the contributors is honest.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Argument(help="The transcript's folder, shared by all.")]
Home = Annotated[Path, typer.Option(help="This party's own folder, with its chain key.")]
MaybeHome = Annotated[
    Path | None, typer.Option(help="This party's own folder; without it nothing is sent.")
]
RpcUrl = Annotated[str, typer.Option(envvar="ZKFL_RPC_URL", help="HTTP endpoint of the chain.")]
_DEFAULT_RPC = "http://127.0.0.1:8545"
_SECONDS_PER_HOUR = 3600


@ceremony.command()
def deploy(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Annotated[Path, typer.Argument(help="A new folder for the transcript.")],
    home: Home,
    contributor: Annotated[list[str], typer.Option(help="Address, repeatable, in turn.")],
    logrows: Annotated[int, typer.Option(min=3, max=28, help="log2 of the rows.")] = 14,
    beacon_distance: Annotated[int, typer.Option(help="Blocks ahead, 1 to 7200.")] = 32,
    step_hours: Annotated[int, typer.Option(min=1, max=720, help="Before a skip.")] = 72,
    rpc_url: RpcUrl = _DEFAULT_RPC,
    chain_id: Annotated[int, typer.Option(help="Of the chain; a wrong one is refused.")] = 31_337,
) -> None:
    """Create the contract that records a ceremony, and write ceremony.json.

    Example:  zkfl srs ceremony deploy transcript --home consortium/roles/office
    --contributor 0x5B38Da6a701c568545dCfcB03FcB875f56beddC4
    """
    path = Transcript(folder).agreement
    if path.exists():
        raise AgreementError(f"{path} is there already: a ceremony is deployed once")
    client = open_client(NodeHome.open(home), rpc_url, chain_id)
    seconds = step_hours * _SECONDS_PER_HOUR
    with error_console().status("deploying the ceremony's contract …"):
        made = deploy_log(client, logrows, contributor, beacon_distance, seconds)
    agreement = Agreement(
        chain_id=chain_id,
        address=str(made.contract_address),
        tx_hash=made.tx_hash,
        logrows=logrows,
        contributors=contributor,
        beacon_distance=beacon_distance,
        step_seconds=seconds,
    )
    save(path, agreement)
    tell(f"ceremony  {agreement.address}", ceremony=agreement.address)
    error_console().print(f"give {path} to every contributor")


@ceremony.command()
def start(folder: Folder, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Write the file that the ceremony begins with; it holds no secret and is the same for all.

    Example:  zkfl srs ceremony start transcript
    """
    file = _open(folder, None, rpc_url).start()
    tell(f"file  {file}", file=str(file))


@ceremony.command()
def contribute(folder: Folder, home: Home, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Check everything contributed so far, add this party's secret, and record it on chain.

    The secret lives in one process's memory for seconds; nobody ever sees it.

    Example:  zkfl srs ceremony contribute transcript --home consortium/sites/hospital-01
    """
    opened = _open(folder, home, rpc_url)
    _show("contribution", opened.contribute(NodeHome.open(home).root / "state"))


@ceremony.command()
def verify(
    folder: Folder,
    home: MaybeHome = None,
    object_to: Annotated[
        int | None, typer.Option(help="State that this contribution is bad: ENDS the ceremony.")
    ] = None,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Check the others' contributions, and with --home say so on chain; without, check them all.

    A file that does not pass may only have suffered on its way: get it again first. Where its
    contributor stands by it, --object-to ends the ceremony, for all to see.

    Example:  zkfl srs ceremony verify transcript --home consortium/sites/hospital-02
    """
    opened = _open(folder, home, rpc_url)
    if object_to is not None:
        _show(f"objection to contribution {object_to}", opened.object_to(object_to))
    elif home is None:
        for position in range(len(opened.log.state().contributions)):
            opened.check(position)
            tell_entry("hold", {"contribution": position}, f"contribution {position} holds")
    else:
        for position in opened.unverified():
            _show(f"contribution {position} verified", opened.verify(position))


@ceremony.command()
def skip(folder: Folder, home: Home, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Go on without those who let the step's deadline pass.

    Example:  zkfl srs ceremony skip transcript --home consortium/sites/hospital-01
    """
    _show("step skipped", _open(folder, home, rpc_url).log.skip())


@ceremony.command()
def beacon(folder: Folder, home: Home, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Record the announced block's hash as the beacon, and write final.ptau with it.

    Example:  zkfl srs ceremony beacon transcript --home consortium/sites/hospital-01
    """
    opened = _open(folder, home, rpc_url)
    _show("beacon", opened.record_beacon())
    digest = opened.write_final().sha256().hex()
    tell(f"ptau  {digest}", ptau=digest)


@ceremony.command()
def finish(
    folder: Folder,
    out: Annotated[Path, typer.Argument(help="Where to write the checked SRS.")],
    home: MaybeHome = None,
    *,
    insist: Annotated[
        bool, typer.Option("--insist", help="State a result others do not share: ENDS it.")
    ] = False,
    rpc_url: RpcUrl = _DEFAULT_RPC,
) -> None:
    """Compute the SRS from the transcript, check all of it, and state its hash on chain.

    Example:  zkfl srs ceremony finish transcript consortium.srs
    --home consortium/sites/hospital-01
    """
    srs_hash, result = _open(folder, home, rpc_url).finish(out, insist=insist)
    if home is not None:
        _show("result", result)
    tell(f"file    {out}", file=str(out))
    tell(f"sha256  {srs_hash.hex()}", sha256=srs_hash.hex())


@ceremony.command()
def status(folder: Folder, rpc_url: RpcUrl = _DEFAULT_RPC) -> None:
    """Show where the ceremony stands, and for whom it waits.

    Example:  zkfl srs ceremony status transcript
    """
    opened = _open(folder, None, rpc_url)
    state = opened.log.state()
    phase, beacon = state.phase.name.lower(), state.beacon.hex()
    tell(f"contract  {opened.agreement.address}", contract=opened.agreement.address)
    tell(f"logrows   {opened.agreement.logrows}", logrows=opened.agreement.logrows)
    tell(f"phase     {phase}", phase=phase)
    for index, address in enumerate(state.contributors):
        standing = _standing(state, index)
        entry = {"place": index, "address": address, "standing": standing}
        tell_entry("contributors", dict(entry), f"{index:8}  {address}  {standing}")
    if any(state.beacon):
        block = state.beacon_block
        tell(f"beacon    {beacon} (block {block})", beacon=beacon, beacon_block=block)
    if state.confirmed_by:
        tell(f"srs       {state.srs_hash.hex()}", srs=state.srs_hash.hex())


def _standing(state: CeremonyState, index: int) -> str:
    """Say what a contributor did, and how many verified it."""
    address = state.contributors[index]
    made = [entry for entry in state.contributions if entry.contributor == address]
    if made:
        others = len(state.contributors) - 1
        return f"contributed, verified by {made[0].verified_by.bit_count()} of {others}"
    if state.skipped >> index & 1:
        return "skipped"
    return "its turn" if index == state.turn else "waiting"


def _open(folder: Path, home: Path | None, rpc_url: str) -> Ceremony:
    chain_id = load_agreement(Transcript(folder).agreement).chain_id
    if home is None:
        client = ChainClient(rpc_url, None, chain_id, decoder=error_decoder())
    else:
        client = open_client(NodeHome.open(home), rpc_url, chain_id)
    return Ceremony(client, folder, _say)


def _say(step: str) -> None:
    error_console().print(f"  {step} …", markup=False)


def _show(what: str, result: TxResult | None) -> None:
    if result is None:
        keep_step(what, done="before")
        error_console().print(f"{what}: done before", markup=False)
    else:
        keep_step(what, done="now", gas_used=result.gas_used, tx_hash=result.tx_hash)
        gas = f"{result.gas_used:,} gas"
        error_console().print(f"{what} ({gas}, {result.tx_hash})", markup=False)
