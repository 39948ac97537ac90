"""Small pictures with their labels over them: made off the window's thread, and only for what is on screen."""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPixmap

from app.job import JobQueue
from app.workspace import Workspace
from core.classes import UNLABELED, LabelClass
from core.errors import MaskwrightError
from core.masks.marks import classes_of
from core.masks.tiles import TILE, Array, Mask, uniform_tile
from core.project import Project
from core.records import ImageRecord

KEPT = 400
WAITING = 40
"""Requests further back are dropped: the person has scrolled past them."""
VEIL = 0.55
"""How strongly labels cover a thumbnail: small things need more than large ones."""

Made = tuple[Project, ImageRecord, Array | None]


class Thumbnails(QObject):
    """Pixmaps by image. What is asked for and not there yet is made, and announced."""

    made = Signal(int)
    """The id of the image whose thumbnail is new."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = JobQueue("thumbnails", self)
        self._kept: OrderedDict[int, tuple[int, QPixmap]] = OrderedDict()
        """Image id to the revision of the labels it shows, and the pixmap."""
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._working = self._closed = False

    def of(self, record: ImageRecord) -> QPixmap | None:
        """The picture's thumbnail, one of older labels while a new one is made, or None for now.

        A null pixmap stands for a file that cannot be read.
        """
        revision, pixmap = self._kept.get(record.id, (-1, None))
        if revision == record.revision:
            self._kept.move_to_end(record.id)
        else:
            self._want(record.id)
        return pixmap

    def forget(self) -> None:
        """Drop all: another project is open, or the classes look different."""
        self._wanted.clear()
        self._kept.clear()

    def close(self) -> None:
        self._closed = True
        self._wanted.clear()
        self._jobs.close()

    def _want(self, image_id: int) -> None:
        self._wanted[image_id] = None
        self._wanted.move_to_end(image_id)
        while len(self._wanted) > WAITING:
            self._wanted.popitem(last=False)
        self._make_next()

    def _make_next(self) -> None:
        work = self._workspace
        if self._working or self._closed or work.project is None or not self._wanted:
            return
        record = work.records.get(self._wanted.popitem(last=False)[0])
        if record is None:
            return
        self._working = True
        self._jobs.run(make_thumbnail, work.project, record, self._mask_at_hand(record), work.classes, done=self._done)

    def _mask_at_hand(self, record: ImageRecord) -> Mask | None:
        """The labels where they are in memory, so that they need not be read again after every stroke."""
        image = self._workspace.image
        if image is not None and image.record.id == record.id:
            return image.editor.mask.snapshot()
        return None

    def _done(self, result: Made) -> None:
        project, record, array = result
        self._working = False
        if project is self._workspace.project:
            self._kept[record.id] = record.revision, QPixmap() if array is None else to_pixmap(array)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            self.made.emit(record.id)
        self._make_next()


def make_thumbnail(project: Project, record: ImageRecord, mask: Mask | None, classes: Sequence[LabelClass]) -> Made:
    """A thumbnail with its labels, or None where the file cannot be read: the strip then shows a sign for it."""
    try:
        picture = project.thumbnail(record.id)
        if record.labelled:
            mask = mask or project.load_mask(record.id)
            picture = with_veil(picture, looked_at_from_afar(mask, *picture.shape[:2]), classes)
    except MaskwrightError:
        return project, record, None
    return project, record, picture


def looked_at_from_afar(mask: Mask, height: int, width: int) -> Array:
    """(height, width) of a larger mask's values: those under the middle of each small pixel."""
    rows = ((np.arange(height) + 0.5) * mask.height / height).astype(np.intp)
    columns = ((np.arange(width) + 0.5) * mask.width / width).astype(np.intp)
    small = np.full((height, width), UNLABELED, np.uint8)
    for (row, column), tile in mask.snapshot().tiles.items():
        if tile is uniform_tile(UNLABELED):
            continue
        top, bottom = np.searchsorted(rows, (row * TILE, (row + 1) * TILE))
        left, right = np.searchsorted(columns, (column * TILE, (column + 1) * TILE))
        inside = np.ix_(rows[top:bottom] - row * TILE, columns[left:right] - column * TILE)
        small[top:bottom, left:right] = tile[inside]
    return classes_of(small)


def with_veil(picture: Array, labels: Array, classes: Sequence[LabelClass]) -> Array:
    """The (h, w, 3) picture under the colours of its (h, w) labels."""
    colors = np.zeros((256, 3), np.float32)
    colors[: len(classes)] = [label.rgb for label in classes]
    opacity = np.where(labels == UNLABELED, 0, VEIL).astype(np.float32)[..., None]
    return (picture * (1 - opacity) + colors[labels] * opacity + 0.5).astype(np.uint8)


def to_pixmap(array: Array) -> QPixmap:
    """A (h, w, 3) uint8 RGB array as a pixmap."""
    array = np.ascontiguousarray(array)
    height, width, _ = array.shape
    return QPixmap.fromImage(QImage(array.data, width, height, 3 * width, QImage.Format.Format_RGB888))
