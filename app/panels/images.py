"""The filmstrip: every picture of the project, how much of it is labelled, and the way to the next one."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.icons import draw_icon, icon
from app.panels.controls import button, caption, tool_button
from app.panels.image_list import FILTERS, RECORD_ROLE, ImageList
from app.theme import caption_font, tones
from app.workspace import Workspace
from core.records import ImageRecord

CELL = QSize(108, 96)
FRAME = QSize(96, 64)


class ImageCell(QStyledItemDelegate):
    """Paints one picture of the strip: thumbnail, coverage bar, name, and a tick when it is done."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return CELL

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        record: ImageRecord | None = index.data(RECORD_ROLE)
        if record is None:
            return
        scheme = tones()
        cell = option.rect
        frame = QRect(cell.left() + 6, cell.top() + 4, FRAME.width(), FRAME.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(frame, QColor(scheme.surround))
        self._draw_picture(painter, frame, index.data(Qt.ItemDataRole.DecorationRole))
        bar = QRect(frame.left(), frame.bottom() + 1, frame.width(), 4)
        painter.fillRect(bar, QColor(scheme.line))
        bar.setWidth(round(bar.width() * record.coverage))
        painter.fillRect(bar, QColor(scheme.muted))
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(QPen(QColor(scheme.accent), 2))
            painter.drawRect(frame.adjusted(-1, -1, 1, 5))
        self._draw_name(painter, QRect(frame.left(), bar.bottom() + 3, FRAME.width(), 18), record, chosen)
        painter.restore()

    def _draw_picture(self, painter: QPainter, frame: QRect, pixmap: QPixmap | None) -> None:
        if pixmap is None:
            return
        if pixmap.isNull():
            missing = draw_icon("warning", QColor(tones().problem))
            painter.drawPixmap(frame.center().x() - 10, frame.center().y() - 10, missing)
            return
        size = pixmap.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
        scale = pixmap.width() / size.width()
        part = QRect(0, 0, round(frame.width() * scale), round(frame.height() * scale))
        part.moveCenter(pixmap.rect().center())
        painter.drawPixmap(frame, pixmap, part)

    def _draw_name(self, painter: QPainter, area: QRect, record: ImageRecord, chosen: bool) -> None:
        scheme = tones()
        painter.setFont(caption_font(painter.font()))
        if record.done:
            tick = draw_icon("check", QColor(scheme.text), 0.7)
            tick.setDevicePixelRatio(1)
            painter.drawPixmap(area.right() - 13, area.top() + 2, tick)
            area = area.adjusted(0, 0, -16, 0)
        painter.setPen(QColor(scheme.text if chosen else scheme.muted))
        name = painter.fontMetrics().elidedText(record.name, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, name)


class ImagesPanel(QWidget):
    """The strip with its filter and its count."""

    chosen = Signal(int)
    """The id of the image to open."""
    add_asked = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.model = ImageList(workspace, self)
        self.strip = QListView()
        self.strip.setModel(self.model)
        self.strip.setItemDelegate(ImageCell(self.strip))
        self._set_up_strip()
        self.previous = tool_button("previous", "Previous picture")
        self.next = tool_button("next", "Next picture")
        self.filter = QComboBox()
        self.filter.addItems(list(FILTERS))
        self.filter.setAccessibleName("Which pictures are listed")
        self.filter.setToolTip("Which pictures are listed")
        self.filter.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.count = caption()
        self.add = button("Add pictures", role="flat", icon_name="add-image", tip="Add files or drop them here")
        self._lay_out()
        self._connect_signals()

    def _set_up_strip(self) -> None:
        self.strip.setFlow(QListView.Flow.LeftToRight)
        self.strip.setWrapping(False)
        self.strip.setUniformItemSizes(True)
        self.strip.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.strip.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.strip.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.strip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.strip.setAccessibleName("Pictures")
        self.strip.setFixedHeight(CELL.height() + 10)

    def _lay_out(self) -> None:
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self.filter)
        side.addWidget(self.add)
        side.addWidget(self.count)
        side.addStretch(1)
        self.count.setContentsMargins(8, 0, 0, 0)
        for widget in (self.previous, self.next):
            widget.setFixedSize(28, 64)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 8, 8, 4)
        line.setSpacing(4)
        line.addWidget(self.previous, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.strip, 1)
        line.addWidget(self.next, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(side)
        self.filter.setFixedWidth(140)
        self.setFixedHeight(CELL.height() + 22)

    def _connect_signals(self) -> None:
        self.strip.clicked.connect(self._clicked)
        self.strip.activated.connect(self._clicked)
        self.previous.clicked.connect(self.open_previous)
        self.next.clicked.connect(self.open_next)
        self.filter.currentTextChanged.connect(self._filter_chosen)
        self.add.clicked.connect(self.add_asked)

    @Slot()
    def rebuild(self) -> None:
        self.model.rebuild()
        self.show_count()
        self.show_open_image()

    @Slot()
    def show_open_image(self) -> None:
        if self._workspace.image is None:
            return
        index = self.model.index_of(self._workspace.image.record.id)
        self.strip.setCurrentIndex(index)
        if index.isValid():
            self.strip.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    @Slot(object)
    def update_record(self, record: ImageRecord) -> None:
        self.model.update_record(record)
        self.show_count()

    def show_count(self) -> None:
        records = self._workspace.records
        done = sum(record.done for record in records.values())
        self.count.setText(f"{done:,} of {len(records):,} done")

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
        record = index.data(RECORD_ROLE)
        if record is not None:
            self.chosen.emit(record.id)

    @Slot(str)
    def _filter_chosen(self, name: str) -> None:
        self.model.set_filter(name)
        self.show_open_image()
