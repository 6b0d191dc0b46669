"""Lets nodes to what is for nodes, workers to what is for workers, and nobody else in."""

import hashlib

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from zkfl.prover_queue.certificates import trusted
from zkfl.prover_queue.errors import ProverFolderError, QueueRefusedError
from zkfl.prover_queue.folder import ProverFolder, Role

_FORBIDDEN = 403
_CALLER = web.RequestKey("caller", str)
_FOR_WORKERS = "/v1/leases"


def doors(folder: ProverFolder) -> Middleware:
    """Return what asks everybody for a known certificate, after TLS has verified its key.

    Raises
    ------
    MachineCertificateError
        A certificate in the folder cannot be read.
    ProverFolderError
        One of them is a node's and a worker's.
    """
    known = _known(folder)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        digest = _fingerprint(request)
        wanted = Role.WORKER if request.path.startswith(_FOR_WORKERS) else Role.NODE
        if known.get(digest) is not wanted:
            raise QueueRefusedError(
                f"this needs the certificate of a {wanted}: see zkfl prover trust", _FORBIDDEN
            )
        request[_CALLER] = digest
        return await handler(request)

    return check


def caller(request: web.Request) -> str:
    """Return the fingerprint of whoever asks."""
    return request[_CALLER]


def _known(folder: ProverFolder) -> dict[str, Role]:
    nodes, workers = trusted(folder, Role.NODE), trusted(folder, Role.WORKER)
    both = nodes.keys() & workers.keys()
    if both:
        raise ProverFolderError(
            f"the certificate {min(both)} is a node's and a worker's: delete one of the two in "
            f"{folder.root}"
        )
    return dict.fromkeys(nodes, Role.NODE) | dict.fromkeys(workers, Role.WORKER)


def _fingerprint(request: web.Request) -> str:
    transport = request.transport
    channel = None if transport is None else transport.get_extra_info("ssl_object")
    certificate = None if channel is None else channel.getpeercert(binary_form=True)
    return "" if certificate is None else hashlib.sha256(certificate).hexdigest()
