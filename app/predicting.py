"""Predictions of the open picture: asked for when it opens or the run changes, kept for coming back, never mixed up."""

from collections import OrderedDict, deque
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.notices import Notice
from app.starting import trained_model
from app.training_thread import TrainingThread
from app.workspace import Workspace
from core.large_tiff import LargeTiff
from core.project import Project
from core.records import TrainingRun
from core.training.messages import LoadModel, Predict, PredictionReady, TrainedModel

PREVIEW_RUN = 0
"""The run number of a prediction by a model that is still being trained."""
PREVIEW_S = 10.0
"""How often the open picture is predicted while training goes on."""
KEPT_BYTES = 256 * 2**20
"""Predictions kept in memory, so that going back to a picture shows its prediction at once."""
TOO_LARGE = "is read in parts and too large to predict as a whole. Cut out the region you need to see a prediction."

Key = tuple[int, int]
"""Image id and run id."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request under way. The worker answers in the order it was asked."""

    project: Project | None
    key: Key


class Predicting(QObject):
    """Asks the worker for predictions and passes on those that belong to what is open now."""

    busy_changed = Signal(bool)
    predicted = Signal(object)
    """PredictionReady for the open image, by the chosen run or, as a preview, by the one being trained."""

    def __init__(self, workspace: Workspace, thread: TrainingThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thread = thread
        self._loaded_run = 0
        self._asked: deque[_Asked] = deque()
        self._awaited: Key | None = None
        self._kept: OrderedDict[Key, PredictionReady] = OrderedDict()
        self._previewed_at = 0.0
        workspace.image_opened.connect(self.predict_open_image)
        workspace.runs_changed.connect(self.predict_open_image)
        workspace.project_closed.connect(self._forget)

    @Slot()
    def predict_open_image(self) -> None:
        """Predict the open image with the chosen run, or show what was predicted before."""
        image, run, project = self._workspace.image, self._workspace.run, self._workspace.project
        if image is None or image.pixels is None or run is None or project is None:
            return
        if isinstance(image.pixels, LargeTiff):
            self._workspace.tell_quietly(f"{image.record.name} {TOO_LARGE}", "image")
            return
        key = (image.record.id, run.id)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            self.predicted.emit(kept)
        elif self._awaited != key:
            self._ask(key, project, run, str(image.path))

    def restart_previews(self) -> None:
        self._previewed_at = 0.0

    def preview(self, seconds: float) -> None:
        """Ask now and then, `seconds` into a training, how the model sees the open picture so far."""
        image = self._workspace.image
        if image is None or not isinstance(image.pixels, np.ndarray) or seconds - self._previewed_at < PREVIEW_S:
            return
        self._previewed_at = seconds
        key = (image.record.id, PREVIEW_RUN)
        self._send(_Asked(self._workspace.project, key), Predict(image.record.id, str(image.path), preview=True))

    def take(self, report: PredictionReady) -> None:
        """The worker's answer to the oldest request."""
        asked = self._answered()
        if asked is None or asked.project is not self._workspace.project:
            return
        if report.run_id != PREVIEW_RUN:
            self._keep(report)
        if self._is_wanted(report):
            self.predicted.emit(report)

    def fail(self, message: str) -> None:
        """The oldest request came to nothing."""
        asked = self._answered()
        if asked is not None and asked.project is self._workspace.project:
            self._workspace.noticed.emit(Notice(message, topic="image"))

    def _ask(self, key: Key, project: Project, run: TrainingRun, path: str) -> None:
        self._awaited = key
        self.busy_changed.emit(True)
        if self._loaded_run != run.id:
            self._loaded_run = run.id
            self._workspace.jobs.run(trained_model, project, run, done=self._load_model, failed=self._model_failed)
        # Through the same queue as the model, so that it is asked for after the model has been sent.
        self._workspace.jobs.run(Predict, key[0], path, done=_Send(self, _Asked(project, key)))

    def _send(self, asked: _Asked, request: Predict) -> None:
        if asked.project is self._workspace.project:
            self._asked.append(asked)
            self._thread.send(request)

    def _load_model(self, model: TrainedModel) -> None:
        self._thread.send(LoadModel(model))

    def _model_failed(self, error: Exception) -> None:
        self._loaded_run = 0
        self._workspace.jobs.report(error)

    def _answered(self) -> _Asked | None:
        asked = self._asked.popleft() if self._asked else None
        if asked is not None and asked.key == self._awaited:
            self._awaited = None
            self.busy_changed.emit(False)
        return asked

    def _is_wanted(self, report: PredictionReady) -> bool:
        image, run = self._workspace.image, self._workspace.run
        if image is None or image.record.id != report.image_id:
            return False
        return report.run_id == PREVIEW_RUN or (run is not None and run.id == report.run_id)

    def _keep(self, report: PredictionReady) -> None:
        self._kept[report.image_id, report.run_id] = report
        while len(self._kept) > 1 and sum(2 * p.class_map.nbytes for p in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)

    @Slot()
    def _forget(self) -> None:
        """Another project has other images under the same numbers."""
        self._kept.clear()
        self._loaded_run, self._awaited = 0, None


class _Send:
    def __init__(self, predicting: Predicting, asked: _Asked) -> None:
        self._predicting, self._asked = predicting, asked

    def __call__(self, request: Predict) -> None:
        self._predicting._send(self._asked, request)
