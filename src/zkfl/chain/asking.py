"""Turns what web3 raises into zkfl's errors."""

import contextlib
from collections.abc import Iterator, Mapping

from eth_abi.exceptions import DecodingError
from web3.exceptions import ContractLogicError, Web3Exception, Web3RPCError

from zkfl.chain.errors import RpcBadAnswerError, RpcRefusedError
from zkfl.chain.reverts import RevertDecoder

_MESSAGE_CHARACTERS = 300
_BARE_REVERT = "without a reason"
"""In Hardhat's message of a revert that brought no data."""


@contextlib.contextmanager
def asking(what: str, decoder: RevertDecoder) -> Iterator[None]:
    """Name failures of one question to the chain.

    To be used around calls to web3 alone: every other exception in the block counts as an
    answer that web3 could not read.

    Raises
    ------
    ContractRevertError
        A contract reverted.
    RpcRefusedError
        The endpoint answered with another error.
    RpcBadAnswerError
        The answer has the wrong form.
    """
    try:
        yield
    except ContractLogicError as error:
        refusal = _refusal(error.data)
        if refusal is not None:
            raise RpcRefusedError(f"{what} was refused: {refusal}") from error
        raise decoder.decode(error.data) from error
    except Web3RPCError as error:
        code, message = _code_and_message(error)
        raise RpcRefusedError(f"{what} was refused: {message} (code {code})", code) from error
    except (Web3Exception, DecodingError, ValueError, TypeError, KeyError) as error:
        raise RpcBadAnswerError(
            f"{what} brought no usable answer ({type(error).__name__}: {str(error)[:300]}): "
            "the endpoint is broken, or the address holds another contract"
        ) from error


def _refusal(data: object) -> str | None:
    """Return the message of an error that web3 takes for a revert and that is none.

    Hardhat wraps the data of every error once more, of refusals too, and web3 tells reverts by
    the wrapping. What the contract said is inside; where that is nothing, only a message tells a
    bare ``revert()`` from a transaction that is refused or runs out of gas.
    """
    if not isinstance(data, Mapping):
        return None
    said, message = data.get("data"), data.get("message")
    shown = message[:_MESSAGE_CHARACTERS] if isinstance(message, str) else "no reason was given"
    if _BARE_REVERT in shown or (isinstance(said, str | Mapping) and said not in ("", "0x")):
        return None
    return shown


def _code_and_message(error: Web3RPCError) -> tuple[int | None, str]:
    details = error.rpc_response.get("error") if error.rpc_response else None
    if not isinstance(details, dict):
        return None, str(error)
    code = details.get("code")
    return code if isinstance(code, int) else None, str(details.get("message"))[
        :_MESSAGE_CHARACTERS
    ]
