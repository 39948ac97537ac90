"""Training patches: drawn where labels are, rare classes more often than they occur."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from core.classes import ACCEPTED, UNLABELED
from core.labels import LabelledImage
from core.masks.marks import classes_of
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.training.augmentation import Affine, Augmentation, source_rect, warp_labels, warp_picture
from core.training.dataset import CELL, Dataset, LabelledCells, Pictures, read_marked_labels
from core.training.inputs import Floats, Inputs
from core.training.unlabelled import Unlabelled

CLASS_POWER = 0.5
"""A class is drawn by its share to this power: one of 1 % of the labels comes up about every tenth time."""
WEIGHT_POWER = 0.25
"""In the loss a class weighs its share to minus this power, at most three times the mean: without it, what is rare in
pictures labelled whole is not learned at all in a short training."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where a patch was taken from."""

    image: LabelledImage
    inside: Rect
    """The part of the picture that it was cut from."""
    placement: Affine
    """Patch to that part."""


@dataclass(slots=True, eq=False)
class Batch:
    patches: Floats
    """(N, side, side, depth)"""
    labels: Array
    """(N, side, side)"""
    weights: Floats
    """(N, side, side): how much each pixel counts in the loss, if it is labelled."""
    sources: tuple[Source, ...] = ()


class Patches:
    """Draws patches of `side` pixels at random, the same ones for the same seed. Any thread may ask."""

    def __init__(
        self,
        dataset: Dataset,
        pictures: Pictures,
        inputs: Inputs,
        augmentation: Augmentation,
        *,
        side: int,
        multiple: int,
        seed: int,
        accepted_weight: float = 1.0,
        unlabelled: Unlabelled | None = None,
    ) -> None:
        """
        Args:
            accepted_weight: of what was accepted from a prediction, against 1 for what was drawn.
            unlabelled: pictures that some patches are drawn from in time.
        """
        self._cells = dataset.training
        self._inputs, self._augmentation, self._side, self._multiple = inputs, augmentation, side, multiple
        self._seed = seed
        self._pictures, self._unlabelled = pictures, unlabelled
        self._places = np.concatenate([cells.places for cells in dataset.training])  # (n, 2)
        self._image_of = np.repeat(np.arange(len(self._cells)), [len(c.places) for c in self._cells])  # (n,)
        self._class_odds, self._cell_odds = _odds(np.concatenate([cells.counts for cells in dataset.training]))
        self._weights = class_weights(dataset.class_pixels)
        self._weights[ACCEPTED : 2 * ACCEPTED] = accepted_weight * self._weights[:ACCEPTED]

    def batch(self, size: int, number: int) -> Batch:
        """The batch of that number: the same one whenever it is asked for, and another one for every number."""
        rng = np.random.default_rng([self._seed, number])
        free = 0 if self._unlabelled is None else int(self._unlabelled.share(number) * size + rng.random())
        drawn = [self.draw(rng) for _ in range(size - free)] + [self._draw_free(rng, number) for _ in range(free)]
        patches, labels, sources = zip(*drawn, strict=True)
        truth = np.stack([classes_of(marked) for marked in labels])
        return Batch(np.stack(patches), truth, self._weights[np.stack(labels)], tuple(sources))

    def draw(self, rng: np.random.Generator) -> tuple[Floats, Array, Source]:
        """One patch (side, side, depth) and its labels (side, side), which are marked where they were accepted, around
        a labelled cell of a class drawn first."""
        cells, x, y = self._centre(rng)
        values, source = self._cut(rng, cells.image, x, y)
        return values, warp_labels(read_marked_labels(cells, source.inside), source.placement, self._side), source

    def _draw_free(self, rng: np.random.Generator, number: int) -> tuple[Floats, Array, Source]:
        """As `draw`, from anywhere in a picture without labels."""
        assert self._unlabelled is not None
        images = self._unlabelled.known(number)
        image = images[int(rng.integers(len(images)))]
        x, y = rng.uniform(0, image.mask.width), rng.uniform(0, image.mask.height)
        values, source = self._cut(rng, image, x, y)
        return values, np.full((self._side, self._side), UNLABELED, np.uint8), source

    def _cut(self, rng: np.random.Generator, image: LabelledImage, x: float, y: float) -> tuple[Floats, Source]:
        """A patch (side, side, depth) around (x, y), changed at random."""
        side, height, width = self._side, image.mask.height, image.mask.width
        placement = self._augmentation.placement(rng, side, _inward(x, width, side), _inward(y, height, side))
        inside = _at_least(Rect(*source_rect(placement, side)), height, width)
        local = placement - [[0, 0, inside.left], [0, 0, inside.top]]
        picture = self._pictures.load(image)[inside.slices]
        values = self._augmentation.recolor(rng, self._inputs.scale(warp_picture(picture, local, side)))
        across = np.arange(side)
        rows = placement[1, 0] * across + (placement[1, 1] * across + placement[1, 2])[:, None] + 0.5  # (side, side)
        rows += rng.normal(0, self._augmentation.heave * height)
        padded = ceil(height / self._multiple) * self._multiple
        return self._inputs.with_rows(values, rows, padded), Source(image, inside, local)

    def _centre(self, rng: np.random.Generator) -> tuple[LabelledCells, float, float]:
        """A class first, then a cell that holds it, then a point (x, y) not far from that cell."""
        wanted = int(rng.choice(len(self._class_odds), p=self._class_odds))
        cell = int(np.searchsorted(self._cell_odds[wanted], rng.random(), side="right"))
        reach = self._side / 3
        y, x = self._places[cell] * CELL + CELL / 2 + rng.uniform(-reach, reach, 2)
        return self._cells[self._image_of[cell]], float(x), float(y)


def class_weights(pixels: npt.NDArray[np.int64]) -> Floats:
    """(256,) weight in the loss by mask value, from (classes,) labelled pixels; 0 for what is not a class."""
    share = pixels / pixels.sum()
    weights = np.zeros(256, np.float32)
    weights[: len(share)] = np.where(share > 0, np.maximum(share, 1e-6) ** -WEIGHT_POWER, 0)
    weights /= weights[weights > 0].mean()
    return np.minimum(weights, 3)


def _inward(centre: float, size: int, side: int) -> float:
    """The centre moved so that a patch stays inside the picture where it fits, and covers it where it does not."""
    low, high = min(side / 2, size / 2), max(size - side / 2, size / 2)
    return float(np.clip(centre, low, high))


def _at_least(source: Rect, height: int, width: int) -> Rect:
    """What of `source` is in the picture; all of the picture where that leaves nothing to mirror at the rim."""
    inside = source.intersect(Rect(0, 0, height, width))
    return Rect(0, 0, height, width) if inside.height < 2 or inside.width < 2 else inside


def _odds(counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """From (cells, classes) counts: odds of each class (classes,), then of each cell (classes, cells), summed up.

    A cell is drawn by how many of its pixels have the class, the last hundred counting little.
    """
    total = counts.sum(0)
    class_odds = (total / total.sum()) ** CLASS_POWER
    class_odds[total == 0] = 0
    cell_odds = np.cumsum(np.sqrt(counts.T.astype(np.float64)), axis=1)  # (classes, cells)
    cell_odds /= np.maximum(cell_odds[:, -1:], 1e-12)
    return class_odds / class_odds.sum(), cell_odds
