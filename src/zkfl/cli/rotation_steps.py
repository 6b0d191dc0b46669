"""New keys for a hospital, from the command line."""

from pathlib import Path

from zkfl.cli.consortium_session import chosen_sites, open_folder, open_parties, say, saying
from zkfl.cli.output import tell
from zkfl.node import key_rotation
from zkfl.node.home import NodeHome


def rotate_account(
    folder: Path, site: str, rpc_url: str, srs: Path | None, *, prepare: bool
) -> None:
    """Make a hospital's next chain key; unless that is all, move the hospital to it."""
    workspace, consortium = open_folder(folder)
    [name] = chosen_sites(consortium, [site])
    home = NodeHome.open(workspace.site(name))
    address = key_rotation.prepare_account(home)
    if prepare:
        say(f"{name}: fund this account, then run the command again without --prepare")
        tell(f"account  {address}", account=address)
        return
    opener = open_parties(workspace, consortium, rpc_url, srs)
    new = key_rotation.rotate_account(
        home, lambda at, next_key: opener.registry(at, with_next_key=next_key), saying(name)
    )
    tell(f"account  {new}", account=new)


def rotate_mask_key(folder: Path, site: str, rpc_url: str, srs: Path | None) -> None:
    """Announce a fresh mask key of a hospital and use it from the next round on."""
    workspace, consortium = open_folder(folder)
    [name] = chosen_sites(consortium, [site])
    home = NodeHome.open(workspace.site(name))
    opener = open_parties(workspace, consortium, rpc_url, srs)
    public = key_rotation.rotate_mask_key(home, opener.registry(home), saying(name))
    tell(f"mask key  {public.hex()}", mask_key=public.hex())
