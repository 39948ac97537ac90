"""Comparing heads beside everything else: a worker process of its own, that ends with the comparison."""

from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.dialogs.head_lab import HeadLabDialog
from app.training_thread import TrainingThread
from app.workspace import Workspace
from core.errors import MaskwrightError
from core.project import Project
from core.training.messages import CompareHeads, Failed, HeadProgress, HeadsCompared, Report, StopTraining
from core.training.settings import TrainingSettings

ComparingState = Literal["idle", "running", "stopping"]
SAVE_WAIT_S = 10.0


class Comparing(QObject):
    """Starts and stops the comparison, and shows it in its dialog."""

    state_changed = Signal(str)
    """A ComparingState."""
    broke = Signal(str)
    """The traceback of a bug in the worker, for the crash report."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._thread = TrainingThread(self)
        self._thread.reported.connect(self._take)
        self.state: ComparingState = "idle"
        self.dialog = HeadLabDialog(window)
        self.dialog.compare_asked.connect(self.compare)
        self.dialog.stop_asked.connect(self.stop)
        self.state_changed.connect(self.dialog.show_state)
        workspace.project_closed.connect(self.leave)

    @Slot()
    def show(self) -> None:
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    @Slot(float, int)
    def compare(self, budget_s: float, seeds: int) -> None:
        """Compare on the labels as they are now, the last strokes included."""
        project = self._workspace.project
        if self.state != "idle" or project is None or not self._workspace.saves.wait(SAVE_WAIT_S):
            return
        self._set_state("running")
        settings = TrainingSettings(budget_s=budget_s)
        self._workspace.jobs.run(_request, project, settings, seeds, done=self._send, failed=self._fail)

    @Slot()
    def stop(self) -> None:
        """End it with the heads that are through."""
        if self.state == "running":
            self._set_state("stopping")
            self._thread.send(StopTraining())

    @Slot()
    def leave(self) -> None:
        """End it at once: the project it was about is closed."""
        self._end()
        self.dialog.close()

    def close(self) -> None:
        self._thread.close()

    def _send(self, request: CompareHeads) -> None:
        if self.state == "running":
            self._thread.send(request)
        else:
            self._end()

    def _fail(self, error: Exception) -> None:
        self._end()
        if isinstance(error, MaskwrightError):
            self.dialog.show_problem(str(error))
        else:
            self._workspace.jobs.report(error)

    @Slot(object)
    def _take(self, report: Report) -> None:
        if self.state == "idle":
            return
        match report:
            case HeadProgress():
                self.dialog.show_progress(report)
            case HeadsCompared():
                self._end()
                self.dialog.show_result(report)
                if not self.dialog.isVisible():
                    self._workspace.tell_quietly("The heads are compared: Model › Compare heads shows them.", "heads")
            case Failed():
                self._end()
                self.dialog.show_problem(report.message)
                if report.trace:
                    self.broke.emit(report.trace)

    def _end(self) -> None:
        """The process goes, and with it its memory."""
        self._thread.close()
        self._set_state("idle")

    def _set_state(self, state: ComparingState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


def _request(project: Project, settings: TrainingSettings, seeds: int) -> CompareHeads:
    return CompareHeads(project.snapshot_labels(), settings, seeds)
