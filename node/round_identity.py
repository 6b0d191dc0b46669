"""What a round is, apart from its number: everything that an update and its mask depend on.

A number can come again with another content: a block was undone, or the endpoint lies. The
secrets kept for the first must then not be used for the second, since two updates with the
same blinders, or under the same masks, reveal their difference.
"""

import hashlib
import json
from collections.abc import Mapping

from zkfl.chain.states import Participation, Round


def round_identity(state: Round, part: Participation, mask_keys: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 (32 bytes) over what a member was shown of a round.

    Parameters
    ----------
    state
        Of the round: model, encryption context and attempt count.
    part
        The member's own: shard, share and weight count.
    mask_keys
        Announced key by address, over the whole cohort.
    """
    shown = {
        "tag": "zkfl.round-identity.v1",
        "attempt": state.attempt,
        "model": [hex(coordinate) for coordinate in state.model_before],
        "encryption_context": state.encryption_context.hex(),
        "shard": part.shard_index,
        "share": part.share,
        "weight": part.weight,
        "mask_keys": {address: key.hex() for address, key in sorted(mask_keys.items())},
    }
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).digest()
