"""What zkfl writes down about its own work: events without secrets and without records.

Nothing is written unless `zkfl.logs.setup.set_up_logs` names a place for it.
"""

from zkfl.logs.events import logger

__all__ = ["logger"]
