"""The side without a network: it takes bundles of one relay, and hands out what its node signed."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes

from zkfl.airgap.answering import AnsweringProvider, decode_answers
from zkfl.airgap.artefact_names import words_of
from zkfl.airgap.bundles import (
    MAX_WANTED,
    Binding,
    ChainMoment,
    ToNodeHeader,
    ToRelayHeader,
    encode_reads,
    open_to_node,
    seal_to_relay,
)
from zkfl.airgap.container import Part
from zkfl.airgap.errors import BundleFileError, BundleNotReadyError, BundleRefusedError
from zkfl.airgap.notes import NodeNotes, Taken, View, load_notes, save_notes
from zkfl.airgap.offline_client import OfflineClient
from zkfl.airgap.reads import Read
from zkfl.airgap.signatures import member_signer, relay_verifier
from zkfl.artifacts import ArtifactNotFoundError, ArtifactStore
from zkfl.atomic_file import write_atomically
from zkfl.chain.deployment import Deployment
from zkfl.chain.fees import FeeLimits
from zkfl.chain.raw_transactions import RawTransaction, read_raw_transaction
from zkfl.chain.registry import Registry
from zkfl.private_file import read_private_file

_KEY_BYTES = 32
_ANSWERS_LIMIT = 256 * 2**20
_MOST_SECONDS_AHEAD = 24 * 60 * 60
"""A clock without a network may be wrong, but not by more than its operator would notice."""


@dataclass(frozen=True)
class Handed:
    """A bundle for the relay, and what is in it."""

    content: bytes
    header: ToRelayHeader
    transactions: list[RawTransaction]


class AirgappedSite:
    """A hospital without a network.

    Parameters
    ----------
    folder
        Where it keeps what it trusts, took and signed; in the hospital's own folder.
    deployment
        The consortium.
    account
        The hospital's chain account.
    store
        The hospital's own artefacts.
    """

    def __init__(
        self, folder: Path, deployment: Deployment, account: LocalAccount, store: ArtifactStore
    ) -> None:
        self.folder = folder
        self._notes_path = folder / "airgap.json"
        self._answers_path = folder / "answers.json"
        self._deployment = deployment
        self._account = account
        self._store = store

    @property
    def notes(self) -> NodeNotes:
        """Return what this side remembers; raises `BundleNotReadyError` if it trusts no relay."""
        return load_notes(
            NodeNotes,
            self._notes_path,
            "this hospital trusts no relay yet: run zkfl bundle relay on the machine with a "
            "network, carry the key that it prints here, and run zkfl bundle trust",
        )

    @property
    def view(self) -> View:
        """Return the chain as the last bundle shows it; raises `BundleNotReadyError` before one."""
        view = self.notes.view
        if view is None:
            raise BundleNotReadyError("no bundle of the relay was taken yet: zkfl bundle import")
        return view

    def latest_block(self) -> int:
        """Return the number of the block before which no bundle is taken."""
        return self.notes.latest_block() if self._notes_path.exists() else 0

    def trust(self, relay_key: str, *, replace: bool = False, forget_view: bool = False) -> None:
        """Take bundles of the holder of this key from now on, and of nobody else.

        What another relay brought before is not worked on any more; the latest block that it showed
        stays the earliest that counts.

        Parameters
        ----------
        relay_key
            Ed25519 public key, 64 hexadecimal digits.
        replace
            Whether another key may be given up for it.
        forget_view
            Whether the next bundle may show any block: for a relay that showed one which the
            chain does not have. Which bundles were taken stays known.

        Raises
        ------
        BundleRefusedError
            It is no such key, or another one is trusted.
        """
        key = _checked_key(relay_key)
        notes = self.notes if self._notes_path.exists() else NodeNotes(relay_key=key)
        if notes.relay_key != key:
            if not replace:
                raise BundleRefusedError(
                    f"this hospital trusts the relay {notes.relay_key}: if it was replaced, say "
                    "so with --replace"
                )
            notes = notes.trusting(key)
        save_notes(self._notes_path, notes.without_view() if forget_view else notes)

    def take_in(self, content: bytes) -> ToNodeHeader:
        """Check a bundle of the relay, and keep its answers and artefacts.

        Raises
        ------
        BundleFileError, BundleRefusedError
            It is malformed, forged, old, or meant for somebody else; nothing was kept.
        """
        notes = self.notes
        bundle = open_to_node(content, relay_verifier(bytes.fromhex(notes.relay_key)))
        header = bundle.header
        self._require_ours(notes, header)
        notes.taken.require_newer(header.sequence, bundle.digest)
        decode_answers(bundle.answers)
        for artefact in bundle.artefacts:
            self._store.put(artefact)
        write_atomically(self._answers_path, bundle.answers)
        view = View(binding=header.binding, moment=header.moment, answers=header.answers.sha256)
        taken = Taken(sequence=header.sequence, digest=bundle.digest)
        save_notes(self._notes_path, notes.model_copy(update={"taken": taken, "view": view}))
        return header

    def open_registry(self, fee_limits: FeeLimits) -> tuple[Registry, AnsweringProvider]:
        """Return the registry as the last bundle shows it, and what answers for the chain.

        Raises
        ------
        BundleNotReadyError
            No bundle was taken yet.
        BundleFileError
            Its answers were changed since.
        """
        view = self.view
        content = read_private_file(self._answers_path, _ANSWERS_LIMIT)
        if Part.of(content).sha256 != view.answers:
            raise BundleFileError(
                f"{self._answers_path} is not what the last bundle brought: import it again"
            )
        provider = AnsweringProvider(decode_answers(content))
        client = OfflineClient(
            provider,
            self._account,
            self._deployment.chain_id,
            self.folder / "outbox.json",
            fee_limits,
        )
        self._deployment.require_on(client)
        address, first = self._deployment.registry, self._deployment.block_number
        return Registry(client, address, first), provider

    def hand_out(
        self, registry: Registry, asked: Collection[Read], missing: Collection[bytes]
    ) -> Handed:
        """Seal what this run signed, the artefacts that it names, and what the node lacks.

        Parameters
        ----------
        registry
            From `open_registry`.
        asked
            Questions that were not answered.
        missing
            SHA-256 of artefacts.
        """
        notes, view = self.notes, self.view
        signed = _signed(registry)
        artefacts = self._artefacts(signed)
        reads = encode_reads(list(asked)[:MAX_WANTED])
        header = ToRelayHeader(
            binding=view.binding,
            sequence=notes.made + 1,
            answers_of=notes.taken.sequence,
            transactions=tuple(Part.of(transaction.raw) for transaction in signed),
            artefacts=tuple(Part.of(artefact) for artefact in artefacts),
            wanted_reads=Part.of(reads),
            wanted_artefacts=tuple(sorted(digest.hex() for digest in missing))[:MAX_WANTED],
        )
        parts = [*(transaction.raw for transaction in signed), *artefacts]
        content = seal_to_relay(header, parts, reads, member_signer(self._account))
        save_notes(self._notes_path, notes.model_copy(update={"made": header.sequence}))
        return Handed(content, header, signed)

    def _require_ours(self, notes: NodeNotes, header: ToNodeHeader) -> None:
        known = notes.view.binding.genesis if notes.view else header.binding.genesis
        header.binding.require(
            Binding(
                chain_id=self._deployment.chain_id,
                genesis=known,
                registry=self._deployment.registry,
                member=self._account.address,
            )
        )
        _require_possible(header.moment)
        if header.moment.number < notes.latest_block():
            raise BundleRefusedError(
                f"the bundle shows block {header.moment.number}, one before showed block "
                f"{notes.latest_block()}: the relay's endpoint is behind; export again. If the "
                "chain has no such block yet, that one lied: find out how, then zkfl bundle trust "
                "--forget-view"
            )

    def _artefacts(self, signed: Collection[RawTransaction]) -> list[bytes]:
        """Return what the transactions name and the store holds."""
        found = {}
        for digest in (word for transaction in signed for word in words_of(transaction.data)):
            if len(digest) == _KEY_BYTES and digest not in found:
                try:
                    found[digest] = self._store.get(digest)
                except ArtifactNotFoundError:
                    continue
        return list(found.values())


def _require_possible(moment: ChainMoment) -> None:
    """Refuse a block of a day that has not come: the node's own clock needs no network."""
    ahead = moment.timestamp - int(time.time())
    if ahead > _MOST_SECONDS_AHEAD:
        raise BundleRefusedError(
            f"the bundle shows block {moment.number} of a time {ahead} seconds ahead of this "
            "machine's clock: set the clock right, or do not trust that relay"
        )


def _signed(registry: Registry) -> list[RawTransaction]:
    client = registry.client
    pending = client.outbox.transactions() if isinstance(client, OfflineClient) else ()
    return [read_raw_transaction(bytes(HexBytes(entry.raw))) for entry in pending]


def _checked_key(relay_key: str) -> str:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(relay_key))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BundleRefusedError(
            f"{relay_key[:80]!r} is no relay's key: it has {2 * _KEY_BYTES} hexadecimal digits"
        ) from error
    return relay_key.lower()
