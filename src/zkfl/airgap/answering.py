"""The node's transport: it has no network, and answers from a relay's bundle."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from zkfl.airgap.container import Hash
from zkfl.airgap.errors import BundleFileError, UnansweredReadError
from zkfl.airgap.reads import METHODS, Read
from zkfl.json_problems import json_problems

_ANSWERS = TypeAdapter(dict[Hash, dict[str, Any]])
_SHOWN_CHARACTERS = 200


def decode_answers(content: bytes) -> Mapping[str, Mapping[str, Any]]:
    """Return what `RecordingProvider.answers` made.

    Raises
    ------
    BundleFileError
        It is something else.
    """
    try:
        answers = _ANSWERS.validate_json(content)
    except ValidationError as error:
        raise BundleFileError(f"the bundle's answers: {json_problems(error)}") from error
    if any(set(answer) not in ({"result"}, {"error"}) for answer in answers.values()):
        raise BundleFileError("the bundle's answers hold neither a result nor an error each")
    return answers


class AnsweringProvider(JSONBaseProvider):
    """Answers as the chain did at one block.

    Parameters
    ----------
    answers
        By the keys of their questions.

    Attributes
    ----------
    unanswered
        What was asked in vain.
    """

    global_ccip_read_enabled = False

    def __init__(self, answers: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__()
        self._answers = answers
        self.unanswered: list[Read] = []

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401
        """Return the answer to a question.

        Raises
        ------
        UnansweredReadError
            The bundle holds none.
        """
        if method not in METHODS:
            raise UnansweredReadError(f"{method} needs a network, and this node has none")
        read = Read.of(self.encode_rpc_request(method, params))
        answer = self._answers.get(read.key())
        if answer is None:
            self.unanswered.append(read)
            raise _unanswered(read)
        return cast("RPCResponse", {"jsonrpc": "2.0", "id": 0, **answer})


def _unanswered(read: Read) -> UnansweredReadError:
    return UnansweredReadError(
        f"the relay's bundle does not answer {read.method} {str(read.params)[:_SHOWN_CHARACTERS]}: "
        "the next bundle to the relay asks for it. Carry it there, let the relay import it and "
        "export again (zkfl bundle import, zkfl bundle export)"
    )
