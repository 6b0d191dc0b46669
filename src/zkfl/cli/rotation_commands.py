"""New keys for a hospital: names, options and help."""
# ruff: noqa: PLC0415 - help must not wait for web3

from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, Folder, OneSite, RpcUrl, Srs


def rotate_account(
    folder: Folder,
    site: OneSite,
    *,
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only make the key, to fund its account.")
    ] = False,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Let a hospital go on under a new chain key; between rounds.

    Example:  zkfl rotate-account consortium --site hospital-01 --prepare
    """
    from zkfl.cli import rotation_steps

    rotation_steps.rotate_account(folder, site, rpc_url, srs, prepare=prepare)


def rotate_mask_key(
    folder: Folder, site: OneSite, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Announce a fresh mask key of a hospital and use it from the next round on.

    Example:  zkfl rotate-mask-key consortium --site hospital-01
    """
    from zkfl.cli import rotation_steps

    rotation_steps.rotate_mask_key(folder, site, rpc_url, srs)
