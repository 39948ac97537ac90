"""What a model in 8 bits takes the ranges of its numbers from: parts of the project's own pictures."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ExportError
from core.model_formats.sample import read_as_taken
from core.training.inputs import Picture
from core.training.network import Network

SIDE = 256
"""Pixels of a part: enough for what the network sees around a pixel."""
PARTS = 48
PICTURES = 16
"""At most, with three parts or four of each."""
NO_PICTURES = "8 bits are fitted to the project's own pictures, and none of them can be read. Put the files back."


def calibration_parts(paths: Sequence[str], network: Network) -> list[dict[str, Any]]:
    """Inputs of the exported model by name, a batch of one each: the same for the same pictures.

    Args:
        paths: those first that are to be used.

    Raises:
        ExportError: no picture can be read.
    """
    lines = round((PARTS / max(1, min(len(paths), PICTURES))) ** 0.5)
    parts: list[dict[str, Any]] = []
    taken = 0
    for path in paths:
        picture = read_as_taken(Path(path), network.inputs) if taken < PICTURES else None
        if picture is not None:
            taken += 1
            parts += _parts(picture, network, lines)
    if not parts:
        raise ExportError(NO_PICTURES)
    return parts


def _parts(picture: Picture, network: Network, lines: int) -> Iterator[dict[str, Any]]:
    """Of a grid over the picture, which is filled up as predict.py does it."""
    multiple = network.shape.multiple
    rim = [(0, -size % multiple) for size in picture.shape[:2]]
    filled = np.pad(picture, (*rim, (0, 0)), mode="edge")
    height, width = filled.shape[:2]
    side = -(-SIDE // multiple) * multiple
    tops, lefts = (np.unique(np.linspace(0, max(size - side, 0), lines).astype(int)) for size in (height, width))
    for top in tops:
        for left in lefts:
            inputs = {"pixels": filled[None, top : top + side, left : left + side].copy()}  # and let go of the rest
            if network.inputs.rows:
                inputs["place"] = np.array([[top, height]], np.float32)
            yield inputs
