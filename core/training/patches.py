"""Training patches: drawn where labels are, rare classes more often than they occur."""

import queue
import threading
from collections.abc import Iterator
from math import ceil
from types import TracebackType

import numpy as np
import numpy.typing as npt

from core.masks.rect import Rect
from core.masks.tiles import Array
from core.training.augmentation import Augmentation, source_rect, warp_labels, warp_picture
from core.training.dataset import CELL, Dataset, Pictures, read_labels
from core.training.inputs import Floats, Inputs

Batch = tuple[Floats, Array]
"""(N, side, side, depth) float32 and (N, side, side) uint8 labels."""


class Patches:
    """Draws patches of `side` pixels at random, the same ones for the same seed."""

    def __init__(
        self, dataset: Dataset, inputs: Inputs, augmentation: Augmentation, *, side: int, multiple: int, seed: int
    ) -> None:
        self._cells = dataset.training
        self._inputs, self._augmentation, self._side, self._multiple = inputs, augmentation, side, multiple
        self._rng = np.random.default_rng(seed)
        self._pictures = Pictures()
        self._places = np.concatenate([cells.places for cells in dataset.training])  # (n, 2)
        self._image_of = np.repeat(np.arange(len(self._cells)), [len(c.places) for c in self._cells])  # (n,)
        self._class_odds, self._cell_odds = _odds(np.concatenate([cells.counts for cells in dataset.training]))

    def batch(self, size: int) -> Batch:
        drawn = [self.draw() for _ in range(size)]
        return np.stack([p for p, _ in drawn]), np.stack([labels for _, labels in drawn])

    def draw(self) -> tuple[Floats, Array]:
        """One patch (side, side, depth) and its labels (side, side), around a labelled cell of a class drawn first."""
        rng, side = self._rng, self._side
        wanted = int(rng.choice(len(self._class_odds), p=self._class_odds))
        cell = int(np.searchsorted(self._cell_odds[wanted], rng.random(), side="right"))
        cells = self._cells[self._image_of[cell]]
        y, x = self._places[cell] * CELL + CELL / 2 + rng.uniform(-side / 3, side / 3, 2)
        height, width = cells.image.mask.height, cells.image.mask.width
        placement = self._augmentation.placement(rng, side, _inward(x, width, side), _inward(y, height, side))
        source = Rect(*source_rect(placement, side))
        inside = _at_least(source.intersect(Rect(0, 0, height, width)), height, width)
        local = placement - [[0, 0, inside.left], [0, 0, inside.top]]
        picture = self._pictures.load(cells.image)[inside.slices]
        values = self._inputs.scale(warp_picture(picture, local, side))
        values = self._augmentation.recolor(rng, values)
        labels = warp_labels(read_labels(cells, inside), local, side)
        rows = placement[1, 0] * np.arange(side) + (placement[1, 1] * np.arange(side) + placement[1, 2])[:, None] + 0.5
        padded = ceil(height / self._multiple) * self._multiple
        return self._inputs.with_rows(values, rows, padded), labels


def _inward(centre: float, size: int, side: int) -> float:
    """The centre moved so that a patch stays inside the picture where it fits, and covers it where it does not."""
    low, high = min(side / 2, size / 2), max(size - side / 2, size / 2)
    return float(np.clip(centre, low, high))


def _at_least(rect: Rect, height: int, width: int) -> Rect:
    """A patch always meets its picture, but a rounding must not leave nothing to mirror."""
    return Rect(0, 0, height, width) if rect.height < 2 or rect.width < 2 else rect


def _odds(counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """From (cells, classes) counts: odds of each class (classes,), then of each cell (classes, cells), summed up.

    A class is drawn by the square root of its share, so that one of 1 % comes up about every tenth time; a cell by
    how many of its pixels have the class, the last hundred counting little.
    """
    total = counts.sum(0)
    class_odds = np.sqrt(total / total.sum())
    weight = np.sqrt(counts.T.astype(np.float64))  # (classes, cells)
    cell_odds = np.cumsum(weight, axis=1)
    cell_odds /= np.maximum(cell_odds[:, -1:], 1e-12)
    return class_odds / class_odds.sum(), cell_odds


class Prefetch:
    """Batches made ready in a thread of their own while the network is busy; errors there are raised here."""

    def __init__(self, patches: Patches, size: int, depth: int = 3) -> None:
        self._ready: queue.Queue[Batch | BaseException] = queue.Queue(depth)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._fill, args=(patches, size), name="patches", daemon=True)

    def __enter__(self) -> Iterator[Batch]:
        self._thread.start()
        return iter(self._take, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        while self._thread.is_alive():
            try:
                self._ready.get(timeout=0.05)  # make room, so that a waiting thread sees the end
            except queue.Empty:
                continue
        self._thread.join()

    def _take(self) -> Batch:
        item = self._ready.get()
        if isinstance(item, BaseException):
            raise item
        return item

    def _fill(self, patches: Patches, size: int) -> None:
        while not self._ended.is_set():
            item: Batch | BaseException
            try:
                item = patches.batch(size)
            except BaseException as error:
                item = error
            self._ready.put(item)
            if isinstance(item, BaseException):
                return
