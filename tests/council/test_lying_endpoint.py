"""A vote is bound to what the voter read, whatever the endpoint showed."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from zkfl.chain.council_calls import UnreadableCallError
from zkfl.chain.errors import ContractRevertError
from zkfl.council import CouncilError

OTHER = Account.create().address
ASKS = "0x" + keccak(text="proposal(uint256)")[:4].hex()


def lie(proxy: SimpleNamespace, true: bytes, shown: bytes) -> None:
    """Show other bytes in every proposal that is read."""

    def answer(request: object, forward: Callable[[], bytes]) -> bytes:
        whole = forward()
        asked = isinstance(request, dict) and request.get("method") == "eth_call"
        if asked and str(request["params"][0].get("data")).startswith(ASKS):
            return whole.replace(true.hex().encode(), shown.hex().encode())
        return whole

    proxy.answer = answer


@pytest.mark.parametrize("what", ["account", "name", "description"])
def test_a_vote_for_something_else_is_refused(
    governed: SimpleNamespace, proposed: int, proxy: SimpleNamespace, what: str
) -> None:
    eve = bytes.fromhex(governed.address("eve")[2:])
    true, shown = {
        "account": (eve, bytes.fromhex(OTHER[2:])),
        "name": (b"Eve\0", b"Ada\0"),
        "description": (b"agreed", b"forged"),
    }[what]
    lie(proxy, true, shown)
    desk = governed.desk("bay", proxy.url)
    entry = desk.entry(proposed)
    text = f"{entry.sentence} {entry.description}"
    assert {"account": OTHER, "name": '"Ada"', "description": "forged"}[what] in text
    with pytest.raises(ContractRevertError, match="DigestMismatch"):
        desk.vote(entry)


def test_a_noted_digest_finds_the_lie_before_anything_is_sent(
    governed: SimpleNamespace, proposed: int, proxy: SimpleNamespace
) -> None:
    noted = governed.desk("bay").entry(proposed).proposal.digest().hex()
    lie(proxy, b"agreed", b"forged")
    desk = governed.desk("bay", proxy.url)
    with pytest.raises(CouncilError, match="it is not what you read"):
        desk.require_digest(desk.entry(proposed), noted[:16])


def test_a_call_of_no_council_is_shown_as_unreadable_and_not_voted_for(
    governed: SimpleNamespace, proposed: int, proxy: SimpleNamespace
) -> None:
    selector = keccak(text="addMember(address,string)")[:4]
    lie(proxy, selector, b"\xde\xad\xbe\xef")
    desk = governed.desk("bay", proxy.url)
    entry = desk.entry(proposed)
    assert entry.sentence.startswith("UNREADABLE: a call of deadbeef")
    with pytest.raises(UnreadableCallError, match="do not vote for it"):
        desk.vote(entry)
