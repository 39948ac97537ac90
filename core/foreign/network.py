"""A model from elsewhere as something that predicts: from a part of a picture to probabilities by class."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classes import LabelClass
from core.errors import TrainingError
from core.foreign.facts import SCALES, Facts
from core.masks.rect import Rect
from core.prediction.tiling import Tile, Tiling, cut_out
from core.training.inputs import LUMA, Floats, Picture

SIDE = 1024
"""Pixels a side that are predicted at once, where the model takes any size."""
RIM = 8
"""Of a tile's side, the part on each edge that its neighbour answers for: a model is wrong there most easily."""

Run = Callable[[dict[str, Any]], npt.NDArray[Any]]
"""From arrays by the name of the input to what comes out."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles of one size, always at the same places: so a region is predicted as the whole picture is."""

    height: int
    width: int
    tile: tuple[int, int]
    """Height and width of what the model sees."""

    @property
    def padded(self) -> Rect:
        return Rect(0, 0, max(self.height, self.tile[0]), max(self.width, self.tile[1]))

    def tiles(self, side: int, region: Rect | None = None) -> Iterator[Tile]:
        """Those that make up `region`, the whole picture by default; `side` is not for them to choose."""
        high, wide = self.tile
        region = region or Rect(0, 0, self.height, self.width)
        for top, bottom, seen_top in _spans(self.height, high):
            for left, right, seen_left in _spans(self.width, wide):
                inner = Rect(top, left, bottom, right).intersect(region)
                if not inner.empty:
                    yield Tile(inner, Rect(seen_top, seen_left, seen_top + high, seen_left + wide))


def _spans(length: int, side: int) -> Iterator[tuple[int, int, int]]:
    """Begin and end of what each tile answers for, and where what it sees begins."""
    if length <= side:
        yield 0, length, 0
        return
    rim = side // RIM
    for start in range(0, length, side - 2 * rim):
        end = min(start + side - 2 * rim, length)
        yield start, end, min(max(start - rim, 0), length - side)


class ForeignNetwork:
    """Predicts by a model that was not made here."""

    def __init__(self, facts: Facts, classes: tuple[LabelClass, ...], run: Run) -> None:
        self.facts, self.classes = facts, classes
        self._run = run

    def tiling(self, height: int, width: int) -> Tiling | Grid:
        facts = self.facts
        if facts.halo is not None and not facts.height and not facts.width:
            return Tiling(height, width, facts.multiple, facts.halo)
        return Grid(height, width, (self._side(height, facts.height), self._side(width, facts.width)))

    def _side(self, length: int, fixed: int) -> int:
        multiple = self.facts.multiple
        return fixed or ceil(min(length, SIDE) / multiple) * multiple

    def likely(self, picture: Picture, outer: Rect) -> Floats:
        """(h, w, classes) probabilities of a part of a picture, which may reach past its end.

        Raises:
            TrainingError: the picture has other channels, or something else comes out than when it was imported.
        """
        facts = self.facts
        pixels = taken(cut_out(picture, outer), facts)  # (h, w, C)
        inputs = {facts.pixels: (pixels.transpose(2, 0, 1) if facts.channels_first else pixels)[None]}
        if facts.place:
            whole = self.tiling(*picture.shape[:2]).padded.height
            inputs[facts.place] = np.array([[outer.top, whole]], np.float32)
        given = self._run(inputs)
        given = np.moveaxis(given, 1, -1) if facts.classes_first else given
        if given.shape != (1, outer.height, outer.width, len(facts.to)):
            raise TrainingError(f"{facts.file} gives {given.shape} now, not what it gave at first. Import it again.")
        return by_class(given[0].astype(np.float32), facts, len(self.classes))


def taken(picture: Picture, facts: Facts) -> npt.NDArray[Any]:
    """(h, w, C) of any type -> (h, w, channels) in the type and the scale that the model takes.

    Grey fills all channels, colour becomes grey where that is wanted; TrainingError for any other C.
    """
    given, top = picture.shape[2], np.iinfo(picture.dtype).max
    if given not in (1, facts.channels) and (given, facts.channels) != (3, 1):
        raise TrainingError(
            f"A picture has {given} channels where {facts.file} takes {facts.channels}. Use pictures that fit."
        )
    if picture.dtype == facts.dtype and given == facts.channels:
        return np.ascontiguousarray(picture)
    values = picture.astype(np.float32) / np.float32(top)
    if (given, facts.channels) == (3, 1):
        values = (values @ LUMA)[..., None]
    elif given != facts.channels:
        values = np.repeat(values, facts.channels, axis=2)
    if facts.dtype != "float32":
        whole: npt.NDArray[Any] = np.rint(values * np.iinfo(facts.dtype).max).astype(facts.dtype)
        return whole
    mean, deviation = (np.array(part, np.float32) for part in SCALES[facts.scale][1:])
    scaled: Floats = (values - mean) / deviation
    return scaled


def by_class(given: Floats, facts: Facts, classes: int) -> Floats:
    """(h, w, channels) as it comes out -> (h, w, classes) probabilities: the channels of a class are added up."""
    if facts.softmax:
        given = np.exp(given - given.max(axis=-1, keepdims=True))
        given /= given.sum(axis=-1, keepdims=True)
    if facts.to == tuple(range(classes)):
        return given
    likely = np.zeros((*given.shape[:2], classes), np.float32)
    for channel, class_id in enumerate(facts.to):
        if class_id < classes:
            likely[..., class_id] += given[..., channel]
    return likely
