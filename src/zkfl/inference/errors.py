"""What keeps a prediction from being proven, or from being believed."""

from zkfl.errors import ZkflError


class InferenceError(ZkflError):
    """A prediction cannot be proven for this consortium or model."""


class PredictionFileError(ZkflError):
    """A file holds no proven prediction, or no opening of a record."""


class PredictionRefusedError(ZkflError):
    """A proven prediction is not what it says."""


class OtherConsortiumError(PredictionRefusedError):
    """It is of another chain, registry or circuit."""


class OtherModelError(PredictionRefusedError):
    """It is not about the model of the round that it names."""


class OtherRecordError(PredictionRefusedError):
    """It is not about the record that it is said to be about."""


class OtherLogitError(PredictionRefusedError):
    """It does not state what its proof states."""


class InvalidPredictionError(PredictionRefusedError):
    """Its proof does not verify."""
