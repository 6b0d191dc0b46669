"""Where members' splits of their masks are: most of them leave no event of their own."""

from collections.abc import Iterator

from web3 import Web3
from web3.types import TxData

from zkfl.chain.events import ChainEvent
from zkfl.chain.registry import Registry

PAIR_DISPUTED = "PairDisputed"
_MASKS_DISPUTED = "MasksDisputed"
_MOST_BLOCKS = 100_000
"""An endpoint chooses the numbers that are shown; two weeks of blocks at 12 s."""


def transactions_of_dispute(registry: Registry, disputed: ChainEvent) -> Iterator[TxData]:
    """Yield transactions among which both members of a disputed pair stated their masks.

    The second one's made the event. The first one's is in a block since the dispute began.

    Parameters
    ----------
    registry
        Whose splits.
    disputed
        ``PairDisputed``.

    Raises
    ------
    RpcError
        The endpoint is not in order.
    """
    client, address = registry.client, Web3.to_checksum_address(registry.address)
    second = client.transaction(disputed.tx_hash)
    if second is not None:
        yield second
    last = disputed.block_number
    for number in range(max(_began(registry, disputed), last - _MOST_BLOCKS), last + 1):
        for transaction in client.block_transactions(number):
            if transaction.get("to") == address:
                yield transaction


def _began(registry: Registry, disputed: ChainEvent) -> int:
    """Return the block in which the attempt's dispute began; the pair's own if none is shown."""
    attempt = disputed.values["roundId"], disputed.values["attempt"]
    blocks = [
        event.block_number
        for event in registry.events(names=[_MASKS_DISPUTED])
        if (event.values["roundId"], event.values["attempt"]) == attempt
    ]
    return min(blocks, default=disputed.block_number)
