"""The head lab: which last step of a network does best on the labels that are there, and why."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.reliability import ReliabilityView
from app.figures import clock
from app.panels.controls import button, caption, enter_presses, hairline, set_role
from core.training.head_figures import HeadResult
from core.training.head_words import explain, percent, sums_text
from core.training.heads import HEADS
from core.training.messages import HeadProgress, HeadsCompared

BUDGETS = ((10.0, "10 s"), (30.0, "30 s"), (60.0, "1 min"), (300.0, "5 min"))
SEEDS = (1, 2, 3, 5)
COLUMNS = (
    ("Mean IoU", "Overlap of what is predicted and what is right, mean over the classes"),
    ("Pixel accuracy", "Share of pixels whose winning class is right"),
    ("Binary accuracy", "Share of right yes-or-no answers, one for each class of each pixel: high even for all no"),
    ("Calibration error", "How far confidence is from the share that is right; 0 is best"),
    ("Sums to", "What the probabilities of a pixel's classes sum to"),
    ("Learning rate", "The best of four, chosen on training pixels that were held out"),
)
INTRO = (
    "The last step of a network turns its numbers into probabilities. This trains the same network with each of the "
    "four known here, from the same start on the same patches, and shows what each is worth on your labels. "
    "Go on painting meanwhile: it uses the labels as they are when you press Compare."
)
BARS = (
    "How often it is right, by how sure it is. Bars that end on the dashed line are right as often as they are sure; "
    "faint ones stand for few pixels."
)


class HeadLabDialog(QDialog):
    """Blocks nothing. Closing it leaves the comparison going; it shows it when opened again."""

    compare_asked = Signal(float, int)
    """Seconds for each training, and seeds."""
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Compare heads")
        self.budget = _combo("Time for each training", [(text, seconds) for seconds, text in BUDGETS], 1)
        self.seeds = _combo("Trainings of each head, each with a seed of its own", [(str(n), n) for n in SEEDS], 2)
        self.total = caption()
        self.toggle = button("Compare", role="accent")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.status = caption()
        self.problem = QLabel()
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        self.figures = _Figures()
        self.words = QLabel(INTRO)
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._running = False
        self._lay_out()
        enter_presses(self.toggle)
        self.budget.activated.connect(self._show_total)
        self.seeds.activated.connect(self._show_total)
        self.toggle.clicked.connect(self._toggled)
        self._show_total()
        self.show_state("idle")
        self.resize(880, 720)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        for text, box in (("Train each head", self.seeds), ("times, for", self.budget)):
            label = QLabel(text)
            label.setBuddy(box)
            top.addWidget(label)
            top.addWidget(box)
        top.addWidget(QLabel("each"))
        top.addSpacing(8)
        top.addWidget(self.total, 1)
        top.addWidget(self.toggle)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.words)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addLayout(top)
        for passing in (self.progress, self.status):  # what is below stays where it is when they come
            policy = passing.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            passing.setSizePolicy(policy)
        column.addWidget(self.progress)
        for widget in (self.status, self.problem, self.figures, hairline()):
            column.addWidget(widget)
        column.addWidget(scroll, 1)

    @Slot(str)
    def show_state(self, state: str) -> None:
        """ "idle", "running" or "stopping"."""
        self._running = state != "idle"
        self.toggle.setText({"idle": "Compare", "running": "Stop", "stopping": "Stopping…"}[state])
        self.toggle.setEnabled(state != "stopping")
        set_role(self.toggle, "" if self._running else "accent")
        self.budget.setEnabled(not self._running)
        self.seeds.setEnabled(not self._running)
        self.progress.setVisible(self._running)
        if state == "running":
            self.progress.setValue(0)
            self.show_problem("")
            self.status.setText("Getting the labels ready, and the program that trains…")
            self.figures.show_heads(())
            self.words.setText(INTRO)
        elif state == "stopping":
            self.status.setText("Stopping, and keeping the heads that are through…")
        self.status.setVisible(self._running)

    @Slot(object)
    def show_progress(self, report: HeadProgress) -> None:
        self.progress.setValue(round(1000 * report.done))
        if self.toggle.isEnabled():
            self.status.setText(f"{report.doing} · about {clock(report.seconds_left)} left")
        self.figures.show_heads(report.heads)

    @Slot(object)
    def show_result(self, report: HeadsCompared) -> None:
        self.figures.show_heads(report.heads)
        self.words.setText(explain(report))

    @Slot(str)
    def show_problem(self, sentence: str) -> None:
        self.problem.setText(sentence)
        self.problem.setVisible(bool(sentence))

    @Slot()
    def _show_total(self) -> None:
        seconds = self.budget.currentData() * len(HEADS) * (self.seeds.currentData() + 1)
        self.total.setText(f"{seconds / 60:.0f} min of training in all, a part of it to choose learning rates")

    @Slot()
    def _toggled(self) -> None:
        if self._running:
            self.stop_asked.emit()
        else:
            self.compare_asked.emit(self.budget.currentData(), self.seeds.currentData())


class _Figures(QWidget):
    """A row of figures for each head, and its reliability below."""

    def __init__(self) -> None:
        super().__init__()
        self._labels: dict[str, list[QLabel]] = {}
        self._views: dict[str, ReliabilityView] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        for place, (text, tip) in enumerate(COLUMNS, 1):
            heading = caption(text)
            heading.setToolTip(tip)
            grid.addWidget(heading, 0, place, Qt.AlignmentFlag.AlignRight)
            grid.setColumnStretch(place, 1)
        views = QHBoxLayout()
        views.setSpacing(24)
        for row, head in enumerate(HEADS.values(), 1):
            grid.addWidget(QLabel(head.title), row, 0)
            self._labels[head.name] = [QLabel("–") for _ in COLUMNS]
            for place, label in enumerate(self._labels[head.name], 1):
                grid.addWidget(label, row, place, Qt.AlignmentFlag.AlignRight)
            views.addLayout(self._captioned(head.name, head.title))
        views.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addLayout(grid)
        column.addLayout(views)
        column.addWidget(caption(BARS, wrap=True))

    def _captioned(self, name: str, title: str) -> QVBoxLayout:
        self._views[name] = ReliabilityView(title)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._views[name])
        column.addWidget(caption(title))
        return column

    def show_heads(self, heads: Sequence[HeadResult]) -> None:
        shown = {head.name: head for head in heads}
        for name, labels in self._labels.items():
            for label, text in zip(labels, _cells(shown.get(name)), strict=True):
                label.setText(text)
            self._views[name].show_bins(shown[name].bins if name in shown else ())


def _cells(head: HeadResult | None) -> list[str]:
    if head is None:
        return ["–"] * len(COLUMNS)
    figures = [percent(head.figure(n)) for n in ("miou", "pixel_accuracy", "binary_accuracy", "calibration_error")]
    return [*figures, sums_text(head), f"{head.learning_rate:g}"]


def _combo(name: str, items: Sequence[tuple[str, float]], chosen: int) -> QComboBox:
    box = QComboBox()
    for text, value in items:
        box.addItem(text, value)
    box.setCurrentIndex(chosen)
    box.setAccessibleName(name)
    box.setToolTip(name)
    return box
