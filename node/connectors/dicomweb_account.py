"""How a site reaches its archive: address and credentials in one private file."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (BaseModel, ConfigDict, SecretStr, StringConstraints, ValidationError, model_validator)

from zkfl.chain.transport import is_loopback
from zkfl.node.connectors.errors import ConnectorError
from zkfl.private_file import read_private_file

_Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class DicomwebAccount(BaseModel):
    """The content of the file.

    Attributes
    ----------
    url : str
        Root of QIDO-RS and WADO-RS; HTTPS, or HTTP on this machine alone.
    username, password : str
        For basic authentication; both or none.
    token : str
        Bearer token, in place of them.
    ca_file : Path
        Certificate of the authority that signs the archive's; the machine's own list if unset.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    format: Literal["zkfl.dicomweb.v1"]
    url: _Text
    username: _Text | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None
    ca_file: Path | None = None

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        parts = urlsplit(self.url)
        if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
            raise ValueError("url must be a plain address, without credentials or a query in it")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(self.url)):
            raise ValueError("url must begin with https: patients' images go over it")
        if (self.username is None) != (self.password is None) or (self.username and self.token):
            raise ValueError("give username and password, or a token, or none of them")
        return self


def read_account(path: Path) -> DicomwebAccount:
    """Read the file.

    Raises
    ------
    PrivateFileError
        It is missing, or others can read it.
    ConnectorError
        It is no such file, or the address is not safe.
    """
    try:
        return DicomwebAccount.model_validate_json(read_private_file(path))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        # the cause could quote a password, so neither it nor the input is shown
        raise ConnectorError(f"{path}: {where}: {first['msg']}") from None
