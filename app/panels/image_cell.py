"""How one picture looks in the strip."""

from functools import cache

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.icons import draw_icon
from app.panels.image_list import RECORD_ROLE
from app.theme import caption_font, tones
from core.records import ImageRecord

CELL = QSize(124, 108)
FRAME = QSize(112, 76)
MARKS = {"val": "V", "test": "T"}
"""In the corner of pictures that are not trained on."""


@cache
def _tick(color: str) -> QPixmap:
    """Drawn once: a strip that scrolls shows it hundreds of times a second."""
    tick = draw_icon("check", QColor(color), 0.7)
    tick.setDevicePixelRatio(1)
    return tick


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
        self._draw_mark(painter, frame, MARKS.get(record.split, ""))
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

    def _draw_mark(self, painter: QPainter, frame: QRect, letter: str) -> None:
        if not letter:
            return
        painter.save()
        corner = QRect(frame.left() + 4, frame.top() + 4, 16, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 160))
        painter.drawRoundedRect(corner, 4, 4)
        painter.setPen(QColor("#ffffff"))
        painter.setFont(caption_font(painter.font()))
        painter.drawText(corner, Qt.AlignmentFlag.AlignCenter, letter)
        painter.restore()

    def _draw_name(self, painter: QPainter, area: QRect, record: ImageRecord, chosen: bool) -> None:
        scheme = tones()
        painter.setFont(caption_font(painter.font()))
        if record.done:
            painter.drawPixmap(area.right() - 13, area.top() + 2, _tick(scheme.text))
            area = area.adjusted(0, 0, -16, 0)
        painter.setPen(QColor(scheme.text if chosen else scheme.muted))
        name = painter.fontMetrics().elidedText(record.name, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, name)
