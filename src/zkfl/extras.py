"""Packages that only some commands need, and that an installation may lack."""

from importlib.util import find_spec

from zkfl.errors import ZkflError


class MissingExtraError(ZkflError):
    """A command needs packages that are not installed."""


def require_extra(module: str, extra: str) -> None:
    """Check that a module is there.

    Parameters
    ----------
    module
        Its name, without a dot.
    extra
        What brings it, in ``pyproject.toml``.

    Raises
    ------
    MissingExtraError
        It is not.
    """
    if find_spec(module) is None:
        raise MissingExtraError(
            f"this needs the package {module}, which is not installed: install zkfl[{extra}]"
        )
