"""A party's public card: who it is, which keys are its own, signed with its chain key.

Parties make their keys where they are. A card carries what others need to know of them, and
binds it to the agreements: whoever changes a key, a name or the consortium file changes what was
signed. That the signing account is the hospital's own, no signature shows: people compare
fingerprints over another channel.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal, Self

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zkfl.atomic_file import write_atomically
from zkfl.chain.deployment import Address, Hash
from zkfl.consortium import Consortium, SiteName
from zkfl.errors import ZkflError
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file

HOSPITAL = "hospital"
_DOMAIN = {"name": "zkfl party card", "version": "1"}
_TYPES = {
    "PartyCard": [
        {"name": "consortium", "type": "bytes32"},
        {"name": "role", "type": "string"},
        {"name": "name", "type": "string"},
        {"name": "account", "type": "address"},
        {"name": "maskKey", "type": "bytes32"},
        {"name": "encryptionContext", "type": "bytes32"},
    ]
}
_MAX_FILE_BYTES = 4_096
_FILE_MODE = 0o644
_ABSENT = bytes(32).hex()
_FINGERPRINT_DIGITS, _GROUP = 24, 4


class PartyCardError(ZkflError):
    """A card is malformed, not signed by its account, or does not fit to others or the chain."""


class CardContent(BaseModel):
    """What a party signs.

    Attributes
    ----------
    consortium
        SHA-256 of the agreements that the party joined, hexadecimal.
    role
        What it is in the consortium.
    name
        A hospital's name in the agreements; elsewhere the role's.
    account
        Address of its chain key.
    mask_key
        X25519 public key, hexadecimal; of a hospital.
    encryption_context
        SHA-256 of the public HE context, hexadecimal; of the key holder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    consortium: Hash
    role: Literal["hospital", "aggregator", "guardian", "office"]
    name: SiteName
    account: Address
    mask_key: Hash | None = None
    encryption_context: Hash | None = None

    @model_validator(mode="after")
    def _keys_fit_to_the_role(self) -> Self:
        is_hospital = self.role == HOSPITAL
        if not is_hospital and self.name != self.role:
            raise ValueError(f"the {self.role} is called {self.role}, not {self.name}")
        if is_hospital != (self.mask_key is not None):
            raise ValueError("hospitals have a mask key, and nobody else")
        if not is_hospital and self.encryption_context is not None:
            raise ValueError(f"the {self.role} holds no encryption key")
        return self

    def signable(self) -> SignableMessage:
        """Return the EIP-712 message."""
        return encode_typed_data(
            domain_data=_DOMAIN,
            message_types=_TYPES,
            message_data={
                "consortium": bytes.fromhex(self.consortium),
                "role": self.role,
                "name": self.name,
                "account": self.account,
                "maskKey": bytes.fromhex(self.mask_key or _ABSENT),
                "encryptionContext": bytes.fromhex(self.encryption_context or _ABSENT),
            },
        )

    def fingerprint(self) -> str:
        """Return what people compare: 96 bits of the hash of what was signed."""
        message = self.signable()
        digits = hashlib.sha256(message.header + message.body).hexdigest()[:_FINGERPRINT_DIGITS]
        return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


class PartyCard(CardContent):
    """A card with its signature, 65 bytes as hexadecimal with 0x."""

    format: Literal["zkfl.party-card.v1"] = "zkfl.party-card.v1"
    signature: Annotated[str, Field(pattern=r"^0x[0-9a-f]{130}$")]

    @classmethod
    def signed(cls, content: CardContent, account: LocalAccount) -> "PartyCard":
        """Return a card with the signature of its account."""
        signature = account.sign_message(content.signable()).signature
        return cls(**content.model_dump(), signature="0x" + bytes(signature).hex())

    def save(self, path: Path) -> None:
        """Write the card where others may read it."""
        write_atomically(path, (self.model_dump_json(indent=2) + "\n").encode(), _FILE_MODE)


def load_card(path: Path) -> PartyCard:
    """Read a card and check its signature.

    Raises
    ------
    PartyCardError
        The file is missing, too large or malformed, or the card's account did not sign it.
    """
    try:
        card = PartyCard.model_validate_json(read_public_file(path, _MAX_FILE_BYTES))
    except PublicFileError as error:
        raise PartyCardError(str(error)) from error
    except ValidationError as error:
        raise PartyCardError(f"{path} is no card: {json_problems(error)}") from error
    signer = _signer(card)
    if signer != card.account:
        raise PartyCardError(
            f"{path} names account {card.account}, and {signer or 'nobody'} signed it: it was "
            "changed on its way, or made up; ask the party for its card over another channel"
        )
    return card


def _signer(card: PartyCard) -> str | None:
    try:
        signature = bytes.fromhex(card.signature[2:])
        return str(Account.recover_message(card.signable(), signature=signature))
    except Exception:  # noqa: BLE001 - eth-account names no class for what is no signature
        return None


def agreements_hash(consortium: Consortium) -> str:
    """Return the SHA-256 of agreements, however their file is laid out; hexadecimal.

    The list of hospitals is not part of it: members come and go, and each card names its own.
    """
    terms = consortium.model_dump_json(exclude={"hospitals"})
    return hashlib.sha256(terms.encode()).hexdigest()
