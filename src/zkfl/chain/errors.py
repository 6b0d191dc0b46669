"""What can go wrong between this process and the chain."""

from collections.abc import Mapping
from types import MappingProxyType

from zkfl.errors import ZkflError


class ChainError(ZkflError):
    """The root of every error of `zkfl.chain`."""


class RpcError(ChainError):
    """The RPC endpoint did not do what a healthy one does."""


class RpcUnavailableError(RpcError):
    """Nothing answers at the endpoint, or it answers with an HTTP error."""


class RpcTimeoutError(RpcError):
    """The endpoint took longer than the deadline of one request."""


class RpcBadAnswerError(RpcError):
    """The endpoint answered, but with something that is no answer to the request."""


class RpcRefusedError(RpcError):
    """The endpoint answered with a JSON-RPC error that is no contract revert.

    Attributes
    ----------
    code
        The JSON-RPC error code, None where the answer had none.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class WrongChainIdError(ChainError):
    """The endpoint serves another chain than the deployment.

    Attributes
    ----------
    expected, actual
        Chain ids.
    """

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(
            f"the RPC endpoint serves chain id {actual}, expected {expected}: "
            "the URL points at another network; correct the URL or the deployment file"
        )
        self.expected = expected
        self.actual = actual


class NoAccountError(ChainError):
    """A transaction was asked of a client that can only read."""


class NoCodeError(ChainError):
    """An address that should hold a contract holds no code."""


class InsufficientFundsError(ChainError):
    """The account cannot pay for the transaction."""


class ContractRevertError(ChainError):
    """A contract refused a call.

    Attributes
    ----------
    name
        The custom error's name; ``"Error"`` for a revert string, ``"Panic"`` for a failed
        assertion, ``"Unknown"`` for a selector that is in none of the ABIs.
    values
        The error's values by parameter name (``arg0``, ``arg1``, ... where unnamed).
    tx_hash
        Set if the transaction was mined and failed.
    """

    def __init__(
        self, name: str, values: Mapping[str, object], rendered: str, tx_hash: str | None = None
    ) -> None:
        where = f"transaction {tx_hash} was mined and reverted" if tx_hash else "the call reverts"
        super().__init__(f"{where}: {rendered}")
        self.name = name
        self.values: Mapping[str, object] = MappingProxyType(dict(values))
        self.rendered = rendered
        self.tx_hash = tx_hash


class TransactionFailedError(ChainError):
    """A transaction was mined, failed, and the reason cannot be replayed.

    Attributes
    ----------
    tx_hash
        The failed transaction.
    """

    def __init__(self, message: str, tx_hash: str) -> None:
        super().__init__(message)
        self.tx_hash = tx_hash


class TransactionTimeoutError(ChainError):
    """A broadcast transaction has no receipt yet; it may still be mined.

    Attributes
    ----------
    tx_hash
        The transaction to look for.
    """

    def __init__(self, message: str, tx_hash: str) -> None:
        super().__init__(message)
        self.tx_hash = tx_hash


class NonceConflictError(ChainError):
    """Another transaction of the same account took the nonce, or an earlier one is missing."""
