"""The record of a council: ``council.json``, for every member to check and to use."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.council import Council
from zkfl.chain.council_states import CouncilRules
from zkfl.chain.deployment import Address, Deployment, DeployTransaction
from zkfl.chain.errors import ChainError
from zkfl.chain.genuine import require_contract
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file

FORMAT = "zkfl-council-v1"
CONTRACT = "MemberCouncil"
_FILE_MODE = 0o644
_MAX_FILE_BYTES = 65_536
_Seconds = Annotated[int, Field(ge=0, lt=1 << 32)]


class CouncilFileError(ChainError):
    """``council.json`` is missing, malformed, or another consortium's."""


class CouncilRecord(BaseModel):
    """Where a consortium's council lives, and how it was created.

    Attributes
    ----------
    chain_id, registry, council
        The chain, and the addresses.
    quorum_bps, delay, membership_delay, lifetime
        The council's rules.
    creation
        The transaction that created it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Annotated[str, Field(pattern=f"^{re.escape(FORMAT)}$")] = FORMAT
    chain_id: Annotated[int, Field(gt=0)]
    registry: Address
    council: Address
    quorum_bps: Annotated[int, Field(gt=5_000, le=10_000)]
    delay: _Seconds
    membership_delay: _Seconds
    lifetime: _Seconds
    creation: DeployTransaction

    def rules(self) -> CouncilRules:
        """Return the council's rules."""
        return CouncilRules(self.quorum_bps, self.delay, self.membership_delay, self.lifetime)


def save_council(path: Path, record: CouncilRecord) -> None:
    """Write the file in one step; it holds no secret."""
    text = record.model_dump_json(indent=2) + "\n"
    write_atomically(path, text.encode(), _FILE_MODE)


def load_council(path: Path, deployment: Deployment) -> CouncilRecord:
    """Read a file that `save_council` wrote, of the same consortium.

    Raises
    ------
    CouncilFileError
        It is missing or too large, has another form, or is about another registry.
    """
    try:
        record = CouncilRecord.model_validate_json(read_public_file(path, _MAX_FILE_BYTES))
    except PublicFileError as error:
        raise CouncilFileError(
            f"{error}: the office makes it with zkfl council hand-over"
        ) from error
    except ValidationError as error:
        raise CouncilFileError(
            f"{path} is no council of this version of zkfl: {json_problems(error)}"
        ) from error
    ours = (deployment.chain_id, deployment.registry)
    if (record.chain_id, record.registry) != ours:
        raise CouncilFileError(
            f"{path} is about registry {record.registry} on chain {record.chain_id}, this "
            f"consortium's is {deployment.registry} on chain {deployment.chain_id}"
        )
    return record


def open_council(client: ChainClient, record: CouncilRecord) -> Council:
    """Return a council after comparing its code and its creation with the member's sources.

    Raises
    ------
    NotGenuineError
        It is another contract, or has other rules or another registry than its record says.
    RpcError
        The comparison could not be made.
    """
    arguments = (record.registry, record.rules().as_tuple())
    artefact = compile_project()[CONTRACT]
    require_contract(client, record.council, artefact, arguments, record.creation)
    return Council(client, record.council)
