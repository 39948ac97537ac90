"""The strip under the picture while regions are checked one by one: what is proposed, which key does what, what is
left."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.panels.controls import button, caption, hairline, number_label, swatch
from core.classes import LabelClass

SWATCH = QSize(20, 20)
MOST_KEYS = 9
WIDE, MIDDLE = 760, 620
"""Pixels from which on there is room for the names of the keys, and for all but those; tips tell them too."""
LEAST_TEXT = 112
PATIENCE_MS = 250
"""A question that is ready by then does not turn the button grey and back."""


class CheckStrip(QWidget):
    """Says the question; buttons do what the keys do, and leave the keyboard with the picture."""

    accepted = Signal()
    skipped = Signal()
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel()
        self._sign.setFixedSize(SWATCH)
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.text.setMinimumWidth(LEAST_TEXT)
        self.sure = number_label("100 % sure")
        self.accept = button("Accept", role="accent", tip="Take the proposed class over, marked as accepted (Enter)")
        self.mend = caption()
        self.mend.setToolTip("Label the region as the class of that key, as if you had drawn it")
        self.skip = button("Skip", tip="Leave it as it is and go on; it is asked again at the end (Tab)")
        self.end = button("End", tip="Back to painting (Esc)")
        self.left = caption()
        self.left.setToolTip("Regions that are not checked yet, and how sure the model is of them on average")
        self._hints: list[QLabel] = []
        self._asks = False
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(PATIENCE_MS)
        self._late.timeout.connect(self._wait)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.accept.clicked.connect(self.accepted)
        self.skip.clicked.connect(self.skipped)
        self.end.clicked.connect(self.ended)
        self.hide()

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(12, 6, 12, 6)
        line.setSpacing(8)
        line.addWidget(self._sign)
        line.addWidget(self.text, 1)
        line.addWidget(self.sure)
        line.addSpacing(8)
        for each, key in ((self.accept, "Enter"), (self.skip, "Tab"), (self.end, "Esc")):
            line.addWidget(each)
            self._hints.append(caption(key))
            line.addWidget(self._hints[-1])
            if each is self.accept:
                line.addSpacing(8)
                line.addWidget(self.mend)
            line.addSpacing(8)
        line.addWidget(self.left)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addLayout(line)

    def show_question(self, label: LabelClass, confidence: float, *, ready: bool) -> None:
        """A region that is proposed to be `label`; until it is `ready` it can only be skipped."""
        self._sign.setPixmap(swatch(label.color, str(label.id + 1)).pixmap(SWATCH))
        self.text.setText(f"Is this {label.name}?")
        self.text.setToolTip(label.name)
        self.sure.setText(f"{confidence:.0%} sure".replace("%", " %"))
        if ready:
            self._late.stop()
            self.accept.setEnabled(True)
        elif not self._late.isActive():
            self._late.start()
        self._arrange(asks=True)

    def show_words(self, text: str) -> None:
        """There is no question now."""
        self.text.setText(text)
        self.text.setToolTip(text)
        self._arrange(asks=False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(asks=self._asks)

    def _arrange(self, *, asks: bool) -> None:
        """Show what there is a use and room for."""
        self._asks = asks
        wide, middle = self.width() >= WIDE, self.width() >= MIDDLE
        for part in (self._sign, self.sure, self.accept, self.skip):
            part.setVisible(asks)
        for hint in self._hints:
            hint.setVisible(wide and (asks or hint is self._hints[-1]))
        self.mend.setVisible(asks and middle)
        self.left.setVisible(asks and middle)

    @Slot()
    def _wait(self) -> None:
        """A question that takes longer than a blink to get ready cannot be answered yet."""
        self.accept.setEnabled(False)

    def show_left(self, count: int, sureness: float) -> None:
        known = f", {sureness:.0%} sure".replace("%", " %") if count else ""
        self.left.setText(f"{count:,} left{known}")

    def show_classes(self, count: int) -> None:
        """How many classes there are; without a key of its own, a class is found by its name."""
        keys = f"1 to {MOST_KEYS}, 0 for all" if count > MOST_KEYS else f"1 to {count}"
        self.mend.setText(f"{keys}: another class")
