"""The training panel: how long to train and where to begin, what it is doing, how well it went."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.curves import Curves
from app.figures import clock
from app.icons import icon
from app.panels.controls import button, caption, row, tool_button
from app.panels.curve import CurveView
from app.panels.iou_bars import IouBars, percent
from app.starting import last_fitting
from app.training_choice import BUDGETS, TrainingChoice
from app.workspace import Workspace
from core.evaluation.cautions import Caution
from core.records import TrainingRun
from core.training.messages import DeviceFound, Measured, StepsDone, Train, TrainingStarted

IDLE = "Paint a little of two classes or more, then train. You can go on painting meanwhile."


class TrainingPanel(QWidget):
    """Starts and stops training and shows it live."""

    train_asked = Signal()
    stop_asked = Signal()
    settings_asked = Signal()
    curves_asked = Signal()
    curves_grew = Signal()
    choice_changed = Signal(object)
    """The TrainingChoice."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.choice = TrainingChoice()
        self.curves = Curves()
        """Of the training under way, or of the run that is shown."""
        self.budget = QComboBox()
        self.budget.setAccessibleName("Training time")
        self.budget.setToolTip("How long to train")
        self.budget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggle = button("Train", tip="Train on what is labelled (Ctrl+T)")
        self.settings = tool_button("tune", "Training settings")
        self.begins = caption()
        self.begin = button("Begin afresh", role="link", tip="Where the next training begins")
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        self.warnings = caption(wrap=True)
        self.curve = CurveView()
        self.bars = IouBars()
        self.device = caption(wrap=True)
        self._warned: list[str] = []
        self._cautions: list[str] = []
        self._state = "idle"
        self._span = 60.0
        """Seconds that the training under way is going to take."""
        self._live = False
        """The curve is of the training that is shown now, with its measurements; better than what is stored."""
        self._lay_out()
        self._connect_signals()
        self.show_choice(self.choice)
        self._say(IDLE)

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 0, 12, 8)
        column.setSpacing(4)
        column.addLayout(row(self.budget, self.toggle, self.settings, stretch=1, spacing=4))
        column.addLayout(row(self.begins, self.begin, stretch=0))
        for widget in (self.status, self.problem, self.curve, self.bars, self.warnings, self.device):
            column.addWidget(widget, 100 if widget is self.curve else 0)  # it takes the room there is, up to its most
        column.addStretch(1)
        for widget in (self.problem, self.warnings, self.device, self.curve, self.bars):
            widget.hide()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _connect_signals(self) -> None:
        self.toggle.clicked.connect(self._toggled)
        self.settings.clicked.connect(self.settings_asked)
        self.curve.clicked.connect(self.curves_asked)
        self.budget.activated.connect(self._budget_chosen)
        self.begin.clicked.connect(self._begin_pressed)

    @Slot()
    def redraw_icons(self) -> None:
        self.settings.setIcon(icon("tune"))

    # --- before a training

    def show_choice(self, choice: TrainingChoice) -> None:
        """Show what is set for the next training."""
        self.choice = choice
        seconds = choice.settings().budget_s
        budgets = dict(BUDGETS) | {seconds: dict(BUDGETS).get(seconds, clock(seconds))}
        self.budget.clear()
        for value, text in sorted(budgets.items()):
            self.budget.addItem(text, value)
        self.budget.setCurrentIndex(self.budget.findData(seconds))
        self.show_beginning()

    @Slot()
    def show_beginning(self) -> None:
        """Say what the next training goes on from."""
        run = last_fitting(self._workspace.runs, self.choice.settings(), self._workspace.classes)
        there = run is not None and self._state == "idle"
        self.begins.setVisible(there)
        self.begin.setVisible(there)
        if run is not None:
            self.begins.setText("Begins afresh" if self.choice.fresh else f"Goes on from run {run.id}")
            self.begin.setText(f"Go on from run {run.id}" if self.choice.fresh else "Begin afresh")

    @Slot(int)
    def _budget_chosen(self, index: int) -> None:
        self._choose(self.choice.setting("budget_s", float(self.budget.itemData(index))))

    @Slot()
    def _begin_pressed(self) -> None:
        self._choose(self.choice.beginning(fresh=not self.choice.fresh))

    def _choose(self, choice: TrainingChoice) -> None:
        self.show_choice(choice)
        self.choice_changed.emit(choice)

    # --- while it goes on

    @Slot(str)
    def show_state(self, state: str) -> None:
        self._state = state
        self.toggle.setText("Train" if state == "idle" else "Stopping…" if state == "stopping" else "Stop")
        self.toggle.setEnabled(state != "stopping")
        self.budget.setEnabled(state == "idle")
        self.show_beginning()
        if state == "preparing":
            self._set(self.problem, "")
            self._forget_warnings()
            self.bars.hide()
            self.curve.hide()
            self._say("Getting the labels ready…")
        elif state == "stopping":
            self._say("Finishing the step and keeping what was learned…")

    @Slot(object)
    def show_request(self, request: Train) -> None:
        """What the training was asked for with."""
        self._span = request.settings.budget_s
        self.curves = Curves(request.resume.curves if request.resume is not None else None)
        if request.resume is not None:
            self._say(f"Going on at {clock(request.resume.seconds)}…")
        elif request.start_from is not None:
            self._say(f"Going on from run {request.start_from.run_id}…")

    @Slot(object)
    def show_start(self, report: TrainingStarted) -> None:
        pictures = "1 picture" if report.images == 1 else f"{report.images} pictures"
        self._say(f"Training on {pictures}…")
        self._warned = list(report.warnings)
        self._show_warnings()
        self._live = True
        self.curve.show_curves(self.curves, self._span)
        self.curve.show()

    @Slot(object)
    def show_cautions(self, cautions: Sequence[Caution]) -> None:
        """What is amiss with labels and splits, beside what the training itself warns of."""
        self._cautions = [caution.sentence for caution in cautions if caution.about != "classes"]
        self._show_warnings()

    def _show_warnings(self) -> None:
        self._set(self.warnings, "\n".join([*self._warned, *self._cautions]))

    @Slot(object)
    def show_steps(self, report: StepsDone) -> None:
        self.curves.add_steps(report)
        self._show_curves()
        if self._state == "training":
            self._say(f"{clock(report.seconds_left)} left · step {report.step}")

    @Slot(object)
    def show_measured(self, report: Measured) -> None:
        self.curves.add_measured(report)
        self._show_curves()
        self._show_iou(dict(report.iou))

    def _show_curves(self) -> None:
        self.curve.show_curves(self.curves, self._span)
        self.curves_grew.emit()

    @Slot(object)
    def show_run(self, run: TrainingRun | None) -> None:
        """The figures of a finished run."""
        self.show_beginning()
        if run is None or self._state != "idle":
            return
        if run.imported:
            self._live = False
            self.curves = Curves()
            self.curve.hide()
            self.bars.hide()
            self._say(f"Run {run.id}: a model from elsewhere, {run.settings['head']}")
            return
        miou = run.metrics.get("miou")
        where = run.metrics.get("measured_on", "training pixels")
        figure = f"mean IoU {percent(miou)} on {where}" if isinstance(miou, float) else f"{clock(run.seconds)} long"
        self._say(f"Run {run.id}: {figure}")
        if not self._live:
            self.curves = Curves(run.curves)
        if isinstance(miou, float):
            self.curves.end_with(run.seconds, miou)
        self._live = False
        self.curve.show_curves(self.curves, run.seconds)
        self.curve.show()
        self._show_iou(dict(run.metrics.get("iou", {})))

    @Slot(object)
    def show_device(self, report: DeviceFound) -> None:
        self._set(self.device, f"{report.name}. {report.advice}" if report.advice else report.name)

    @Slot(str)
    def show_problem(self, sentence: str) -> None:
        self._live = False
        self._set(self.problem, sentence)
        self._say("")

    @Slot()
    def clear(self) -> None:
        """Forget the last project's figures."""
        self._live = False
        self._set(self.problem, "")
        self._forget_warnings()
        self.curves = Curves()
        self.curve.hide()
        self.bars.hide()
        self._say(IDLE)

    def _forget_warnings(self) -> None:
        self._warned, self._cautions = [], []
        self._show_warnings()

    def _show_iou(self, iou: dict[str, float | None]) -> None:
        colors = {label.name: label.color for label in self._workspace.classes}
        values = {name: float("nan") if value is None else float(value) for name, value in iou.items()}
        self.bars.show_values(values, colors)
        self.bars.setVisible(bool(values))

    def _say(self, text: str) -> None:
        self._set(self.status, text)

    def _set(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    @Slot()
    def _toggled(self) -> None:
        if self._state == "idle":
            self.train_asked.emit()
        else:
            self.stop_asked.emit()
