"""Who vouches for a bundle: the relay with a key of its own, the node with its chain key."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from zkfl.airgap.container import Signer, Verifier
from zkfl.airgap.errors import BundleRefusedError


def relay_verifier(public_key: bytes) -> Verifier:
    """Return what refuses every bundle that the holder of a relay's key did not sign.

    Parameters
    ----------
    public_key
        Ed25519, 32 bytes.
    """
    key = Ed25519PublicKey.from_public_bytes(public_key)

    def verify(message: bytes, signature: bytes) -> None:
        try:
            key.verify(signature, message)
        except InvalidSignature as error:
            raise BundleRefusedError(
                f"the bundle is not signed by the relay that this node trusts, "
                f"{public_key.hex()}: it was changed on the way, or comes from somebody else"
            ) from error

    return verify


def relay_signer(key: Ed25519PrivateKey) -> Signer:
    """Return what signs for a relay."""
    return key.sign


def member_verifier(member: str) -> Verifier:
    """Return what refuses every bundle that a member's chain key did not sign."""

    def verify(message: bytes, signature: bytes) -> None:
        try:
            signer = Account.recover_message(encode_defunct(message), signature=signature)
        except Exception as error:
            # whatever stands in a signature's place, and whichever library notices
            raise _unsigned(member, "nobody") from error
        if signer != member:
            raise _unsigned(member, signer)

    return verify


def member_signer(account: LocalAccount) -> Signer:
    """Return what signs for a member.

    The message begins with a byte that no transaction begins with (EIP-191,
    https://eips.ethereum.org/EIPS/eip-191), and with the name of its use.
    """
    return lambda message: bytes(account.sign_message(encode_defunct(message)).signature)


def _unsigned(member: str, signer: str) -> BundleRefusedError:
    return BundleRefusedError(
        f"the bundle is signed by {signer}, this relay serves {member}: it was changed on the way, "
        "or comes from another node"
    )
