"""A node's connection to the Fleet API of a SuperLink.

Flower's own connection ends the whole process when it is refused. A hospital's node goes on: what
it owes the chain does not wait for Flower.
"""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import Message
from flwr.app.message import remove_content_from_message
from flwr.common.constant import HEARTBEAT_DEFAULT_INTERVAL
from flwr.common.serde import message_from_proto, message_to_proto
from flwr.proto.fleet_pb2 import (
    ActivateNodeRequest,
    DeactivateNodeRequest,
    PullMessagesRequest,
    PushMessagesRequest,
)
from flwr.proto.heartbeat_pb2 import SendNodeHeartbeatRequest
from flwr.proto.message_pb2 import ConfirmMessageReceivedRequest, ObjectTree, PullObjectRequest
from flwr.proto.node_pb2 import Node
from flwr.supercore.heartbeat import HeartbeatSender
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_protobuf_utils import (
    make_push_object_fn_protobuf,
)
from flwr.supercore.inflatable.inflatable_utils import push_objects
from flwr.supercore.interceptors.http.runtime_version import RuntimeVersionHttpInterceptor
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supernode.fleet_http_client import FleetHttpClient
from flwr.supernode.node_auth_http_interceptor import NodeAuthHttpInterceptor

from zkfl.flower.link_address import LinkAddress
from zkfl.flower.messages import FlowerMessageError
from zkfl.flower.pieces import Room, piece_names, read_message

PIECE_SECONDS = 60.0
"""A message of which no piece comes for so long is given up."""
_AGAIN_SECONDS = 1.0


class FleetConnection:
    """What a node that was let in can do.

    Parameters
    ----------
    client
        Signs every request with the node's key.
    node_id
        The node's, as the SuperLink says.
    """

    def __init__(self, client: FleetHttpClient, node_id: int) -> None:
        self.node_id = node_id
        self._client = client
        self._node = Node(node_id=node_id)

    def receive(self, stop: threading.Event) -> Message | None:
        """Return a message with its content, None if there is none.

        Parameters
        ----------
        stop
            Set to wait for no further piece.

        Raises
        ------
        OversizeMessageError
            Its pieces do not end, or would become larger than a message.
        FlowerMessageError
            Its pieces do not come, or are no message.
        httpx.HTTPError
            The SuperLink does not answer.
        """
        response = self._client.PullMessages(PullMessagesRequest(node=self._node))
        if not response.messages_list:
            return None
        run_id = message_from_proto(response.messages_list[0]).metadata.run_id
        tree = response.message_object_trees[0]
        room, pieces = Room(), {}
        for name in piece_names(tree):
            pieces[name] = self._piece(run_id, name, stop)
            room.take(len(pieces[name]))
        self._client.ConfirmMessageReceived(
            ConfirmMessageReceivedRequest(
                node=self._node, run_id=run_id, message_object_id=tree.object_id
            )
        )
        return read_message(tree.object_id, pieces)

    def _piece(self, run_id: int, name: str, stop: threading.Event) -> bytes:
        """Return a piece of a message, which may still be on its way to the SuperLink."""
        request = PullObjectRequest(node=self._node, run_id=run_id, object_id=name)
        until = time.monotonic() + PIECE_SECONDS
        while time.monotonic() < until and not stop.is_set():
            found = self._client.PullObject(request)
            if not found.object_found:
                break
            if found.object_available:
                return bytes(found.object_content)
            stop.wait(_AGAIN_SECONDS)
        raise FlowerMessageError("a piece of a message does not come: nothing of it is taken")

    def send(self, reply: Message, seconds: float) -> None:
        """Send an answer, which took so many seconds to make."""
        reply.metadata.__dict__["_message_id"] = reply.object_id
        run_id = reply.metadata.run_id
        with no_object_id_recompute():
            tree: ObjectTree = get_object_tree(reply)
            response = self._client.PushMessages(
                PushMessagesRequest(
                    node=self._node,
                    messages_list=[message_to_proto(remove_content_from_message(reply))],
                    message_object_trees=[tree],
                    clientapp_runtime_list=[seconds],
                )
            )
            push = make_push_object_fn_protobuf(
                self._client.PushObject, self._node, run_id, response.session_id
            )
            wanted = set(response.objects_to_push)
            push_objects(get_all_nested_objects(reply), push, object_ids_to_push=wanted)


@contextmanager
def connected(link: LinkAddress, key: ec.EllipticCurvePrivateKey) -> Iterator[FleetConnection]:
    """Connect to a SuperLink as the node of a key; leave it at the end.

    Raises
    ------
    httpx.HTTPError
        It does not answer, shows another certificate, or does not know the node.
    """
    context = ssl.create_default_context(cafile=str(link.authority))
    client = FleetHttpClient(
        f"https://{link.address}",
        interceptors=[
            RuntimeVersionHttpInterceptor(component_name="SuperNode"),
            NodeAuthHttpInterceptor(key, key.public_key()),
        ],
        verify=context,
    )
    with client:
        request = ActivateNodeRequest(
            public_key=public_key_to_bytes(key.public_key()),
            heartbeat_interval=HEARTBEAT_DEFAULT_INTERVAL,
        )
        node_id = client.ActivateNode(request).node_id
        try:
            with _staying_alive(client, node_id):
                yield FleetConnection(client, node_id)
        finally:
            # a node that does not leave is not let in again before its heartbeats are missed
            with suppress(Exception):  # the link may be what broke
                client.DeactivateNode(DeactivateNodeRequest(node_id=node_id))


@contextmanager
def _staying_alive(client: FleetHttpClient, node_id: int) -> Iterator[None]:
    """Say now and then that the node is there, however long its answers take."""
    sender = HeartbeatSender(lambda: _beat(client, node_id))
    sender.start()
    try:
        yield
    finally:
        sender.stop()


def _beat(client: FleetHttpClient, node_id: int) -> bool:
    """Say that the node is there; a SuperLink that does not take it shows elsewhere."""
    beat = SendNodeHeartbeatRequest(
        node=Node(node_id=node_id), heartbeat_interval=HEARTBEAT_DEFAULT_INTERVAL
    )
    with suppress(Exception):  # whatever Flower makes of a hostile answer
        client.SendNodeHeartbeat(beat)
    return True
