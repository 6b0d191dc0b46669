"""Whether a schema and a consortium's circuits mean the same classes."""

from zkfl.node.records.errors import SchemaError
from zkfl.node.records.schema import RecordSchema
from zkfl.zk_circuits.spec import CircuitSpec


def require_classes(schema: RecordSchema, spec: CircuitSpec) -> None:
    """Refuse circuits whose classes are not the schema's.

    Raises
    ------
    SchemaError
        They tell another number of classes apart, or count another class against the rest.
    """
    if schema.class_count != spec.model.class_count:
        raise SchemaError(
            f"labels of {schema.name!r} have {schema.class_count} classes, the circuits "
            f"{spec.name!r} take {spec.model.class_count}: zkfl circuits list shows which there are"
        )
    if schema.positive_class != spec.model.positive_class:
        raise SchemaError(
            f"class {schema.positive_class} of {schema.name!r} is of interest, the circuits "
            f"{spec.name!r} hold class {spec.model.positive_class} against the rest, so counts "
            "would be of another class than the schema says: choose other circuits"
        )
