"""What to do when a round does not go through: names, options and help.

Each command imports its work when it is called: help must not wait for torch and web3.
"""
# ruff: noqa: PLC0415

from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, By, Folder, RpcUrl, Site, Srs


def answer(
    folder: Folder, site: Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Give what a disputed or a revealing round asks of hospitals.

    A disputed round asks for the mask shared with each peer, a revealing one for the masked
    update. Whoever does not answer before the deadline is excluded from the consortium.

    Example:  zkfl answer consortium --site hospital-02
    """
    from zkfl.cli import recovery_steps

    recovery_steps.answer(folder, site, rpc_url, srs)


def push(folder: Folder, by: By = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None) -> None:
    """Move the current round on after a missed deadline; any hospital can.

    An open round reopens with those who submitted; a disputed one goes on without those who
    did not answer; a closed or published one demands reveals; a revealing one fails and
    excludes whoever revealed nothing.

    Example:  zkfl push consortium
    """
    from zkfl.cli import recovery_steps

    recovery_steps.push(folder, by, rpc_url, srs)


def challenge(
    folder: Folder,
    round_id: Annotated[
        int | None, typer.Option("--round", help="Round to check; default: the current one.", min=1)
    ] = None,
    by: By = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Check every posted proof of a round, and have the chain verify those that are invalid.

    For consortia with a challenge window, where the chain does not verify proofs as they come.
    Whoever posted an invalid one is excluded. Run it often enough to be within the window.

    Example:  zkfl challenge consortium --round 3 --by hospital-02
    """
    from zkfl.cli import recovery_steps

    recovery_steps.challenge(folder, round_id, by, rpc_url, srs)


def open_model(
    folder: Folder, by: By = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Make the current round final by showing its model on chain, without a quorum.

    Possible as soon as the sum is known: the key holder opened it, or everyone revealed.

    Example:  zkfl open-model consortium
    """
    from zkfl.cli import recovery_steps

    recovery_steps.open_model(folder, by, rpc_url, srs)
