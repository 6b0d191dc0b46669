"""What ``zkfl model predict`` does with images: features by the model's own recipe, then scores.

The recipe comes out of the model's file, and its hashes decide which weights are taken: a model
that was trained on features of one backbone never sees those of another.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zkfl.cli.features_steps import Files, features_of, recipe_of
from zkfl.cli.image_suffixes import DICOM_SUFFIXES
from zkfl.features.errors import FeatureError
from zkfl.model_export.check import CheckedModel, read_model
from zkfl.model_export.predict import score
from zkfl.node.connectors.dicom_pixels import Window, frames_of
from zkfl.node.connectors.dicom_reading import read_dicom_file
from zkfl.node.connectors.image_files import read_image_file
from zkfl.node.deidentification import Tally
from zkfl.node.images.image_set import read_image_set


def score_images(model_path: Path, images: Path, window: Window, files: Files) -> pd.DataFrame:
    """Give every image its probability and label.

    Parameters
    ----------
    model_path
        The exported model.
    images
        An image set, an image file, or a DICOM file, whose frames are scored one by one.
    window
        How grey values of DICOM become 0 to 255: as the training images were imported.
    files
        Weights and projection, where no package brings them.

    Returns
    -------
    pandas.DataFrame
        ``image``, ``probability``, ``label``.

    Raises
    ------
    FeatureError
        The model does not take images, or the weights are not its recipe's.
    ModelFileError, ImageError, ImageSetError, ConnectorError
        A file is not what it should be.
    """
    model = read_model(model_path)
    names, features = image_records(model, images, window, files)
    scores = score(model, features.astype(np.float32), str(model_path))
    scores.insert(0, "image", names)
    return scores


def image_records(
    model: CheckedModel, images: Path, window: Window, files: Files
) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of images and their features by the model's recipe; as `score_images`."""
    recipe = recipe_of(model.schema)
    reader = files.reader(recipe)
    if images.is_dir():
        found = read_image_set(images, labelled=False)
        names, features = [row.image for row in found.rows], features_of(found, reader)
    else:
        frames = list(_frames(images, window))
        names = [
            images.name if len(frames) == 1 else f"{images.name}#{n}" for n in _from_one(frames)
        ]
        features = reader.features(frames)
    if not names:
        raise FeatureError(f"{images} holds no image: there is nothing to score")
    return names, features


def _from_one(frames: list[NDArray[np.uint8]]) -> range:
    return range(1, len(frames) + 1)


def _frames(path: Path, window: Window) -> Iterator[NDArray[np.uint8]]:
    if path.suffix.lower() in DICOM_SUFFIXES:
        yield from frames_of(read_dicom_file(path), window)
    else:
        yield read_image_file(path, Tally("images", seen=1))
