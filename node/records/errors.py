"""What can be wrong with a schema, a file of records, or the numbers made of them."""

from zkfl.errors import ZkflError


class SchemaError(ZkflError):
    """A schema file is not the declared schema the consortium agreed on."""


class RecordsFileError(ZkflError):
    """A file of records cannot be read as one table: size, format, header."""


class RecordsError(ZkflError):
    """A table does not follow the schema; the message names row, column and value."""


class PreprocessingError(ZkflError):
    """Records cannot become bounded features or shards under the given constants."""
