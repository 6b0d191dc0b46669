"""The lineage of a model as a table."""

from rich.table import Table
from web3 import Web3

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.registry import Registry
from zkfl.cli.consortium_session import StepError
from zkfl.cli.output import error_console, keep_facts, result_console
from zkfl.lineage import rebuild, rows

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
    shown = list(rows(finals))
    for row in shown:
        table.add_row(*row)
    keep_facts(rounds=[dict(zip(_COLUMNS, row, strict=True)) for row in shown])
    result_console().print(table)
    if finals and finals[-1].card.srs_insecure:
        error_console().print("[bold red]INSECURE demo SRS[/]: anyone can prove anything on it")
    result_console().print(f"{len(finals)} final rounds, every commitment as recomputed")
