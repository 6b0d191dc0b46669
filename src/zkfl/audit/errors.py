"""What audit commands raise."""

from zkfl.errors import ZkflError


class AuditError(ZkflError):
    """An audit command cannot do its work."""
