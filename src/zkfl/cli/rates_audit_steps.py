"""The part of ``zkfl verify-all`` that is about the rates of rounds."""

from collections.abc import Sequence

from zkfl.chain.events import ChainEvent
from zkfl.cli.output import keep_facts, tell
from zkfl.metrics_reading import MetricsReading
from zkfl.rate_history import RateDiffersError, rate_faults, recompute_rates
from zkfl.rate_schedule import RateSchedule


def check_rates(
    schedule: RateSchedule | None, events: Sequence[ChainEvent], metrics: MetricsReading | None
) -> list[RateDiffersError]:
    """Recompute every round's rate, show it, and return what does not follow.

    Parameters
    ----------
    schedule
        As agreed; None where rounds have no rate.
    events
        Of the registry.
    metrics
        Of the contract of metrics, where the consortium has one.
    """
    if schedule is None:
        return []
    rates = recompute_rates(schedule, events, metrics.events if metrics else ())
    faults = rate_faults(rates)
    keep_facts(
        rate_schedule=schedule.model_dump(),
        rates=[{"round": it.round_id, "rate": it.shown, "follows": it.follows} for it in rates],
    )
    shown = ", ".join(f"{it.shown} in round {it.round_id}" for it in rates) or "no round yet"
    tell(f"rates ({schedule.rule}): {shown}; {len(faults)} otherwise than the schedule says")
    for fault in faults:
        tell(f"RATE: {fault}")
    return faults
