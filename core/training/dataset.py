"""From a label snapshot to what training draws on and what it is measured on."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED, LabelClass
from core.errors import ImageError, TrainingError
from core.images import file_hash, file_stamp, read_image
from core.labels import LabelledImage, LabelSnapshot
from core.masks.marks import classes_of, is_drawn
from core.masks.rect import Rect
from core.masks.tiles import TILE, Array, Mask, uniform_tile
from core.training.held_out import Cell, cell_names, is_held_out
from core.training.inputs import Picture

CELL = 32
"""Side in pixels of the squares in which labels are counted, and held out."""
CACHE_BYTES = 2**30
FEW_PIXELS = 200
"""Labelled pixels of a class below which it is unlikely to be learned."""
ENOUGH_CELLS = 200
"""Labelled cells below which all of them are needed for training."""
ALL_ACCEPTED = (
    "100 % of the labels to measure on were accepted from predictions, so figures look better than they are. Keep an "
    "image aside and draw its labels by hand."
)

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledCells:
    """The cells of one image that hold labels."""

    image: LabelledImage
    places: npt.NDArray[np.int32]
    """(n, 2) row and column, counted in cells."""
    counts: npt.NDArray[np.int64]
    """(n, classes) labelled pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """What is learned from, what is measured on, and what a person should know about it."""

    training: tuple[LabelledCells, ...]
    measuring: tuple[LabelledCells, ...]
    measured_on: str
    warnings: tuple[str, ...]
    classes: tuple[LabelClass, ...]
    upright: bool
    """Whether how far down the picture a pixel is tells something about its class."""
    taught: frozenset[Cell] | None = None
    """The cells that would be held out but were needed to learn from; None where nothing was held out at all. A
    network that goes on from this training never measures on them."""

    @property
    def class_pixels(self) -> npt.NDArray[np.int64]:
        """(classes,) pixels to learn from."""
        total: npt.NDArray[np.int64] = np.sum([cells.counts.sum(0) for cells in self.training], axis=0)
        return total


def make_dataset(snapshot: LabelSnapshot, taught: frozenset[Cell] = frozenset()) -> Dataset:
    """Sort the labels of a snapshot into those to learn from and those to measure on.

    Args:
        taught: cells that an earlier training learned from, which are not to be measured on.

    Raises:
        TrainingError: nothing to learn from, or one class only.
    """
    count = len(snapshot.classes)
    training = [find_cells(image, count) for image in snapshot.images if image.split == "train"]
    training = [cells for cells in training if len(cells.places)]
    _check_labels(training, snapshot.classes)
    validation = [find_cells(image, count) for image in snapshot.images if image.split == "val"]
    upright = height_tells_class(training)
    warnings = tuple(_warnings(training, snapshot.classes))
    if any(len(cells.places) for cells in validation):
        kept, measuring, measured_on, needed = training, validation, "validation images", None
    else:
        kept, held, needed = _hold_out(training, taught)
        measuring, measured_on = (held, "held-out pixels") if held else (kept, "training pixels")
    drawn = [cells for cells in measuring if len(cells.places) and has_drawn(cells.image.mask)]
    warnings = warnings if drawn else (*warnings, ALL_ACCEPTED)
    return Dataset(tuple(kept), tuple(drawn or measuring), measured_on, warnings, snapshot.classes, upright, needed)


def has_drawn(mask: Mask) -> bool:
    """Whether somebody drew in it. Then its figures count, with what was accepted there and seen to be right; a mask
    that was accepted only tells what a model says already."""
    return any(is_drawn(tile).any() for tile in mask.tiles.values())


def find_cells(image: LabelledImage, classes: int) -> LabelledCells:
    """Count an image's labels by cell and class, tile by tile."""
    side = TILE // CELL
    places, counts = [np.zeros((0, 2), np.int32)], [np.zeros((0, classes), np.int64)]
    cell_of = np.arange(TILE) // CELL
    cell_of = cell_of[:, None] * side + cell_of  # (TILE, TILE) number of the cell within the tile
    for (row, column), tile in image.mask.tiles.items():
        if tile is uniform_tile(UNLABELED):
            continue
        labels = classes_of(tile)
        known = labels < classes
        pairs = cell_of[known] * classes + labels[known]
        table = np.bincount(pairs, minlength=side * side * classes).reshape(-1, classes)
        filled = np.flatnonzero(table.any(1))
        places.append(np.stack([row * side + filled // side, column * side + filled % side], 1).astype(np.int32))
        counts.append(table[filled])
    return LabelledCells(image, np.concatenate(places), np.concatenate(counts))


def _check_labels(training: Sequence[LabelledCells], classes: Sequence[LabelClass]) -> None:
    if not training:
        raise TrainingError(
            "Nothing is labelled yet in a training image. Paint a little of at least two classes, then train."
        )
    seen = np.flatnonzero(np.sum([cells.counts.sum(0) for cells in training], axis=0))
    if len(seen) == 1:
        name = classes[seen[0]].name
        raise TrainingError(f'Only "{name}" is labelled, so there is nothing to tell it from. Paint a second class.')


def _warnings(training: Sequence[LabelledCells], classes: Sequence[LabelClass]) -> list[str]:
    pixels = np.sum([cells.counts.sum(0) for cells in training], axis=0)
    missing = [c.name for c, n in zip(classes, pixels, strict=True) if n == 0]
    few = [f"{c.name} ({n} pixels)" for c, n in zip(classes, pixels, strict=True) if 0 < n < FEW_PIXELS]
    warnings = []
    if missing:
        warnings.append(f"Not labelled anywhere, so it will never be predicted: {', '.join(missing)}.")
    if few:
        warnings.append(f"Labelled too little to be learned well: {', '.join(few)}. Paint more of it.")
    return warnings


def _hold_out(
    training: list[LabelledCells], taught: frozenset[Cell]
) -> tuple[list[LabelledCells], list[LabelledCells], frozenset[Cell]]:
    """Keep a tenth of the labelled cells for measuring, but none that holds much of what is left of its class.

    Returns:
        what to learn from, what to measure on, and `taught` with the cells that were needed to learn from.
    """
    enough = sum(len(cells.places) for cells in training) >= ENOUGH_CELLS
    scarce = np.sum([(cells.counts > 0).sum(0) for cells in training], axis=0) < 10  # (classes,) in few cells
    kept, held = [], []
    for cells in training:
        names = cell_names(cells.image.sha256, cells.places)
        known = np.array([name in taught for name in names], np.bool_)
        chosen = is_held_out(cells.image.sha256, cells.places)
        out = chosen & ~known & ~(cells.counts[:, scarce] > 0).any(1) & enough
        taught |= {names[i] for i in np.flatnonzero(chosen & ~out)}
        kept.append(LabelledCells(cells.image, cells.places[~out], cells.counts[~out]))
        held.append(LabelledCells(cells.image, cells.places[out], cells.counts[out]))
    return [c for c in kept if len(c.places)], [c for c in held if len(c.places)], taught


def height_tells_class(training: Sequence[LabelledCells], bands: int = 6) -> bool:
    """Whether a pixel's height in the picture predicts its class in pictures that were not looked at.

    Each image in turn is left out; the others say how often each class occurs in each of `bands` bands. True if that
    describes the left-out labels clearly better than the classes' frequencies alone.
    """
    if len(training) < 3:
        return False
    tables = np.stack([_band_table(cells, bands) for cells in training])  # (images, bands, classes), each sums to 1
    gains = []
    for table in tables:
        rest = tables.sum(0) - table
        by_class = (rest.sum(0) + 0.05) / (rest.sum() + 0.05 * table.shape[1])  # (classes,)
        by_band = (rest + 0.5 * by_class) / (rest.sum(1, keepdims=True) + 0.5)  # (bands, classes)
        gains.append(float((table * np.log(by_band / by_class)).sum()))
    return float(np.mean(gains)) > 0.15


def _band_table(cells: LabelledCells, bands: int) -> npt.NDArray[np.float64]:
    """(bands, classes) share of the image's labels, every class of it counting by its square root."""
    rows = -(-cells.image.mask.height // CELL)
    table = np.zeros((bands, cells.counts.shape[1]))
    np.add.at(table, cells.places[:, 0] * bands // rows, cells.counts)
    table *= np.where(table.sum(0) > 0, np.maximum(table.sum(0), 1) ** -0.5, 0)
    share: npt.NDArray[np.float64] = table / table.sum()
    return share


class Pictures:
    """Decoded images, the latest used kept in memory. Any thread may ask."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Picture] = OrderedDict()

    def load(self, image: LabelledImage) -> Picture:
        """The decoded image; TrainingError if it is gone, unreadable, or no longer the one that was labelled."""
        with self._lock:
            if image.path not in self._kept:
                self._kept[image.path] = _decode(image)
            self._kept.move_to_end(image.path)
            while sum(p.nbytes for p in self._kept.values()) > self._limit and len(self._kept) > 1:
                self._kept.popitem(last=False)
            return self._kept[image.path]


def _decode(image: LabelledImage) -> Picture:
    path = Path(image.path)
    try:
        changed = _has_changed(image, path)
        picture = read_image(path)
    except ImageError as error:
        raise TrainingError(str(error)) from None
    name = path.name
    if changed:
        raise TrainingError(f"{name} has changed since the training began. Put the labelled file back, then train.")
    if picture.shape[:2] != (image.mask.height, image.mask.width):
        raise TrainingError(f"{name} no longer has the size it was labelled at. Put the labelled file back.")
    return picture


def _has_changed(image: LabelledImage, path: Path) -> bool:
    """Whether it is another picture than the one that was labelled; one that was only touched is not."""
    stamp = file_stamp(path)
    return None not in (image.stamp, stamp) and stamp != image.stamp and file_hash(path) != image.sha256


def read_labels(cells: LabelledCells, rect: Rect) -> Array:
    """(h, w) labels inside `rect`, UNLABELED outside the picture and in every cell that is not of these."""
    return classes_of(read_marked_labels(cells, rect))


def read_marked_labels(cells: LabelledCells, rect: Rect) -> Array:
    """As `read_labels`, with the mark on what was accepted."""
    mask = cells.image.mask
    inside = rect.intersect(mask.bounds)
    out = np.full((rect.height, rect.width), UNLABELED, np.uint8)
    if inside.empty:
        return out
    part = mask.read_marked(inside)
    part[~_cell_cover(cells, inside) | (classes_of(part) >= cells.counts.shape[1])] = UNLABELED
    out[inside.within(rect)] = part
    return out


def _cell_cover(cells: LabelledCells, rect: Rect) -> Bools:
    """(rect.height, rect.width): whether a pixel lies in one of the cells."""
    top, left = rect.top // CELL, rect.left // CELL
    bottom, right = -(-rect.bottom // CELL), -(-rect.right // CELL)
    grid = np.zeros((bottom - top, right - left), np.bool_)
    rows, columns = cells.places[:, 0] - top, cells.places[:, 1] - left
    near = (rows >= 0) & (rows < bottom - top) & (columns >= 0) & (columns < right - left)
    grid[rows[near], columns[near]] = True
    y, x = rect.top - top * CELL, rect.left - left * CELL
    return grid.repeat(CELL, 0).repeat(CELL, 1)[y : y + rect.height, x : x + rect.width]
