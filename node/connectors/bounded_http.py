"""HTTP towards a hospital's archive: answers of a bounded size, no redirects, no proxies."""

from typing import Any

import requests
from pydantic_core import from_json
from requests.adapters import HTTPAdapter

_CHUNK = 1 << 20
CONNECT_SECONDS, READ_SECONDS = 10.0, 120.0


class AnswerTooLargeError(requests.RequestException):
    """An answer is larger than anything that was asked for may be."""


class BoundedAdapter(HTTPAdapter):
    """Reads an answer whole, and no further than a limit.

    Parameters
    ----------
    limit
        Largest body, in bytes, once it is unpacked.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def send(  # noqa: PLR0913, PLR0917 - the parameters of requests
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 - the body is always read here
        timeout: Any = None,  # noqa: ANN401, ARG002 - the same for all
        verify: bool | str = True,  # noqa: FBT001, FBT002 - as requests has it
        cert: Any = None,  # noqa: ANN401 - as requests has it
        proxies: Any = None,  # noqa: ANN401 - as requests has it
    ) -> requests.Response:
        """Send a request and read the answer.

        Raises
        ------
        AnswerTooLargeError
            The body is too large.
        """
        times = (CONNECT_SECONDS, READ_SECONDS)
        response = super().send(request, True, times, verify, cert, proxies)  # noqa: FBT003
        body = bytearray()
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._limit:
                response.close()
                raise AnswerTooLargeError(f"an answer is larger than {self._limit} bytes")
        # what requests itself does when it is asked for the content
        response._content = bytes(body)  # noqa: SLF001
        return response


def bounded_session(limit: int) -> requests.Session:
    """Return a session that trusts nothing in the environment and follows nobody elsewhere."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter(limit))
    return session


def bounded_json_session(limit: int) -> requests.Session:
    """Return such a session for answers in JSON, whose depth is bounded too.

    A request of it raises `ValueError` where an answer is no JSON, or nested too deep: Python's
    own reader, which clients use, would follow foreign brackets until the process crashed.
    """
    session = bounded_session(limit)
    session.hooks["response"].append(_require_shallow_json)
    return session


def _require_shallow_json(response: requests.Response, **_options: object) -> None:
    # of an error, the client looks at the status alone
    if response.ok and response.content:
        from_json(response.content)
