"""The learning curve in small: loss and mean IoU over training time."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.curves import Curves, Samples
from app.panels.iou_bars import percent
from app.theme import caption_font, tones


class CurveView(QWidget):
    """Loss is scaled to its own largest value, dashed; IoU runs from 0 to 100 %."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves = Curves()
        self._span = 60.0
        self.setMinimumHeight(56)
        self.setMaximumHeight(120)
        self.setAccessibleName("Learning curve")
        self.setToolTip("Loss, dashed, and mean IoU over training time. Press for all curves and other runs")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        return QSize(240, 56)

    def show_curves(self, curves: Curves, span_s: float) -> None:
        """span_s: how long the training is going to take, or took."""
        self._curves, self._span = curves, max(span_s, curves.seconds) or 60.0
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        scheme = tones()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(caption_font(self.font()))
        height = painter.fontMetrics().height()
        plot = QRectF(self.rect()).adjusted(0.5, height + 3, -0.5, -0.5)
        self._draw_frame(painter, plot, QColor(scheme.line))
        loss, miou = self._curves.samples("loss"), self._curves.samples("miou")
        highest = max((v for _, v in loss), default=1.0) or 1.0
        dashed = QPen(QColor(scheme.muted), 1.5, Qt.PenStyle.CustomDashLine)
        dashed.setDashPattern([4, 3])
        self._draw_line(painter, plot, [(s, v / highest) for s, v in loss], dashed)
        self._draw_line(painter, plot, miou, QPen(QColor(scheme.accent), 2.0))
        top = QRectF(0, 0, self.width(), height)
        painter.setPen(QColor(scheme.muted))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, f"╌ loss {loss[-1][1]:.2f}" if loss else "╌ loss –")
        painter.setPen(QColor(scheme.accent))
        told = f"━ mean IoU {percent(miou[-1][1])}" if miou else "━ mean IoU –"
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, told)
        painter.end()

    def _draw_frame(self, painter: QPainter, plot: QRectF, color: QColor) -> None:
        painter.setPen(QPen(color, 1))
        for part in (0.0, 0.5, 1.0):
            y = round(plot.top() + part * (plot.height() - 1)) + 0.5
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))

    def _draw_line(self, painter: QPainter, plot: QRectF, samples: Samples, pen: QPen) -> None:
        if not samples:
            return
        inner = plot.adjusted(2, 3, -2, -3)
        points = [
            QPointF(inner.left() + s / self._span * inner.width(), inner.bottom() - v * inner.height())
            for s, v in samples
        ]
        path = QPainterPath(points[0])
        for point in points[1:]:
            path.lineTo(point)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.strokePath(path, pen)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        painter.drawEllipse(points[-1], 2.5, 2.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
