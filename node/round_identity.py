"""What a round is, apart from its number: everything that an update and its mask depend on.

A number can come again with another content: a block was undone, or the endpoint lies. The
secrets kept for the first must then not be used for the second, since two updates with the
same blinders, or under the same masks, reveal their difference.
"""

import hashlib
import json
from collections.abc import Collection, Mapping

from zkfl.chain.states import Participation, Round


def round_identity(state: Round, part: Participation, rate: int | None = None) -> bytes:
    """Return the SHA-256 (32 bytes) over what the update depends on, in every attempt.

    Parameters
    ----------
    state
        Of the round: model and encryption context count.
    part
        The member's own: shard, share and weight count. They stay the same over all attempts:
        the same update under two weights would be two equations on it.
    rate
        Of the round; None where circuits take none.
    """
    rated = {} if rate is None else {"rate": rate}
    return _digest(
        {
            "tag": "zkfl.round-identity.v2",
            "model": [hex(coordinate) for coordinate in state.model_before],
            "encryption_context": state.encryption_context.hex(),
            "shard": part.shard_index,
            "share": part.share,
            "weight": part.weight,
            **rated,
        }
    )


def attempt_identity(
    state: Round, mask_keys: Mapping[str, bytes], unpaired: Collection[str]
) -> bytes:
    """Return the SHA-256 (32 bytes) over what the masked update of an attempt depends on.

    Parameters
    ----------
    state
        Of the round: the attempt counts.
    mask_keys
        Announced key by address, over the whole cohort.
    unpaired
        Peers that share no mask with the member.
    """
    return _digest(
        {
            "tag": "zkfl.attempt-identity.v1",
            "attempt": state.attempt,
            "mask_keys": {address: key.hex() for address, key in sorted(mask_keys.items())},
            "unpaired": sorted(unpaired),
        }
    )


def _digest(shown: Mapping[str, object]) -> bytes:
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).digest()
