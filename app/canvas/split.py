"""Labels and prediction set against each other: parted by a curtain in one picture, or side by side in two."""

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.cursor import draw_line
from app.canvas.zooming import ZoomView
from app.theme import caption_font
from core.masks.rect import Rect

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

Way = Literal["", "curtain", "beside"]
WIDE = 16
"""Logical pixels at the curtain that take hold of it."""
GRIP = QSize(10, 36)
MARGIN, CHIP = 8, 20
"""Of what stands over the picture, and how high that is."""
ARM = 7.0
DARK, LIGHT = QColor(0, 0, 0, 190), QColor(255, 255, 255, 235)


class Chip(QWidget):
    """A word over the picture that says what is shown there. It lets the hand through."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.text = ""
        self.setFont(caption_font(self.font()))
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def say(self, text: str) -> None:
        self.text = text
        self.setAccessibleName(text)
        self.resize(self.fontMetrics().horizontalAdvance(text) + 16, CHIP)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(self.rect(), 4, 4)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()


class Curtain(QWidget):
    """The line over a canvas that parts labels from prediction. A drag moves it."""

    def __init__(self, view: "CanvasView") -> None:
        super().__init__(view)
        self._view = view
        self._share = 0.5
        """Of the canvas, at its left."""
        self._held: float | None = None
        self.chips = Chip(view), Chip(view)
        self.setCursor(Qt.CursorShape.SplitHCursor)
        self.setAccessibleName("Curtain between labels and prediction")
        self.setToolTip("Drag to see more of one and less of the other")
        self.lower()
        view.installEventFilter(self)
        self.hide()

    def set_shown(self, on: bool) -> None:
        self.setVisible(on)
        for chip in self.chips:
            chip.setVisible(on)
        if on:
            self.follow()
        else:
            self._view.hang_curtain(None)

    def follow(self) -> None:
        """Stand where the share of the canvas says."""
        x = round(self._share * self._view.width())
        self.setGeometry(x - WIDE // 2, 0, WIDE, self._view.height())
        left, right = self.chips
        left.move(x - MARGIN - left.width(), MARGIN)
        right.move(x + MARGIN, MARGIN)
        self._view.hang_curtain(x)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self.follow()
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position().x()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            x = self.mapToParent(event.position()).x() - self._held + WIDE / 2
            self._share = min(1.0, max(0.0, x / max(1, self._view.width())))
            self.follow()
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.width() / 2
        painter.fillRect(QRectF(middle - 1.5, 0, 3, self.height()), DARK)
        painter.fillRect(QRectF(middle - 0.5, 0, 1, self.height()), LIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        grip = QRectF(middle - GRIP.width() / 2, (self.height() - GRIP.height()) / 2, GRIP.width(), GRIP.height())
        painter.setPen(LIGHT)
        painter.setBrush(QColor("#2e2e2e"))
        painter.drawRoundedRect(grip, 4, 4)
        for x in (-1.5, 1.5):
            painter.fillRect(QRectF(middle + x - 0.5, grip.center().y() - 6, 1, 12), LIGHT)
        painter.end()


class Beside(ZoomView):
    """The same part of the same picture as a canvas shows, with the prediction only. Moving it moves both."""

    def __init__(self, view: "CanvasView") -> None:
        super().__init__(view)  # until a layout takes it
        self._view = view
        self._frame = view.frame_beside(self.viewport)
        self._mark: tuple[int, int] | None = None
        self._held: QPointF | None = None
        self.chips = Chip(view), Chip(self)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(view.minimumSize())
        self.setAccessibleName("Prediction beside the picture")
        view.zoom_changed.connect(self.follow)
        view.film_stale.connect(self._expire_film)
        view.picture_stale.connect(self._expire_picture)
        view.hovered.connect(self._point)
        view.left.connect(self._unpoint)
        self.hide()

    def sizeHint(self) -> QSize:
        return self._view.sizeHint()

    def set_shown(self, on: bool) -> None:
        self.setVisible(on)
        for chip in self.chips:
            chip.setVisible(on)
            chip.move(MARGIN, MARGIN)
        self._view.set_side("labels" if on else "all")
        if on:
            self._expire_picture(None)
        else:
            self._frame.picture = None

    @Slot()
    def follow(self) -> None:
        """Look where the canvas looks."""
        if self.isHidden():
            return
        mine, its, ratio = self.viewport, self._view.viewport, self.devicePixelRatioF()
        mine.width, mine.height = round(self.width() * ratio), round(self.height() * ratio)
        mine.image_width, mine.image_height = its.image_width, its.image_height
        mine.zoom, mine.x, mine.y = its.zoom, its.x, its.y
        self.update()

    @Slot(object)
    def _expire_film(self, region: Rect | None) -> None:
        if self.isHidden():
            return
        self._frame.expire_film(region)
        if region is None:
            self.update()
        elif not region.empty:
            self.update(self.logical(region))

    @Slot(object)
    def _expire_picture(self, region: Rect | None) -> None:
        if self.isHidden():
            return
        self._frame.picture = self._view.picture
        if region is None:
            self._frame.expire()
        else:
            self._frame.expire_picture(region)
        self.follow()

    @Slot(int, int)
    def _point(self, x: int, y: int) -> None:
        if not self.isHidden():
            self._mark = x, y
            self.update()

    @Slot()
    def _unpoint(self) -> None:
        self._mark = None
        self.update()

    # --- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.follow()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._view.draw_frame(painter, self._frame, event.rect())
        self._view.pointed.draw(painter, self)
        if self._mark is not None and not self.underMouse():
            at = self.from_image((self._mark[0] + 0.5, self._mark[1] + 0.5))
            for arm in (QPointF(ARM, 0), QPointF(0, ARM)):
                draw_line(painter, [at - arm, at + arm], closed=False)
        painter.fillRect(0, 0, 1, self.height(), DARK)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._view.event(event)  # of the same size: what is under the pointer stays there in both

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.position()
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            move = event.position() - self._held
            self._held = event.position()
            self._view.pan(move.x(), move.y())
        self._view.tell_pixel(self.to_image(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def leaveEvent(self, event: QEvent) -> None:
        self._view.left.emit()


class Split:
    """Chooses how a canvas sets labels against prediction: not at all, by a curtain, or side by side."""

    def __init__(self, view: "CanvasView") -> None:
        self.way: Way = ""
        self._way_back = view.way_back
        self.curtain = Curtain(view)
        self.beside = Beside(view)

    def choose(self, way: Way) -> None:
        self.way = way
        if way == "beside":
            self._way_back.begin("beside")
        self.curtain.set_shown(way == "curtain")
        self.beside.set_shown(way == "beside")
        if way != "beside":
            self._way_back.end("beside")

    def name(self, left: str, right: str) -> None:
        """Say what the two sides show."""
        for part in (self.curtain, self.beside):
            for chip, text in zip(part.chips, (left, right), strict=True):
                chip.say(text)
        if self.way == "curtain":
            self.curtain.follow()
