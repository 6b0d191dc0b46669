"""Whether circuits and a schedule of rates go together."""

from zkfl.rate_schedule import RateSchedule, RateScheduleError
from zkfl.zk_circuits.instances import get_instance, instance_names
from zkfl.zk_circuits.spec import CircuitSpec


def require_rates(schedule: RateSchedule | None, spec: CircuitSpec) -> None:
    """Refuse a schedule for circuits that take no rate, and circuits whose rate no rule fixes.

    Raises
    ------
    RateScheduleError
        One of the two is there without the other, or the circuits have no such rate.
    """
    if (schedule is None) != (spec.rate_bits == 0):
        have = "take a rate in each round" if spec.rate_bits else "take no rate"
        said = "no schedule says which" if schedule is None else "a schedule was agreed on"
        rated = ", ".join(name for name in instance_names() if get_instance(name).spec.rate_bits)
        raise RateScheduleError(
            f"circuits {spec.name!r} {have}, and {said}: agree on both or on neither (zkfl init "
            f"--circuits --rate-schedule; circuits with a rate: {rated})"
        )
    if schedule is not None:
        schedule.require_fits(spec.full_rate)


def agreed_schedule(text: str | None, spec: CircuitSpec) -> RateSchedule | None:
    """Return the schedule that a text says, None for none, if the circuits go with it.

    Raises
    ------
    RateScheduleError
        The text says no schedule, or the circuits do not go with it.
    """
    schedule = None if text is None else RateSchedule.parse(text, spec.full_rate)
    require_rates(schedule, spec)
    return schedule
