"""Images of an archive that speaks DICOMweb, such as Orthanc: QIDO-RS finds, WADO-RS fetches."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from dicomweb_client.api import DICOMwebClient
from pydicom import Dataset

from zkfl.node.connectors.bounded_http import bounded_json_session, bounded_session
from zkfl.node.connectors.dicom_import import DicomReader
from zkfl.node.connectors.dicom_reading import MAX_DICOM_BYTES, parse_dicom
from zkfl.node.connectors.dicomweb_account import DicomwebAccount
from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.connectors.importing import Arrival, Outcome, Progress, Target, import_images
from zkfl.node.images.image_set import MAX_IMAGES

FILTERS = frozenset(
    {
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "Modality",
        "ModalitiesInStudy",
        "StudyDate",
        "StudyDescription",
        "SeriesDescription",
        "BodyPartExamined",
    }
)
"""What images can be chosen by: nothing that names a patient, for others see a command's words."""
MAX_PAGE_BYTES = 8 << 20
"""Largest answer to a search, in bytes."""
_PAGE = 500
_UID = re.compile(r"[0-9][0-9.]{0,63}")
_TRANSFER_SYNTAX = "1.2.840.10008.1.2.1"
_ACCEPTED = f'multipart/related; type="application/dicom"; transfer-syntax={_TRANSFER_SYNTAX}'
_BOUNDARY = re.compile(r'boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70}?)"?(?:;|$)')
_TAGS = {"study": "0020000D", "series": "0020000E", "instance": "00080018"}


@dataclass(frozen=True)
class Instance:
    """Where an image is in the archive."""

    study: str
    series: str
    instance: str

    def __str__(self) -> str:
        """Return what names it in messages."""
        return f"instance {self.instance}"


def parse_filters(pairs: list[str]) -> dict[str, str]:
    """Return the filters of ``keyword=value`` texts.

    Raises
    ------
    ConnectorError
        A text is no such pair, or its keyword is none to choose by.
    """
    filters: dict[str, str] = {}
    for pair in pairs:
        keyword, _, value = pair.partition("=")
        if keyword not in FILTERS or not value or keyword in filters:
            raise ConnectorError(
                f"filter {keyword[:40]!r}: write one of {sorted(FILTERS)} once, = and a value"
            )
        filters[keyword] = value
    if not filters:
        raise ConnectorError("say with --filter which images: a whole archive is never imported")
    return filters


class Archive:
    """An archive under a site's account.

    Parameters
    ----------
    account
        Address and credentials.
    """

    def __init__(self, account: DicomwebAccount) -> None:
        self._session = _signed_in(bounded_session(MAX_DICOM_BYTES), account)
        self._root = account.url.rstrip("/")
        searching = _signed_in(bounded_json_session(MAX_PAGE_BYTES), account)
        self._client = DICOMwebClient(self._root, session=searching)
        # it would repeat what is too large or a redirect as well
        self._client.set_http_retry_params(retry=False)

    def find(self, filters: Mapping[str, str]) -> list[Instance]:
        """Return the images that filters choose.

        Raises
        ------
        ConnectorError
            The archive cannot be asked, answers what is no answer, or holds too many.
        """
        found: dict[Instance, None] = {}
        while len(found) <= MAX_IMAGES:
            page = self._page(filters, len(found))
            new = [instance for instance in page if instance not in found]
            found |= dict.fromkeys(new)
            # an archive that knows no offset begins anew each time
            if not new:
                break
        if not found or len(found) > MAX_IMAGES:
            raise ConnectorError(f"{len(found)} images fit the filters: choose 1 to {MAX_IMAGES}")
        return sorted(found, key=lambda each: (each.study, each.series, each.instance))

    def _page(self, filters: Mapping[str, str], offset: int) -> list[Instance]:
        try:
            answer = self._client.search_for_instances(
                search_filters=dict(filters), limit=_PAGE, offset=offset
            )
        except (requests.RequestException, ValueError) as error:
            raise _unreachable(self._root, error) from error
        if not isinstance(answer, list) or not all(isinstance(entry, dict) for entry in answer):
            raise ConnectorError(f"{self._root} answers a search with something else")
        return [_instance(entry) for entry in answer]

    def fetch(self, instance: Instance) -> Dataset:
        """Return an image's data set.

        Raises
        ------
        RefusedFileError
            The archive does not give it out, or gives something else.
        """
        url = (
            f"{self._root}/studies/{instance.study}/series/{instance.series}"
            f"/instances/{instance.instance}"
        )
        try:
            response = self._session.get(url, headers={"Accept": _ACCEPTED})
            response.raise_for_status()
        except requests.RequestException as error:
            text = f"the archive gives no image ({_failure(error)})"
            raise RefusedFileError("not_given", text) from error
        # read by the same checks as a file, which the client's own way would come before
        dataset = parse_dicom(only_part(response.headers.get("Content-Type", ""), response.content))
        if dataset.get("SOPInstanceUID") != instance.instance:
            raise RefusedFileError("another_instance", "the archive gives another image")
        return dataset


def _signed_in(session: requests.Session, account: DicomwebAccount) -> requests.Session:
    if account.ca_file is not None:
        session.verify = str(account.ca_file)
    if account.username is not None and account.password is not None:
        session.auth = (account.username, account.password.get_secret_value())
    if account.token is not None:
        session.headers["Authorization"] = f"Bearer {account.token.get_secret_value()}"
    return session


def only_part(content_type: str, body: bytes) -> bytes:
    """Return the one part of an answer of several parts (RFC 2046, section 5.1).

    Raises
    ------
    RefusedFileError
        It is no such answer, or has another number of parts.
    """
    match = _BOUNDARY.search(content_type)
    if not content_type.startswith("multipart/related") or match is None:
        raise RefusedFileError("no_dicom", "the archive's answer is no DICOM")
    boundary = b"--" + match[1].encode()
    head, _, rest = body.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    content, end, _ = rest.rpartition(b"\r\n" + boundary + b"--")
    if not head.startswith(boundary) or not end or b"\r\n" + boundary + b"\r\n" in content:
        raise RefusedFileError("no_dicom", "the archive's answer has not one part")
    return content


def _instance(entry: Mapping[str, Any]) -> Instance:
    return Instance(**{name: _uid(entry, tag) for name, tag in _TAGS.items()})


def _uid(entry: Mapping[str, Any], tag: str) -> str:
    element = entry.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    text = values[0] if isinstance(values, list) and values else None
    # it becomes part of an address
    if not isinstance(text, str) or not _UID.fullmatch(text):
        raise ConnectorError("the archive answers a search without the UIDs of an image")
    return text


def _unreachable(root: str, error: Exception) -> ConnectorError:
    return ConnectorError(
        f"{root} cannot be searched ({_failure(error)}): check address, certificate and credentials"
    )


def _failure(error: Exception) -> str:
    """Return what failed in words of our own: the archive chooses the text beside a status."""
    response = getattr(error, "response", None)
    return f"HTTP {response.status_code}" if response is not None else type(error).__name__


def import_dicomweb(
    archive: Archive,
    filters: Mapping[str, str],
    reader: DicomReader,
    target: Target,
    on_progress: Progress = lambda _done, _all: None,
) -> Outcome:
    """Import the images of an archive that filters choose.

    Raises
    ------
    ConnectorError
        The archive cannot be asked, no image fits, or all were refused.
    FolderError
        The target is in use.
    """

    def read(instance: Instance) -> Iterator[Arrival]:
        return reader.read(archive.fetch(instance))

    return import_images(archive.find(filters), read, target, reader.tally, on_progress)
