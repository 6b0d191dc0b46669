"""Noise that a hospital adds to its update, within the bound that the circuit proves."""

import secrets

from zkfl.errors import ZkflError


class NoiseBoundError(ZkflError):
    """A noise bound is negative."""


def bounded_noise(length: int, bound: int) -> list[int]:
    """Draw ``length`` uniform integers of magnitude at most ``bound``.

    Uniform bounded noise blurs an update but gives no (epsilon, delta) guarantee by
    itself; a bound of 0 turns it off.

    Parameters
    ----------
    length
        Parameters of the model.
    bound
        Largest magnitude, an integer at the circuit's scale ``s``.

    Raises
    ------
    NoiseBoundError
        ``bound`` is negative.
    """
    if bound < 0:
        raise NoiseBoundError(f"a noise bound must be 0 or more, got {bound}")
    return [secrets.randbelow(2 * bound + 1) - bound for _ in range(length)]
