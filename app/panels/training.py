"""The training panel: how long to train, what it is doing, how well it went."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.panels.controls import button, caption, row
from app.panels.curve import CurveView, IouBars, percent
from app.workspace import Workspace
from core.records import TrainingRun
from core.training.messages import DeviceFound, Measured, StepsDone, TrainingStarted
from core.training.settings import TrainingSettings

BUDGETS = ((60.0, "1 min"), (300.0, "5 min"), (1200.0, "20 min"))


def clock(seconds: float) -> str:
    """Minutes and seconds, like "0:42"."""
    whole = max(0, round(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


class TrainingPanel(QWidget):
    """Starts and stops training and shows it live."""

    train_asked = Signal()
    stop_asked = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.budget = QComboBox()
        for seconds, text in BUDGETS:
            self.budget.addItem(text, seconds)
        self.budget.setAccessibleName("Training time")
        self.budget.setToolTip("How long to train")
        self.budget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggle = button("Train", tip="Train on what is labelled (Ctrl+T)")
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setProperty("role", "problem")
        self.problem.setWordWrap(True)
        self.warnings = caption(wrap=True)
        self.curve = CurveView()
        self.measured_on = caption(wrap=True)
        self.bars = IouBars()
        self.device = caption(wrap=True)
        self._state = "idle"
        self._live = False
        """The curve is of the training that is shown now, with its measurements; better than what is stored."""
        self._lay_out()
        self.toggle.clicked.connect(self._toggled)
        self._say("Paint a little of two classes or more, then train. You can go on painting meanwhile.")

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        column.addLayout(row(self.budget, self.toggle, stretch=1))
        for widget in (self.status, self.problem, self.curve, self.measured_on, self.bars, self.warnings, self.device):
            column.addWidget(widget)
        column.addStretch(1)
        for widget in (self.problem, self.warnings, self.measured_on, self.device, self.curve, self.bars):
            widget.hide()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def settings(self) -> TrainingSettings:
        return TrainingSettings(budget_s=float(self.budget.currentData()))

    @Slot(str)
    def show_state(self, state: str) -> None:
        self._state = state
        self.toggle.setText("Train" if state == "idle" else "Stopping…" if state == "stopping" else "Stop")
        self.toggle.setEnabled(state != "stopping")
        self.budget.setEnabled(state == "idle")
        if state == "preparing":
            self._set(self.problem, "")
            self._set(self.warnings, "")
            self._set(self.measured_on, "")
            self.bars.hide()
            self.curve.hide()
            self._say("Getting the labels ready…")
        elif state == "stopping":
            self._say("Finishing the step and keeping what was learned…")

    @Slot(object)
    def show_start(self, report: TrainingStarted) -> None:
        pictures = "1 picture" if report.images == 1 else f"{report.images} pictures"
        self._say(f"Training on {pictures}…")
        self._set(self.warnings, "\n".join(report.warnings))
        self._set(self.measured_on, f"Measured on {report.measured_on}")
        self._live = True
        self.curve.restart(float(self.budget.currentData()))
        self.curve.show()

    @Slot(object)
    def show_steps(self, report: StepsDone) -> None:
        self.curve.add_loss(report.seconds, report.loss)
        if self._state == "training":
            self._say(f"{clock(report.seconds_left)} left · step {report.step}")

    @Slot(object)
    def show_measured(self, report: Measured) -> None:
        self.curve.add_miou(report.seconds, report.miou)
        self._show_iou(dict(report.iou))

    @Slot(object)
    def show_run(self, run: TrainingRun | None) -> None:
        """The figures of a finished run."""
        if run is None or self._state != "idle":
            return
        miou = run.metrics.get("miou")
        where = run.metrics.get("measured_on", "training pixels")
        figure = f", mean IoU {percent(miou)} on {where}" if isinstance(miou, float) else ""
        self._say(f"Run {run.id} trained for {clock(run.seconds)}{figure}")
        if self._live and isinstance(miou, float):
            self.curve.add_miou(run.seconds, miou)
        elif not self._live:
            self.curve.show_run(run.curves, miou if isinstance(miou, float) else None)
        self._live = False
        self.curve.show()
        self._set(self.measured_on, f"Measured on {where}")
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
        for widget in (self.problem, self.warnings, self.measured_on):
            self._set(widget, "")
        self.curve.hide()
        self.bars.hide()
        self._say("Paint a little of two classes or more, then train. You can go on painting meanwhile.")

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
