"""What a release card holds; docs/reference/files.md says it for readers."""

import hashlib
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelPart(_Part):
    """Which model, and by which circuit it was trained."""

    consortium: str
    family: str
    choice: dict[str, Any]
    parameters: _Count
    circuits: str
    training_circuit: str
    training_circuit_sha256: _Hash
    statement: str


class SchemaPart(_Part):
    """What the model's inputs are; ``agreed`` where ``consortium.json`` states the digest."""

    name: str
    version: int
    sha256: _Hash
    agreed: bool
    description: str
    source: str
    constants_source: str
    label: dict[str, Any]
    columns: list[str]
    features: list[str]
    image_recipe_sha256: _Hash | None


class HospitalPart(_Part):
    """What a hospital admitted; retired shards are not in use."""

    member_id: int
    name: str
    account: str
    shards_admitted: _Count
    records_admitted: _Count
    shards_in_use: _Count
    records_in_use: _Count


class ContributionPart(_Part):
    """A hospital's part in the round; share and weight in units of 2^-16."""

    account: str
    shard: _Count
    records: _Count
    share: _Count
    weight: _Count


class LineagePart(_Part):
    """Where the model comes from: recomputed, and compared with the chain."""

    chain_id: int
    registry: str
    round: int
    final_rounds: list[int]
    contributions: list[ContributionPart]
    model_commitment: list[_Hash]
    model_sha256: _Hash
    round_card_sha256: _Hash
    round_card_published: bool
    final_transaction: str
    final_block: int
    read_to_block: int
    srs_sha256: _Hash
    srs_insecure: bool
    checks: list[str]


class CountsPart(_Part):
    """Confusion counts, and rates with 95 % intervals; a rate is null without records for it."""

    true_positives: _Count
    false_positives: _Count
    false_negatives: _Count
    true_negatives: _Count
    rates: dict[str, dict[str, float] | None]


class HospitalMetricsPart(_Part):
    """What one hospital proved; ``committed_before``: no model could be known at admission."""

    member_id: int
    name: str
    shards: _Count
    admitted_shards: _Count
    committed_before: bool
    counts: CountsPart


class MetricsPart(_Part):
    """What is proven of the round's model; every proof behind it was verified for the card.

    Test shards in ``came_to_train`` are in the counts: they train since the model was tested.
    """

    contract: str
    round: int
    proofs_verified: _Count
    counts: CountsPart
    committed_before: CountsPart
    largest_share: float
    hospitals: list[HospitalMetricsPart]
    came_to_train: list[str]


class RatePart(_Part):
    """The rate of a final round's steps, as every proof of it states: in units, and as a number."""

    round: int
    rate: _Count
    learning_rate: float


class TrainingPart(_Part):
    """What training was agreed to do; ``specification`` is that of the training circuit.

    Its ``learning_rate`` is that of a whole step where there is a ``rate_schedule``, and
    ``final_rates`` are what the final rounds had.
    """

    specification: dict[str, Any]
    rate_schedule: dict[str, Any] | None
    final_rates: list[RatePart]
    weight_rule: str
    noise_bound: str
    noise_bound_in_parameters: float
    challenge_window: _Count


class UsePart(_Part):
    """What whoever wrote the card gave, or the default."""

    text: str
    given: bool


class ReleaseCard(_Part):
    """All of it.

    Attributes
    ----------
    metrics
        None where nothing is proven of this round's model.
    known_limits
        What no proof shows.
    unknown
        What a reader would ask, and nothing here answers.
    """

    format: Literal["zkfl.release-card.v1"] = "zkfl.release-card.v1"
    model: ModelPart
    data: SchemaPart
    hospitals: list[HospitalPart]
    lineage: LineagePart
    metrics: MetricsPart | None
    training: TrainingPart
    intended_use: UsePart
    known_limits: list[str]
    unknown: list[str]

    def to_bytes(self) -> bytes:
        """Return the file: JSON by RFC 8785."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    def sha256(self) -> str:
        """Return the hash that the exported model names, in hexadecimal digits."""
        return hashlib.sha256(self.to_bytes()).hexdigest()
