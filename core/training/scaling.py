"""Choosing how pictures are scaled, once per training."""

from collections.abc import Sequence

import numpy as np

from core.labels import LabelledImage
from core.training.dataset import Pictures
from core.training.inputs import Floats, Inputs, Picture

LOOKED_AT = 16
"""16-bit pictures whose values are looked at."""


def choose_inputs(images: Sequence[LabelledImage], pictures: Pictures, *, rows: bool) -> Inputs:
    """Inputs for these images: 8-bit pictures by their full range, 16-bit ones by the range they use."""
    channels = max(image.channels for image in images)
    training = [image for image in images if image.split == "train"]
    if pictures.load(training[0]).dtype == np.uint8:
        return Inputs(channels, rows=rows)
    seen = training[:: max(1, len(training) // LOOKED_AT)][:LOOKED_AT]
    low, high = np.quantile(np.concatenate([_shares(pictures.load(image)) for image in seen]), (0.001, 0.999))
    low = min(float(low), 0.999)
    return Inputs(channels, low, max(float(high), low + 0.001), bits=16, rows=rows)


def _shares(picture: Picture) -> Floats:
    """Some of a picture's values, as a share of what its type can hold."""
    return picture[::4, ::4].ravel().astype(np.float32) / np.float32(np.iinfo(picture.dtype).max)
