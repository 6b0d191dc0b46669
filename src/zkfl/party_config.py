"""How a party's node works: ``party.toml`` in its folder, the environment, and flags.

A flag goes before the environment, the environment before the file, the file before the default.
The file holds no secret: a password is named by where it comes from.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from zkfl.errors import ZkflError
from zkfl.logs.setup import LogFormat, LogLevel
from zkfl.private_file import PrivateFileError, read_private_file

FILE_NAME = "party.toml"
PREFIX = "ZKFL_"
DEFAULT_RPC_URL = "http://127.0.0.1:8545"
_SECRET = re.compile(r"secret|passw|passphrase|mnemonic|private|key", re.IGNORECASE)
_SHOWN_CHARACTERS = 80
Gwei = Annotated[Decimal, Field(ge=0, lt=10**12, decimal_places=9)]


class PartyConfigError(ZkflError):
    """A party's settings cannot be read, or say what cannot be."""


class PartyConfig(BaseModel):
    """The settings of one party.

    Attributes
    ----------
    rpc_url
        HTTP endpoint of the chain.
    confirmations
        Blocks, a transaction's own included, before it counts as mined.
    max_fee_gwei
        The most that a unit of gas may cost.
    password_source
        Where the password of the chain key comes from.
    password_file
        For the source ``file``; relative to the party's folder.
    password_environment
        For the source ``environment``: the name of the variable.
    store
        Folder of artefacts that parties share, such as a mount; relative to the party's folder. The
        consortium folder's own ``store`` if unset.
    prover_deadline_seconds
        After this, a proof is given up.
    log_level, log_format, log_file
        As the options of the same names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rpc_url: Annotated[str, Field(min_length=1, max_length=2_048)] = DEFAULT_RPC_URL
    confirmations: Annotated[int, Field(ge=1, le=1_000)] = 1
    max_fee_gwei: Gwei = Decimal(500)
    password_source: Literal["file", "prompt", "environment"] = "file"  # noqa: S105 - a place
    password_file: Path = Path("keys/chain.password")
    password_environment: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")] | None = None
    store: Path | None = None
    prover_deadline_seconds: Annotated[float, Field(gt=0, le=86_400)] = 600.0
    log_level: LogLevel | None = None
    log_format: LogFormat = LogFormat.HUMAN
    log_file: Path | None = None

    @model_validator(mode="after")
    def _name_the_variable(self) -> "PartyConfig":
        by_name = self.password_source == "environment"  # noqa: S105 - a place
        if by_name and self.password_environment is None:
            raise ValueError(
                "password_source is environment: name the variable with password_environment"
            )
        return self


@dataclass(frozen=True)
class PartySettings:
    """A party's settings, and where each comes from.

    Attributes
    ----------
    config
        The values.
    origins
        By key: ``default``, ``<file>:<line>``, ``env <variable>`` or ``flag``.
    """

    config: PartyConfig
    origins: Mapping[str, str]

    def is_default(self, key: str) -> bool:
        """Tell whether nobody has chosen a value."""
        return self.origins[key] == "default"


_flags: dict[str, object] = {}


def set_flags(flags: Mapping[str, object]) -> None:
    """Remember the options of this process's command line; others do not count."""
    _flags.clear()
    _flags.update({key: flags[key] for key in PartyConfig.model_fields if key in flags})


def load_settings(
    folder: Path,
    flags: Mapping[str, object] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> PartySettings:
    """Return the settings that count for the party of a folder.

    Parameters
    ----------
    folder
        May hold ``party.toml``.
    flags
        Options that were given on the command line; those of `set_flags` if None.
    environment
        Variables ``ZKFL_<KEY>``; an empty one counts as not set.

    Raises
    ------
    PartyConfigError
        The file is unsafe or no TOML, or a key or a value is wrong.
    """
    path, flags = folder / FILE_NAME, _flags if flags is None else flags
    values, origins = _from_file(path) if path.exists() or path.is_symlink() else ({}, {})
    for key in PartyConfig.model_fields:
        variable = PREFIX + key.upper()
        if environment.get(variable):
            values[key], origins[key] = environment[variable], f"env {variable}"
        if flags.get(key) is not None:
            values[key], origins[key] = flags[key], "flag"
    defaults = dict.fromkeys(PartyConfig.model_fields, "default")
    return PartySettings(_checked(values, origins, path), defaults | origins)


def _from_file(path: Path) -> tuple[dict[str, object], dict[str, str]]:
    try:
        text = read_private_file(path).decode()
        values = tomllib.loads(text)
    except (PrivateFileError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        why = str(error) if isinstance(error, PrivateFileError) else f"{path} is no TOML: {error}"
        raise PartyConfigError(why) from error
    origins = {key: f"{path}:{_line_of(key, text)}" for key in values}
    for key, where in origins.items():
        if key not in PartyConfig.model_fields:
            raise PartyConfigError(f"{where}: {_unknown(key)}")
    return values, origins


def _line_of(key: str, text: str) -> int:
    """Return the line of a key of the top level, or of its table."""
    pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return number
    return 1


def _unknown(key: str) -> str:
    nearest = difflib.get_close_matches(key, PartyConfig.model_fields, n=1, cutoff=0.0)
    said = f"there is no key {key[:_SHOWN_CHARACTERS]!r}; did you mean {nearest[0]!r}?"
    if _SECRET.search(key):
        said += " This file holds no secrets: password_source says where the password comes from"
    return said


def _checked(values: Mapping[str, object], origins: Mapping[str, str], path: Path) -> PartyConfig:
    try:
        return PartyConfig.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)[:3]
        # the value is not shown: a URL can hold an API key
        said = [
            f"{origins.get(key, path)}: {key}: {problem['msg']}" if key else problem["msg"]
            for problem in problems
            for key in [str(problem["loc"][0]) if problem["loc"] else ""]
        ]
        raise PartyConfigError("; ".join(said)) from None
