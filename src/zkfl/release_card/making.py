"""A release card, from what the chain leads to."""

import math
from typing import Any

from zkfl.evaluation.confusion import rates_of
from zkfl.foreign_text import foreign_text
from zkfl.lineage import Holding
from zkfl.model_card import Contribution
from zkfl.proven_metrics import HospitalMetrics
from zkfl.rate_schedule import RateSchedule
from zkfl.release_card.content import (
    ContributionPart,
    CountsPart,
    HospitalMetricsPart,
    HospitalPart,
    LineagePart,
    MetricsPart,
    ModelPart,
    RatePart,
    ReleaseCard,
    SchemaPart,
    TrainingPart,
    UsePart,
)
from zkfl.release_card.intended_use import IntendedUse
from zkfl.release_card.limits import INSECURE_SRS, KNOWN_LIMITS, POSTED_PROOFS
from zkfl.release_card.source import CheckedMetrics, Source
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.spec import DITHER_BITS, CircuitSpec

_NAME_CHARACTERS = 64
_CHECKS = (
    "the contracts' code is that of the version of zkfl that wrote this card",
    (
        "every share, weight, shard and commitment of every final round was recomputed from events "
        "and signed calldata, and equals what the chain states"
    ),
)


def make_card(source: Source, use: IntendedUse) -> ReleaseCard:
    """Return the card of the last final round's model."""
    return ReleaseCard(
        model=_model(source),
        data=_schema(source),
        hospitals=[_hospital(holding) for holding in source.lineage.holdings],
        lineage=_lineage(source),
        metrics=_metrics(source),
        training=_training(source),
        intended_use=UsePart(text=use.text, given=use.given),
        known_limits=_limits(source),
        unknown=_unknown(source),
    )


def _model(source: Source) -> ModelPart:
    training = source.ground.circuits.training
    spec = training.definition.spec
    return ModelPart(
        consortium=foreign_text(source.ground.consortium.name, _NAME_CHARACTERS),
        family=spec.model.family,
        choice=spec.model.model_dump(mode="json"),
        parameters=spec.parameters,
        circuits=spec.name,
        training_circuit=training.definition.name,
        training_circuit_sha256=training.manifest.manifest_hash().hex(),
        statement=training.definition.statement,
    )


def _schema(source: Source) -> SchemaPart:
    schema = source.ground.schema
    recipe = schema.image_features
    return SchemaPart(
        name=schema.name,
        version=schema.version,
        sha256=schema.digest(),
        agreed=source.ground.consortium.schema_sha256 is not None,
        description=schema.description,
        source=schema.source,
        constants_source=schema.constants_source,
        label=schema.label.model_dump(mode="json"),
        columns=list(schema.column_names),
        features=list(schema.feature_names),
        image_recipe_sha256=None if recipe is None else recipe.digest(),
    )


def _hospital(holding: Holding) -> HospitalPart:
    counts = [count for _, count in holding.shards]
    used = counts[holding.first_shard :]
    return HospitalPart(
        member_id=holding.member_id,
        name=foreign_text(holding.name, _NAME_CHARACTERS),
        account=holding.account,
        shards_admitted=len(counts),
        records_admitted=sum(counts),
        shards_in_use=len(used),
        records_in_use=sum(used),
    )


def _lineage(source: Source) -> LineagePart:
    card, finals = source.final.card, source.lineage.finals
    return LineagePart(
        chain_id=card.chain_id,
        registry=card.registry,
        round=card.round_id,
        final_rounds=[final.card.round_id for final in finals],
        contributions=[_contribution(part) for part in card.contributions],
        model_commitment=[f"{coordinate:064x}" for coordinate in card.model_after],
        model_sha256=card.model_hash.hex(),
        round_card_sha256=card.sha256().hex(),
        round_card_published=source.final.published_card == card.sha256(),
        final_transaction=source.final_transaction,
        final_block=source.final_block,
        read_to_block=source.block,
        srs_sha256=card.srs_hash.hex(),
        srs_insecure=card.srs_insecure,
        checks=list(_CHECKS),
    )


def _contribution(part: Contribution) -> ContributionPart:
    return ContributionPart(
        account=part.member,
        shard=part.shard,
        records=part.records,
        share=part.share,
        weight=part.weight,
    )


def _metrics(source: Source) -> MetricsPart | None:
    checked, contract = source.metrics, source.ground.metrics
    if checked is None or checked.round is None or contract is None:
        return None
    proven = checked.round
    names = {holding.member_id: holding.name for holding in source.lineage.holdings}
    return MetricsPart(
        contract=contract.address,
        round=proven.round_id,
        proofs_verified=checked.verified,
        counts=_counts(proven.counts),
        committed_before=_counts(proven.early),
        largest_share=proven.largest_share,
        hospitals=[_hospital_metrics(part, names) for part in proven.hospitals],
        came_to_train=checked.came_to_train,
    )


def _hospital_metrics(part: HospitalMetrics, names: dict[int, str]) -> HospitalMetricsPart:
    return HospitalMetricsPart(
        member_id=part.member_id,
        name=foreign_text(names.get(part.member_id, ""), _NAME_CHARACTERS),
        shards=part.shards,
        admitted_shards=part.admitted,
        committed_before=part.committed_before,
        counts=_counts(part.counts),
    )


def _counts(counts: ConfusionCounts) -> CountsPart:
    return CountsPart(**counts._asdict(), rates=rates_of(counts).to_dict())


def _training(source: Source) -> TrainingPart:
    config = source.lineage.creation.config
    spec = source.ground.circuits.training.definition.spec
    return TrainingPart(
        specification=spec.model_dump(mode="json"),
        rate_schedule=_schedule(source.ground.consortium.rate_schedule),
        final_rates=_final_rates(source, spec),
        weight_rule=config.weight_rule.name.lower().replace("_", "-"),
        # a string: not every reader of JSON holds an integer of 64 bits
        noise_bound=str(config.noise_bound),
        noise_bound_in_parameters=math.ldexp(config.noise_bound, -spec.scale_bits - DITHER_BITS),
        challenge_window=config.challenge_window,
    )


def _schedule(agreed: RateSchedule | None) -> dict[str, Any] | None:
    # records as a string, as the noise bound
    return None if agreed is None else agreed.model_dump() | {"records": str(agreed.records)}


def _final_rates(source: Source, spec: CircuitSpec) -> list[RatePart]:
    if not spec.rate_bits:
        return []
    return [
        RatePart(
            round=final.card.round_id,
            rate=final.rate,
            learning_rate=spec.learning_rate * final.rate / spec.full_rate,
        )
        for final in source.lineage.finals
    ]


def _limits(source: Source) -> list[str]:
    config = source.lineage.creation.config
    first = [INSECURE_SRS] if config.srs_insecure else []
    posted = [POSTED_PROOFS] if config.challenge_window else []
    return [*first, *KNOWN_LIMITS, *posted]


def _unknown(source: Source) -> list[str]:
    said = [
        (
            "How many patients the records are of, and their age, sex and origin: nothing on chain "
            "says it."
        ),
        f"Whether anything happened after block {source.block}: ask another endpoint too.",
        (
            "Whether the training proofs still verify: the chain took them, and this card did not "
            "verify them again (zkfl verify-all does)."
        ),
    ]
    if source.ground.consortium.schema_sha256 is None:
        said.append("Whether all hospitals used this schema: the agreements state no digest of it.")
    if source.ground.consortium.rate_schedule is not None:
        said.append(
            "Whether each round's rate is the one that the schedule gives: every proof states the "
            "rate, and this card did not recompute it (zkfl verify-all does)."
        )
    return [*said, *_unknown_metrics(source.metrics)]


def _unknown_metrics(metrics: CheckedMetrics | None) -> list[str]:
    if metrics is None:
        return ["How good the model is: this consortium proves no metrics."]
    if metrics.round is None:
        return ["How good the model is: nothing is proven of this round's model."]
    absent = [part for part in metrics.round.hospitals if part.shards < part.admitted]
    return [
        f"How good the model is on {part.admitted - part.shards} of {part.admitted} test shards "
        f"of member {part.member_id}, which it did not count."
        for part in absent
    ]
