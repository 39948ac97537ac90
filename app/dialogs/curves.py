"""All curves of a training: the one under way or a run's, with another run's behind it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.curves import Curves
from app.dialogs.curve_lines import KINDS, SHARES, lines_of, run_curves
from app.dialogs.plot import Line, PlotView
from app.figures import clock
from app.panels.controls import caption
from app.theme import tones
from core.classes import LabelClass
from core.records import TrainingRun

NOW, NOTHING = -1, 0
"""Instead of a run's number: the training under way, and no run."""


class Stroke(QWidget):
    """A short piece of line, as the legend shows it."""

    def __init__(self, *, behind: bool) -> None:
        super().__init__()
        self._behind = behind
        self.setFixedSize(QSize(28, 16))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        pen = QPen(QColor(tones().text), 1.2 if self._behind else 2.2)
        if self._behind:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(0, 8, 28, 8)
        painter.end()


class CurvesDialog(QDialog):
    """It blocks nothing, and follows the training under way."""

    def __init__(self, classes: Sequence[LabelClass], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Curves")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._colors = {label.name: label.color for label in classes}
        self._runs: dict[int, TrainingRun] = {}
        self._now: Curves | None = None
        self.kind = _combo("What is shown")
        for name, text in KINDS:
            self.kind.addItem(text, name)
        self.run = _combo("The run whose curves are shown")
        self.beside = _combo("The run that it is compared with")
        self.plot = PlotView()
        self.note = caption(wrap=True)
        self._lay_out()
        for box in (self.kind, self.run, self.beside):
            box.activated.connect(self.redraw)
        self.resize(760, 480)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.kind)
        line.addStretch(1)
        for stroke, text, box in (
            (Stroke(behind=False), "Of", self.run),
            (Stroke(behind=True), "compared with", self.beside),
        ):
            label = QLabel(text)
            label.setBuddy(box)
            for widget in (stroke, label, box):
                line.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addLayout(line)
        column.addWidget(self.plot, 1)
        column.addWidget(self.note)

    @Slot(object)
    def show_runs(self, runs: Sequence[TrainingRun], shown: int | None, now: Curves | None) -> None:
        """Offer these runs, newest first, and the training under way where there is one, to choose from."""
        came = now is not None and self._now is None
        self._runs, self._now = {run.id: run for run in runs}, now
        chosen, beside = self.run.currentData(), self.beside.currentData()
        self.run.clear()
        self.beside.clear()
        self.beside.addItem("nothing", NOTHING)
        if now is not None:
            self.run.addItem("this training", NOW)
        for run in runs:
            for box in (self.run, self.beside):
                box.addItem(f"run {run.id}, {clock(run.seconds)}", run.id)
        wanted = NOW if came else chosen if chosen in (*self._runs, NOW) else shown
        self.run.setCurrentIndex(max(0, self.run.findData(wanted)))
        self.beside.setCurrentIndex(max(0, self.beside.findData(beside)))
        self.redraw()

    @Slot()
    def redraw(self) -> None:
        """Show the curves as they are now."""
        kind = str(self.kind.currentData())
        front, behind = self._chosen(self.run.currentData()), self._chosen(self.beside.currentData())
        lines = [*self._lines(front, kind, behind=False), *self._lines(behind, kind, behind=True)]
        self.plot.show_lines(lines, shares=kind in SHARES)
        self.note.setText(self._remark(lines))

    def _chosen(self, number: int | None) -> Curves | None:
        if number == NOW:
            return self._now
        run = self._runs.get(number or NOTHING)
        return None if run is None else run_curves(run)

    def _lines(self, curves: Curves | None, kind: str, *, behind: bool) -> list[Line]:
        if curves is None:
            return []
        return lines_of(curves, kind, self._colors, name="" if behind else dict(KINDS)[kind], behind=behind)

    def _remark(self, lines: Sequence[Line]) -> str:
        """What a reader of the figures should know."""
        if not any(line.samples for line in lines):
            return "Nothing of this was measured on the way."
        runs = [self._runs.get(box.currentData() or NOTHING) for box in (self.run, self.beside)]
        measured = [str(run.metrics.get("measured_on", "")) for run in runs if run is not None]
        if self.kind.currentData() in ("loss", "learning_rate") or not measured:
            return "Over minutes and seconds of training."
        if len(set(measured)) > 1:
            return f"Measured on {measured[0]} and on {measured[1]}: that does not tell which is better."
        return f"Measured on {measured[0]}, over minutes and seconds of training."


def _combo(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setMinimumWidth(140)
    return box
