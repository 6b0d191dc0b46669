"""Joining a consortium: a party makes its own folder and keys, and a card for the others."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.card_folder import card_path
from zkfl.consortium import Consortium
from zkfl.encryption import scheme_named
from zkfl.folders import make_folder
from zkfl.founding import FoundingError, create_chain_key, create_encryption_keys
from zkfl.node.home import NodeHome
from zkfl.node.key_store import create_mask_key, load_mask_key
from zkfl.node.shuffling_key import create_shuffling_key
from zkfl.party_accounts import open_account
from zkfl.party_card import HOSPITAL, CardContent, PartyCard, agreements_hash
from zkfl.party_store import store_of
from zkfl.workspace import ROLES, Workspace

_PUBLIC_MODE = 0o644


def join_consortium(
    agreements: Path, folder: Path, name: str, scrypt_cost: int | None = None
) -> PartyCard:
    """Make a party's folder and keys, unless they are there, and its card.

    Parameters
    ----------
    agreements
        The consortium file that the party agrees to.
    folder
        Its workspace; a new one, or one that holds other parties of the same consortium.
    name
        A hospital of the agreements, or ``office``, ``aggregator`` or ``guardian``.
    scrypt_cost
        ``n`` of the keystore; None for eth-account's default.

    Returns
    -------
    PartyCard
        Also in the workspace's ``cards``. The first hospital of the agreements is the key holder
        and makes the HE keys.

    Raises
    ------
    ConsortiumFileError
        The agreements cannot be read.
    FoundingError
        They name no such hospital, or the folder is of another consortium.
    FolderError
        A folder cannot be made.
    """
    consortium, workspace = Consortium.load(agreements), Workspace(folder)
    home = party_folder(workspace, consortium, name)
    _agree(workspace, consortium)
    if not home.exists():
        with _made_whole(home) as unfinished:
            _make_keys(unfinished, consortium, name, scrypt_cost)
    return write_card(workspace, consortium, name)


def party_folder(workspace: Workspace, consortium: Consortium, name: str) -> Path:
    """Return the folder of a hospital or of a role.

    Raises
    ------
    FoundingError
        The consortium has no such party.
    """
    if name in ROLES:
        return workspace.role(name)
    if name not in consortium.hospitals:
        raise FoundingError(
            f"{consortium.name} has no hospital {name!r}: it has {', '.join(consortium.hospitals)}"
        )
    return workspace.site(name)


def write_card(workspace: Workspace, consortium: Consortium, name: str) -> PartyCard:
    """Sign a party's card with the keys that it has now, and put it among the cards."""
    home = NodeHome.open(party_folder(workspace, consortium, name))
    account = open_account(home)
    is_hospital = name not in ROLES
    content = CardContent(
        consortium=agreements_hash(consortium),
        role=HOSPITAL if is_hospital else name,  # type: ignore[arg-type]
        name=name,
        account=str(account.address),
        mask_key=load_mask_key(home).public_bytes().hex() if is_hospital else None,
        encryption_context=_stored_context(home, workspace),
    )
    card = PartyCard.signed(content, account)
    card.save(card_path(workspace.cards, name))
    return card


def _stored_context(home: NodeHome, workspace: Workspace) -> str | None:
    """Put the key holder's public context into its store; return its hash."""
    if not home.he_public.exists():
        return None
    return store_of(home, workspace).put(home.he_public.read_bytes()).hex()


def _agree(workspace: Workspace, consortium: Consortium) -> None:
    """Keep the agreements; of those that were kept, only the list of hospitals may change."""
    if workspace.consortium.exists():
        kept = Consortium.load(workspace.consortium)
        if agreements_hash(kept) != agreements_hash(consortium):
            raise FoundingError(
                f"{workspace.root} is of a consortium with other agreements: name a new folder"
            )
        if kept == consortium:
            return
    make_folder(workspace.root)
    write_atomically(workspace.consortium, consortium.to_json(), _PUBLIC_MODE)


@contextmanager
def _made_whole(folder: Path) -> Iterator[NodeHome]:
    """Make a party's folder beside its place and move it there when everything is in it."""
    make_folder(folder.parent)
    unfinished = Path(tempfile.mkdtemp(prefix=".joining-", dir=folder.parent))
    try:
        yield NodeHome.create(unfinished)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _make_keys(home: NodeHome, consortium: Consortium, name: str, scrypt_cost: int | None) -> None:
    create_chain_key(home, scrypt_cost)
    if name in ROLES:
        return
    create_mask_key(home)
    create_shuffling_key(home)
    if name == consortium.hospitals[0]:
        create_encryption_keys(home, scheme_named(consortium.scheme))
