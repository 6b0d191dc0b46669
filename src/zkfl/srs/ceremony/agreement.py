"""``ceremony.json``: what the contributors agreed on, and the contract that must say the same."""

import re
from pathlib import Path
from typing import Annotated, Any, cast

from hexbytes import HexBytes
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.deployment import Address, TransactionHash
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file
from zkfl.srs.ceremony.errors import AgreementError
from zkfl.srs.ceremony.log import CONTRACT
from zkfl.srs.domain import MIN_LOGROWS, TWO_ADICITY

FORMAT = "zkfl-ceremony-v1"
_MAX_FILE_BYTES = 65_536
_MAX_CONTRIBUTORS = 64


class Agreement(BaseModel):
    """A ceremony as its contributors agreed on it.

    Attributes
    ----------
    chain_id, address, tx_hash
        The contract, and the transaction that created it.
    logrows
        log2 of the rows of the SRS.
    contributors
        In the order of their turns.
    beacon_distance
        Blocks from the end of the contributions to the beacon.
    step_seconds
        How long a step may take before anyone may skip it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Annotated[str, Field(pattern=f"^{re.escape(FORMAT)}$")] = FORMAT
    chain_id: Annotated[int, Field(gt=0)]
    address: Address
    tx_hash: TransactionHash
    logrows: Annotated[int, Field(ge=MIN_LOGROWS, le=TWO_ADICITY)]
    contributors: Annotated[list[Address], Field(min_length=1, max_length=_MAX_CONTRIBUTORS)]
    beacon_distance: Annotated[int, Field(gt=0)]
    step_seconds: Annotated[int, Field(gt=0)]

    def require_genuine(self, client: ChainClient) -> None:
        """Check that the agreed code and arguments, and nothing else, created the contract.

        Raises
        ------
        AgreementError
            The transaction is missing, failed, created another contract, or ran other code.
        """
        transaction, receipt = client.transaction(self.tx_hash), client.receipt(self.tx_hash)
        if transaction is None or receipt is None or receipt["status"] != 1:
            raise AgreementError(
                f"the endpoint has no successful transaction {self.tx_hash}: ceremony.json is of "
                "another chain, or the endpoint does not keep the whole history"
            )
        if receipt.get("contractAddress") != self.address:
            raise AgreementError(
                f"transaction {self.tx_hash} created {receipt.get('contractAddress')}, "
                f"ceremony.json names {self.address}: do not use this ceremony"
            )
        if bytes(HexBytes(transaction["input"])) != self._creation(client):
            raise AgreementError(
                f"the contract at {self.address} was created with other code, or for other "
                "contributors, rows or deadlines, than ceremony.json and this checkout give: "
                "compare both with whoever deployed it"
            )

    def _creation(self, client: ChainClient) -> bytes:
        artefact = compile_project()[CONTRACT]
        factory = client.w3.eth.contract(
            abi=cast("Any", artefact.abi), bytecode=artefact.bytecode()
        )
        arguments = (self.logrows, self.contributors, self.beacon_distance, self.step_seconds)
        return bytes(HexBytes(factory.constructor(*arguments).data_in_transaction))


def save_agreement(path: Path, agreement: Agreement) -> None:
    """Write the file in one step; it holds no secret."""
    write_atomically(path, (agreement.model_dump_json(indent=2) + "\n").encode(), 0o644)


def load_agreement(path: Path) -> Agreement:
    """Read a file that `save_agreement` wrote.

    Raises
    ------
    AgreementError
        It is missing, too large, or says what cannot be.
    """
    try:
        return Agreement.model_validate_json(read_public_file(path, _MAX_FILE_BYTES))
    except PublicFileError as error:
        raise AgreementError(
            f"{error}: get it from whoever ran zkfl srs ceremony deploy"
        ) from error
    except ValidationError as error:
        raise AgreementError(
            f"{path} is no ceremony of this version of zkfl: {json_problems(error)}"
        ) from error
