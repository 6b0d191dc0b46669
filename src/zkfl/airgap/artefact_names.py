"""Artefacts by hash: those that a node may need, and those that its transactions name."""

from collections.abc import Iterator

from zkfl.airgap.rehearsal import relevant_rounds
from zkfl.chain.registry import Registry
from zkfl.chain.roles import Role, Roles
from zkfl.chain.states import UNSTATED

_SELECTOR_BYTES = 4
_WORD_BYTES = 32


def named_artefacts(registry: Registry, member: str) -> list[bytes]:
    """Return the SHA-256 of what the chain names and a member's node may need.

    Context, models and sums of the rounds that a step can be about; to the key holder also the
    cohort's ciphertexts. Whatever else a node needs, it asks for with its next bundle.
    """
    named = [registry.encryption_context(), registry.model_hash()]
    rounds = relevant_rounds(registry)
    for number in rounds:
        state = registry.round(number)
        named += [state.encryption_context, state.model_hash]
        named += [state.encrypted_sum_hash, state.sum_hash]
    if rounds and _holds_key(registry, member):
        cohort = registry.cohort(rounds[0])
        named += [registry.participation(rounds[0], m).ciphertext_hash for m in cohort]
    return [digest for digest in dict.fromkeys(named) if digest != UNSTATED]


def words_of(data: bytes) -> Iterator[bytes]:
    """Yield the words of a call's arguments; a hash among them is one."""
    for start in range(_SELECTOR_BYTES, len(data), _WORD_BYTES):
        yield data[start : start + _WORD_BYTES]


def _holds_key(registry: Registry, member: str) -> bool:
    return Roles(registry.client, registry.address, registry.abi).holds(Role.KEY_HOLDER, member)
