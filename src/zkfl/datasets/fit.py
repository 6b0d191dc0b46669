"""Whether records of a schema are what a consortium's circuits take."""

from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation
from zkfl.features.recipe import FeatureRecipe
from zkfl.node.records.class_agreement import require_classes
from zkfl.node.records.schema import RecordSchema
from zkfl.zk_circuits.model_choice import ConvolutionalChoice
from zkfl.zk_circuits.spec import CircuitSpec


def require_fit(federation: Federation, spec: CircuitSpec) -> None:
    """Refuse circuits that do not take a data set's records.

    Raises
    ------
    DatasetError
        They take another number of features, or features of another kind.
    SchemaError
        They take other classes.
    """
    require_features(federation.schema, spec)


def require_features(schema: RecordSchema, spec: CircuitSpec) -> None:
    """Refuse circuits that take another number of features, other features or other classes.

    A filter looks at neighbours, and what a frozen backbone makes of an image has none.

    Raises
    ------
    DatasetError
        They take other features.
    SchemaError
        They take other classes.
    """
    features = len(schema.features)
    if features != spec.features:
        raise DatasetError(
            f"{schema.name} has {features} features, the circuits {spec.name!r} take "
            f"{spec.features}: zkfl circuits list shows which there are"
        )
    require_classes(schema, spec)
    of_backbone = isinstance(schema.image_features, FeatureRecipe)
    if isinstance(spec.model, ConvolutionalChoice) and of_backbone:
        raise DatasetError(
            f"{schema.name} has the features of a backbone, the convolution of the circuits "
            f"{spec.name!r} needs pixels: choose circuits of another model"
        )
