"""What turns images into rows of numbers, whichever recipe it follows."""

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
DoneCallback = Callable[[int], None]
"""Gets the number of images done so far."""


class ImageReader(Protocol):
    """A recipe with everything that it names."""

    def features(
        self, images: Iterable[Pixels], on_done: DoneCallback | None = None
    ) -> NDArray[np.float64]:
        """Return a row of features an image: float64 ``(N, K)``.

        Raises
        ------
        FeatureImageError
            An image has another form than the recipe asks for.
        """
