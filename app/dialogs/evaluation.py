"""How well a run does, where it errs, and the way through these places. It folds up while they are looked at."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.class_figures import ClassFigures
from app.dialogs.confusion import ConfusionView
from app.dialogs.places import PlacesStrip
from app.dialogs.reliability import ReliabilityView
from app.panels.controls import button, caption, enter_presses, hairline, row, set_role
from core.evaluation.cautions import Caution
from core.evaluation.figures import Evaluation
from core.evaluation.words import title_of, totals

INTRO = (
    "How well the chosen run does on drawn labels that it did not learn from, and where it errs. A click on a cell of "
    "the matrix opens those pixels, worst first: often the label is wrong, not the model."
)
CHANGED = "Labels changed since. Measure again to see what that did."
BARS = "Across: how sure it is. Up: how often it is right. Bars that end on the dashed line know how sure to be."
SPLITS = ((None, "what was kept aside"), ("test", "test images"), ("train", "training images"))
SIZE = QSize(880, 720)
STRIP_WIDTH = 720
TOGGLE_WIDTH = 96
"""So that what stands beside it stays where it is when its text changes."""


class EvaluationDialog(QDialog):
    """Blocks nothing. Closing it leaves the measuring going; it shows the figures when opened again."""

    measure_asked = Signal(object)
    """The split to measure on; None for what was kept aside."""
    stop_asked = Signal()
    report_asked = Signal()
    place_chosen = Signal(object)
    """The Place to look at."""
    walk_ended = Signal()
    """Nobody looks at places any more."""
    image_asked = Signal(int)
    """The image that a caution is about."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Evaluation")
        self.evaluation: Evaluation | None = None
        self._running = False
        self.run_text = QLabel()
        self.on = _splits()
        self.toggle = button("Measure", role="accent")
        self.toggle.setMinimumWidth(TOGGLE_WIDTH)
        self.save = button("Save report…", tip="A web page with pictures, and tables for spreadsheets")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.status = caption(wrap=True)
        self.problem = QLabel()
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        self.title = QLabel(INTRO)
        self.title.setWordWrap(True)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.totals = QLabel()
        self.matrix = ConfusionView()
        self.calibration = ReliabilityView("the run", side=180)
        self.classes = ClassFigures()
        self.cautions = QVBoxLayout()
        self.strip = PlacesStrip()
        self._figures = QWidget()
        self._lay_out()
        enter_presses(self.toggle)
        self._connect_signals()
        self.show_problem("")
        self.show_state("idle")
        self.show_result(None)
        self.resize(SIZE)

    def _lay_out(self) -> None:
        label = QLabel("on")
        label.setBuddy(self.on)
        top = row(self.run_text, label, self.on, QWidget(), self.save, self.toggle, stretch=3)
        inner = QWidget()
        self._fill(inner)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        for passing in (self.progress, self.status):  # what is below stays where it is when they come
            policy = passing.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            passing.setSizePolicy(policy)
        column = QVBoxLayout(self._figures)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addLayout(top)
        for widget in (self.progress, self.status, self.problem, hairline()):
            column.addWidget(widget)
        column.addWidget(scroll, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._figures)
        outer.addWidget(self.strip)
        self.strip.hide()

    def _fill(self, inner: QWidget) -> None:
        side = QVBoxLayout()
        side.setSpacing(8)
        side.addWidget(caption("Calibration"))
        side.addWidget(self.calibration)
        self._bars = caption(BARS, wrap=True)
        self._bars.setFixedWidth(180)
        side.addWidget(self._bars)
        side.addStretch(1)
        self._side = QWidget()
        self._side.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        both = QHBoxLayout()
        both.setSpacing(24)
        both.addWidget(self.matrix, 0, Qt.AlignmentFlag.AlignTop)
        both.addWidget(self._side)
        both.addStretch(1)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.title)
        column.addWidget(self.totals)
        column.addLayout(self.cautions)
        column.addLayout(both)
        column.addWidget(self.classes)
        column.addStretch(1)

    def _connect_signals(self) -> None:
        self.toggle.clicked.connect(self._toggled)
        self.save.clicked.connect(self.report_asked)
        self.matrix.chosen.connect(self._look_at)
        self.strip.place_chosen.connect(self.place_chosen)
        self.strip.back_asked.connect(self.unfold)

    # --- measuring

    @Slot(str)
    def show_state(self, state: str) -> None:
        """ "idle" or "running"."""
        self._running = state != "idle"
        self.toggle.setText("Stop" if self._running else "Measure")
        set_role(self.toggle, "" if self._running else "accent")
        self.on.setEnabled(not self._running)
        self.progress.setVisible(self._running)
        self.save.setEnabled(self.evaluation is not None and not self._running)
        if self._running:
            self.progress.setValue(0)
            self.show_problem("")
            self._say("Getting the labels ready, and the program that predicts…")
        else:
            self._say("")

    @Slot(int, int)
    def show_progress(self, done: int, total: int) -> None:
        self.progress.setValue(round(1000 * done / max(1, total)))
        self._say(f"Measured {done} of {total} images")

    @Slot(int)
    def show_run(self, run_id: int) -> None:
        """The run that would be measured now; 0 for none."""
        self.run_text.setText(f"Run {run_id}" if run_id else "No run yet")
        self.toggle.setEnabled(bool(run_id))

    def show_result(self, evaluation: Evaluation | None) -> None:
        """The figures; None forgets them."""
        self.evaluation = evaluation
        self.unfold()
        self.save.setEnabled(evaluation is not None)
        self.title.setText(INTRO if evaluation is None else title_of(evaluation))
        self.totals.setText("" if evaluation is None else _totals(evaluation))
        self.matrix.show_evaluation(evaluation)
        self.classes.show_evaluation(evaluation)
        self.calibration.show_bins(() if evaluation is None else evaluation.bins)
        for widget in (self.totals, self.matrix, self._side, self.classes):
            widget.setVisible(evaluation is not None)

    def show_cautions(self, cautions: Sequence[Caution]) -> None:
        """What is amiss with labels and splits; what was shown before goes."""
        while (item := self.cautions.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for caution in cautions:
            line = _CautionLine(caution)
            line.image_asked.connect(self.image_asked)
            self.cautions.addWidget(line)

    def labels_changed(self) -> None:
        if self.evaluation is not None and not self._running:
            self._say(CHANGED)

    @Slot(str)
    def show_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    def _say(self, text: str) -> None:
        self.status.setText(text)

    @Slot()
    def _toggled(self) -> None:
        if self._running:
            self.stop_asked.emit()
        else:
            self.measure_asked.emit(self.on.currentData())

    # --- places

    @Slot(int, int)
    def _look_at(self, label: int, said: int) -> None:
        if self.evaluation is not None:
            self.fold()
            self.strip.show_places(self.evaluation, (label, said))

    @property
    def looking(self) -> bool:
        """Whether somebody walks through places."""
        return not self.strip.isHidden()

    def fold(self) -> None:
        """Only the strip stays, out of the picture's way."""
        self._figures.hide()
        self.strip.show()
        self.setMinimumSize(0, 0)
        self.resize(STRIP_WIDTH, self.strip.sizeHint().height())

    @Slot()
    def unfold(self) -> None:
        if self.looking:
            self.strip.hide()
            self._figures.show()
            self.resize(SIZE)
            self.walk_ended.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.walk_ended.emit()


class _CautionLine(QWidget):
    """A sentence, and the way to the first picture it is about."""

    image_asked = Signal(int)

    def __init__(self, caution: Caution) -> None:
        super().__init__()
        self._image_ids = caution.image_ids
        text = caption(caution.sentence, wrap=True)
        self.show_button = button("Show", role="link", tip="Open the picture that this is about")
        self.show_button.setVisible(bool(caution.image_ids))
        self.show_button.clicked.connect(self._ask)
        self.setLayout(row(text, self.show_button, stretch=0))

    @Slot()
    def _ask(self) -> None:
        self.image_asked.emit(self._image_ids[0])


def _splits() -> QComboBox:
    box = QComboBox()
    for split, text in SPLITS:
        box.addItem(text, split)
    box.setAccessibleName("What to measure on")
    box.setToolTip("Kept aside: validation images or, without any, pixels that were held out of training")
    return box


def _totals(evaluation: Evaluation) -> str:
    told = [f"{name} {value}" for name, value in totals(evaluation)]
    return " · ".join([*told, *(["stopped before the end"] if evaluation.stopped else [])])
