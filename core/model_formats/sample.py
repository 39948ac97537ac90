"""The example that goes with an exported model: a part of a picture, as the model takes it, and the mask it gives."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import MaskwrightError
from core.images import ImageArray, read_image
from core.prediction.inference import probabilities
from core.training.inputs import LUMA, Floats, Inputs, Picture
from core.training.network import Network

SIDE = 500
"""Pixels, at most. No multiple of anything: so a check on it sees how a picture is filled up."""


def sample_picture(paths: Iterable[str], inputs: Inputs) -> Picture:
    """(rows, columns, channels) of the first picture that fits, its middle; noise where none does."""
    for path in paths:
        picture = read_as_taken(Path(path), inputs)
        if picture is not None:
            top, left = (max(0, (side - SIDE) // 2) for side in picture.shape[:2])
            return picture[top : top + SIDE, left : left + SIDE]
    noise = np.random.default_rng(0).integers(0, 2**inputs.bits, (SIDE // 2, SIDE // 2, inputs.channels))
    return _typed(noise, inputs)


def read_as_taken(path: Path, inputs: Inputs) -> Picture | None:
    """None for a file that cannot be read, too."""
    with suppress(MaskwrightError):
        return as_taken(read_image(path), inputs)
    return None


def as_taken(picture: ImageArray, inputs: Inputs) -> Picture | None:
    """A picture in the channels and the type that the exported model takes; None where its channels do not fit."""
    given = picture.shape[2]
    if given not in (1, 3, inputs.channels) or (given == 3 and inputs.channels not in (1, 3)):
        return None
    scale = np.float32((2**inputs.bits - 1) / np.iinfo(picture.dtype).max)
    values: npt.NDArray[Any] = picture
    if (given, inputs.channels) == (3, 1):
        values = np.rint(picture.astype(np.float32) @ LUMA)[..., None]
    elif given != inputs.channels:
        values = np.repeat(picture, inputs.channels, axis=2)
    return _typed(values if scale == 1 else np.rint(values * scale), inputs)


def _typed(values: npt.NDArray[Any], inputs: Inputs) -> Picture:
    return values.astype(np.uint8, copy=False) if inputs.bits == 8 else values.astype(np.uint16, copy=False)


def save_sample(folder: Path, picture: Picture, stem: str) -> Path:
    """As PNG, or as TIFF where that cannot hold it."""
    channels = picture.shape[2]
    if (channels == 3 and picture.dtype == np.uint8) or channels == 1:
        path = folder / f"{stem}.png"
        Image.fromarray(picture[..., 0] if channels == 1 else picture).save(path)
        return path
    import tifffile

    path = folder / f"{stem}.tif"
    tifffile.imwrite(path, picture, photometric="rgb" if channels == 3 else "minisblack", planarconfig="contig")
    return path


def whole_probabilities(network: Network, picture: Picture) -> Floats:
    """(rows, columns, classes), as the app predicts them."""
    found = np.zeros((*picture.shape[:2], len(network.classes)), np.float32)
    for tile, likely in probabilities(network, picture):
        found[tile.inner.slices] = likely
    return found
