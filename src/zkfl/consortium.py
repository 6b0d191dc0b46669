"""What every party of a consortium is given: one public file, ``consortium.json``."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from web3 import Web3

from zkfl.errors import ZkflError
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file
from zkfl.rate_schedule import RateSchedule
from zkfl.workspace import ROLES
from zkfl.zk_circuits.spec import SMALLEST_NOISE_BOUND

_MAX_FILE_BYTES = 65_536
SiteName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""A hospital's name is also its folder's, so it must not lead anywhere else."""


class ConsortiumError(ZkflError):
    """Agreements that no consortium can have."""


class ConsortiumFileError(ConsortiumError):
    """A consortium file is missing or malformed."""


class Consortium(BaseModel):
    """The public agreements that are not on chain, each of them checkable against it.

    Attributes
    ----------
    name
        For people.
    dataset
        Name of the declared schema, for example ``wdbc``.
    circuits
        Name of the circuit instance, for example ``wdbc``.
    scheme
        The homomorphic encryption scheme.
    weight_rule
        How admitted records become shares.
    noise_bound
        Largest magnitude of a parameter's noise, an integer at scale ``s + 23``; the default is 8
        units of a delta each way. Less than one unit would let sums show single deltas.
    minimum_records
        Fewest records in a shard that trains, at most half of its slots; None, the default, for a
        quarter of them, rounded up.
    quorum_bps
        Acknowledgements needed for finality, in 1/10000 of the cohort, rounded up; the default
        asks for two of three.
    submission_window, remask_window, publication_window, acknowledgement_window, reveal_window
        Seconds.
    bond_wei
        What a member must have at stake to take part, and loses with blame; 0 for no bonds.
    bond_delay
        Seconds from the request of a withdrawal to the withdrawal.
    bond_beneficiary
        Address that gets what is slashed; needed with a bond.
    challenge_window
        Seconds for which anyone can challenge a posted proof before a round can be final; 0, the
        default, has the chain verify every proof as it comes.
    schema_sha256
        Digest of the schema of the records, hexadecimal, and so of the recipe that makes features
        of images; None in agreements of earlier versions.
    proven_metrics
        Whether members test every final model on shards of their own, and prove the counts.
    rate_schedule
        How each round's learning rate follows; None for circuits that take no rate.
    demo
        Whether this is a demonstration, which may run on the insecure demo SRS.
    hospitals
        Names in the order of their folders.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["zkfl.consortium.v1"] = "zkfl.consortium.v1"
    name: str = Field(min_length=1, max_length=64)
    dataset: str = Field(pattern=r"^[a-z0-9_-]{1,32}$")
    circuits: str = Field(pattern=r"^[a-z0-9_-]{1,32}$")
    scheme: Literal["bfv", "ckks"] = "bfv"
    weight_rule: Literal["records", "capped", "square-root", "equal", "benefit"] = "records"
    cap_share: int = Field(default=32_768, ge=1, le=65_536)
    quorum_bps: int = Field(default=6_666, gt=5_000, le=10_000)
    noise_bound: int = Field(default=1 << 26, ge=SMALLEST_NOISE_BOUND, le=1 << 62)
    minimum_records: int | None = Field(
        default=None, ge=1, lt=1 << 32, exclude_if=lambda least: least is None
    )
    submission_window: int = Field(default=3_600, ge=1)
    remask_window: int = Field(default=3_600, ge=1)
    publication_window: int = Field(default=3_600, ge=1)
    acknowledgement_window: int = Field(default=3_600, ge=1)
    reveal_window: int = Field(default=3_600, ge=1)
    bond_wei: int = Field(default=0, ge=0, lt=1 << 128)
    bond_delay: int = Field(default=604_800, ge=3_600, lt=1 << 32)
    bond_beneficiary: str | None = Field(default=None, pattern=r"^0x[0-9a-fA-F]{40}$")
    challenge_window: int = Field(default=0, ge=0, le=2_592_000)
    schema_sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", exclude_if=lambda digest: digest is None
    )
    proven_metrics: bool = Field(default=False, exclude_if=lambda agreed: not agreed)
    rate_schedule: RateSchedule | None = Field(default=None, exclude_if=lambda it: it is None)
    demo: bool = False
    hospitals: tuple[SiteName, ...] = Field(min_length=3, max_length=64)

    @field_validator("hospitals")
    @classmethod
    def _names_differ(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) != len(names):
            raise ValueError(f"two hospitals would share a folder: {names}")
        if set(names) & set(ROLES):
            raise ValueError(f"no hospital can be called as a role is: {', '.join(ROLES)}")
        return names

    @model_validator(mode="after")
    def _bonds_go_somewhere(self) -> Self:
        if self.bond_wei and self.bond_beneficiary is None:
            raise ValueError("bond_wei without bond_beneficiary: who gets what is slashed?")
        if self.bond_beneficiary is not None and not Web3.is_checksum_address(
            self.bond_beneficiary
        ):
            raise ValueError(f"{self.bond_beneficiary} is no checksummed address")
        return self

    @model_validator(mode="after")
    def _rates_can_be_judged(self) -> Self:
        judged = self.rate_schedule is not None and self.rate_schedule.rule == "plateau"
        if judged and not self.proven_metrics:
            raise ValueError("a plateau is judged by proven metrics: agree on them too (--metrics)")
        return self

    @classmethod
    def agree(cls, **agreements: object) -> "Consortium":
        """Return a consortium of these agreements; the others get their defaults.

        Raises
        ------
        ConsortiumError
            A value is out of its range.
        """
        try:
            return cls.model_validate(agreements)
        except ValidationError as error:
            raise ConsortiumError(f"no consortium can be agreed: {json_problems(error)}") from error

    @classmethod
    def load(cls, path: Path) -> "Consortium":
        """Read and check a consortium file.

        Raises
        ------
        ConsortiumFileError
            The file is missing, too large, or not what the format says.
        """
        try:
            text = read_public_file(path, _MAX_FILE_BYTES)
        except PublicFileError as error:
            raise ConsortiumFileError(str(error)) from error
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise ConsortiumFileError(
                f"{path} is no consortium file: {json_problems(error)}"
            ) from error

    def to_json(self) -> bytes:
        """Return the file's content."""
        return (self.model_dump_json(indent=2) + "\n").encode()
