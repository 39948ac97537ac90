"""The list behind the filmstrip: which records are shown, and in which order."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot

from app.panels.thumbnails import Thumbnails
from app.workspace import Workspace
from core.records import ImageRecord

Index = QModelIndex | QPersistentModelIndex
Matches = Callable[[ImageRecord], bool]

DIGITS = 20
"""Numbers in names are compared as if they had so many."""

_NUMBERS = re.compile(r"\d+")


@lru_cache(200_000)
def natural(path: str) -> str:
    """A key that sorts "2.png" before "10.png", and upper case with lower case."""
    return _NUMBERS.sub(_padded, path.lower())


def _padded(number: re.Match[str]) -> str:
    return number.group().zfill(DIGITS)


FILTERS: dict[str, Matches] = {
    "All": lambda record: True,
    "Not done": lambda record: not record.done,
    "Unlabelled": lambda record: not record.class_pixels,
    "Partly labelled": lambda record: bool(record.class_pixels) and record.coverage < 1,
    "Done": lambda record: record.done,
    "Training": lambda record: record.split == "train",
    "Validation": lambda record: record.split == "val",
    "Test": lambda record: record.split == "test",
}
ORDERS: dict[str, Callable[[ImageRecord, Mapping[int, float]], Any]] = {
    "By name": lambda record, _: natural(record.path),
    "Most labelled first": lambda record, _: -record.coverage,
    "Least labelled first": lambda record, _: record.coverage,
    "Last changed first": lambda record, _: -record.revision,
    "Least sure first": lambda record, doubts: -doubts.get(record.id, UNSEEN),
}
"""Keys to sort by, of a record and the model's doubts by image."""
UNSEEN = -1.0
"""What no model has seen comes last."""
RECORD_ROLE = Qt.ItemDataRole.UserRole
SPLIT_NAMES = {"train": "training", "val": "validation", "test": "test"}


class HasClass:
    """Whether a picture has pixels of one class."""

    def __init__(self, class_id: int) -> None:
        self._class_id = class_id

    def __call__(self, record: ImageRecord) -> bool:
        return self._class_id in record.class_pixels


class ImageList(QAbstractListModel):
    """The project's images as a Qt model. It holds records, never pictures, so 100,000 of them are light."""

    redrawn = Signal(QModelIndex)
    """A row looks different. Unlike dataChanged it makes no view lay 100,000 rows out again."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thumbnails = Thumbnails(workspace, self)
        self._thumbnails.made.connect(self._redraw)
        self._matches: Matches = FILTERS["All"]
        self._order = "By name"
        self._wanted_text = ""
        self._ids: list[int] = []
        self._rows: dict[int, int] = {}
        self._shown: dict[int, Callable[[ImageRecord], Any]] = {
            RECORD_ROLE: _itself,
            Qt.ItemDataRole.DisplayRole: _name,
            Qt.ItemDataRole.DecorationRole: self._thumbnails.of,
            Qt.ItemDataRole.ToolTipRole: facts,
            Qt.ItemDataRole.AccessibleDescriptionRole: facts,
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
        matches, text = self._matches, self._wanted_text
        found = [
            record
            for record in self._workspace.records.values()
            if matches(record) and (not text or text in record.path.lower())
        ]
        order, doubts = ORDERS[self._order], self._workspace.doubts
        found.sort(key=lambda record: order(record, doubts))
        self._ids = [record.id for record in found]
        self._rows = {image_id: row for row, image_id in enumerate(self._ids)}
        self.endResetModel()

    def set_filter(self, matches: Matches) -> None:
        self._matches = matches
        self.rebuild()

    def set_order(self, name: str) -> None:
        """One of ORDERS. Pictures keep their places until an order or a filter is chosen again."""
        self._order = name
        self.rebuild()

    def search(self, text: str) -> None:
        """List only what has `text` in its path."""
        self._wanted_text = text.strip().lower()
        self.rebuild()

    @Slot()
    def forget(self) -> None:
        """Drop what belongs to a project that was closed."""
        self._thumbnails.forget()
        self.rebuild()

    @Slot()
    def recolor(self) -> None:
        """The classes look different: so do the thumbnails, when they are next seen."""
        self._thumbnails.forget()

    @Slot(object)
    def update_record(self, record: ImageRecord) -> None:
        # A row stays until the filter is chosen anew: nothing jumps away under the hands.
        self._redraw(record.id)

    @Slot(int)
    def _redraw(self, image_id: int) -> None:
        row = self._rows.get(image_id)
        if row is not None:
            self.redrawn.emit(self.index(row))

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
        self._thumbnails.close()


def _itself(record: ImageRecord) -> ImageRecord:
    return record


def _name(record: ImageRecord) -> str:
    return record.name


def facts(record: ImageRecord) -> str:
    """A picture in one line, for the tip and for a screen reader."""
    done = ", done" if record.done else ""
    size, use = f"{record.width} × {record.height}", SPLIT_NAMES[record.split]
    return f"{record.name}: {size}, {record.coverage:.0%} labelled{done}, for {use}"
