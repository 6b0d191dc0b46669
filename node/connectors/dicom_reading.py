"""Reading DICOM that a stranger made: what is accepted is listed, all else is refused.

A file may be compressed as a whole, its pixels may promise any size, its texts may be broken; and
what pydicom warns of quotes the patient's data. So the transfer syntax is looked at before the data
set, sizes before pixels, and pydicom is kept quiet.
"""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.filereader import read_dataset, read_preamble
from pydicom.tag import BaseTag, Tag
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from zkfl.node.connectors.errors import RefusedFileError
from zkfl.node.images.errors import ImageError
from zkfl.public_file import read_public_file

MAX_DICOM_BYTES = 512 << 20
"""Largest DICOM file, in bytes."""
TRANSFER_SYNTAXES = frozenset(
    {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        RLELossless,
        JPEGBaseline8Bit,
        JPEG2000Lossless,
        JPEG2000,
    }
)
"""What is decoded. The deflated one is not: it unpacks the whole file before anything is known."""
_FILE_META_GROUP = 0x0002
_TRANSFER_SYNTAX = Tag(_FILE_META_GROUP, 0x0010)
_SHOWN = 80


def read_dicom_file(path: Path) -> FileDataset:
    """Read a file.

    Raises
    ------
    PublicFileError
        It cannot be read, or is too large.
    RefusedFileError
        It is no DICOM, damaged, or of a transfer syntax that is not accepted.
    """
    return parse_dicom(read_public_file(path, MAX_DICOM_BYTES))


def parse_dicom(content: bytes) -> FileDataset:
    """Return the data set of a file's bytes.

    Raises
    ------
    RefusedFileError
        They are no DICOM, damaged, or of a transfer syntax that is not accepted.
    """
    with hostile_dicom("it cannot be read as DICOM"):
        _require_transfer_syntax(content)
        return dcmread(io.BytesIO(content))


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Keep what pydicom says to itself: it quotes values, and logs travel."""
    log = logging.getLogger("pydicom")
    before = log.disabled
    log.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = before


@contextmanager
def hostile_dicom(what: str) -> Iterator[None]:
    """Turn whatever fails while a file is worked on into a refusal that quotes nothing of it.

    Parameters
    ----------
    what
        What it is that cannot be done then.
    """
    with quiet_pydicom():
        try:
            yield
        except (ImageError, RefusedFileError):
            raise
        except InvalidDicomError:
            raise RefusedFileError("no_dicom", "it is no DICOM file") from None
        # a parser of hostile bytes fails in more ways than it names, and quotes what it read
        except Exception as error:  # noqa: BLE001 - it becomes a refusal
            raise RefusedFileError("damaged", f"{what} ({type(error).__name__})") from None


def _require_transfer_syntax(content: bytes) -> None:
    file = io.BytesIO(content)
    read_preamble(file, force=False)
    meta = read_dataset(
        file, is_implicit_VR=False, is_little_endian=True, stop_when=_behind_the_file_meta
    )
    # every element, as dcmread would otherwise read all of them anew in another encoding
    syntax = {element.tag: element.value for element in meta}.get(_TRANSFER_SYNTAX)
    if syntax not in TRANSFER_SYNTAXES:
        raise RefusedFileError(
            "transfer_syntax",
            f"transfer syntax: {_shown(syntax)}; that is not read, store it as Explicit VR Little "
            "Endian",
        )


def _behind_the_file_meta(tag: BaseTag, _representation: str | None, _length: int) -> bool:
    return tag.group != _FILE_META_GROUP


def _shown(syntax: object) -> str:
    return syntax.name[:_SHOWN] if isinstance(syntax, UID) else "not stated"
