"""The overview map: the whole picture, small, in the corner, with a frame around what the canvas shows of it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.canvas.viewport import Viewport

if TYPE_CHECKING:
    from app.canvas.film_view import FilmView

LARGEST = QSize(176, 132)
MARGIN = 12
REFRESH_MS = 250
"""Labels on the map follow the hand at most so often."""
BORDER = QColor("#8a8a8a")


class Overview(QWidget):
    """Shows where one is while part of the picture is out of sight. A drag in it takes the canvas along."""

    def __init__(self, view: "FilmView") -> None:
        super().__init__(view)
        self._view = view
        self._map = Viewport()
        self._image: QImage | None = None
        self.wanted = False
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REFRESH_MS)
        self._later.timeout.connect(self.redraw)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setAccessibleName("Overview map")
        self.setToolTip("Drag to move")
        self.hide()

    def redraw(self) -> None:
        """Draw the map anew when it is next seen."""
        self._image = None
        self.update()

    def redraw_soon(self) -> None:
        if self.isVisible() and not self._later.isActive():
            self._later.start()

    def follow(self) -> None:
        """The canvas shows another part of the picture, or has another size."""
        view = self._view.viewport
        whole = view.width >= view.image_width * view.zoom and view.height >= view.image_height * view.zoom
        shown = self.wanted and self._view.picture is not None and not whole
        if shown:
            self._take_place()
            self.update()
        if shown != self.isVisible():
            self.setVisible(shown)

    def _take_place(self) -> None:
        view = self._view.viewport
        size = QSize(max(1, view.image_width), max(1, view.image_height)).scaled(
            LARGEST, Qt.AspectRatioMode.KeepAspectRatio
        )
        size = size.expandedTo(QSize(24, 24))
        left = self._view.width() - MARGIN - size.width()
        top = self._view.height() - MARGIN - size.height()
        if size != self.size():
            self._image = None
        self.setGeometry(left, top, size.width(), size.height())
        ratio, small = self.devicePixelRatioF(), self._map
        small.width, small.height = round(size.width() * ratio), round(size.height() * ratio)
        small.image_width, small.image_height = view.image_width, view.image_height
        small.fit()

    def _drawn(self) -> QImage:
        size = QSize(self._map.width, self._map.height)
        if self._image is None or self._image.size() != size:
            self._image = self._view.drawn_small(self._map)
        return self._image

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), self._drawn())
        ratio = self.devicePixelRatioF()
        seen = self._view.visible_rect
        left, top = self._map.to_device((seen.left, seen.top))
        right, bottom = self._map.to_device((seen.right, seen.bottom))
        frame = QRectF(QPointF(left, top) / ratio, QPointF(right, bottom) / ratio)
        painter.setPen(QPen(QColor(0, 0, 0, 200), 3))
        painter.drawRect(frame)
        painter.setPen(QPen(QColor("#ffffff"), 1))
        painter.drawRect(frame)
        painter.setPen(QPen(BORDER, 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _go(self, event: QMouseEvent) -> None:
        ratio = self.devicePixelRatioF()
        x, y = self._map.to_image((event.position().x() * ratio, event.position().y() * ratio))
        self._view.look_at((x, y))
        event.accept()
