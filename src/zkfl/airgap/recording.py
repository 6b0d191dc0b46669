"""The relay's transport: every question is asked at one block, and its answer is kept."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic_core import to_json
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from zkfl.airgap.reads import BLOCK_PARAMETER, Read
from zkfl.chain.transport import CheckedHTTPProvider

_MOVING = ("latest", "pending", "safe", "finalized")


class RecordingProvider(JSONBaseProvider):
    """Asks an endpoint about one block, as if it were the latest.

    Parameters
    ----------
    endpoint
        Answers.
    block_number
        The block.
    """

    global_ccip_read_enabled = False

    def __init__(self, endpoint: CheckedHTTPProvider, block_number: int) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._block = hex(block_number)
        self._answers: dict[str, Mapping[str, object]] = {}

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401
        """Ask, and keep what is answered, refusals included; raises as the endpoint."""
        return self.ask(Read.of(self.encode_rpc_request(method, params)))

    def ask(self, read: Read) -> RPCResponse:
        """Ask a question, once: at one block the answer stays. Raises as the endpoint."""
        key = read.key()
        if key not in self._answers:
            self._answers[key] = self._asked(read)
        return cast("RPCResponse", {"jsonrpc": "2.0", "id": 0, **self._answers[key]})

    def _asked(self, read: Read) -> Mapping[str, object]:
        if read.method == "eth_blockNumber":
            return {"result": self._block}
        answer = self._endpoint.make_request(RPCEndpoint(read.method), self._at_block(read))
        return {name: value for name, value in answer.items() if name in {"result", "error"}}

    def answers(self) -> bytes:
        """Return all answers as JSON, by the keys of their questions."""
        return to_json(dict(sorted(self._answers.items())))

    def _at_block(self, read: Read) -> list[Any]:
        params, place = list(read.params), BLOCK_PARAMETER.get(read.method)
        if place is not None and (place == len(params) or params[place] in _MOVING):
            params[place : place + 1] = [self._block]
        return params
