"""Pseudonyms of patients: a keyed hash under a secret of the site.

Without the key nobody can try all hospital numbers until one fits; with it, the same patient has
the same pseudonym in every import, so that no patient is on both sides of a split.
"""

import hashlib
import hmac
import secrets
import unicodedata
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.node.connectors.errors import PseudonymKeyError, RefusedFileError
from zkfl.private_file import read_private_file

KEY_BYTES = 32
PATIENT_DOMAIN = b"zkfl.patient-pseudonym.v2\n"
"""What the keyed hash is of, before the identifier; no other use of the key begins so."""
SPLIT_KEY_DOMAIN = b"zkfl.patient-split-key.v1\n"
_DIGITS = 32
_LONGEST_IDENTIFIER = 256


class Pseudonyms:
    """Turns identifiers of patients into pseudonyms of one site.

    Parameters
    ----------
    key
        `KEY_BYTES` secret bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of_patient(self, identifier: object) -> str:
        """Return the pseudonym of an identifier.

        Spaces around it, capitals and forms of the same characters (NFKC) do not count: systems
        of one hospital write them differently. Zeros in front do.

        Raises
        ------
        RefusedFileError
            It is no text, empty, too long, or was no readable text in its file.
        """
        text = _one_spelling(identifier) if isinstance(identifier, str) else ""
        if not text or len(text) > _LONGEST_IDENTIFIER or not text.isprintable() or "�" in text:
            raise RefusedFileError(
                "no_patient", "the patient's identifier is missing, endless or unreadable"
            )
        digest = hmac.digest(self._key, PATIENT_DOMAIN + text.encode(), hashlib.sha256)
        return f"p{digest.hex()[:_DIGITS]}"

    def split_key(self) -> bytes:
        """Return the key of the order in which patients are split, which tells no pseudonym."""
        return hmac.digest(self._key, SPLIT_KEY_DOMAIN, hashlib.sha256)


def _one_spelling(identifier: str) -> str:
    """Return an identifier as all systems would write it; nothing if it is endless as it stands."""
    text = identifier.strip()
    if len(text) > _LONGEST_IDENTIFIER:
        return ""
    # folded characters can need composing again
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def create_pseudonym_key(path: Path) -> None:
    """Draw a site's key into a file of mode 0600.

    Raises
    ------
    PseudonymKeyError
        The file is there: with another key, every patient would become another.
    """
    if path.exists() or path.is_symlink():
        raise PseudonymKeyError(f"{path} is there already: a key of pseudonyms is never replaced")
    write_atomically(path, secrets.token_bytes(KEY_BYTES))


def load_pseudonyms(path: Path) -> Pseudonyms:
    """Read a site's key.

    Raises
    ------
    PrivateFileError
        It is missing, or others can read it.
    PseudonymKeyError
        It has another length.
    """
    if not path.exists():
        raise PseudonymKeyError(
            f"{path} is missing: restore it, or draw the site's first one with "
            "zkfl import pseudonym-key"
        )
    key = read_private_file(path)
    if len(key) != KEY_BYTES:
        raise PseudonymKeyError(f"{path} has {len(key)} bytes, a key has {KEY_BYTES}: restore it")
    return Pseudonyms(key)
