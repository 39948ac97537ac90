"""Measuring a run beside everything else, in a process of its own, and the report of it."""

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.cautioning import Cautioning
from app.dialogs.evaluation import EvaluationDialog
from app.dialogs.files import OpenPath, ask_folder
from app.job import JobQueue
from app.notices import Choice, Notice
from app.training_thread import TrainingThread
from app.workspace import Workspace
from core.errors import MaskwrightError
from core.evaluation.cautions import Caution
from core.evaluation.evaluate import begin, left_out
from core.evaluation.figures import Evaluation, Gathering
from core.evaluation.plan import Plan, plan_evaluation, read_labelled
from core.project import Project
from core.records import ImageRecord, Split
from core.training.dataset import LabelledCells
from core.training.messages import Failed, ImageMeasured, LoadModel, MeasureImage, Report

EvaluatingState = Literal["idle", "running"]
SAVE_WAIT_S = 10.0
TOPIC = "evaluation"


class Evaluating(QObject):
    """Asks the worker for one image after another, and adds up what it finds."""

    state_changed = Signal(str)
    """An EvaluatingState."""
    broke = Signal(str)
    """The traceback of a bug in the worker, for the crash report."""

    def __init__(self, workspace: Workspace, cautioning: Cautioning, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._cautioning = cautioning
        self._jobs = JobQueue("evaluation", self)
        self._thread = TrainingThread(self)
        self.state: EvaluatingState = "idle"
        self.dialog = EvaluationDialog(window)
        self._project: Project | None = None
        self._plan: Plan | None = None
        self._gathering: Gathering | None = None
        self._done = 0
        self._cautions: list[Caution] = []
        self._connect_signals()

    def _connect_signals(self) -> None:
        self._thread.reported.connect(self._take)
        self._jobs.trouble.connect(self._workspace.tell)
        self.state_changed.connect(self.dialog.show_state)
        self.dialog.measure_asked.connect(self.measure)
        self.dialog.stop_asked.connect(self.stop)
        self.dialog.report_asked.connect(self.ask_report)
        self.dialog.image_asked.connect(self._workspace.open_image)
        self._cautioning.found.connect(self.show_cautions)
        self._workspace.runs_changed.connect(self._show_run)
        self._workspace.project_closed.connect(self.leave)

    @Slot()
    def show(self) -> None:
        self._show_run()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def close(self) -> None:
        self._thread.close()
        self._jobs.close()

    @Slot()
    def leave(self) -> None:
        """The project it was about is closed."""
        self._end()
        self._project, self._cautions = None, []
        self.dialog.show_result(None)
        self._show_cautions()
        self.dialog.show_problem("")
        self.dialog.close()

    @Slot()
    def _show_run(self) -> None:
        run = self._workspace.run
        self.dialog.show_run(0 if run is None else run.id)

    # --- measuring

    @Slot(object)
    def measure(self, split: Split | None) -> None:
        """Measure the chosen run on the labels as they are now, the last strokes included."""
        project, run = self._workspace.project, self._workspace.run
        if self.state != "idle" or project is None or run is None or not self._workspace.saves.wait(SAVE_WAIT_S):
            return
        self._project, self._plan, self._gathering = project, None, None
        self._set_state("running")
        self._jobs.run(plan_evaluation, project, run.id, split, done=self._begin, failed=self._fail)

    @Slot()
    def stop(self) -> None:
        """End it with the images that are through."""
        if self.state == "running":
            self._finish(stopped=True)

    def _begin(self, plan: Plan) -> None:
        if self.state != "running" or self._project is None:
            return
        self._plan, self._gathering, self._done = plan, begin(plan), 0
        self._thread.send(LoadModel(plan.model))
        self._cautioning.look()
        self._next()

    def _next(self) -> None:
        if self._plan is None or self._project is None:
            return
        self.dialog.show_progress(self._done, len(self._plan.records))
        if self._done == len(self._plan.records):
            self._finish()
            return
        record = self._plan.records[self._done]
        read = _Read(self, self._plan, record)
        self._jobs.run(read_labelled, self._project, self._plan, record, done=read.take, failed=read.fail)

    def send(self, plan: Plan, cells: LabelledCells | None) -> None:
        """Hand an image over; one without labels to measure on is through already."""
        if plan is not self._plan or self.state != "running":
            return
        if cells is None:
            self._advance()
        else:
            self._thread.send(MeasureImage(cells))

    def refuse(self, plan: Plan, record: ImageRecord, error: Exception) -> None:
        """An image that cannot be measured on is noted."""
        if plan is not self._plan or self._gathering is None:
            return
        if isinstance(error, MaskwrightError):
            self._gathering.note(left_out(record, error))
            self._advance()
        else:
            self._fail(error)

    def _advance(self) -> None:
        self._done += 1
        self._next()

    @Slot(object)
    def _take(self, report: Report) -> None:
        if self.state == "idle":
            return
        match report:
            case ImageMeasured():
                self._add(report)
            case Failed():
                self._end()
                self.dialog.show_problem(report.message)
                if report.trace:
                    self.broke.emit(report.trace)

    def _add(self, report: ImageMeasured) -> None:
        if self._gathering is None or self._plan is None:
            return
        if report.figures is not None:
            self._gathering.add(report.figures)
        else:
            record = self._plan.records[self._done]
            self._gathering.note(left_out(record, MaskwrightError(report.problem)))
        self._advance()

    def _finish(self, *, stopped: bool = False) -> None:
        gathering = self._gathering
        self._end()
        if gathering is None or (stopped and not gathering.pixels):
            return
        try:
            self.dialog.show_result(gathering.total(stopped=stopped))
        except MaskwrightError as error:
            self.dialog.show_problem(str(error))
            return
        self._show_cautions()
        if not self.dialog.isVisible():
            self._workspace.tell_quietly("The run is measured: Model › Evaluation shows the figures.", TOPIC)

    def _fail(self, error: Exception) -> None:
        self._end()
        if isinstance(error, MaskwrightError):
            self.dialog.show_problem(str(error))
        else:
            self._jobs.report(error)

    def _end(self) -> None:
        """The process goes, and with it its memory."""
        self._plan = self._gathering = None
        self._thread.close()
        if self.state != "idle":
            self.state = "idle"
            self.state_changed.emit("idle")

    def _set_state(self, state: EvaluatingState) -> None:
        self.state = state
        self.state_changed.emit(state)

    @Slot(object)
    def show_cautions(self, cautions: list[Caution]) -> None:
        """Below what the figures themselves call for."""
        self._cautions = cautions
        self._show_cautions()

    def _show_cautions(self) -> None:
        evaluation = self.dialog.evaluation
        notes = () if evaluation is None else evaluation.notes
        self.dialog.show_cautions([*(Caution(note) for note in notes), *self._cautions])

    # --- report

    @Slot()
    def ask_report(self) -> None:
        project, evaluation = self._workspace.project, self.dialog.evaluation
        if project is None or evaluation is None:
            return
        folder = ask_folder(self.dialog, "Save the report into a folder", project.path.parent)
        if folder is not None:
            self._workspace.tell_quietly("Writing the report…", TOPIC)
            arguments = project, evaluation, folder, list(self._cautions)
            self._jobs.run(_write, *arguments, done=self._report_written)

    def _report_written(self, page: Path) -> None:
        choice = Choice("Open it", OpenPath(page))
        self._workspace.noticed.emit(Notice(f"The report is {page}.", (choice,), topic=TOPIC, problem=False))


class _Read:
    """The labels of one image, on their way to the worker."""

    def __init__(self, evaluating: Evaluating, plan: Plan, record: ImageRecord) -> None:
        self._evaluating, self._plan, self._record = evaluating, plan, record

    def take(self, cells: LabelledCells | None) -> None:
        self._evaluating.send(self._plan, cells)

    def fail(self, error: Exception) -> None:
        self._evaluating.refuse(self._plan, self._record, error)


def _write(project: Project, evaluation: Evaluation, folder: Path, cautions: list[Caution]) -> Path:
    """Imported late: reports are rare and opening the window is not."""
    from core.evaluation.report import write_report

    return write_report(project, evaluation, folder, cautions)
