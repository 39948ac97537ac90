"""The prediction panel: what the model says of the open picture, how much of it shows, and taking it over."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.icons import SIDE
from app.panels.controls import button, caption, number_label, row, slider, swatch
from app.panels.show_choice import ShowChoice
from app.trust import is_trusted
from app.workspace import Workspace
from core.records import TrainingRun
from core.training.messages import PredictionReady

SURE = ("Sure above", "Show and accept only where the model is at least this sure")
DOUBT = ("Doubt above", "Show entropy only from this much of the most there can be")
"""What the threshold is called, and its tip."""
VEIL, SHADES = 35, 70
"""Opacity in percent to begin with: of classes, through which the picture is seen, and of shades, which are read."""
UNTRAINED = "Train, and what the model sees appears here."


def run_text(run: TrainingRun) -> str:
    """A run in one line: its number, its mean IoU where that says something, and when it was made."""
    miou = run.metrics.get("miou")
    told = isinstance(miou, float) and isfinite(miou) and run.metrics.get("measured_on") != "training pixels"
    share = f" · {miou:.0%} mIoU".replace("%", " %") if told else ""
    star = " ★" if run.starred else ""
    return f"Run {run.id}{star}{share} · {run.created_at.astimezone():%H:%M}"


class PredictionPanel(QWidget):
    """Shows and hides the prediction, sets how sure it must be, and accepts it."""

    shown_changed = Signal(bool)
    opacity_changed = Signal(float)
    threshold_changed = Signal(float)
    least_entropy_changed = Signal(float)
    over_labels_changed = Signal(bool)
    run_chosen = Signal(int)
    accept_asked = Signal()
    accept_class_asked = Signal()
    next_asked = Signal()

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.runs = QComboBox()
        self.runs.setAccessibleName("Training run that predicts")
        self.runs.setToolTip("The training run whose model predicts")
        self.runs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.runs.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.shown = QCheckBox("Show")
        self.shown.setChecked(True)
        self.opacity = slider(0, 100, "How strongly the prediction shows")
        self.choice = ShowChoice()
        self.threshold = slider(0, 99, SURE[1])
        self.threshold_name = QLabel(SURE[0])
        self._percents = {SURE: 0, DOUBT: 0}
        """Where the threshold stood, for either of its meanings."""
        self._opacities = {False: VEIL, True: SHADES}
        """Where the opacity stood for classes, and for shades."""
        self.threshold_text = number_label("100 %")
        self.over_labels = QCheckBox("Over labels too")
        self.over_labels.setToolTip("Show the prediction over what is labelled as well")
        self.accept = button("Accept", tip="Take the prediction over as labels (Enter)")
        self.accept_class = button("Only", tip="Take over only the class in hand (Shift+Enter)")
        self.accept_class.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the class stands after the word
        self.by_hand = QWidget()
        self.next = button("Next", tip="Mark this picture done and open the next (Enter)")
        self.hint = caption(UNTRAINED)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._connect_signals()
        self._threshold_moved(0)
        self.opacity.setValue(VEIL)
        self.show_prediction(None)

    def _lay_out(self) -> None:
        for check in (self.shown, self.over_labels):
            check.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        self._top = QStackedWidget()
        self._top.setFixedHeight(28)
        chosen = QWidget()
        chosen.setLayout(row(self.shown, self.runs, stretch=1))
        for each in (self.hint, chosen):
            self._top.addWidget(each)
        grid.addWidget(self._top, 0, 0, 1, 3)
        grid.addWidget(self.choice, 1, 0, 1, 3)
        self.opacity_text, opacity = number_label("100 %"), QLabel("Opacity")
        width = self.threshold_name.fontMetrics().horizontalAdvance
        self.threshold_name.setMinimumWidth(max(width(SURE[0]), width(DOUBT[0])))
        lines = (opacity, self.opacity, self.opacity_text), (self.threshold_name, self.threshold, self.threshold_text)
        for line, (label, control, number) in enumerate(lines, 2):
            label.setBuddy(control)
            grid.addWidget(label, line, 0)
            grid.addWidget(control, line, 1)
            grid.addWidget(number, line, 2)
        grid.addLayout(row(self.over_labels, self.by_hand, stretch=0), 4, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for each in (self.accept, self.accept_class, self.next):
            buttons.addWidget(each, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addLayout(buttons)
        column.addStretch(1)

    def _connect_signals(self) -> None:
        self.shown.toggled.connect(self.shown_changed)
        self.over_labels.toggled.connect(self.over_labels_changed)
        self.opacity.valueChanged.connect(self._opacity_moved)
        self.threshold.valueChanged.connect(self._threshold_moved)
        self.choice.chosen.connect(self._show_chosen)
        self.runs.activated.connect(self._run_activated)
        self.accept.clicked.connect(self.accept_asked)
        self.accept_class.clicked.connect(self.accept_class_asked)
        self.next.clicked.connect(self.next_asked)

    def offer(self, tools: Sequence[QAction]) -> None:
        """Put the ways here to take over what the hand points at, or what is asked about."""
        buttons = [QToolButton() for _ in tools]
        for each, action in zip(buttons, tools, strict=True):
            each.setDefaultAction(action)
            each.setIconSize(QSize(SIDE, SIDE))
            each.setFixedSize(28, 28)
            each.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.by_hand.setLayout(row(*buttons, spacing=0))

    @Slot()
    def show_class(self) -> None:
        """Tell which class is in hand."""
        label = self._workspace.classes[self._workspace.active_class]
        self.accept_class.setIcon(swatch(label.color, str(label.id + 1)))
        self.accept_class.setAccessibleName(f"Accept only {label.name}")

    @Slot()
    def rebuild_runs(self) -> None:
        self.runs.clear()
        for run in self._workspace.runs:
            self.runs.addItem(run_text(run), run.id)
        self.runs.setPlaceholderText("Choose a run" if self._workspace.runs else "Still learning")
        predicting = self._workspace.run
        self.runs.setCurrentIndex(-1 if predicting is None else self.runs.findData(predicting.id))
        self.choice.offer([run for run in self._workspace.runs if is_trusted(run)], predicting)
        self._top.setCurrentIndex(1 if self._workspace.runs else 0)

    def show_prediction(self, prediction: PredictionReady | None) -> None:
        """Turn the controls on for a prediction that is on screen, or off."""
        there = prediction is not None
        buttons = (self.accept, self.accept_class, self.by_hand)
        for control in (self.choice, self.opacity, self.threshold, self.over_labels, self.shown, *buttons):
            control.setEnabled(there)
        if there:
            self._top.setCurrentIndex(1)

    @Slot(bool)
    def show_progress(self, predicting: bool) -> None:
        """Say that a prediction is on its way, in the place of the runs."""
        self.hint.setText("Predicting this picture…" if predicting else UNTRAINED)
        self._top.setCurrentIndex(0 if predicting or not self._workspace.runs else 1)

    @Slot(int)
    def _opacity_moved(self, percent: int) -> None:
        self._opacities[self._shaded] = percent
        self.opacity_text.setText(f"{percent} %")
        self.opacity_changed.emit(percent / 100)

    @Slot(int)
    def _threshold_moved(self, percent: int) -> None:
        self._percents[self._measure] = percent
        self.threshold_text.setText(f"{percent} %")
        self.choice.scale.begin_at(percent / 100)
        changed = self.threshold_changed if self._measure == SURE else self.least_entropy_changed
        changed.emit(percent / 100)

    @property
    def _shaded(self) -> bool:
        return self.choice.show_now in ("confidence", "entropy")

    @property
    def _measure(self) -> tuple[str, str]:
        """What the threshold is about."""
        return DOUBT if self.choice.show_now == "entropy" else SURE

    @Slot()
    def _show_chosen(self) -> None:
        """Threshold and opacity are those of what is shown, and stand where they were left when that was shown."""
        self.opacity.setValue(self._opacities[self._shaded])
        name, tip = self._measure
        self.threshold_name.setText(name)
        self.threshold.setToolTip(tip)
        self.threshold.setAccessibleName(tip)
        percent = self._percents[self._measure]
        self.threshold.setValue(percent)
        self._threshold_moved(percent)

    @property
    def least_sure(self) -> int:
        """How sure the model must be, in percent, whatever is shown."""
        return self._percents[SURE]

    def state(self) -> dict[str, Any]:
        """What to remember with a project."""
        return {
            "prediction_opacity": self._opacities[False],
            "shades_opacity": self._opacities[True],
            "threshold": self.least_sure,
            "least_entropy": self._percents[DOUBT],
            "prediction_shows": self.choice.show_now,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        for show, name, opacity, usual in (
            ("entropy", "least_entropy", "shades_opacity", SHADES),
            ("classes", "threshold", "prediction_opacity", VEIL),
        ):
            self.choice.choose(show)
            self.opacity.setValue(int(state.get(opacity, usual)))
            self.threshold.setValue(int(state.get(name, 0)))
        self.choice.choose(str(state.get("prediction_shows", "classes")))

    @Slot(int)
    def _run_activated(self, index: int) -> None:
        self.run_chosen.emit(self.runs.itemData(index))
