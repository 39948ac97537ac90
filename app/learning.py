"""From Train to the prediction over the picture: what the window asks of the training thread, and in which order."""

from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Signal, Slot

from app.keeping import keep_run
from app.predicting import Predicting
from app.resuming import Resuming
from app.starting import last_fitting, trained_model
from app.training_thread import TrainingThread
from app.workspace import Workspace
from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.project import Project
from core.records import TrainingRun
from core.training.messages import (
    CheckpointReached,
    DeviceFound,
    ExportModel,
    ExportProgress,
    Failed,
    LookAt,
    LookedAt,
    Measured,
    ModelExported,
    Notice,
    PredictionReady,
    Report,
    StepsDone,
    StopExport,
    StopTraining,
    Train,
    TrainingEnded,
    TrainingStarted,
)
from core.training.settings import TrainingSettings

LearningState = Literal["idle", "preparing", "training", "stopping"]


@dataclass(frozen=True, slots=True)
class _Wanted:
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    fresh: bool = False
    resume: bool = False


class Learning(QObject):
    """Training runs and predictions of the open project."""

    state_changed = Signal(str)
    """A LearningState."""
    device_found = Signal(object)
    sent = Signal(object)
    """The Train request, with what it goes on from."""
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
    looked = Signal(object)
    """LookedAt, the answer to a `look`, or Failed."""
    export_reported = Signal(object)
    """ExportProgress, or the answer to an ExportModel: ModelExported or Failed."""
    broke = Signal(str)
    """The traceback of a bug in the worker, for the crash report."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thread = TrainingThread(self)
        self.predicting = Predicting(workspace, self._thread, self)
        self.resuming = Resuming(workspace, self)
        self.state: LearningState = "idle"
        self.device: DeviceFound | None = None
        self._wanted: _Wanted | None = None
        self._project: Project | None = None
        self._stop_asked = self._closed = False
        self._thread.reported.connect(self._take)
        workspace.saves.state_changed.connect(self._saving_changed)
        workspace.project_closed.connect(self._project_closed)
        workspace.project_opened.connect(self._project_opened)
        self.resuming.accepted.connect(self.resume)

    @Slot()
    def warm_up(self) -> None:
        """Start the worker before it is needed: loading TensorFlow takes seconds."""
        if not self._thread.isRunning() and not self._closed:
            self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._thread.close()

    # --- training

    def train(self, settings: TrainingSettings, *, fresh: bool = False) -> None:
        """Train on the labels as they are now, from the last run that fits or, if `fresh`, from nothing."""
        self._begin(_Wanted(settings, fresh))

    @Slot()
    def resume(self) -> None:
        """Go on with the training that was cut off."""
        self._begin(_Wanted(resume=True))

    def _begin(self, wanted: _Wanted) -> None:
        """Edits still on their way to the disk are waited for."""
        if self.state != "idle" or self._workspace.project is None:
            return
        self._project = self._workspace.project
        self._wanted, self._stop_asked = wanted, False
        self.resuming.settle()
        self._workspace.keep(self._project)
        self._set_state("preparing")
        self._saving_changed(self._workspace.saves.state)

    @Slot()
    def stop(self) -> None:
        """End the training under way; what it learned so far becomes a run."""
        if self.state in ("preparing", "training"):
            self._stop_asked = True
            self._thread.send(StopTraining())
            self._set_state("stopping")

    def finish(self, seconds: float) -> None:
        """Stop and go on handling events until what was learned is stored, for at most so long."""
        self.stop()
        end = monotonic() + seconds
        while self.state != "idle" and monotonic() < end:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)

    @Slot(str)
    def _saving_changed(self, state: str) -> None:
        if self._wanted is not None and state == "saved" and self._project is not None:
            wanted, self._wanted = self._wanted, None
            self._workspace.jobs.run(_request, self._project, wanted, done=self._send_labels, failed=self._cannot_train)
        elif self._wanted is not None and state == "failing":
            self._wanted = None
            self._cannot_train(TrainingError("The labels cannot be saved now, so nothing was trained. Try again."))

    def _send_labels(self, request: Train) -> None:
        if self._stop_asked or self._project is not self._workspace.project:
            self._set_state("idle")
            return
        self._thread.send(request)
        self.sent.emit(request)
        if request.snapshot.left_out:
            self._workspace.tell_quietly(f"Not used: {', '.join(request.snapshot.left_out)}.", "training")

    def _cannot_train(self, error: Exception) -> None:
        self._set_state("idle")
        if isinstance(error, TrainingError):
            self.failed.emit(str(error))
        else:
            self._workspace.jobs.report(error)

    # --- models

    @Slot(object)
    def export_model(self, request: ExportModel) -> None:
        """Have a model exported, after what the worker does now."""
        self._thread.send(request)

    def stop_export(self) -> None:
        self._thread.send(StopExport())

    def look(self, request: LookAt) -> None:
        """Have an image looked at by the model that the worker has."""
        self._thread.send(request)

    # --- reports

    @Slot(object)
    def _take(self, report: Report) -> None:
        match report:
            case DeviceFound():
                self.device = report
                self.device_found.emit(report)
            case TrainingEnded():
                self._training_ended(report)
            case PredictionReady():
                self.predicting.take(report)
            case LookedAt():
                self.looked.emit(report)
            case ExportProgress() | ModelExported():
                self.export_reported.emit(report)
            case Failed():
                self._request_failed(report)
            case _:
                self._take_on_the_way(report)

    def _take_on_the_way(self, report: Report) -> None:
        """What a training reports before it ends."""
        match report:
            case TrainingStarted():
                self._training_started(report)
            case StepsDone():
                self._steps_done(report)
            case Measured():
                self.measured.emit(report)
            case CheckpointReached():
                self._keep_checkpoint(report)
            case Notice():
                self._workspace.tell_quietly(report.text, "training")

    def _training_started(self, report: TrainingStarted) -> None:
        self.predicting.restart_previews()
        if self.state == "preparing":
            self._set_state("training")
        self.started.emit(report)

    def _steps_done(self, report: StepsDone) -> None:
        self.progressed.emit(report)
        if self.state == "training":
            self.predicting.preview(report.seconds)

    def _keep_checkpoint(self, report: CheckpointReached) -> None:
        if self._project is not None and self.state != "idle":
            self._workspace.jobs.run(self._project.save_checkpoint, report.checkpoint)

    def _training_ended(self, report: TrainingEnded) -> None:
        if self._project is None:
            self._set_state("idle")
            return
        self._workspace.jobs.run(keep_run, self._project, report, done=self._run_stored, failed=self._run_lost)

    def _run_stored(self, run: TrainingRun) -> None:
        self._set_state("idle")
        self.ended.emit(run)
        self._workspace.settled.emit("kept")
        if self._project is self._workspace.project:
            self._workspace.add_run(run)

    def _run_lost(self, error: Exception) -> None:
        self._set_state("idle")
        self._workspace.jobs.report(error)
        self.resuming.look()

    def _request_failed(self, report: Failed) -> None:
        if report.request == "train":
            self._set_state("idle")
            self.failed.emit(report.message)
            self.predicting.predict_open_image()
            self.resuming.look()
        elif report.request == "look":
            self.looked.emit(report)
        elif report.request == "export":
            self.export_reported.emit(report)
        else:
            self.predicting.fail(report.message)
        if report.trace:
            self.broke.emit(report.trace)

    @Slot()
    def _project_opened(self) -> None:
        if self.state == "idle":
            self.resuming.look()

    @Slot()
    def _project_closed(self) -> None:
        if self.state in ("preparing", "training"):
            self.stop()
            self._workspace.tell_quietly("The training ends, and what it learned is kept with its project.", "kept")

    def _set_state(self, state: LearningState) -> None:
        if state != self.state:
            self.state = state
            if state == "idle" and self._project is not None:
                self._workspace.let_go(self._project)
            self.state_changed.emit(state)


def _request(project: Project, wanted: _Wanted) -> Train:
    """The labels as they are now, and what to go on from."""
    snapshot = _checked(project.snapshot_labels())
    if wanted.resume:
        checkpoint = project.checkpoint()
        if checkpoint is None:
            raise TrainingError("There is nothing left to go on with. Press Train to begin anew.")
        return Train(snapshot, TrainingSettings.from_mapping(checkpoint.settings), resume=checkpoint)
    project.drop_checkpoint()
    run = None if wanted.fresh else last_fitting(project.runs(), wanted.settings, project.classes)
    return Train(snapshot, wanted.settings, start_from=None if run is None else trained_model(project, run))


def _checked(snapshot: LabelSnapshot) -> LabelSnapshot:
    if not snapshot.images and snapshot.left_out:
        raise TrainingError(f"No labelled picture can be used: {', '.join(snapshot.left_out)}. Put the files back.")
    if not snapshot.images:
        raise TrainingError("Nothing is labelled yet. Paint a little of two classes or more, then train.")
    return snapshot
