"""An endpoint in front of anvil that answers late, twice, or not at all."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from eth_utils.crypto import keccak

Forward = Callable[[], bytes]
Answer = Callable[[dict[str, Any], Forward], bytes | None]
"""Gets a request and what forwards it; None closes the connection without an answer."""
_SEND = "eth_sendRawTransaction"
_RECEIPT = "eth_getTransactionReceipt"
_LATE_SECONDS = 17.0
"""Past the 15 s that a node waits for one answer."""
_EMPTY_RECEIPTS = 12
"""More polls than a node makes before it broadcasts again."""


class Fault:
    """What the endpoint does wrong, at most so often for one transaction.

    Parameters
    ----------
    spoil
        Answers a request that is to go wrong.
    method
        Of the requests that go wrong.
    times
        How often, for equal parameters.
    """

    def __init__(self, spoil: Answer, method: str, times: int) -> None:
        self._spoil = spoil
        self._method = method
        self._times = times
        self._seen: Counter[str] = Counter()
        self._sent: set[str] = set()
        self._counting = threading.Lock()

    def answer(self, request: dict[str, Any], forward: Forward) -> bytes | None:
        """Answer one request, rightly or not."""
        with self._counting:
            spoilt = self._is_to_go_wrong(request["method"], request["params"])
        return self._spoil(request, forward) if spoilt else forward()

    def _is_to_go_wrong(self, method: str, params: list[Any]) -> bool:
        """Tell whether it is about a transaction of this drill, and not too often yet."""
        if method == _SEND:
            self._sent.add("0x" + keccak(hexstr=params[0]).hex())
        if method != self._method or (method == _RECEIPT and params[0] not in self._sent):
            return False
        self._seen[str(params[0])] += 1
        return self._seen[str(params[0])] <= self._times

    @property
    def spoilt(self) -> int:
        """How many transactions met the fault."""
        return len(self._seen)


def late() -> Fault:
    """Return an endpoint that takes a transaction and answers after the deadline."""

    def spoil(_: dict[str, Any], forward: Forward) -> bytes:
        answer = forward()
        time.sleep(_LATE_SECONDS)
        return answer

    return Fault(spoil, _SEND, 1)


def twice() -> Fault:
    """Return an endpoint that takes every transaction twice and answers what it said last."""

    def spoil(_: dict[str, Any], forward: Forward) -> bytes:
        forward()
        return forward()

    return Fault(spoil, _SEND, 1_000)


def lost() -> Fault:
    """Return an endpoint that takes a transaction and closes the connection."""

    def spoil(_: dict[str, Any], forward: Forward) -> None:
        forward()

    return Fault(spoil, _SEND, 1)


def slow_receipts() -> Fault:
    """Return an endpoint that does not know of a mined transaction for a while."""

    def spoil(request: dict[str, Any], _: Forward) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": None}).encode()

    return Fault(spoil, _RECEIPT, _EMPTY_RECEIPTS)


@contextmanager
def in_front_of(url: str, fault: Fault) -> Iterator[str]:
    """Serve a faulty endpoint on the loopback interface; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = fault.answer(json.loads(body), lambda: _forwarded(url, body))
            if answer is None:
                self.close_connection = True
                return
            # Whoever waited too long is gone by now.
            with suppress(ConnectionError):
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keep silent; the parties log what they see."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _forwarded(url: str, body: bytes) -> bytes:
    with requests.Session() as session:
        # A proxy named in the environment cannot reach this machine's loopback.
        session.trust_env = False
        headers = {"Content-Type": "application/json"}
        return session.post(url, data=body, headers=headers, timeout=60).content
