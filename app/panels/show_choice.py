"""What of a prediction is shown: one choice, and beside it what it needs: a scale, a word, or the other run."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStackedWidget, QWidget

from app.canvas.shows import DIFFERENCES, Show, stops
from app.panels.controls import caption, row
from app.theme import caption_font, tones
from core.records import TrainingRun

CHOICES: dict[Show, tuple[str, str]] = {
    "classes": ("Classes", "The class that the model finds likeliest"),
    "confidence": ("Confidence", "How likely the model finds its class: 100 % is sure"),
    "entropy": ("Entropy", "How evenly the model's guess is spread over all classes: 100 % is a blind guess"),
    "labels": ("Differs from labels", "The predicted class where the labels say another one"),
    "run": ("Differs from run", "The predicted class where another run predicts another one"),
}
BAR = 8
"""Height of the scale's bar."""


class Scale(QWidget):
    """The colours of confidence and entropy with their ends; what lies below the threshold is left out."""

    def __init__(self) -> None:
        super().__init__()
        self._from = 0.0
        self._stops: tuple[str, ...] = ()
        self.setFont(caption_font(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Scale from 0 % to 100 %")

    def sizeHint(self) -> QSize:
        return QSize(88, 28)

    def show_for(self, show: Show) -> None:
        self._stops = stops(show)
        self.update()

    def begin_at(self, share: float) -> None:
        """Leave out what lies below this share."""
        self._from = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        bar = QRectF(0, 3, self.width(), BAR)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for number, color in enumerate(self._stops):
            gradient.setColorAt(number / (len(self._stops) - 1), QColor(color))
        shown = bar.adjusted(self._from * bar.width(), 0, 0, 0)
        painter = QPainter(self)
        painter.setPen(QColor(tones().edge))
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.fillRect(shown, gradient)
        painter.setPen(QColor(tones().muted))
        below = QRectF(0, 3 + BAR, self.width(), self.height() - 3 - BAR)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "0 %")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "100 %")
        painter.end()


class ShowChoice(QWidget):
    """Tells what is to be shown, and against which run."""

    chosen = Signal(str)
    """A Show."""
    other_chosen = Signal(int)
    """The run to compare with; 0 while nothing is compared with a run, or there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.choice = _combo("What is shown of the prediction")
        for show, (text, tip) in CHOICES.items():
            self.choice.addItem(text, show)
            self.choice.setItemData(self.choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.scale = Scale()
        self.striped = caption("striped: differs")
        self.others = _combo("Run to compare with")
        self._beside = QStackedWidget()
        self._beside.setFixedHeight(28)
        self._plain = QWidget()
        for widget in (self._plain, self.scale, self.striped, self.others):
            self._beside.addWidget(widget)
        line = row(self.choice, self._beside)
        line.setStretch(0, 3)
        line.setStretch(1, 2)
        self.setLayout(line)
        self._other = 0
        self.choice.currentIndexChanged.connect(self._chosen)
        self.others.activated.connect(self._tell_other)
        self._chosen()

    @property
    def show_now(self) -> Show:
        show: Show = self.choice.currentData()
        return show

    @property
    def other(self) -> int:
        """The run to compare with; 0 for none."""
        return int(self.others.currentData() or 0) if self.show_now == "run" else 0

    @property
    def proposes(self) -> bool:
        """Whether all is shown that would be accepted."""
        return self.show_now not in DIFFERENCES

    def choose(self, show: str) -> None:
        self.choice.setCurrentIndex(max(0, self.choice.findData(show)))

    def choose_other(self, run_id: int) -> None:
        """Compare with this run."""
        self.others.setCurrentIndex(self.others.findData(run_id))
        self.choose("run")
        self._tell_other()

    @Slot()
    def choose_next(self) -> None:
        """The next one; the difference to a run only where there is another run."""
        last = self.choice.count() if self.others.count() else self.choice.findData("run")
        self.choice.setCurrentIndex((self.choice.currentIndex() + 1) % last)

    def offer(self, runs: Sequence[TrainingRun], predicting: TrainingRun | None) -> None:
        """Offer all runs but the one that predicts."""
        before = self.others.currentData()
        self.others.clear()
        for run in runs:
            if predicting is None or run.id != predicting.id:
                self.others.addItem(f"Run {run.id}", run.id)
        self.others.setCurrentIndex(max(0, self.others.findData(before)))
        self.others.setEnabled(self.others.count() > 0)
        if not self.others.count():
            self.others.setPlaceholderText("None yet")
            self.others.setCurrentIndex(-1)
        self._tell_other()

    @Slot()
    def _chosen(self) -> None:
        beside = {"classes": self._plain, "labels": self.striped, "run": self.others}
        self._beside.setCurrentWidget(beside.get(self.show_now, self.scale))
        self.scale.show_for(self.show_now)
        self.choice.setToolTip(CHOICES[self.show_now][1])
        self.chosen.emit(self.show_now)
        self._tell_other()

    @Slot()
    def _tell_other(self) -> None:
        if self.other != self._other:
            self._other = self.other
            self.other_chosen.emit(self._other)


def _combo(name: str) -> QComboBox:
    result = QComboBox()
    result.setAccessibleName(name)
    result.setToolTip(name)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    result.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return result
