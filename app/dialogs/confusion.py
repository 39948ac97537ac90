"""The confusion matrix as a grid of cells to click on."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.theme import caption_font, tones
from core.evaluation.figures import Evaluation
from core.evaluation.words import share_text
from core.findings import ErrorKind

CELL = QSize(64, 32)
NAMES, TITLE, HEAD = 132, 24, 28
"""Room for names at the left, for the axes' titles above, and for the names in the first row."""
DARKEST = 110
"""Of 255: how much a cell is tinted that holds all of its row, so that text stays readable on it."""
STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class ConfusionView(QWidget):
    """A row for each label, a column for each class that is predicted. Cells with errors can be chosen."""

    chosen = Signal(int, int)
    """The class that is labelled and the one that is predicted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evaluation: Evaluation | None = None
        self._at: ErrorKind = (0, 0)
        self._under: ErrorKind | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Confusion matrix")
        self.setToolTip("Click a cell with errors to look at them, worst first")

    def sizeHint(self) -> QSize:
        count = 0 if self._evaluation is None else len(self._evaluation.subject.classes)
        return QSize(NAMES + CELL.width() * count + 1, TITLE + HEAD + CELL.height() * count + 1)

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        self._evaluation, self._at, self._under = evaluation, (0, 0), None
        told = "" if evaluation is None else "; ".join(self._words(kind) for kind in sorted(evaluation.places))
        self.setAccessibleDescription(told)
        self.updateGeometry()
        self.update()

    def cell_rect(self, label: int, said: int) -> QRect:
        """Where a cell is, in the widget's coordinates."""
        corner = QPoint(NAMES + CELL.width() * said, TITLE + HEAD + CELL.height() * label)
        return QRect(corner, CELL)

    def _cell_at(self, point: QPointF) -> ErrorKind | None:
        if self._evaluation is None:
            return None
        label = int((point.y() - TITLE - HEAD) // CELL.height())
        said = int((point.x() - NAMES) // CELL.width())
        count = len(self._evaluation.subject.classes)
        return (label, said) if 0 <= label < count and 0 <= said < count else None

    def _has_places(self, kind: ErrorKind | None) -> bool:
        return kind is not None and self._evaluation is not None and kind in self._evaluation.places

    def _words(self, kind: ErrorKind) -> str:
        """What a cell stands for."""
        assert self._evaluation is not None
        label, said = (self._evaluation.subject.classes[value].name for value in kind)
        pixels = int(self._evaluation.confusion.matrix[kind])
        share = share_text(float(self._evaluation.shares[kind])) or "0 %"
        return f"Labelled {label}, model says {said}: {pixels:,} pixels, {share} of all labelled {label}"

    # --- drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._evaluation is None:
            return
        painter = QPainter(self)
        self._draw_names(painter)
        shares = self._evaluation.shares
        for label in range(len(shares)):
            for said in range(len(shares)):
                self._draw_cell(painter, (label, said), float(shares[label, said]))
        self._draw_focus(painter)
        painter.end()

    def _draw_names(self, painter: QPainter) -> None:
        assert self._evaluation is not None
        scheme, middle = tones(), Qt.AlignmentFlag.AlignVCenter
        painter.setFont(caption_font(self.font()))
        painter.setPen(QColor(scheme.muted))
        painter.drawText(QRect(NAMES, 0, self.width() - NAMES, TITLE), middle, "Model says →")
        painter.drawText(QRect(0, TITLE, NAMES, HEAD), middle, "Labelled as ↓")
        for place, label in enumerate(self._evaluation.subject.classes):
            row, column = self.cell_rect(place, 0), self.cell_rect(0, place)
            self._draw_name(painter, QRect(0, row.top(), NAMES - 8, CELL.height()), label.name, label.color)
            self._draw_name(painter, QRect(column.left(), TITLE, CELL.width() - 4, HEAD), label.name, label.color)

    def _draw_name(self, painter: QPainter, area: QRect, name: str, color: str) -> None:
        painter.fillRect(QRect(area.left(), area.center().y() - 3, 8, 8), QColor(color))
        painter.setPen(QColor(tones().text))
        area = area.adjusted(12, 0, 0, 0)
        text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_cell(self, painter: QPainter, kind: ErrorKind, share: float) -> None:
        scheme, area = tones(), self.cell_rect(*kind)
        if share > 0:
            tint = QColor(scheme.accent)
            tint.setAlpha(round(DARKEST * share**0.5))  # the root, so that rare errors show too
            painter.fillRect(area, tint)
        painter.setPen(QColor(scheme.line))
        painter.drawRect(area)
        painter.setPen(QColor(scheme.text))
        painter.setFont(self.font())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, share_text(share))

    def _draw_focus(self, painter: QPainter) -> None:
        kind = self._at if self.hasFocus() else self._under
        if kind is not None and (self.hasFocus() or self._has_places(kind)):
            painter.setPen(QPen(QColor(tones().accent), 2))
            painter.drawRect(QRectF(self.cell_rect(*kind)).adjusted(1, 1, 0, 0))

    # --- hands

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)

    def _point_at(self, kind: ErrorKind | None) -> None:
        if kind != self._under:
            self._under = kind
            hand = Qt.CursorShape.PointingHandCursor if self._has_places(kind) else Qt.CursorShape.ArrowCursor
            self.setCursor(hand)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        kind = self._cell_at(event.position())
        if kind is not None and event.button() == Qt.MouseButton.LeftButton:
            self._at = kind
            self.update()
            self._choose(kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS and self._evaluation is not None:
            last = len(self._evaluation.subject.classes) - 1
            down, across = STEPS[Qt.Key(event.key())]
            self._at = min(last, max(0, self._at[0] + down)), min(last, max(0, self._at[1] + across))
            self.setAccessibleDescription(self._words(self._at))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._at)
        else:
            super().keyPressEvent(event)

    def _choose(self, kind: ErrorKind) -> None:
        if self._has_places(kind):
            self.chosen.emit(*kind)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            kind = self._cell_at(QPointF(event.pos()))
            if kind is not None:
                more = ". Click to look at them, worst first." if self._has_places(kind) else "."
                QToolTip.showText(event.globalPos(), self._words(kind) + more, self, self.cell_rect(*kind))
                return True
        return super().event(event)
