"""A strip to walk through the places of one kind of error, worst first."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from app.panels.controls import button, caption, row, tool_button
from core.evaluation.figures import Evaluation
from core.evaluation.words import place_text
from core.findings import ErrorKind


class PlacesStrip(QWidget):
    place_chosen = Signal(object)
    """The Place to look at."""
    back_asked = Signal()
    """Back to the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evaluation: Evaluation | None = None
        self._kind: ErrorKind = (0, 0)
        self._rank = 0
        self.previous = tool_button("previous", "Previous place")
        self.next = tool_button("next", "Next place")
        self.back = button("Back to the figures")
        self.line = QLabel()
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.line.setWordWrap(True)
        self.answer = QCheckBox("Show what the model says over the labels")
        self.answer.setProperty("role", "caption")
        self.answer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        hint = caption("Often the label is wrong, not the model: paint over it if so.")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        column.addLayout(row(self.previous, self.next, self.line, self.back, stretch=2))
        column.addLayout(row(hint, self.answer, stretch=0, spacing=16))
        self.previous.clicked.connect(self.go_back)
        self.next.clicked.connect(self.go_on)
        self.back.clicked.connect(self.back_asked)

    def show_places(self, evaluation: Evaluation, kind: ErrorKind) -> None:
        """Begin with the worst; there must be one."""
        self._evaluation, self._kind = evaluation, kind
        self._go(0)

    @Slot()
    def go_on(self) -> None:
        self._go(self._rank + 1)

    @Slot()
    def go_back(self) -> None:
        self._go(self._rank - 1)

    def _go(self, rank: int) -> None:
        places = () if self._evaluation is None else self._evaluation.places[self._kind]
        if self._evaluation is None or not 0 <= rank < len(places):
            return
        self._rank = rank
        text = place_text(self._kind, places[rank], self._evaluation.subject.classes)
        self.line.setText(f"{rank + 1} of {len(places)}: {text}")
        self.previous.setEnabled(rank > 0)
        self.next.setEnabled(rank + 1 < len(places))
        self.place_chosen.emit(places[rank])
