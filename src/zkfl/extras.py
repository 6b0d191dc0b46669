"""Packages that only some commands need, and that an installation may lack."""

from importlib.util import find_spec

from zkfl.errors import ZkflError


class MissingExtraError(ZkflError):
    """A command needs packages that are not installed."""


def how_to_install(extra: str) -> str:
    """Say how an extra comes: zkfl is in no registry, so from the checkout."""
    return f"run scripts/setup, or in the checkout python -m pip install -e '.[{extra}]'"


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
            f"this needs the package {module}, which is not installed: {how_to_install(extra)}"
        )
