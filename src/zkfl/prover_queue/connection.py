"""A node's or a worker's way to the hospital's queue: HTTPS, and only to the queue it knows."""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from zkfl.foreign_text import foreign_text
from zkfl.prover_queue.errors import QueueRefusedError, QueueUnreachableError
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.messages import LARGEST_BODY, LONGEST_WAIT
from zkfl.prover_queue.tls import client_context

LARGEST_ANSWER = LARGEST_BODY + 65_536
_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = LONGEST_WAIT + 20.0
_PAUSE_SECONDS = 0.5
_TOO_LARGE = 413
_FIRST_REFUSAL, _FIRST_FAILURE = 400, 500


@dataclass(frozen=True)
class Answer:
    """What the queue answered: HTTP's status and the body."""

    status: int
    body: bytes


class QueueConnection:
    """Requests to one queue.

    Parameters
    ----------
    url
        ``https://host:port``.
    folder
        With the own certificate and the queue's.

    Raises
    ------
    QueueRefusedError
        The URL is not of https.
    MachineCertificateError, PrivateFileError, ProverFolderError
        A certificate or a key is missing, unsafe or wrong.
    """

    def __init__(self, url: str, folder: ProverFolder) -> None:
        if urlsplit(url).scheme != "https":
            raise QueueRefusedError(f"{url} is not https: records would travel in the clear")
        self._url = url.rstrip("/")
        self._pool = urllib3.PoolManager(
            retries=False,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS),
            ssl_context=client_context(folder),
        )

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Make one request.

        Raises
        ------
        QueueUnreachableError
            There is no answer, or the queue itself failed.
        QueueRefusedError
            The request or a certificate was refused.
        """
        try:
            answer = self._answer(method, path, body)
        except urllib3.exceptions.SSLError as error:
            raise self._tls_failure(error) from error
        except urllib3.exceptions.ProtocolError as error:
            raise self._hung_up() from error
        except urllib3.exceptions.HTTPError as error:
            raise QueueUnreachableError(
                f"the queue {self._url} does not answer ({type(error).__name__}): does zkfl prover "
                "serve run there?"
            ) from error
        _require_success(self._url, answer)
        return answer

    def insist(
        self, method: str, path: str, body: bytes | None, until: float, stop: Callable[[], bool]
    ) -> Answer:
        """Repeat a request that may be repeated, while the queue does not answer.

        Parameters
        ----------
        method, path, body
            As `ask` takes them.
        until
            Of `time.monotonic`; the last failure is raised then.
        stop
            Asked between tries; True ends them.

        Raises
        ------
        QueueUnreachableError, QueueRefusedError
            As `ask`.
        """
        while True:
            try:
                return self.ask(method, path, body)
            except QueueUnreachableError:
                if time.monotonic() >= until or stop():
                    raise
            time.sleep(_PAUSE_SECONDS)

    def _answer(self, method: str, path: str, body: bytes | None) -> Answer:
        reply = self._pool.request(
            method, self._url + path, body=body, redirect=False, preload_content=False
        )
        try:
            content = reply.read(LARGEST_ANSWER + 1)
        finally:
            reply.release_conn()
        if len(content) > LARGEST_ANSWER:
            raise QueueRefusedError(f"{self._url} answered more than {LARGEST_ANSWER} bytes")
        return Answer(reply.status, content)

    def _hung_up(self) -> QueueUnreachableError:
        # all that a server shows a certificate that it does not know
        return QueueUnreachableError(
            f"the queue {self._url} hung up: it is being stopped, or does not know this machine's "
            "certificate (zkfl prover trust there, then start it again)"
        )

    def _tls_failure(
        self, error: urllib3.exceptions.SSLError
    ) -> QueueRefusedError | QueueUnreachableError:
        cause = error.args[0] if error.args else error
        if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return self._hung_up()
        if isinstance(cause, ssl.SSLCertVerificationError):
            return QueueRefusedError(
                f"{self._url} shows another certificate than the trusted one, or is called by a "
                f"name that is not in it: {cause.verify_message}"
            )
        return QueueRefusedError(
            f"{self._url} and this machine agree on no connection by TLS ({cause}): does the queue "
            "know this machine's certificate (zkfl prover trust there, then start it again)?"
        )


def _require_success(url: str, answer: Answer) -> None:
    if answer.status >= _FIRST_FAILURE:
        raise QueueUnreachableError(f"{url} failed ({answer.status}): {_said(answer)}")
    if answer.status == _TOO_LARGE:
        raise QueueRefusedError(
            f"{url} takes at most {LARGEST_BODY} bytes: this circuit is too large for it",
            _TOO_LARGE,
        )
    if answer.status >= _FIRST_REFUSAL:
        raise QueueRefusedError(f"{url} refused ({answer.status}): {_said(answer)}", answer.status)


def _said(answer: Answer) -> str:
    return foreign_text(answer.body)
