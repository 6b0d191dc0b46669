"""What keeps models from being compared."""

from zkfl.errors import ZkflError


class EvaluationError(ZkflError):
    """Labels, probabilities, schedules or models that do not fit each other."""
