"""The shared folder of a ceremony: one file a contribution, trusted by nobody."""

from dataclasses import dataclass
from pathlib import Path

from zkfl.public_file import PublicFileError, PublicFileTooLargeError, read_public_file
from zkfl.srs.ceremony.errors import TranscriptFileError
from zkfl.srs.ceremony.phase_one import file_bytes


@dataclass(frozen=True)
class Transcript:
    """The folder; how it travels between the hospitals does not matter.

    Attributes
    ----------
    root
        Holds ``ceremony.json``, ``0000.ptau`` (nothing contributed), ``0001.ptau`` and so on, and
        ``final.ptau``.
    """

    root: Path

    @property
    def agreement(self) -> Path:
        """What was agreed."""
        return self.root / "ceremony.json"

    @property
    def final(self) -> Path:
        """The file after the beacon."""
        return self.root / "final.ptau"

    def step(self, contributions: int) -> Path:
        """Return the place of the file with so many contributions."""
        return self.root / f"{contributions:04d}.ptau"


def read_step(path: Path, power: int, records: int) -> bytes:
    """Read a file that anybody may have written, of a size known before.

    Raises
    ------
    TranscriptFileError
        It is missing, no regular file, or larger.
    """
    try:
        return read_public_file(path, file_bytes(power, records))
    except PublicFileTooLargeError as error:
        raise TranscriptFileError(
            f"{error}: a file of power {power} with {records} contributions has no more"
        ) from error
    except PublicFileError as error:
        raise TranscriptFileError(f"{error}: get it from its contributor") from error
