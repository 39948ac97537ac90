"""What can be done with the pictures that are chosen in the strip."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from app.panels.image_list import SPLIT_NAMES
from app.workspace import Workspace
from core.records import SPLITS, ImageRecord


class ImageMenu(QMenu):
    """Mark them done, and say what they are for. The menu goes when it closes."""

    def __init__(self, workspace: Workspace, records: Sequence[ImageRecord], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._records = workspace, records
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.addSection(records[0].name if len(records) == 1 else f"{len(records):,} pictures")
        self.done = self.addAction("Done")
        self.done.setCheckable(True)
        self.done.setChecked(all(record.done for record in records))
        self.done.toggled.connect(self._mark_done)
        self.addSeparator()
        self.uses = QActionGroup(self)
        for split in SPLITS:
            use = self.addAction(f"For {SPLIT_NAMES[split]}")
            use.setData(split)
            use.setCheckable(True)
            use.setChecked(all(record.split == split for record in records))
            self.uses.addAction(use)
        self.uses.triggered.connect(self._set_split)

    @Slot(bool)
    def _mark_done(self, done: bool) -> None:
        for record in self._records:
            self._workspace.set_done(record.id, done)

    @Slot(QAction)
    def _set_split(self, action: QAction) -> None:
        for record in self._records:
            self._workspace.set_split(record.id, action.data())
