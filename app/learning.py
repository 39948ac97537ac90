"""From Train to the prediction over the picture: what the window asks of the training thread, and in which order."""

from collections import OrderedDict
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal, Slot

from app.notices import Notice
from app.training_thread import TrainingThread
from app.workspace import Workspace
from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.project import Project
from core.records import TrainingRun
from core.training.messages import (
    DeviceFound,
    ExportModel,
    Failed,
    LoadModel,
    Measured,
    ModelExported,
    Predict,
    PredictionReady,
    Report,
    StepsDone,
    StopTraining,
    Train,
    TrainedModel,
    TrainingEnded,
    TrainingStarted,
)
from core.training.settings import TrainingSettings

LearningState = Literal["idle", "preparing", "training", "stopping"]

PREVIEW_RUN = 0
"""The run number of a prediction by a model that is still being trained."""
PREVIEW_S = 10.0
"""How often the open picture is predicted while training goes on."""
KEPT_BYTES = 256 * 2**20
"""Predictions kept in memory, so that going back to a picture shows its prediction at once."""


class Learning(QObject):
    """Training runs and predictions of the open project."""

    state_changed = Signal(str)
    """A LearningState."""
    device_found = Signal(object)
    started = Signal(object)
    """TrainingStarted."""
    progressed = Signal(object)
    """StepsDone."""
    measured = Signal(object)
    """Measured."""
    ended = Signal(object)
    """The TrainingRun, saved."""
    failed = Signal(str)
    """One sentence: why there is no training now."""
    predicting = Signal(bool)
    predicted = Signal(object)
    """PredictionReady for the open image and the chosen run."""
    exported = Signal(str)
    """The folder with the model."""
    export_failed = Signal(str)
    broke = Signal(str)
    """The traceback of a bug in the worker, for the crash report."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thread = TrainingThread(self)
        self.state: LearningState = "idle"
        self.device: DeviceFound | None = None
        self._wanted: TrainingSettings | None = None
        self._project: Project | None = None
        self._loaded_run = 0
        self._awaited: tuple[int, int] | None = None
        self._kept: OrderedDict[tuple[int, int], PredictionReady] = OrderedDict()
        self._stop_asked = False
        self._previewed_at = 0.0
        self._thread.reported.connect(self._take)
        workspace.saves.state_changed.connect(self._saving_changed)
        workspace.image_opened.connect(self.predict_open_image)
        workspace.runs_changed.connect(self.predict_open_image)
        workspace.project_closed.connect(self._project_closed)

    @Slot()
    def warm_up(self) -> None:
        """Start the worker before it is needed: loading TensorFlow takes seconds."""
        if not self._thread.isRunning():
            self._thread.start()

    def close(self) -> None:
        self._thread.close()

    # --- training

    def train(self, settings: TrainingSettings) -> None:
        """Train on the labels as they are now; edits still on their way to the disk are waited for."""
        if self.state != "idle" or self._workspace.project is None:
            return
        self._project = self._workspace.project
        self._wanted, self._stop_asked = settings, False
        self._set_state("preparing")
        self._saving_changed(self._workspace.saves.state)

    @Slot()
    def stop(self) -> None:
        """End the training under way; what it learned so far becomes a run."""
        if self.state in ("preparing", "training"):
            self._stop_asked = True
            self._thread.send(StopTraining())
            self._set_state("stopping")

    @Slot(str)
    def _saving_changed(self, state: str) -> None:
        if self._wanted is not None and state == "saved" and self._project is not None:
            settings, self._wanted = self._wanted, None
            self._workspace.jobs.run(
                _labels, self._project, settings, done=self._send_labels, failed=self._cannot_train
            )
        elif self._wanted is not None and state == "failing":
            self._wanted = None
            self._cannot_train(TrainingError("The labels cannot be saved now, so nothing was trained. Try again."))

    def _send_labels(self, request: Train) -> None:
        if self._stop_asked or self._project is not self._workspace.project:
            self._set_state("idle")
            return
        self._thread.send(request)

    def _cannot_train(self, error: Exception) -> None:
        self._set_state("idle")
        if isinstance(error, TrainingError):
            self.failed.emit(str(error))
        else:
            self._workspace.jobs.report(error)

    # --- predictions

    @Slot()
    def predict_open_image(self) -> None:
        """Predict the open image with the chosen run, or show what was predicted before."""
        image, run, project = self._workspace.image, self._workspace.run, self._workspace.project
        if image is None or image.pixels is None or run is None or project is None:
            return
        key = (image.record.id, run.id)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            self.predicted.emit(kept)
        elif self._awaited != key:
            self._ask(key, project, run, str(image.path))

    def _ask(self, key: tuple[int, int], project: Project, run: TrainingRun, path: str) -> None:
        self._awaited = key
        self.predicting.emit(True)
        if self._loaded_run != run.id:
            self._loaded_run = run.id
            self._workspace.jobs.run(trained_model, project, run, done=self._load_model)
        self._workspace.jobs.run(Predict, key[0], path, done=self._thread.send)

    def _load_model(self, model: TrainedModel) -> None:
        self._thread.send(LoadModel(model))

    def _preview(self, seconds: float) -> None:
        """Ask now and then how the model under training sees the open picture."""
        image = self._workspace.image
        if self.state == "training" and seconds - self._previewed_at >= PREVIEW_S:
            self._previewed_at = seconds
            if image is not None and image.pixels is not None:
                self._thread.send(Predict(image.record.id, str(image.path), preview=True))

    def _show_preview(self, report: PredictionReady) -> None:
        image = self._workspace.image
        if self.state == "training" and image is not None and image.record.id == report.image_id:
            self.predicted.emit(report)

    def _keep(self, report: PredictionReady) -> None:
        self._kept[report.image_id, report.run_id] = report
        while len(self._kept) > 1 and sum(2 * p.class_map.nbytes for p in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)

    def is_current(self, report: PredictionReady) -> bool:
        image, run = self._workspace.image, self._workspace.run
        if image is None or run is None:
            return False
        return (report.image_id, report.run_id) == (image.record.id, run.id)

    # --- models

    def export_model(self, run: TrainingRun, format_name: str, folder: str) -> None:
        if self._workspace.project is not None:
            send = _Export(self._thread, format_name, folder)
            self._workspace.jobs.run(trained_model, self._workspace.project, run, done=send)

    # --- reports

    @Slot(object)
    def _take(self, report: Report) -> None:
        match report:
            case DeviceFound():
                self.device = report
                self.device_found.emit(report)
            case TrainingStarted():
                self._previewed_at = 0.0
                if self.state == "preparing":
                    self._set_state("training")
                self.started.emit(report)
            case StepsDone():
                self.progressed.emit(report)
                self._preview(report.seconds)
            case Measured():
                self.measured.emit(report)
            case TrainingEnded():
                self._training_ended(report)
            case PredictionReady():
                self._prediction_ready(report)
            case ModelExported():
                self.exported.emit(report.folder)
            case Failed():
                self._request_failed(report)

    def _training_ended(self, report: TrainingEnded) -> None:
        if self._project is None or self._project is not self._workspace.project:
            self._set_state("idle")
            return
        self._workspace.jobs.run(store_run, self._project, report, done=self._run_stored, failed=self._run_lost)

    def _run_stored(self, run: TrainingRun) -> None:
        self._set_state("idle")
        self.ended.emit(run)
        if self._project is self._workspace.project:
            self._workspace.add_run(run)

    def _run_lost(self, error: Exception) -> None:
        self._set_state("idle")
        self._workspace.jobs.report(error)

    def _prediction_ready(self, report: PredictionReady) -> None:
        if report.run_id == PREVIEW_RUN:
            self._show_preview(report)
            return
        if self._awaited == (report.image_id, report.run_id):
            self._awaited = None
            self.predicting.emit(False)
        self._keep(report)
        if self.is_current(report):
            self.predicted.emit(report)

    def _request_failed(self, report: Failed) -> None:
        if report.request == "train":
            self._set_state("idle")
            self.failed.emit(report.message)
            self.predict_open_image()
        elif report.request == "export":
            self.export_failed.emit(report.message)
        else:
            self._awaited = None
            self.predicting.emit(False)
            self._workspace.noticed.emit(Notice(report.message, topic="image"))
        if report.trace:
            self.broke.emit(report.trace)

    @Slot()
    def _project_closed(self) -> None:
        if self.state in ("preparing", "training"):
            self.stop()
        self._kept.clear()
        self._loaded_run, self._awaited = 0, None

    def _set_state(self, state: LearningState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


class _Export:
    def __init__(self, thread: TrainingThread, format_name: str, folder: str) -> None:
        self._thread, self._format, self._folder = thread, format_name, folder

    def __call__(self, model: TrainedModel) -> None:
        self._thread.send(ExportModel(model, self._format, self._folder))


def _labels(project: Project, settings: TrainingSettings) -> Train:
    return Train(_checked(project.snapshot_labels()), settings)


def _checked(snapshot: LabelSnapshot) -> LabelSnapshot:
    if not snapshot.images:
        raise TrainingError("Nothing is labelled yet. Paint a little of two classes or more, then train.")
    return snapshot


def store_run(project: Project, report: TrainingEnded) -> TrainingRun:
    return project.add_run(
        seed=report.seed,
        settings=report.settings,
        label_revision=report.label_revision,
        classes=report.classes,
        device=report.device,
        seconds=report.seconds,
        metrics=report.metrics,
        curves=report.curves,
        weights=report.weights,
    )


def trained_model(project: Project, run: TrainingRun) -> TrainedModel:
    """Everything that rebuilds a run's network, read from the project."""
    settings: dict[str, Any] = dict(run.settings)
    return TrainedModel(run.id, settings, run.classes, project.run_weights(run.id))
