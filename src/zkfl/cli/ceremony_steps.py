"""A ceremony's steps, from the words of the command line to what is shown."""

from pathlib import Path

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.cli.output import error_console, tell, tell_entry
from zkfl.cli.step_report import show
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client
from zkfl.srs.ceremony import Agreement, Ceremony, CeremonyState, deploy_log, load_agreement
from zkfl.srs.ceremony import save_agreement as save
from zkfl.srs.ceremony.errors import AgreementError
from zkfl.srs.ceremony.transcript import Transcript

_SECONDS_PER_HOUR = 3600


def deploy(  # noqa: PLR0913, PLR0917 - each is an option of the command
    folder: Path,
    home: Path,
    contributor: list[str],
    logrows: int,
    beacon_distance: int,
    step_hours: int,
    rpc_url: str,
    chain_id: int,
) -> None:
    """Create the contract that records a ceremony, and write ceremony.json."""
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


def start(folder: Path, rpc_url: str) -> None:
    """Write the file that the ceremony begins with."""
    file = _open(folder, None, rpc_url).start()
    tell(f"file  {file}", file=str(file))


def contribute(folder: Path, home: Path, rpc_url: str) -> None:
    """Check everything contributed so far, and add this party's secret."""
    opened = _open(folder, home, rpc_url)
    show("contribution", opened.contribute(NodeHome.open(home).root / "state"))


def verify(folder: Path, home: Path | None, object_to: int | None, rpc_url: str) -> None:
    """Check the others' contributions, and say so on chain where there is a party to sign."""
    opened = _open(folder, home, rpc_url)
    if object_to is not None:
        show(f"objection to contribution {object_to}", opened.object_to(object_to))
    elif home is None:
        for position in range(len(opened.log.state().contributions)):
            opened.check(position)
            tell_entry("hold", {"contribution": position}, f"contribution {position} holds")
    else:
        for position in opened.unverified():
            show(f"contribution {position} verified", opened.verify(position))


def skip(folder: Path, home: Path, rpc_url: str) -> None:
    """Go on without those who let the step's deadline pass."""
    show("step skipped", _open(folder, home, rpc_url).log.skip())


def beacon(folder: Path, home: Path, rpc_url: str) -> None:
    """Record the announced block's hash, and write final.ptau with it."""
    opened = _open(folder, home, rpc_url)
    show("beacon", opened.record_beacon())
    digest = opened.write_final().sha256().hex()
    tell(f"ptau  {digest}", ptau=digest)


def finish(folder: Path, out: Path, home: Path | None, rpc_url: str, *, insist: bool) -> None:
    """Compute the SRS from the transcript, check all of it, and state its hash on chain."""
    srs_hash, result = _open(folder, home, rpc_url).finish(out, insist=insist)
    if home is not None:
        show("result", result)
    tell(f"file    {out}", file=str(out))
    tell(f"sha256  {srs_hash.hex()}", sha256=srs_hash.hex())


def status(folder: Path, rpc_url: str) -> None:
    """Show where the ceremony stands, and for whom it waits."""
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
