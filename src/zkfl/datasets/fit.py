"""Whether a data set's records are what a consortium's circuits take."""

from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation
from zkfl.zk_circuits.spec import CircuitSpec


def require_fit(federation: Federation, spec: CircuitSpec) -> None:
    """Refuse circuits of another number of features.

    Raises
    ------
    DatasetError
        They differ.
    """
    features = len(federation.feature_names)
    if features != spec.features:
        raise DatasetError(
            f"{federation.name} has {features} features, the circuits {spec.name!r} take "
            f"{spec.features}: zkfl circuits list shows which there are"
        )
