"""The tables of docs/security/mutations.md."""

FORMAT = "zkfl.mutations.v1"


def write_report(root: object, rows: object) -> None:
    """To come."""
