"""The registry contract: every function of ``IConsortiumRegistry``, typed."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any, Self

from zkfl.chain.client import ChainClient
from zkfl.chain.events import ChainEvent, EventReader
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.states import (
    Benefit,
    ConsortiumConfig,
    Member,
    Nomination,
    Participation,
    Round,
    Shard,
)
from zkfl.chain.transactions import ProgressCallback, TxResult
from zkfl.curve import G1Point

SETTLING_GAS = 6_000
"""A pair of members, for whoever turns out to be the last to split its mask and settles."""


class Registry:
    """One consortium.

    Every method that reads may raise `RpcError`; every method that writes raises as
    `ChainClient.send`, `ContractRevertError` above all.

    Parameters
    ----------
    client
        Reads, and writes where it has an account.
    address
        The registry's.
    first_block
        Before which it has no events.

    Attributes
    ----------
    block
        Everything read is as after this block; None for the latest, whichever that is at each
        reading. See `at`.

    Raises
    ------
    NoCodeError
        The address holds no contract.
    """

    def __init__(self, client: ChainClient, address: str, first_block: int = 0) -> None:
        client.require_code(address)
        self.client = client
        self.address = address
        self.block: int | None = None
        self._first_block = first_block
        self.abi = registry_abi()
        self._events = EventReader(client, address, self.abi)

    @property
    def first_block(self) -> int:
        """The contract's, from which events are read."""
        return self._first_block

    # --- membership ---

    def add_member(self, member: str, name: str) -> TxResult:
        """Add a hospital; by the owner."""
        return self._write("addMember", member, name)

    def remove_member(self, member: str) -> TxResult:
        """Remove a hospital; by the owner, while no round is open."""
        return self._write("removeMember", member)

    def leave(self) -> TxResult:
        """Leave the consortium; by a member, between rounds."""
        return self._write("leave")

    def nominate_account(self, account: str, new_account: str) -> TxResult:
        """Name the account under which a member is to go on; by the member, or by the owner."""
        return self._write("nominateAccount", account, new_account)

    def accept_account(self, account: str) -> TxResult:
        """Take over the member of an account; by the nominated one, between rounds."""
        return self._write("acceptAccount", account)

    def announce_mask_key(self, mask_key: bytes) -> TxResult:
        """Announce the X25519 public key (32 bytes) of the sender, a member."""
        return self._write("announceMaskKey", mask_key)

    def announce_encryption_context(self, context_hash: bytes) -> TxResult:
        """Announce the HE context's SHA-256 (32 bytes); by the key holder."""
        return self._write("announceEncryptionContext", context_hash)

    def acknowledge_encryption_context(self, context_hash: bytes) -> TxResult:
        """State that the sender, a key holder, has the secret of the announced HE context."""
        return self._write("acknowledgeEncryptionContext", context_hash)

    # --- admission ---

    def admit_shard(
        self, count: int, proof: bytes, on_progress: ProgressCallback | None = None
    ) -> TxResult:
        """Admit the sender's next shard with ``count`` used slots."""
        return self._write("admitShard", count, proof, on_progress=on_progress)

    def retire_shards(self, below: int) -> TxResult:
        """Take the sender's shards of a smaller index out of all further rounds, for good."""
        return self._write("retireShards", below)

    # --- rounds ---

    def open_round(self) -> tuple[int, TxResult]:
        """Open a round and return its id; by the aggregator."""
        result = self._write("openRound")
        opened = [event for event in self.decode_logs(result) if event.name == "RoundOpened"]
        return int(opened[0].values["roundId"]), result

    def submit_update(
        self,
        round_id: int,
        proof: bytes,
        mask_commitment: G1Point,
        ciphertext_hash: bytes,
        on_progress: ProgressCallback | None = None,
    ) -> TxResult:
        """Submit the sender's proven update, mask commitment M_i and ciphertext hash."""
        arguments = (round_id, proof, tuple(mask_commitment), ciphertext_hash)
        return self._write("submitUpdate", *arguments, on_progress=on_progress)

    def close_round(self, round_id: int) -> TxResult:
        """Close a round once the cohort has submitted; by anyone."""
        return self._write("closeRound", round_id)

    def remask_update(
        self, round_id: int, attempt: int, mask_commitment: G1Point, ciphertext_hash: bytes
    ) -> TxResult:
        """Submit mask commitment and ciphertext hash of a further attempt (2 or more)."""
        arguments = (round_id, attempt, tuple(mask_commitment), ciphertext_hash)
        return self._write("remaskUpdate", *arguments)

    def split_mask(
        self, round_id: int, attempt: int, cohort_hash: bytes, pair_masks: Sequence[G1Point]
    ) -> TxResult:
        """State C(m_ij) for every peer in the order of a cohort; see `protocol.mask_cohort`."""
        spare = SETTLING_GAS * (len(pair_masks) + 1) ** 2
        masks = [tuple(mask) for mask in pair_masks]
        return self._write("splitMask", round_id, attempt, cohort_hash, masks, spare_gas=spare)

    def announce_sum(self, round_id: int, encrypted_sum_hash: bytes) -> TxResult:
        """State the SHA-256 of the sum of ciphertexts; by the aggregator."""
        return self._write("announceSum", round_id, encrypted_sum_hash)

    def open_sum(self, round_id: int, encrypted_sum_hash: bytes, sum_hash: bytes) -> TxResult:
        """State the SHA-256 of what the announced sum decrypts to; by the key holder."""
        return self._write("openSum", round_id, encrypted_sum_hash, sum_hash)

    def refuse_sum(self, round_id: int, encrypted_sum_hash: bytes) -> TxResult:
        """State that the announced sum does not open C(G'); by the key holder."""
        return self._write("refuseSum", round_id, encrypted_sum_hash)

    def publish_model(self, round_id: int, model_hash: bytes) -> TxResult:
        """Publish the SHA-256 of G'; by the aggregator."""
        return self._write("publishModel", round_id, model_hash)

    def acknowledge(self, round_id: int, model_hash: bytes) -> TxResult:
        """State that the sender holds a G' of this hash that opens C(G'); by the cohort."""
        return self._write("acknowledge", round_id, model_hash)

    def open_model(self, round_id: int, model: Sequence[int], quotient: G1Point) -> TxResult:
        """Show the entries of G' that open C(G'); by anyone."""
        return self._write("openModel", round_id, list(model), tuple(quotient))

    def reveal_update(self, round_id: int, masked: Sequence[int], quotient: G1Point) -> TxResult:
        """Show the sender's masked update; in a revealing round."""
        return self._write("revealUpdate", round_id, list(masked), tuple(quotient))

    def challenge_update(self, round_id: int, member: str, proof: bytes) -> TxResult:
        """Have the chain verify the proof that a member posted; by anyone."""
        return self._write("challengeUpdate", round_id, member, proof)

    def publish_model_card(self, round_id: int, card_hash: bytes) -> TxResult:
        """Publish the SHA-256 of a final round's card; by the aggregator, once."""
        return self._write("publishModelCard", round_id, card_hash)

    def push_round(self, round_id: int) -> TxResult:
        """Move a round on after a missed deadline; by anyone."""
        return self._write("pushRound", round_id)

    def prove_benefit(self, round_id: int, level: int, proof: bytes) -> TxResult:
        """Prove the sender's benefit of a final round, 0 to 16; between rounds, by the cohort."""
        return self._write("proveBenefit", round_id, level, proof)

    # --- guardian ---

    def pause(self) -> TxResult:
        """Stop writes; by the guardian."""
        return self._write("pause")

    def unpause(self) -> TxResult:
        """Allow writes again; by the guardian."""
        return self._write("unpause")

    # --- views ---

    def at(self, block: int) -> Self:
        """Return the same registry as it was after one block, so that all readings fit together."""
        pinned = copy.copy(self)
        pinned.block = block
        return pinned

    def block_timestamp(self) -> int:
        """Return the time of the block that is read, in seconds since 1970."""
        return self.client.block_timestamp(self.block)

    def config(self) -> ConsortiumConfig:
        """Return what the consortium agreed on."""
        return ConsortiumConfig.from_tuple(self._read("config"))

    def model(self) -> G1Point:
        """Return C(G) of the current model."""
        return G1Point(*self._read("model"))

    def model_hash(self) -> bytes:
        """Return the current model file's SHA-256, zeros before the first final round."""
        return bytes(self._read("modelHash"))

    def current_round(self) -> int:
        """Return the id of the latest round, 0 before the first."""
        return int(self._read("currentRound"))

    def selection_seed(self) -> bytes:
        """Return the seed of the shard selection, zeros from an admission to the next round."""
        return bytes(self._read("selectionSeed"))

    def final_round(self) -> int:
        """Return the round that made the current model, 0 before the first."""
        return int(self._read("finalRound"))

    def opening_address(self) -> str:
        """Return the address of the contract that checks openings, set once."""
        return str(self._read("OPENING"))

    def router_address(self) -> str:
        """Return the router's address, set once by the constructor."""
        return str(self._read("ROUTER"))

    def encryption_context(self) -> bytes:
        """Return the announced HE context's SHA-256."""
        return bytes(self._read("encryptionContext"))

    def members(self) -> list[str]:
        """Return the members' addresses."""
        return [str(address) for address in self._read("members")]

    def member_of(self, account: str) -> Member:
        """Return a member; inactive, with empty fields, for a stranger."""
        return Member.from_tuple(self._read("memberOf", account))

    def shard_count(self, member: str) -> int:
        """Return how many shards of a member are admitted."""
        return int(self._read("shardCount", member))

    def shard_of(self, member: str, shard_index: int) -> Shard:
        """Return an admitted shard."""
        return Shard.from_tuple(self._read("shardOf", member, shard_index))

    def is_admitted(self, commitment: G1Point) -> bool:
        """Tell whether anybody ever admitted a shard of a commitment, retired or not."""
        return bool(self._read("isAdmitted", tuple(commitment)))

    def round(self, round_id: int) -> Round:
        """Return a round; of status NONE where it never opened."""
        return Round.from_tuple(self._read("round", round_id))

    def cohort(self, round_id: int) -> list[str]:
        """Return the addresses of a round's cohort, in the order of its weights."""
        return [str(address) for address in self._read("cohort", round_id)]

    def participation(self, round_id: int, member: str) -> Participation:
        """Return a member's part in a round."""
        return Participation.from_tuple(self._read("participation", round_id, member))

    def posted_proof(self, round_id: int, member: str) -> bytes:
        """Return the keccak256 of the proof that a member posted; zeros where it posted none."""
        return bytes(self._read("postedProof", round_id, member))

    def challenge_deadline(self, round_id: int) -> int:
        """Return the last second in which a round cannot be final; 0 where none was posted."""
        return int(self._read("challengeDeadline", round_id))

    def member_id_of(self, account: str) -> int:
        """Return what stays the same over a member's accounts, 0 for a stranger."""
        return int(self._read("memberIdOf", account))

    def nomination_of(self, account: str) -> Nomination:
        """Return the account that a member is to go on under."""
        return Nomination.from_tuple(self._read("nominationOf", account))

    def model_card_of(self, round_id: int) -> bytes:
        """Return the SHA-256 of a final round's card, zeros until published."""
        return bytes(self._read("modelCardOf", round_id))

    def acknowledged_context_of(self, account: str) -> bytes:
        """Return the context of which an account stated that it holds the secret, or zeros."""
        return bytes(self._read("acknowledgedContextOf", account))

    def unpaired(self, first: str, second: str) -> bool:
        """Tell whether two members share no mask any more."""
        return bool(self._read("unpaired", first, second))

    def admission_context(self, member: str, shard_index: int) -> int:
        """Return the context that an admission proof must carry."""
        return int(self._read("admissionContext", member, shard_index))

    def training_context(self, member: str, round_id: int) -> int:
        """Return the context that a training proof must carry."""
        return int(self._read("trainingContext", member, round_id))

    def benefit_of(self, round_id: int, member: str) -> Benefit:
        """Return what a member proved of its update in a round."""
        return Benefit(*self._read("benefitOf", round_id, member))

    def benefit_context(self, member: str, round_id: int) -> int:
        """Return the context that a proof of benefit must carry."""
        return int(self._read("benefitContext", member, round_id))

    # --- events ---

    def events(
        self, from_block: int | None = None, to_block: int | None = None, names: Iterable[str] = ()
    ) -> list[ChainEvent]:
        """Return the registry's events in chain order; see `EventReader.read`."""
        first = self._first_block if from_block is None else from_block
        last = self.block if to_block is None else to_block
        return self._events.read(first, last, names)

    def decode_logs(self, result: TxResult) -> Sequence[ChainEvent]:
        """Return the registry's events of one transaction."""
        return self._events.decode(result.logs)

    def _read(self, function: str, *arguments: object) -> Any:  # noqa: ANN401 (as the ABI says)
        return self.client.call(self.address, self.abi, function, *arguments, block=self.block)

    def _write(
        self,
        function: str,
        *arguments: object,
        on_progress: ProgressCallback | None = None,
        spare_gas: int = 0,
    ) -> TxResult:
        return self.client.transact(
            self.address,
            self.abi,
            function,
            *arguments,
            on_progress=on_progress,
            spare_gas=spare_gas,
        )
