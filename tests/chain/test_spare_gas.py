"""A transaction carries gas for what another one, mined before it, may add to its work."""

import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.sender import SPARE_GAS


@pytest.mark.parametrize(
    ("asked", "carried"), [(0, SPARE_GAS), (SPARE_GAS - 1, SPARE_GAS), (500_000, 500_000)]
)
def test_a_cheap_call_carries_what_was_asked_for_or_the_least(
    client: ChainClient, asked: int, carried: int
) -> None:
    estimate = client.w3.eth.estimate_gas({"from": client.sender, "to": client.sender})
    done = client.send(client.sender, b"", spare_gas=asked)
    sent = client.transaction(done.tx_hash)
    assert sent is not None
    assert sent["gas"] == estimate + carried
