"""The list behind the filmstrip: records by filter, and thumbnails that are made only for what is on screen."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QImage, QPixmap

from app.job import JobQueue
from app.workspace import Workspace
from core.errors import MaskwrightError
from core.masks.tiles import Array
from core.project import Project
from core.records import ImageRecord

Index = QModelIndex | QPersistentModelIndex

FILTERS: dict[str, Callable[[ImageRecord], bool]] = {
    "All": lambda record: True,
    "Not done": lambda record: not record.done,
    "Unlabelled": lambda record: record.labelled == 0,
    "Partly labelled": lambda record: 0 < record.coverage < 1,
    "Done": lambda record: record.done,
    "Training": lambda record: record.split == "train",
    "Validation": lambda record: record.split == "val",
    "Test": lambda record: record.split == "test",
}
RECORD_ROLE = Qt.ItemDataRole.UserRole
KEPT_THUMBNAILS = 500
WAITING_THUMBNAILS = 40
"""Requests further back are dropped: the person has scrolled past them."""


def to_pixmap(array: Array) -> QPixmap:
    """A (h, w, 3) uint8 RGB array as a pixmap."""
    array = np.ascontiguousarray(array)
    height, width, _ = array.shape
    return QPixmap.fromImage(QImage(array.data, width, height, 3 * width, QImage.Format.Format_RGB888))


class ImageList(QAbstractListModel):
    """The project's images as a Qt model. It holds records, never pictures, so 100,000 of them are light."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = JobQueue("thumbnails", self)
        self._filter = "All"
        self._ids: list[int] = []
        self._rows: dict[int, int] = {}
        self._thumbnails: OrderedDict[int, QPixmap] = OrderedDict()
        self._wanted: OrderedDict[int, None] = OrderedDict()
        self._working = False
        self._closed = False
        self._shown: dict[int, Callable[[ImageRecord], Any]] = {
            RECORD_ROLE: _itself,
            Qt.ItemDataRole.DisplayRole: _name,
            Qt.ItemDataRole.DecorationRole: self._thumbnail,
            Qt.ItemDataRole.ToolTipRole: _facts,
            Qt.ItemDataRole.AccessibleDescriptionRole: _facts,
        }

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row() if index.isValid() else -1
        record = self._workspace.records.get(self._ids[row]) if 0 <= row < len(self._ids) else None
        show = self._shown.get(role)
        return None if record is None or show is None else show(record)

    # --- what is listed

    @Slot()
    def rebuild(self) -> None:
        """List the workspace's records anew."""
        self.beginResetModel()
        matches = FILTERS[self._filter]
        self._ids = [record.id for record in self._workspace.records.values() if matches(record)]
        self._rows = {image_id: row for row, image_id in enumerate(self._ids)}
        self.endResetModel()

    def set_filter(self, name: str) -> None:
        self._filter = name
        self.rebuild()

    @Slot()
    def forget(self) -> None:
        """Drop what belongs to a project that was closed."""
        self._wanted.clear()
        self._thumbnails.clear()
        self.rebuild()

    @Slot(object)
    def update_record(self, record: ImageRecord) -> None:
        row = self._rows.get(record.id)
        if row is not None:
            # A row stays until the filter is chosen anew: nothing jumps away under the hands.
            self.dataChanged.emit(self.index(row), self.index(row))

    def index_of(self, image_id: int) -> QModelIndex:
        row = self._rows.get(image_id)
        return QModelIndex() if row is None else self.index(row)

    def neighbour(self, image_id: int, step: int) -> int | None:
        """The image `step` places further in the list; None past its ends."""
        row = self._rows.get(image_id)
        if row is None:
            return self._ids[0] if self._ids else None
        return self._ids[row + step] if 0 <= row + step < len(self._ids) else None

    def close(self) -> None:
        self._closed = True
        self._wanted.clear()
        self._jobs.close()

    # --- thumbnails

    def _thumbnail(self, record: ImageRecord) -> QPixmap | None:
        image_id = record.id
        pixmap = self._thumbnails.get(image_id)
        if pixmap is None:
            self._wanted[image_id] = None
            self._wanted.move_to_end(image_id)
            while len(self._wanted) > WAITING_THUMBNAILS:
                self._wanted.popitem(last=False)
            self._make_next()
        else:
            self._thumbnails.move_to_end(image_id)
        return pixmap

    def _make_next(self) -> None:
        project = self._workspace.project
        if self._working or self._closed or project is None or not self._wanted:
            return
        image_id, _ = self._wanted.popitem(last=False)
        self._working = True
        self._jobs.run(make_thumbnail, project, image_id, done=self._made)

    def _made(self, result: tuple[Project, int, Array | None]) -> None:
        project, image_id, array = result
        self._working = False
        if project is self._workspace.project:
            self._thumbnails[image_id] = QPixmap() if array is None else to_pixmap(array)
            while len(self._thumbnails) > KEPT_THUMBNAILS:
                self._thumbnails.popitem(last=False)
            row = self._rows.get(image_id)
            if row is not None:
                self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.DecorationRole])
        self._make_next()


def _itself(record: ImageRecord) -> ImageRecord:
    return record


def _name(record: ImageRecord) -> str:
    return record.name


def _facts(record: ImageRecord) -> str:
    done = ", done" if record.done else ""
    return f"{record.name}: {record.width} × {record.height}, {record.coverage:.0%} labelled{done}"


def make_thumbnail(project: Project, image_id: int) -> tuple[Project, int, Array | None]:
    """A thumbnail, or None where the file cannot be read: the strip then shows an empty frame."""
    try:
        return project, image_id, project.thumbnail(image_id)
    except MaskwrightError:
        return project, image_id, None
