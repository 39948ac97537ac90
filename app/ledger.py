"""Keeping order among the runs: notes and stars, going back to one, comparing two, deleting."""

import json
from threading import Event

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.dialogs.runs import RunsDialog
from app.job import JobQueue
from app.places import window_settings
from app.timeline import Timeline
from app.workspace import Workspace
from core.errors import MaskwrightError
from core.project import Project
from core.records import FileRoom, TrainingRun
from core.run_comparison import changed_classes
from core.run_labels import SeenLabels, labels_seen

TOPIC = "runs"
STORED = "run-columns"
LOOKS = {
    "learned": "the labels that run {run} learned from",
    "measured": "the labels that run {run} was measured on",
    None: "when run {run} was trained, which saw no label of this picture",
}
"""What is told of the labels of then, by what the run used them for."""


class Ledger(QObject):
    """Fills the dialog, and does what is asked for in it."""

    def __init__(self, workspace: Workspace, timeline: Timeline, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._timeline = timeline
        self.jobs = JobQueue("runs", self)
        self._stop = Event()
        self._asked: set[int] = set()
        self.dialog = RunsDialog(window)
        self.dialog.table.set_widths(_stored_widths())
        self._connect_signals()

    def _connect_signals(self) -> None:
        dialog, work = self.dialog, self._workspace
        self.jobs.trouble.connect(work.tell)
        work.runs_changed.connect(self._show_runs)
        work.classes_changed.connect(self._show_runs)
        work.run_changed.connect(dialog.show_run)
        work.project_closed.connect(self.leave)
        dialog.restore_asked.connect(self.restore)
        dialog.noted.connect(self.note)
        dialog.starred.connect(self.star)
        dialog.delete_asked.connect(self.delete)
        dialog.labels_asked.connect(self.show_labels)

    @Slot()
    def show(self) -> None:
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        self._show_runs()

    def close(self) -> None:
        window_settings().setValue(STORED, json.dumps(self.dialog.table.widths))
        self._stop.set()
        self.jobs.close()

    @Slot()
    def leave(self) -> None:
        """The project is closed."""
        self._stop.set()
        self._stop, self._asked = Event(), set()
        self.dialog.table.runs.seen.clear()
        self.dialog.show_runs((), 0, ())
        self.dialog.close()

    @Slot()
    def _show_runs(self) -> None:
        work = self._workspace
        if not self.dialog.isVisible() or work.project is None:
            return
        self.dialog.show_runs(work.runs, 0 if work.run is None else work.run.id, work.classes)
        self.jobs.run(work.project.room, done=self.dialog.show_room, failed=self.fail)
        for run in work.runs:
            if run.id not in self._asked:
                self._asked.add(run.id)
                found = _Found(self, work.project)
                self.jobs.run(labels_seen, work.project, run, self._stop.is_set, done=found.take, failed=self.fail)

    def tell_labels(self, project: Project, seen: SeenLabels | None) -> None:
        if seen is not None and project is self._workspace.project:
            self.dialog.show_labels(seen)

    # --- what is asked for

    @Slot(int, str)
    def note(self, run_id: int, note: str) -> None:
        project = self._workspace.project
        if project is not None:
            self._workspace.jobs.run(project.note_run, run_id, note, done=self._workspace.update_run, failed=self.fail)

    @Slot(int, bool)
    def star(self, run_id: int, starred: bool) -> None:
        project = self._workspace.project
        if project is not None:
            done = self._workspace.update_run
            self._workspace.jobs.run(project.star_run, run_id, starred, done=done, failed=self.fail)

    @Slot(int)
    def restore(self, run_id: int) -> None:
        """Predict with a run from now on; one whose weights are gone changes nothing."""
        project = self._workspace.project
        if project is not None:
            self._workspace.jobs.run(usable_runs, project, [run_id], done=self._restored, failed=self.fail)

    def _restored(self, runs: list[TrainingRun]) -> None:
        (run,) = runs
        self._workspace.choose_run(run.id)
        if self._workspace.run is None or self._workspace.run.id != run.id:
            return  # a model from elsewhere: it is asked first whether it is trusted
        notes = changed_classes(run, self._workspace.classes)
        text = f"Run {run.id} predicts now. {' '.join(notes)}".strip()
        self._workspace.tell_quietly(text, TOPIC)

    @Slot(list)
    def delete(self, run_ids: list[int]) -> None:
        project = self._workspace.project
        if project is not None:
            deleted = _Deleted(self, project)
            self._workspace.jobs.run(_delete, project, run_ids, done=deleted.take, failed=self.fail)

    def forget(self, project: Project, run_ids: list[int], room: FileRoom) -> None:
        """They are gone from the file."""
        if project is not self._workspace.project:
            return
        self._workspace.forget_runs(run_ids)
        self.dialog.show_room(room)

    @Slot(int)
    def show_labels(self, run_id: int) -> None:
        """Show the open picture's labels as the run saw them; nothing can be painted on them."""
        image = self._workspace.image
        run = next((run for run in self._workspace.runs if run.id == run_id), None)
        if run is None or image is None:
            return
        seen = self.dialog.table.runs.seen.get(run_id)
        use = None if seen is None else seen.use_of(image.record.id)
        self._timeline.look_at(run.label_revision, LOOKS[use].format(run=run_id))

    def fail(self, error: Exception) -> None:
        """Say it where it was asked for, and show what is so."""
        if self._workspace.project is None:
            return  # it was closed meanwhile: there is nothing to say
        if isinstance(error, MaskwrightError):
            self._show_runs()
            self.dialog.show_problem(str(error))
        else:
            self.jobs.report(error)


class _Found:
    def __init__(self, ledger: Ledger, project: Project) -> None:
        self._ledger, self._project = ledger, project

    def take(self, seen: SeenLabels | None) -> None:
        self._ledger.tell_labels(self._project, seen)


class _Deleted:
    def __init__(self, ledger: Ledger, project: Project) -> None:
        self._ledger, self._project = ledger, project

    def take(self, result: tuple[list[int], FileRoom]) -> None:
        self._ledger.forget(self._project, *result)


def _stored_widths() -> list[int]:
    try:
        stored = json.loads(str(window_settings().value(STORED, "[]")))
    except ValueError:
        return []
    return stored if isinstance(stored, list) and all(isinstance(width, int) for width in stored) else []


def usable_runs(project: Project, run_ids: list[int]) -> list[TrainingRun]:
    """Runs that can predict; ProjectError where the weights of one are gone."""
    for run_id in run_ids:
        project.run_weights(run_id)
    return [project.run(run_id) for run_id in run_ids]


def _delete(project: Project, run_ids: list[int]) -> tuple[list[int], FileRoom]:
    project.delete_runs(run_ids)
    return run_ids, project.room()
