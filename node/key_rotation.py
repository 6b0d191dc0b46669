"""New keys for a hospital: its chain account and its mask key, each in steps that can be repeated.

A step that was cut short goes on where the chain says that it stands. Old chain keys are kept:
their accounts may hold funds and roles.
"""

import secrets
from collections.abc import Callable

from eth_account import Account

from zkfl.atomic_file import write_atomically
from zkfl.chain.keys import keystore_cost, password_from_file, write_keystore
from zkfl.chain.registry import Registry
from zkfl.errors import ZkflError
from zkfl.node.home import NodeHome
from zkfl.node.home_binding import bound_member, rebind_home
from zkfl.node.key_store import draw_next_mask_key, keep_under_password, load_mask_key
from zkfl.party_accounts import open_next_account
from zkfl.private_file import read_private_file

_PASSWORD_BYTES = 32
_PRESENT, _NEXT = False, True
StepCallback = Callable[[str], None]


class KeyRotationError(ZkflError):
    """Keys cannot be changed now."""


def prepare_account(home: NodeHome, scrypt_cost: int | None = None) -> str:
    """Draw a hospital's next chain key, unless it is there, and return its address."""
    if not home.next_chain_password.exists():
        write_atomically(home.next_chain_password, secrets.token_hex(_PASSWORD_BYTES).encode())
    if not home.next_chain_key.exists():
        password = password_from_file(home.next_chain_password)()
        write_keystore(home.next_chain_key, Account.create(), password, iterations=scrypt_cost)
    return str(open_next_account(home).address)


def rotate_account(
    home: NodeHome, open_registry: Callable[[NodeHome, bool], Registry], on_step: StepCallback
) -> str:
    """Move a hospital to its next chain key, and return its new address.

    Parameters
    ----------
    home
        With a next chain key, whose account can pay.
    open_registry
        Opens the registry with the folder's present chain key, or with its next one (True).
    on_step
        Progress.

    Raises
    ------
    KeyRotationError
        There is no next key, or the folder serves nobody yet.
    ContractRevertError
        A round is in progress, or the account cannot be taken.
    """
    if not home.next_chain_key.exists():
        raise KeyRotationError(f"{home.root} holds no next chain key: prepare one first")
    if not home.chain_password.exists():
        raise KeyRotationError(
            f"{home.chain_password} is missing, so the password comes from elsewhere: a rotation "
            "moves passwords as files. Put the present one there for the rotation (mode 0600); "
            "nothing was sent"
        )
    old, new = bound_member(home), str(open_next_account(home).address)
    successor = open_registry(home, _NEXT)
    if not successor.member_id_of(new):
        if successor.nomination_of(old).account != new:
            on_step(f"{old} nominates {new}")
            open_registry(home, _PRESENT).nominate_account(old, new)
        on_step(f"{new} accepts")
        successor.accept_account(old)
    _adopt(home, successor, old, new)
    return new


def rotate_mask_key(home: NodeHome, registry: Registry, on_step: StepCallback) -> bytes:
    """Announce a fresh mask key and use it from the next round on; return its public half.

    Raises
    ------
    ContractRevertError
        A round is in progress.
    """
    key = draw_next_mask_key(home)
    if registry.member_of(str(registry.client.sender)).mask_key != key.public_bytes():
        on_step("announcing the new mask key")
        registry.announce_mask_key(key.public_bytes())
    home.next_mask_key.rename(home.mask_key)
    return load_mask_key(home).public_bytes()


def _adopt(home: NodeHome, successor: Registry, old: str, new: str) -> None:
    """Put the next key in the present one's place; whatever is cut short can be repeated."""
    if old != new:
        kept = home.chain_key.with_name(f"chain-{old}.json")
        write_atomically(kept, read_private_file(home.chain_key))
        password = kept.with_suffix(".password")
        write_atomically(password, read_private_file(home.chain_password))
        rebind_home(home, successor, old)
    # a secret opens with either password until both are the same
    next_password = password_from_file(home.next_chain_password)()
    keep_under_password(home, next_password, keystore_cost(home.next_chain_key))
    write_atomically(home.chain_password, read_private_file(home.next_chain_password))
    home.next_chain_key.rename(home.chain_key)
    home.next_chain_password.unlink()
