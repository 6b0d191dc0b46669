"""The final model as one ONNX file that takes raw measurements, and prediction with it.

The file is meant to leave the consortium, so its graph carries all preprocessing
(missing values, centring, scaling, clipping, the norm bound, the sigmoid) and its
metadata say which schema the inputs follow and where the parameters come from.
"""

from zkfl.model_export.check import CheckedModel, read_model
from zkfl.model_export.errors import ModelExportError, ModelFileError
from zkfl.model_export.export import export_model
from zkfl.model_export.predict import predict

__all__ = [
    "CheckedModel",
    "ModelExportError",
    "ModelFileError",
    "export_model",
    "predict",
    "read_model",
]
