"""The filmstrip: every picture of the project, how much of it is labelled, and the way to the next one."""

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from app.icons import icon
from app.panels.controls import caption, row, tool_button
from app.panels.image_cell import CELL, FRAME, ImageCell
from app.panels.image_list import FILTERS, ORDERS, RECORD_ROLE, HasClass, ImageList
from app.panels.image_menu import ImageMenu
from app.workspace import Workspace
from core.records import ImageRecord

SIDE_WIDTH = 168
SEARCH_MS = 150
"""So long after the last key, the search begins."""


class SearchField(QLineEdit):
    """While it has the keyboard no key is a shortcut; Esc empties it, Enter and Esc hand the keyboard back."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Search names")
        self.setAccessibleName("Search pictures by name")
        self.setClearButtonEnabled(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus | Qt.FocusPolicy.TabFocus)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            if event.key() == Qt.Key.Key_Escape:
                self.clear()
            self.clearFocus()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ImagesPanel(QWidget):
    """The strip with its filter, order, search and count."""

    chosen = Signal(int)
    """The id of the image to open."""
    add_asked = Signal()
    done_with_keys = Signal()
    """The keyboard belongs to the picture again."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._done_ids: set[int] = set()
        self.model = ImageList(workspace, self)
        self.strip = QListView()
        self.strip.setModel(self.model)
        self.strip.setItemDelegate(ImageCell(self.strip))
        self._set_up_strip()
        self.previous = tool_button("previous", "Previous picture")
        self.next = tool_button("next", "Next picture")
        self.search = SearchField()
        self.filter = _choice(list(FILTERS), "Which pictures are listed")
        self.order = _choice(list(ORDERS), "In which order pictures are listed")
        self.count = caption()
        self.add = tool_button("add-image", "Add pictures, or drop them here")
        self._search_soon = QTimer(self)
        self._search_soon.setSingleShot(True)
        self._search_soon.setInterval(SEARCH_MS)
        self._lay_out()
        self._connect_signals()

    def _set_up_strip(self) -> None:
        self.strip.setFlow(QListView.Flow.LeftToRight)
        self.strip.setWrapping(False)
        self.strip.setUniformItemSizes(True)
        self.strip.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.strip.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.strip.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.strip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.strip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.strip.setAccessibleName("Pictures")
        self.strip.setToolTip("The pictures of this project; click one to open it")
        self.strip.setFixedHeight(CELL.height() + 12)

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(2)
        fields: tuple[QWidget, ...] = (self.search, self.filter, self.order)
        for field in fields:
            side.addWidget(field)
            field.setFixedWidth(SIDE_WIDTH)
        side.addLayout(row(self.count, self.add, stretch=0))
        self.count.setContentsMargins(8, 0, 0, 0)
        for widget in (self.previous, self.next):
            widget.setFixedSize(28, FRAME.height())
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 8, 8, 4)
        line.setSpacing(4)
        line.addWidget(self.previous, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.strip, 1)
        line.addWidget(self.next, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(side)
        self.setFixedHeight(CELL.height() + 24)

    def _connect_signals(self) -> None:
        self.strip.clicked.connect(self._clicked)
        self.strip.activated.connect(self._open)
        self.strip.customContextMenuRequested.connect(self._show_menu)
        self.model.redrawn.connect(self.strip.update)
        self.previous.clicked.connect(self.open_previous)
        self.next.clicked.connect(self.open_next)
        self.filter.currentTextChanged.connect(self._filter_chosen)
        self.order.currentTextChanged.connect(self._order_chosen)
        self.search.textChanged.connect(self._search_soon.start)
        self.search.left.connect(self.done_with_keys)
        self._search_soon.timeout.connect(self._search)
        self.add.clicked.connect(self.add_asked)

    @Slot()
    def rebuild(self) -> None:
        self.model.rebuild()
        self._done_ids = {record.id for record in self._workspace.records.values() if record.done}
        self.show_count()
        self.show_open_image()

    @Slot()
    def show_classes(self) -> None:
        """Offer the classes as filters, and show thumbnails in their colours."""
        names = [f"With {label.name}" for label in self._workspace.classes]
        if [self.filter.itemText(n) for n in range(len(FILTERS), self.filter.count())] != names:
            chosen = self.filter.currentIndex()
            self.filter.blockSignals(True)
            while self.filter.count() > len(FILTERS):
                self.filter.removeItem(len(FILTERS))
            self.filter.addItems(names)
            self.filter.setCurrentIndex(chosen if chosen < self.filter.count() else 0)
            self.filter.blockSignals(False)
        self.model.recolor()
        self.strip.viewport().update()

    @Slot()
    def show_open_image(self) -> None:
        if self._workspace.image is None:
            return
        index = self.model.index_of(self._workspace.image.record.id)
        if index != self.strip.currentIndex():
            self.strip.setCurrentIndex(index)
        if index.isValid():
            self.strip.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    @Slot(object)
    def update_record(self, record: ImageRecord) -> None:
        self.model.update_record(record)
        if record.done != (record.id in self._done_ids):
            self._done_ids ^= {record.id}
            self.show_count()

    def show_count(self) -> None:
        self.count.setText(f"{len(self._done_ids):,} of {len(self._workspace.records):,} done")

    @Slot(int, int)
    def show_adding(self, looked_at: int, total: int) -> None:
        if looked_at < total:
            self.count.setText(f"Adding {looked_at:,} of {total:,}…")
        else:
            self.show_count()

    @Slot()
    def open_next(self) -> None:
        self._open_neighbour(1)

    @Slot()
    def open_previous(self) -> None:
        self._open_neighbour(-1)

    @Slot()
    def redraw_icons(self) -> None:
        self.previous.setIcon(icon("previous"))
        self.next.setIcon(icon("next"))
        self.add.setIcon(icon("add-image"))
        self.strip.viewport().update()

    def _open_neighbour(self, step: int) -> None:
        other = self.model.neighbour(self._workspace.wanted_image, step)
        if other is not None:
            self.chosen.emit(other)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        many = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if not QApplication.keyboardModifiers() & many:  # with them a click chooses several
            self._open(index)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        record = index.data(RECORD_ROLE)
        if record is not None:
            self.chosen.emit(record.id)

    # --- which are listed

    @Slot(str)
    def _filter_chosen(self, name: str) -> None:
        self.model.set_filter(FILTERS.get(name) or HasClass(self.filter.currentIndex() - len(FILTERS)))
        self.show_open_image()

    @Slot(str)
    def _order_chosen(self, name: str) -> None:
        self.model.set_order(name)
        self.show_open_image()

    @Slot()
    def _search(self) -> None:
        self.model.search(self.search.text())
        self.show_open_image()

    @Slot(QPoint)
    def _show_menu(self, at: QPoint) -> None:
        records = self.chosen_records()
        if records:
            ImageMenu(self._workspace, records, self).popup(self.strip.viewport().mapToGlobal(at))

    def chosen_records(self) -> list[ImageRecord]:
        """The pictures that are chosen in the strip."""
        found = (index.data(RECORD_ROLE) for index in self.strip.selectedIndexes())
        return [record for record in found if record is not None]


def _choice(texts: list[str], name: str) -> QComboBox:
    result = QComboBox()
    result.addItems(texts)
    result.setAccessibleName(name)
    result.setToolTip(name)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result
