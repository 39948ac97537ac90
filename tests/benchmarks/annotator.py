"""A stand-in for a person who knows the truth: answers regions with one key, or paints without a prediction."""

from collections.abc import Mapping

import numpy as np

from core.classes import UNLABELED
from core.masks.editor import MaskEdit
from core.masks.geometry import Where, segment_region
from core.masks.predicted import Predicted
from core.masks.tiles import Array
from core.prediction.regions import region_pixels
from core.project import Project
from core.regions import Region

PLAIN = 0.8
"""Share of what a click labels that must be of one class: nobody gives one class to what shows several."""
BRUSH = 8.0
"""Radius in pixels of what one click paints."""


class Annotator:
    """Labels a project's images by the same road as the window, and counts what it does."""

    def __init__(self, project: Project, truths: Mapping[int, Array], most_pixels: int) -> None:
        """
        Args:
            truths: (h, w) true class ids by image, UNLABELED where nobody knows.
            most_pixels: a click labels no more, those that are nearest to the region's seed.
        """
        self._project, self._truths, self._most = project, truths, most_pixels
        self._editors = {image_id: project.open_editor(image_id) for image_id in truths}
        self.accepted = self.mended = self.skipped = 0
        self.pixels = 0
        """Labelled so far."""

    def labels(self, image_id: int) -> Array:
        """(h, w) class ids of the mask as it is now."""
        return self._editors[image_id].mask.read()

    def answer(self, region: Region, class_map: Array) -> bool:
        """Accept a region if nearly all of it is right, or give it the class that nearly all of it is; False if there
        is no such class, or nobody knows it."""
        rect, where = region_pixels(class_map, self.labels(region.image_id), region)
        where = _nearest(where, (region.seed[0] - rect.top, region.seed[1] - rect.left), self._most)
        truth = self._truths[region.image_id][rect.slices][where]
        counts = np.bincount(truth[truth != UNLABELED], minlength=UNLABELED)
        if not counts.any() or counts.max() < PLAIN * counts.sum():
            self.skipped += 1
            return False
        editor = self._editors[region.image_id]
        if counts.argmax() == region.class_id:
            self.accepted += 1
            self._save(region.image_id, editor.accept(Predicted(class_map), rect, where))
        else:
            self.mended += 1
            self._save(region.image_id, editor.apply("fill", rect, where, int(counts.argmax())))
        return True

    def paint(self, rng: np.random.Generator) -> None:
        """One dab of the brush at a random unlabelled place whose class is known, inside of that class."""
        image_id = int(rng.choice(list(self._truths)))
        truth, labels = self._truths[image_id], self.labels(image_id)
        places = np.flatnonzero((truth != UNLABELED) & (labels == UNLABELED))
        if not len(places):
            self.skipped += 1
            return
        row, column = divmod(int(rng.choice(places)), truth.shape[1])
        middle = column + 0.5, row + 0.5
        editor = self._editors[image_id]
        rect, disc = segment_region(middle, middle, BRUSH, editor.mask.bounds)
        value = int(truth[row, column])
        inside = disc & (truth[rect.slices] == value) & (labels[rect.slices] == UNLABELED)
        self._save(image_id, editor.apply("stroke", rect, inside, value))

    def _save(self, image_id: int, edit: MaskEdit | None) -> None:
        if edit is not None:
            before = self._project.image(image_id).labelled
            record = self._project.save_edit(image_id, edit)
            self._editors[image_id].saved(edit, record.revision)
            self.pixels += record.labelled - before


def _nearest(where: Where, place: tuple[int, int], most: int) -> Where:
    """The `most` pixels of `where` (h, w) that are nearest to a place (row, column) in it."""
    rows, columns = np.nonzero(where)
    order = np.argsort((rows - place[0]) ** 2 + (columns - place[1]) ** 2, kind="stable")[:most]
    near = np.zeros_like(where)
    near[rows[order], columns[order]] = True
    return near
