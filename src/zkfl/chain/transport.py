"""One JSON-RPC request over HTTP: deadline, size limit, retries, and named failures."""

import ipaddress
import os
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from pydantic_core import from_json
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from zkfl.chain.errors import RpcBadAnswerError, RpcError, RpcTimeoutError, RpcUnavailableError
from zkfl.logs import logger

_log = logger("chain")
MAX_RESPONSE_BYTES = 64 * 2**20
"""More than any answer zkfl asks for; a larger one is cut off, not stored."""
_CHUNK_BYTES = 65_536
PLAIN_HTTP_VARIABLE = "ZKFL_ALLOW_PLAIN_HTTP"
_IDEMPOTENT_PREFIXES = ("eth_", "net_", "web3_", "debug_")
"""Requests that may be sent twice. ``eth_sendRawTransaction`` is one: a signed
transaction has one nonce, so the chain takes it once."""


class PlainHttpError(RpcError):
    """The URL would carry requests over a network without TLS."""


@dataclass(frozen=True)
class RpcLimits:
    """How long and how often one request is tried.

    Attributes
    ----------
    timeout_seconds
        Deadline of one attempt, from connecting to the last byte.
    retries
        Attempts after the first.
    backoff_seconds
        Pause before the first retry; it doubles each time.
    """

    timeout_seconds: float = 15.0
    retries: int = 3
    backoff_seconds: float = 0.25


def redact_url(url: str) -> str:
    """Return scheme, host and port of a URL: paths and user parts often hold API keys.

    Raises
    ------
    RpcUnavailableError
        It is no URL of HTTP.
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        # the error could quote the URL, so it is not chained
        raise RpcUnavailableError(f"the RPC URL is malformed ({type(error).__name__})") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise RpcUnavailableError("the RPC URL must look like http://host:port")
    return f"{parts.scheme}://{parts.hostname}{port}"


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine; no name but ``localhost`` is looked up."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_private(url: str) -> None:
    """Check that nobody on the way can read or change what an endpoint answers.

    Raises
    ------
    PlainHttpError
        The URL is plain HTTP to another machine, and ``ZKFL_ALLOW_PLAIN_HTTP`` is not 1.
    RpcUnavailableError
        It is no URL of HTTP.
    """
    shown = redact_url(url)
    encrypted = urlsplit(url).scheme == "https"
    if encrypted or is_loopback(url) or os.environ.get(PLAIN_HTTP_VARIABLE) == "1":
        return
    raise PlainHttpError(
        f"{shown} is plain HTTP to another machine: whoever sits on the way can change its "
        "answers, and a lying endpoint can break privacy; use https or a tunnel that ends on "
        f"this machine, or set {PLAIN_HTTP_VARIABLE}=1 where the network itself is trusted"
    )


class CheckedHTTPProvider(JSONBaseProvider):
    """A web3 provider that fails with `zkfl.chain.errors`, never with those of `requests`.

    CCIP read (EIP-3668) is off: a contract must not make a hospital fetch URLs.

    Raises
    ------
    RpcUnavailableError
        The URL is no URL of HTTP.
    PlainHttpError
        The URL is plain HTTP to another machine.
    """

    global_ccip_read_enabled = False

    def __init__(self, url: str, limits: RpcLimits) -> None:
        super().__init__()
        require_private(url)
        self.name = redact_url(url)
        self._url = url
        self._limits = limits
        self._sessions = threading.local()

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401
        """Send one request, repeating idempotent ones on transport failures.

        Raises
        ------
        RpcUnavailableError, RpcTimeoutError
            Every attempt failed; the last failure is raised.
        RpcBadAnswerError
            The endpoint sent something that is no JSON-RPC answer.
        """
        _log.debug("rpc request", method=str(method), endpoint=self.name)
        request = self.encode_rpc_request(method, params)
        attempts = 1 + (self._limits.retries if method.startswith(_IDEMPOTENT_PREFIXES) else 0)
        for attempt in range(1, attempts):
            try:
                return self._decode(method, self._post(method, request))
            except (RpcUnavailableError, RpcTimeoutError) as error:
                _log.warning("rpc request is repeated", method=str(method), because=str(error))
                time.sleep(self._limits.backoff_seconds * 2 ** (attempt - 1))
        return self._decode(method, self._post(method, request))

    def _post(self, method: str, request: bytes) -> bytes:
        try:
            return self._read_within_deadline(method, request)
        except requests.Timeout as error:
            raise self._timeout(method) from error
        except requests.RequestException as error:
            raise self._unavailable(method, type(error).__name__) from error

    def _read_within_deadline(self, method: str, request: bytes) -> bytes:
        deadline = time.monotonic() + self._limits.timeout_seconds
        with self._session().post(
            self._url,
            data=request,
            headers={"Content-Type": "application/json"},
            timeout=self._limits.timeout_seconds,
            stream=True,
            allow_redirects=False,
        ) as response:
            if response.status_code != HTTPStatus.OK:
                raise self._unavailable(method, f"HTTP status {response.status_code}")
            body = bytearray()
            for chunk in response.iter_content(_CHUNK_BYTES):
                body += chunk
                if len(body) > MAX_RESPONSE_BYTES:
                    raise self._bad_answer(method, f"more than {MAX_RESPONSE_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise self._timeout(method)
        return bytes(body)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = requests.Session()
            # A proxy named in the environment cannot reach this machine's loopback.
            session.trust_env = not is_loopback(self._url)
            self._sessions.session = session
        return session

    def _decode(self, method: str, body: bytes) -> RPCResponse:
        try:
            # Its depth limit holds always; json's hangs on the interpreter's recursion limit,
            # which other libraries raise, and then nested brackets crash the process.
            answer: object = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise self._bad_answer(method, f"no JSON, but {body[:60]!r}") from error
        if not isinstance(answer, dict) or not ({"result", "error"} & answer.keys()):
            raise self._bad_answer(method, f"neither result nor error, but {body[:60]!r}")
        return cast("RPCResponse", answer)

    def _timeout(self, method: str) -> RpcError:
        return RpcTimeoutError(
            f"{self.name} did not answer {method} within {self._limits.timeout_seconds:g} s: "
            "the endpoint is overloaded or unreachable; try again or raise the timeout"
        )

    def _unavailable(self, method: str, why: str) -> RpcError:
        return RpcUnavailableError(
            f"{self.name} cannot be asked for {method} ({why}): "
            "check that the node runs, the URL and the network"
        )

    def _bad_answer(self, method: str, what: str) -> RpcError:
        return RpcBadAnswerError(
            f"{self.name} answered {method} with {what}: "
            "the URL may not be a JSON-RPC endpoint, or the endpoint is broken"
        )
