"""The queue's HTTPS server: who may ask for what, and nothing about proofs."""

import asyncio
import re
import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from zkfl.logs import logger
from zkfl.prover_queue.doors import caller, doors
from zkfl.prover_queue.errors import QueueRefusedError
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.messages import (
    BAD_REQUEST,
    LARGEST_BODY,
    LONGEST_WAIT,
    Message,
    Order,
    ProofReply,
    Refusal,
    Rejection,
    parsed,
)
from zkfl.prover_queue.proof_queue import LEASE_SECONDS, ProofQueue
from zkfl.prover_queue.tls import server_context

_ID = re.compile(r"[0-9a-f]{32}")
_WAIT_DIGITS = 3
_UNFINISHED = {"waiting", "proving"}
_LOOK_SECONDS = 0.1
_SHUTDOWN_SECONDS = 2.0
_SWEEP_SECONDS = 1.0
_log = logger("prover_queue")


@dataclass(frozen=True)
class Listen:
    """Where the queue listens.

    Attributes
    ----------
    host, port
        Port 0 takes a free one.
    lease_seconds
        As `ProofQueue` takes it.
    """

    host: str
    port: int
    lease_seconds: float = LEASE_SECONDS


async def serve(
    folder: ProverFolder, listen: Listen, stop: asyncio.Event, on_ready: Callable[[int], None]
) -> None:
    """Serve the hospital's queue until told to stop; jobs outlast that.

    Parameters
    ----------
    folder
        With the queue's certificate, and those of nodes and workers.
    listen
        Where.
    stop
        Set by the caller, in the same loop.
    on_ready
        Gets the port, once machines can connect.

    Raises
    ------
    MachineCertificateError, PrivateFileError, ProverFolderError
        Something in the folder does not allow to serve.
    OSError
        The address cannot be listened on.
    """
    context = server_context(folder)
    with closing(ProofQueue(folder, listen.lease_seconds)) as queue:
        app = _application(folder, queue)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
        try:
            await runner.setup()
            on_ready(await _listening(runner, listen, context))
            await _stopped(stop, queue)
        finally:
            await runner.cleanup()


async def _stopped(stop: asyncio.Event, queue: ProofQueue) -> None:
    """Wait; meanwhile, what is out of date is deleted also when nobody asks for anything."""
    while not stop.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _SWEEP_SECONDS)
        queue.sweep()


async def _listening(runner: web.AppRunner, listen: Listen, context: ssl.SSLContext) -> int:
    site = web.TCPSite(runner, listen.host, listen.port, ssl_context=context)
    await site.start()
    port: int = runner.addresses[0][1]
    _log.info("queue of proofs open", host=listen.host, port=port)
    return port


def _application(folder: ProverFolder, queue: ProofQueue) -> web.Application:
    nodes, workers = _NodeDesk(queue), _WorkerDesk(queue)
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_refusals, doors(folder)])
    app.add_routes(
        [
            web.put("/v1/jobs/{id}", nodes.add),
            web.get("/v1/jobs/{id}", nodes.state),
            web.delete("/v1/jobs/{id}", nodes.cancel),
            web.post("/v1/jobs/{id}/rejection", nodes.reject),
            web.get("/v1/counts", nodes.counts),
            web.post("/v1/leases", workers.take),
            web.put("/v1/leases/{id}", workers.keep),
            web.delete("/v1/leases/{id}", workers.give_back),
            web.post("/v1/leases/{id}/proof", workers.deliver),
            web.post("/v1/leases/{id}/refusal", workers.refuse),
        ]
    )
    return app


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say what was refused and why; of a bug, say and log nothing that it may quote."""
    try:
        return await handler(request)
    except QueueRefusedError as error:
        return web.Response(status=error.status or BAD_REQUEST, text=str(error))
    except web.HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - aiohttp would log a traceback
        _log.error("request failed", error=type(error).__name__)
        return web.Response(status=HTTPStatus.INTERNAL_SERVER_ERROR, text="the queue failed")


class _NodeDesk:
    """What nodes ask for."""

    def __init__(self, queue: ProofQueue) -> None:
        self._queue = queue

    async def add(self, request: web.Request) -> web.Response:
        """Take an order."""
        order = await _message(request, Order)
        self._queue.add(_id(request), caller(request), order)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def state(self, request: web.Request) -> web.Response:
        """Tell how far a job is, at once or when it ends."""
        job, owner, end = _id(request), caller(request), _waits_until(request)
        state = self._queue.state(job, owner)
        while state.state in _UNFINISHED and _now() < end:
            await asyncio.sleep(_LOOK_SECONDS)
            state = self._queue.state(job, owner)
        return web.json_response(text=state.model_dump_json())

    async def cancel(self, request: web.Request) -> web.Response:
        """Delete a job."""
        self._queue.cancel(_id(request), caller(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def reject(self, request: web.Request) -> web.Response:
        """Hear that a proof is not taken."""
        rejection = await _message(request, Rejection)
        self._queue.reject(_id(request), caller(request), rejection)
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def counts(self, _: web.Request) -> web.Response:
        """Tell how much there is to do."""
        return web.json_response(text=self._queue.counts().model_dump_json())


class _WorkerDesk:
    """What workers ask for."""

    def __init__(self, queue: ProofQueue) -> None:
        self._queue = queue

    async def take(self, request: web.Request) -> web.Response:
        """Hand out a job, at once or when one comes."""
        worker, end = caller(request), _waits_until(request)
        task = self._queue.take(worker)
        while task is None and _now() < end and not _is_gone(request):
            await asyncio.sleep(_LOOK_SECONDS)
            task = self._queue.take(worker)
        if task is None:
            return web.Response(status=HTTPStatus.NO_CONTENT)
        return web.json_response(text=task.model_dump_json())

    async def keep(self, request: web.Request) -> web.Response:
        """Hear that a worker still proves."""
        self._queue.keep(_id(request), caller(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def give_back(self, request: web.Request) -> web.Response:
        """Take a job back."""
        self._queue.give_back(_id(request), caller(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def deliver(self, request: web.Request) -> web.Response:
        """Take a proof."""
        reply = await _message(request, ProofReply)
        self._queue.deliver(_id(request), caller(request), bytes.fromhex(reply.proof))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    async def refuse(self, request: web.Request) -> web.Response:
        """Hear that a worker cannot."""
        refusal = await _message(request, Refusal)
        self._queue.refuse(_id(request), caller(request), refusal.reason)
        return web.Response(status=HTTPStatus.NO_CONTENT)


async def _message(request: web.Request, kind: type[Message]) -> Message:
    return parsed(kind, await request.read())


def _id(request: web.Request) -> str:
    given = request.match_info["id"]
    if not _ID.fullmatch(given):
        raise QueueRefusedError("an id is 32 hexadecimal digits", BAD_REQUEST)
    return given


def _waits_until(request: web.Request) -> float:
    given = request.query.get("wait", "0")
    if not given.isascii() or not given.isdigit():
        raise QueueRefusedError("wait takes whole seconds", BAD_REQUEST)
    return _now() + min(int(given[:_WAIT_DIGITS]), LONGEST_WAIT)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _is_gone(request: web.Request) -> bool:
    """Tell whether a worker hung up: a job handed to it would be lost for a while."""
    return request.transport is None or request.transport.is_closing()
