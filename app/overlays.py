"""What is shown of predictions, and set against what: the actions, the panel's choice and the canvas in step."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.actions import Actions
from app.canvas.shows import Show
from app.canvas.split import Way
from app.predicting import Predicting
from app.rooms import Rooms
from app.workspace import Workspace
from core.classes import UNLABELED
from core.training.messages import PredictionReady

SHOWS: dict[str, Show] = {
    "show-classes": "classes",
    "show-confidence": "confidence",
    "show-entropy": "entropy",
    "show-difference": "labels",
    "show-run-difference": "run",
}
WAYS: dict[str, Way] = {"curtain": "curtain", "beside": "beside"}
SIDES: dict[Show, str] = {
    "classes": "Prediction",
    "confidence": "Confidence",
    "entropy": "Entropy",
    "labels": "Differs from labels",
    "run": "Differs from run",
}
"""What is said over the side that shows the prediction."""


class Overlays(QObject):
    """Connects itself; others call `show_difference`."""

    def __init__(
        self, workspace: Workspace, rooms: Rooms, actions: Actions, predicting: Predicting, window: QWidget
    ) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._canvas = rooms.canvas
        self._panel = rooms.prediction
        self._status = rooms.status
        self._choice = rooms.prediction.choice
        self._actions = actions
        self._predicting = predicting
        self._esc = QShortcut(QKeySequence(Qt.Key.Key_Escape), rooms.canvas)
        self._esc.setContext(Qt.ShortcutContext.WidgetShortcut)  # elsewhere Esc means something else
        self._esc.setEnabled(False)
        self._connect_signals()
        self._show_chosen(self._choice.show_now)

    def _connect_signals(self) -> None:
        for name in SHOWS:
            self._actions[name].triggered.connect(self._choose_show)
        for name in WAYS:
            self._actions[name].toggled.connect(self._choose_way)
        self._actions["show-next"].triggered.connect(self._choice.choose_next)
        self._actions["show-labels"].toggled.connect(self._name_sides)
        self._esc.activated.connect(self.leave)
        self._panel.least_entropy_changed.connect(self._canvas.set_least_entropy)
        self._choice.chosen.connect(self._show_chosen)
        self._choice.other_chosen.connect(self._other_chosen)
        self._predicting.compared.connect(self._show_other)
        self._canvas.hovered.connect(self._tell_said)
        self._workspace.project_closed.connect(self.leave)

    def show_difference(self, run_id: int, other_id: int) -> None:
        """Show where a run's prediction of the open image differs from another run's, in the classes of the first."""
        self._workspace.choose_run(run_id)
        self._panel.shown.setChecked(True)
        self._choice.choose_other(other_id)

    # --- what is shown

    @Slot()
    def _choose_show(self) -> None:
        self._choice.choose(SHOWS[self.sender().objectName()])

    @Slot(str)
    def _show_chosen(self, show: Show) -> None:
        self._canvas.set_show(show)
        name = next(name for name, each in SHOWS.items() if each == show)
        self._actions[name].setChecked(True)
        self._name_sides()

    @Slot(int)
    def _other_chosen(self, run_id: int) -> None:
        self._canvas.set_other(None)
        self._predicting.compare_with(run_id)
        self._name_sides()

    @Slot(object)
    def _show_other(self, prediction: PredictionReady) -> None:
        image = self._workspace.image
        if image is not None and image.pixels is not None and prediction.class_map.shape == image.pixels.shape[:2]:
            self._canvas.set_other(prediction.class_map)

    @Slot(int, int)
    def _tell_said(self, x: int, y: int) -> None:
        """What lies under the pointer, if predictions are to be seen."""
        said = self._canvas.hand.said if self._panel.shown.isChecked() else None
        self._status.show_said(*(said.guess(y, x) if said is not None else (UNLABELED, None)))

    # --- against what

    @Slot(bool)
    def _choose_way(self, on: bool) -> None:
        """One of the two ways at most."""
        way = WAYS[self.sender().objectName()]
        if on:
            for name, other in WAYS.items():
                self._actions[name].setChecked(other == way)
        elif self._canvas.split.way != way:
            return
        self._canvas.split.choose(way if on else "")
        self._esc.setEnabled(on)
        self._name_sides()

    @Slot()
    def leave(self) -> None:
        """Esc, where no tool has anything under way: one picture again."""
        for name in WAYS:
            self._actions[name].setChecked(False)

    @Slot()
    def _name_sides(self) -> None:
        show = self._choice.show_now
        right = f"Differs from run {self._choice.other}" if self._choice.other else SIDES[show]
        self._canvas.split.name("Labels" if self._actions["show-labels"].isChecked() else "Picture", right)
