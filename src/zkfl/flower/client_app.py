"""A hospital's ClientApp: it answers the aggregator's requests, and runs nothing sent to it."""

from collections.abc import Callable

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from zkfl.exchange import Exchange
from zkfl.flower.consortium_name import consortium_name
from zkfl.flower.messages import ACTION, Talk, decode
from zkfl.turns import Turn

TakeTurn = Callable[[], Turn]
"""Does what a party owes, or tells what it did last."""


def hospital_app(exchange: Exchange, take_turn: TakeTurn) -> ClientApp:
    """Return the app that takes what the hospital lacks, lets it act, and answers.

    Parameters
    ----------
    exchange
        The hospital's store towards others.
    take_turn
        Called once a request, after what came was stored.
    """
    app = ClientApp()
    name = consortium_name(exchange.registry)

    @app.query(ACTION)
    def answer(message: Message, _: Context) -> Message:
        request = decode(message.content, name)
        exchange.take(request.artefacts)
        missing = take_turn().missing
        offered = exchange.offer(request.lacking)
        reply = Talk(name, request.nonce, missing, offered)
        return Message(reply.encode(), reply_to=message)

    return app
