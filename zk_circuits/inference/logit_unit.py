"""What one unit of a stated logit is in a family's scores."""

from zkfl.zk_circuits.families import family_of
from zkfl.zk_circuits.spec import CircuitSpec, SpecError


def logit_unit(spec: CircuitSpec) -> int:
    """Return the score of the logit ``2^-s``.

    Raises
    ------
    SpecError
        The scores of the model's family are no multiples of one logit.
    """
    logit_bits = family_of(spec.model).logit_bits
    if logit_bits is None:
        raise SpecError(
            f"a {spec.model.family} model states no single logit, so there is no proof of what "
            "it says of a record"
        )
    return 1 << (logit_bits(spec) - spec.scale_bits)
