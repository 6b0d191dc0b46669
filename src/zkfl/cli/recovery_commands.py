"""What to do when a round does not go through: answer, push, open-model."""

from typing import Annotated

import typer

from zkfl.chain.states import RoundStatus
from zkfl.cli.consortium_session import (
    DEFAULT_RPC,
    Folder,
    RpcUrl,
    Site,
    Srs,
    open_parties,
    print_status,
    say,
    saying,
    show,
)
from zkfl.cli.output import point_progress
from zkfl.model_opening import open_model as show_model

By = Annotated[str | None, typer.Option(help="Hospital that sends; default: the first.")]


def answer(
    folder: Folder, site: Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Give what a disputed or a revealing round asks of hospitals.

    A disputed round asks for the mask shared with each peer, a revealing one for the masked
    update. Whoever does not answer before the deadline is excluded from the consortium.

    Example:  zkfl answer consortium --site hospital-02
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    for name in site or consortium.hospitals:
        node = opener.node(name, saying(name))
        round_id = node.registry.current_round()
        status = node.registry.round(round_id).status
        if status == RoundStatus.DISPUTED:
            show(f"{name}: mask split", node.split_mask(round_id))
        elif status == RoundStatus.REVEALING:
            with point_progress(f"{name}: opening the masked update") as report:
                result = node.reveal(round_id, report)
            show(f"{name}: update revealed", result)
        else:
            say(f"round {round_id} is {status.name}: nothing is asked of {name}")
    print_status(folder, rpc_url)


def push(folder: Folder, by: By = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None) -> None:
    """Move the current round on after a missed deadline; any hospital can.

    An open round reopens with those who submitted; a disputed one goes on without those who
    did not answer; a closed or published one demands reveals; a revealing one fails and
    excludes whoever revealed nothing.

    Example:  zkfl push consortium
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    registry = opener.node(by or consortium.hospitals[0]).registry
    round_id = registry.current_round()
    show(f"round {round_id} pushed", registry.push_round(round_id))
    print_status(folder, rpc_url)


def open_model(
    folder: Folder, by: By = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Make the current round final by showing its model on chain, without a quorum.

    Possible as soon as the sum is known: the key holder opened it, or everyone revealed.

    Example:  zkfl open-model consortium
    """
    opener, consortium = open_parties(folder, rpc_url, srs)
    node = opener.node(by or consortium.hospitals[0])
    round_id = node.registry.current_round()
    with point_progress("opening C(G')") as report:
        result = show_model(node.registry, round_id, node.ground, report)
    show(f"round {round_id}: model opened", result)
    print_status(folder, rpc_url)
