"""Noise that a hospital adds to its update, within the bound that the circuit proves."""

import secrets

from zkfl.errors import ZkflError


class NoiseBoundError(ZkflError):
    """A noise bound is negative."""


def bounded_noise(length: int, bound: int) -> list[int]:
    """Draw ``length`` uniform integers of magnitude at most ``bound``.

    It fills the bits below a delta, so that the public sum of a round does not come apart into
    single updates, and blurs them beyond that. It gives no (epsilon, delta) guarantee by itself.

    Parameters
    ----------
    length
        Parameters of the model.
    bound
        Largest magnitude, an integer at scale ``s + 23``.

    Raises
    ------
    NoiseBoundError
        ``bound`` is negative.
    """
    if bound < 0:
        raise NoiseBoundError(f"a noise bound must be 0 or more, got {bound}")
    return [secrets.randbelow(2 * bound + 1) - bound for _ in range(length)]
