"""A hospital's node towards the SuperLink: messages go to its own ClientApp, and nowhere else.

Flower's own SuperNode runs the code that a SuperLink sends along. This one speaks the same
protocol, and has no place for such code: what answers is installed here.
"""

import ssl
import threading
import time

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.common.constant import ErrorCode

from zkfl.errors import ZkflError
from zkfl.flower.fleet import FleetConnection, connected
from zkfl.flower.link_address import LinkAddress
from zkfl.flower.server_app import Say

_LONGEST_PAUSE_SECONDS = 30.0


class FlowerConnectionError(ZkflError):
    """The SuperLink cannot be reached, or does not let this node in."""


class Supernode:
    """Serves one hospital's ClientApp.

    Parameters
    ----------
    app
        Answers messages.
    link
        Whom to connect to.
    key
        Shows who connects.
    say
        Gets what people should know.
    pause
        Seconds between two looks for messages.
    """

    def __init__(
        self,
        app: ClientApp,
        link: LinkAddress,
        key: ec.EllipticCurvePrivateKey,
        say: Say,
        pause: float = 1.0,
    ) -> None:
        self._app = app
        self._link = link
        self._key = key
        self._say = say
        self._pause = pause

    def serve(self, stop: threading.Event) -> None:
        """Answer messages until asked to stop; a connection that breaks is made again."""
        pause, said = self._pause, ""
        while not stop.is_set():
            try:
                self._serve_once(stop)
                pause, said = self._pause, ""
            except FlowerConnectionError as error:
                if str(error) != said:
                    self._say(str(error))
                said = str(error)
                stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _serve_once(self, stop: threading.Event) -> None:
        """Serve one connection, to its end."""
        let_in = False
        try:
            with connected(self._link, self._key) as connection:
                let_in = True
                self._say(f"connected to the SuperLink at {self._link.address}")
                while not stop.is_set():
                    if not self._answer_one(connection, stop):
                        stop.wait(self._pause)
        except Exception as error:  # whatever Flower makes of a hostile answer
            raise self._lost(error) if let_in else self._refused(error) from error

    def _answer_one(self, connection: FleetConnection, stop: threading.Event) -> bool:
        message = connection.receive(stop)
        if message is None:
            return False
        context = Context(
            message.metadata.run_id,
            connection.node_id,
            {},
            RecordDict(),
            {},
            message.metadata.run_id,
        )
        began = time.monotonic()
        connection.send(self._respond(message, context), time.monotonic() - began)
        return True

    def _respond(self, message: Message, context: Context) -> Message:
        """Return the app's answer, or one that says that there is none, and not why."""
        try:
            return self._app(message, context)
        except ZkflError as error:
            self._say(str(error))
            name = type(error).__name__
            return Message(Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, name), reply_to=message)

    def _refused(self, error: Exception) -> FlowerConnectionError:
        address, authority = self._link.address, self._link.authority
        if isinstance(error, httpx.HTTPStatusError):
            return FlowerConnectionError(
                f"the SuperLink at {address} does not let this node in "
                f"({error.response.status_code}): has the aggregator its public key? Trying again"
            )
        if isinstance(error, ssl.SSLError) or "CERTIFICATE" in str(error):
            return FlowerConnectionError(
                f"the SuperLink at {address} shows no certificate of the authority {authority}: "
                f"another one answers, or the file is not the consortium's ({error}). Trying again"
            )
        return FlowerConnectionError(f"no SuperLink at {address} ({error}): trying again")

    def _lost(self, error: Exception) -> FlowerConnectionError:
        why = str(error) if isinstance(error, ZkflError) else type(error).__name__
        return FlowerConnectionError(
            f"the connection to the SuperLink at {self._link.address} broke ({why}): making it anew"
        )
