"""Between what is open and what is on screen: small reactions that concern more than one panel."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Slot

from app.actions import Actions
from app.editing import Editing
from app.learning import Learning
from app.rooms import Rooms
from app.tooling import TRAIN_FIRST
from app.workspace import Workspace
from core.classes import UNLABELED
from core.masks.rect import Rect
from core.records import SPLITS, ImageRecord, Split
from core.training.messages import PredictionReady

STRANGE = "The run also predicts a class that the project does not have now. That is left out; train again."
SPLIT_NAMES: dict[str, Split] = {f"split-{name}": name for name in SPLITS}


class Showing(QObject):
    """Keeps canvas, panels and actions in step with the workspace."""

    def __init__(
        self,
        workspace: Workspace,
        rooms: Rooms,
        actions: Actions,
        *,
        learning: Learning,
        editing: Editing,
    ) -> None:
        super().__init__(editing)
        self._workspace = workspace
        self._learning = learning
        self._editing = editing
        self._rooms = rooms
        self._canvas = rooms.canvas
        self._actions = actions
        for name in ("show-labels", "outline", "show-prediction", "overview", "brush"):
            actions[name].setChecked(True)
        self._canvas.set_overview(True)
        learning.predicting.look_with(self._seen)
        workspace.classes_changed.connect(self._show_prediction_again)

    def _seen(self) -> Rect:
        """The part of the open picture that is on screen."""
        return self._canvas.visible_rect

    # --- what is open

    @Slot()
    def show_project(self) -> None:
        self._rooms.center.setCurrentWidget(self._rooms.ruled)
        self._canvas.set_image(None)
        self._canvas.setFocus()
        self._rooms.status.show_saved("saved")
        self.enable_actions()

    @Slot()
    def show_closed(self) -> None:
        self._editing.prediction = None
        self._canvas.set_image(None)
        self._rooms.display.show_picture(None)
        self._rooms.prediction.show_prediction(None)
        self._rooms.center.setCurrentWidget(self._rooms.start)
        self._rooms.status.clear()
        self.enable_actions()

    @Slot()
    def show_image(self) -> None:
        image = self._workspace.image
        if image is None:
            return
        self._editing.prediction = None
        self._rooms.prediction.show_prediction(None)
        self._canvas.set_image(image.pixels)
        if image.pixels is not None:
            self._canvas.set_editor(image.editor)
            self._canvas.scale_bar.show_for(image.pixel_size)
            self._rooms.ruled.follow()
        self._rooms.display.show_picture(self._canvas.picture)
        record = self._workspace.records[image.record.id]
        self._rooms.status.show_coverage(record)
        self._rooms.classes.show_shares(record)
        self._show_marks(record)
        self.enable_actions()

    @Slot()
    def show_run(self) -> None:
        self._rooms.training.show_run(self._workspace.run)
        run = self._workspace.run
        shown = self._editing.prediction
        if shown is not None and (run is None or shown.run_id != run.id):
            self._editing.prediction = None
            self._canvas.set_prediction(None)
            self._rooms.prediction.show_prediction(None)
        self.enable_actions()

    @Slot(object)
    def show_prediction(self, prediction: PredictionReady) -> None:
        """Lay a prediction of the open image over it."""
        image = self._workspace.image
        if image is None or image.pixels is None or prediction.class_map.shape != image.pixels.shape[:2]:
            return
        prediction = self._known(prediction)
        self._editing.prediction = prediction
        self._workspace.settled.emit(TRAIN_FIRST)
        self._canvas.set_prediction(prediction.class_map, prediction.confidence, prediction.entropy)
        self._rooms.prediction.show_prediction(prediction)
        self.enable_actions()

    def _known(self, prediction: PredictionReady) -> PredictionReady:
        """Without what belongs to no class of now: accepting it would label pixels as nothing there is."""
        strange = prediction.class_map >= len(self._workspace.classes)
        strange &= prediction.class_map != UNLABELED
        if not strange.any():
            return prediction
        self._workspace.tell_quietly(STRANGE, "classes")
        return replace(prediction, class_map=np.where(strange, np.uint8(UNLABELED), prediction.class_map))

    @Slot()
    def _show_prediction_again(self) -> None:
        """Classes are others now."""
        if self._editing.prediction is not None:
            self.show_prediction(self._editing.prediction)

    @Slot(object)
    def record_changed(self, record: ImageRecord) -> None:
        image = self._workspace.image
        if image is not None and image.record.id == record.id:
            self._show_marks(record)

    def _show_marks(self, record: ImageRecord) -> None:
        self._actions["done"].setChecked(record.done)
        self._actions[f"split-{record.split}"].setChecked(True)

    @Slot()
    def enable_actions(self) -> None:
        """Actions are enabled where they would do something."""
        image = self._workspace.image
        there = {
            "project": self._workspace.project is not None,
            "image": image is not None and image.pixels is not None,
            "prediction": self._editing.prediction is not None,
            "run": self._workspace.run is not None,
            "training": self._learning.state in ("preparing", "training"),
        }
        self._actions.enable(frozenset(name for name, is_there in there.items() if is_there))
        self._actions["undo"].setEnabled(self._editing.can_undo)
        self._actions["redo"].setEnabled(self._editing.can_redo)
        open_now = there["project"]
        self._rooms.options.setEnabled(open_now)
        for panel in (self._rooms.classes, self._rooms.prediction, self._rooms.training, self._rooms.images):
            panel.setEnabled(open_now)
        if there["training"] or not there["project"]:
            self._actions["train"].setEnabled(False)

    @Slot(object)
    def hide_classes(self, hidden: frozenset[int]) -> None:
        self._canvas.set_hidden_classes(hidden)

    @Slot()
    def zoom_in(self) -> None:
        self._canvas.zoom_by(2)

    @Slot()
    def zoom_out(self) -> None:
        self._canvas.zoom_by(-2)

    # --- walking through the pictures

    @Slot()
    def go_on(self) -> None:
        """Enter: do what a tool shows, else take the prediction over if it shows something new, else go on."""
        if self._canvas.waits:
            self._canvas.confirm()
            return
        panel = self._rooms.prediction
        shown = self._editing.prediction is not None and panel.shown.isChecked() and panel.choice.proposes
        if not (shown and self._editing.accept_all()):
            self.done_and_next()

    @Slot()
    def done_and_next(self) -> None:
        if self._workspace.image is not None:
            self._workspace.set_done(self._workspace.image.record.id, True)
            self._rooms.images.open_next()

    @Slot()
    def toggle_done(self) -> None:
        image = self._workspace.image
        if image is not None:
            self._workspace.set_done(image.record.id, not self._workspace.records[image.record.id].done)

    @Slot()
    def choose_split(self) -> None:
        """What the open picture is for: training, measuring or tests."""
        image, sender = self._workspace.image, self.sender()
        if image is not None and sender is not None:
            self._workspace.set_split(image.record.id, SPLIT_NAMES[sender.objectName()])
