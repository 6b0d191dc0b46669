"""Reading files of tensors: the hash first, then data alone; no file is ever run.

Safetensors files hold names, shapes and numbers. The one file of another kind is that of
efficientnet-lite0, which torch reads with ``weights_only`` and only after its bytes were found to
be the pinned ones.
"""

import hashlib
import io
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_safetensors
from torch import Tensor

from zkfl.features.backbones import EFFICIENTNET_LITE0_SHA256
from zkfl.features.errors import WeightsError
from zkfl.public_file import PublicFileError, read_public_file

MAX_WEIGHTS_BYTES = 512 << 20


def read_tensors(path: Path, sha256: str) -> dict[str, Tensor]:
    """Return the tensors of a file with this SHA-256, all of them finite.

    Raises
    ------
    WeightsError
        The file is another one, no file of tensors, or holds a number that is not finite.
    """
    content = _pinned_bytes(path, sha256)
    tensors = _packaged(content) if sha256 == EFFICIENTNET_LITE0_SHA256 else _foreign(content, path)
    for name, tensor in tensors.items():
        # numbers of 8 bits know no such test of their own
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor.float()).all()):
            raise WeightsError(f"{path}: {name[:80]} holds a number that is not finite")
    return tensors


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256.

    Raises
    ------
    WeightsError
        It cannot be read.
    """
    return hashlib.sha256(_content(path)).hexdigest()


def _pinned_bytes(path: Path, sha256: str) -> bytes:
    content = _content(path)
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise WeightsError(
            f"{path} has SHA-256 {digest}, the recipe names {sha256}: with other weights the "
            "features mean something else; get the file that the consortium agreed on"
        )
    return content


def _content(path: Path) -> bytes:
    try:
        return read_public_file(path, MAX_WEIGHTS_BYTES)
    except PublicFileError as error:
        raise WeightsError(f"no weights: {error}") from error


def _packaged(content: bytes) -> dict[str, Tensor]:
    tensors: dict[str, Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return tensors


def _foreign(content: bytes, path: Path) -> dict[str, Tensor]:
    try:
        return load_safetensors(content)
    # a type that this torch does not have is missing from a table of theirs
    except (SafetensorError, KeyError) as error:
        raise WeightsError(
            f"{path} is no safetensors file ({error}): pickled files of torch are never loaded, "
            "convert them where you trust them (docs/how-to/train-on-images.md)"
        ) from error
