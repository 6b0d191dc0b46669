"""The one schema of a consortium: which columns, which constants and, for images, which recipe."""

from collections.abc import Callable

from zkfl.consortium import Consortium
from zkfl.datasets.names import DATASETS
from zkfl.errors import ZkflError
from zkfl.node.records.schema import RecordSchema, load_schema
from zkfl.workspace import Workspace


class SchemaDisagreementError(ZkflError):
    """A party would read its records by another schema than the consortium agreed on."""


def agreed_schema(
    workspace: Workspace, consortium: Consortium, shipped: Callable[[str], RecordSchema]
) -> RecordSchema:
    """Return the consortium's schema, held to the digest in its agreements.

    ``schema.json`` beside ``consortium.json`` counts before what comes with zkfl, and only where
    the agreements state its digest.

    Parameters
    ----------
    workspace, consortium
        Where the agreements are, and what they say.
    shipped
        Returns the schema of a data set that comes with zkfl.

    Raises
    ------
    SchemaDisagreementError
        The schema is another one, or is a file that nobody agreed on.
    SchemaError
        The file is no schema.
    """
    file, stated = workspace.schema, consortium.schema_sha256
    if stated is not None and not file.exists() and consortium.dataset not in DATASETS:
        raise SchemaDisagreementError(
            f"{file} is missing: zkfl brings no schema {consortium.dataset!r}; put the "
            f"consortium's there, whose digest is {stated}"
        )
    schema = load_schema(file) if file.exists() else shipped(consortium.dataset)
    if stated is None and file.exists():
        raise SchemaDisagreementError(
            f"{file} is there, and {workspace.consortium} states no schema_sha256: agree on "
            f"{schema.digest()}, or remove the file"
        )
    if stated is not None and schema.digest() != stated:
        raise SchemaDisagreementError(
            f"the schema {schema.name!r} here has digest {schema.digest()}, the consortium agreed "
            f"on {stated}: use its schema.json, or the version of zkfl that it uses; records of "
            "different schemas, or of different backbones, cannot be learnt from together"
        )
    return schema
