"""The lineage of a model as a table."""

from rich.table import Table
from web3 import Web3

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.registry import Registry
from zkfl.cli.consortium_session import StepError
from zkfl.cli.output import error_console, keep_facts, show_table, tell
from zkfl.lineage import FinalRound, rebuild, rows

_COLUMNS = ("round", "members", "shares", "weights", "C(G')", "model", "card")


def show_lineage(address: str, rpc_url: str, chain_id: int, first_block: int) -> None:
    """Recompute the lineage with nothing but an endpoint and this checkout's contracts."""
    if not Web3.is_checksum_address(address):
        raise StepError(f"{address[:80]!r} is no checksummed address: copy it with its capitals")
    client = ChainClient(rpc_url, None, chain_id, decoder=error_decoder())
    registry = Registry(client, address, first_block)
    with error_console().status("reading the chain …") as status:
        finals = rebuild(registry, lambda round_id: status.update(f"round {round_id} adds up …"))
    table = Table(*_COLUMNS)
    for row in rows(finals):
        table.add_row(*row)
    keep_facts(rounds=[_facts(final) for final in finals])
    show_table(table)
    if any(final.rate for final in finals):
        rates = ", ".join(f"{final.rate} in round {final.card.round_id}" for final in finals)
        tell(f"rates: {rates}")
    if finals and finals[-1].card.srs_insecure:
        error_console().print("[bold red]INSECURE demo SRS[/]: anyone can prove anything on it")
    tell(
        f"{len(finals)} final rounds, every commitment as recomputed",
        final_rounds=len(finals),
        srs_insecure=finals[-1].card.srs_insecure if finals else None,
    )


def _facts(final: FinalRound) -> dict[str, object]:
    """Return a line of the table for programs: integers and whole hashes."""
    card, parts = final.card, final.card.contributions
    return {
        "round": card.round_id,
        "members": [part.member for part in parts],
        "shares": [part.share for part in parts],
        "weights": [part.weight for part in parts],
        "model_commitment": [f"{coordinate:064x}" for coordinate in card.model_after],
        "model_sha256": card.model_hash.hex(),
        "rate": final.rate or None,
        "card_sha256": final.published_card.hex() if final.published_card else None,
    }
