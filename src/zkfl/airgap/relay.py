"""The side with a network: it reads the chain for one member's node, and brings what that signed.

It holds no secret of the hospital, only a key of its own for its bundles. What it can do to the
node is what any endpoint of a chain can do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zkfl.airgap.artefact_names import named_artefacts, words_of
from zkfl.airgap.broadcast import Broadcaster, Outcome
from zkfl.airgap.bundles import (
    Binding,
    ChainMoment,
    ToNodeHeader,
    ToRelay,
    open_to_relay,
    seal_to_node,
)
from zkfl.airgap.container import Part
from zkfl.airgap.errors import BundleNotReadyError, BundleRefusedError
from zkfl.airgap.notes import RelayNotes, Taken, load_notes, save_notes
from zkfl.airgap.recording import RecordingProvider
from zkfl.airgap.rehearsal import rehearse
from zkfl.airgap.signatures import member_verifier, relay_signer
from zkfl.artifacts import ArtifactNotFoundError, ArtifactStore
from zkfl.atomic_file import write_atomically
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deployment import Deployment
from zkfl.chain.errors import RpcBadAnswerError
from zkfl.chain.raw_transactions import RawTransaction, read_raw_transaction
from zkfl.chain.registry import Registry
from zkfl.chain.transactions import ReceiptLimits
from zkfl.chain.transport import CheckedHTTPProvider, RpcLimits
from zkfl.private_file import read_private_file

StepCallback = Callable[[str], None]
_SET_UP = "no relay was set up in {}: run zkfl bundle relay there first"


@dataclass(frozen=True)
class Export:
    """A bundle for the node, and what is to be said of it."""

    content: bytes
    header: ToNodeHeader


@dataclass(frozen=True)
class Import:
    """What became of a bundle from the node."""

    outcomes: list[Outcome]
    stored: list[str]
    wanted_reads: int
    wanted_artefacts: tuple[str, ...]


class Relay:
    """A relay's folder.

    Parameters
    ----------
    folder
        Holds the relay's key and its memory; mode 0700.
    deployment
        The consortium.
    store
        Where artefacts are exchanged.
    on_step
        Progress.
    """

    def __init__(
        self,
        folder: Path,
        deployment: Deployment,
        store: ArtifactStore,
        on_step: StepCallback | None = None,
    ) -> None:
        self._key_path = folder / "relay.key"
        self._notes_path = folder / "relay.json"
        self.folder = folder
        self._deployment = deployment
        self._store = store
        self._on_step = on_step or (lambda _: None)

    def set_up(self, member: str) -> str:
        """Make the relay's key, unless it is there, and return its public half, hexadecimal.

        Raises
        ------
        BundleNotReadyError
            The relay serves another member already.
        """
        if self._notes_path.exists() and self._notes().member != member:
            raise BundleNotReadyError(
                f"{self.folder} serves {self._notes().member}: a relay serves one member; make "
                "another folder for the next one"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        if not self._key_path.exists():
            write_atomically(self._key_path, Ed25519PrivateKey.generate().private_bytes_raw())
        if not self._notes_path.exists():
            save_notes(self._notes_path, RelayNotes(member=member))
        return self._key().public_key().public_bytes_raw().hex()

    def export(self, rpc_url: str) -> Export:
        """Read all that the node may ask at the latest block, and seal it.

        Raises
        ------
        BundleNotReadyError
            The relay is not set up.
        RpcError
            The endpoint is not in order, or its chain changed meanwhile.
        """
        notes, key, live = self._notes(), self._key(), self._client(rpc_url)
        moment = _moment(live, live.check_connection())
        recording = RecordingProvider(CheckedHTTPProvider(rpc_url, RpcLimits()), moment.number)
        self._on_step(f"reading the chain at block {moment.number}")
        artefacts, lacking = self._artefacts(self._rehearsed(recording, notes))
        if _moment(live, moment.number) != moment:
            raise RpcBadAnswerError(
                f"block {moment.number} was undone while it was read: export again"
            )
        answers = recording.answers()
        header = ToNodeHeader(
            binding=_binding(live, self._deployment, notes.member),
            sequence=notes.made + 1,
            moment=moment,
            answers=Part.of(answers),
            artefacts=tuple(Part.of(artefact) for artefact in artefacts),
            lacking=lacking,
        )
        content = seal_to_node(header, answers, artefacts, relay_signer(key))
        # before the file is: a number is not used twice
        save_notes(self._notes_path, notes.model_copy(update={"made": header.sequence}))
        return Export(content, header)

    def take_in(self, content: bytes, rpc_url: str, limits: ReceiptLimits) -> Import:
        """Check a bundle of the node, store its artefacts and broadcast its transactions.

        Raises
        ------
        BundleFileError, BundleRefusedError
            It is malformed, forged, old, meant for somebody else, or asks for what a relay does not
            do; nothing was stored or sent.
        TransactionTimeoutError, RpcError
            A transaction is not mined in time, or the endpoint is not in order; can be repeated.
        """
        notes = self._notes()
        bundle = open_to_relay(content, member_verifier(notes.member))
        client = self._client(rpc_url)
        bundle.header.binding.require(_binding(client, self._deployment, notes.member))
        notes.taken.require_newer(bundle.header.sequence, bundle.digest)
        registry = Registry(client, self._deployment.registry, self._deployment.block_number)
        transactions = [read_raw_transaction(raw) for raw in bundle.transactions]
        broadcaster = Broadcaster(registry, notes.member, limits)
        broadcaster.require_fit(transactions)
        _require_named(bundle, transactions)
        stored = [self._store.put(artefact).hex() for artefact in bundle.artefacts]
        self._remember(notes, bundle)
        outcomes = broadcaster.bring(transactions, self._on_step)
        wanted = bundle.header.wanted_artefacts
        return Import(outcomes, stored, len(bundle.wanted_reads), wanted)

    def _rehearsed(self, recording: RecordingProvider, notes: RelayNotes) -> list[bytes]:
        """Ask what the node may ask, and did ask for; return the artefacts that it may need."""
        client = ChainClient(recording, None, self._deployment.chain_id, decoder=error_decoder())
        registry = Registry(client, self._deployment.registry, self._deployment.block_number)
        rehearse(registry, self._deployment, notes.member)
        for read in notes.wanted_reads:
            recording.ask(read)
        wanted = [bytes.fromhex(digest) for digest in notes.wanted_artefacts]
        return [*named_artefacts(registry, notes.member), *wanted]

    def _remember(self, notes: RelayNotes, bundle: ToRelay) -> None:
        changes = {
            "taken": Taken(sequence=bundle.header.sequence, digest=bundle.digest),
            "wanted_reads": tuple(bundle.wanted_reads),
            "wanted_artefacts": bundle.header.wanted_artefacts,
        }
        save_notes(self._notes_path, notes.model_copy(update=changes))

    def _artefacts(self, named: Sequence[bytes]) -> tuple[list[bytes], tuple[str, ...]]:
        """Return what of the named artefacts the store holds, and the hashes of what it lacks."""
        found, lacking = [], []
        for digest in dict.fromkeys(named):
            try:
                found.append(self._store.get(digest))
            except ArtifactNotFoundError:
                lacking.append(digest.hex())
        return found, tuple(lacking)

    def _client(self, rpc_url: str) -> ChainClient:
        return ChainClient(rpc_url, None, self._deployment.chain_id, decoder=error_decoder())

    def _notes(self) -> RelayNotes:
        return load_notes(RelayNotes, self._notes_path, _SET_UP.format(self.folder))

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(read_private_file(self._key_path))


def _require_named(bundle: ToRelay, transactions: Sequence[RawTransaction]) -> None:
    """Check that every artefact is one that a transaction names, so that no other file leaves.

    Raises
    ------
    BundleRefusedError
        One is not.
    """
    named = {word for transaction in transactions for word in words_of(transaction.data)}
    unnamed = [
        part.sha256 for part in bundle.header.artefacts if bytes.fromhex(part.sha256) not in named
    ]
    if unnamed:
        raise BundleRefusedError(
            f"the bundle holds artefacts that none of its transactions names: {', '.join(unnamed)}"
        )


def _moment(client: ChainClient, number: int) -> ChainMoment:
    block = client.w3.eth.get_block(number)
    return ChainMoment(
        number=number, hash=bytes(block["hash"]).hex(), timestamp=int(block["timestamp"])
    )


def _binding(client: ChainClient, deployment: Deployment, member: str) -> Binding:
    return Binding(
        chain_id=client.chain_id,
        genesis=client.genesis_hash().hex(),
        registry=deployment.registry,
        member=member,
    )
