"""Taking models out of a project: asks, has the worker export, tells what it does, and where the model went."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.dialogs.files import OpenPath
from app.learning import Learning
from app.notices import Choice, Notice
from app.places import window_settings
from app.run_texts import checked_text, megabytes
from app.starting import trained_model
from app.workspace import Workspace
from core.model_formats import model_format
from core.model_formats.origin import held_out_labels, model_origin
from core.project import Project
from core.training.messages import ExportModel, ExportProgress, Failed, ModelExported

if TYPE_CHECKING:
    from app.dialogs.export_model import ExportModelDialog, ModelChoice

TOPIC = "export-model"
LAST = "export/model"
"""What was chosen last time, in the window's settings."""
ALL_IMPORTED = "All models here came from elsewhere: export what was trained here. Train first."


class ModelExporting(QObject):
    """One model at a time."""

    def __init__(self, workspace: Workspace, learning: Learning, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._learning = learning
        self._window = window
        self._choice: ModelChoice | None = None
        """What is on its way out now."""
        self._doing = ""
        self._stopping = False
        self.dialog: ExportModelDialog | None = None
        learning.export_reported.connect(self._take)

    def close(self) -> None:
        """Once the worker has ended: take away what it was writing."""
        if self._choice is not None:
            _remove_leftovers(self._choice.folder)

    @Slot()
    def ask(self) -> None:
        # Imported late: exporting is rare and opening the window is not.
        from app.dialogs.export_model import ExportModelDialog, Habits

        work = self._workspace
        if self._choice is not None:
            self._tell_going_on()
        elif work.project is not None and work.run is not None and self.dialog is None:
            runs = [run for run in work.runs if not run.imported]
            if not runs:
                work.tell_quietly(ALL_IMPORTED, TOPIC)
                return
            shown = runs[0] if work.run.imported else work.run
            before = Habits.from_mapping(_stored(), work.project.path.parent, work.project.path)
            self.dialog = ExportModelDialog(runs, shown.id, before, self._window)
            self.dialog.chosen.connect(self.export)
            self.dialog.destroyed.connect(self._dialog_gone)
            self.dialog.show()

    @Slot()
    def _dialog_gone(self) -> None:
        self.dialog = None

    @Slot(object)
    def export(self, choice: "ModelChoice") -> None:
        project = self._workspace.project
        if project is None:
            return
        habits = {"format": choice.format, "licence": choice.licence, "place": str(choice.folder.parent)}
        window_settings().setValue(LAST, json.dumps({**habits, "project": str(project.path)}))
        waits = self._learning.state != "idle"
        self._choice, self._stopping = choice, False
        self._doing = "it waits for the training to end" if waits else "getting ready"
        self._tell_going_on()
        self._workspace.jobs.run(_request, project, choice, done=self._learning.export_model, failed=self._not_sent)

    def _stop(self) -> None:
        self._stopping = True
        self._learning.stop_export()
        self._tell_going_on()

    def _not_sent(self, error: Exception) -> None:
        self._choice = None
        self._workspace.settled.emit(TOPIC)
        self._workspace.jobs.report(error)

    @Slot(object)
    def _take(self, report: ExportProgress | ModelExported | Failed) -> None:
        choice = self._choice
        match report:
            case ExportProgress():
                self._doing = report.doing
                self._tell_going_on()
            case ModelExported() if choice is not None:
                self._choice = None
                self._tell_done(choice, report)
            case Failed() if choice is not None:
                self._choice = None
                self._workspace.jobs.run(_remove_leftovers, choice.folder)  # the worker may have died
                self._workspace.noticed.emit(Notice(report.message, topic=TOPIC, problem=not self._stopping))

    def _tell_going_on(self) -> None:
        if self._choice is None:
            return
        model = f"the model of run {self._choice.run_id}"
        if self._stopping:
            notice = Notice(f"Stopping the export of {model}…", topic=TOPIC, problem=False)
        else:
            choices = (Choice("Stop", self._stop),)
            notice = Notice(f"Exporting {model}: {self._doing}…", choices, topic=TOPIC, problem=False)
        self._workspace.noticed.emit(notice)

    def _tell_done(self, choice: "ModelChoice", report: ModelExported) -> None:
        size = megabytes(report.figures.size_bytes)
        text = f"The model is in {choice.folder}, {size}. {checked_text(report.figures)}"
        choices = (Choice("Open the folder", OpenPath(choice.folder)),)
        self._workspace.noticed.emit(Notice(text, choices, topic=TOPIC, problem=False))


def _request(project: Project, choice: "ModelChoice") -> ExportModel:
    model = trained_model(project, project.run(choice.run_id))
    origin = model_origin(project, choice.run_id, choice.licence)
    held_out = () if model_format(choice.format).exact else held_out_labels(project, choice.run_id)
    return ExportModel(model, origin, choice.format, str(choice.folder), held_out)


def _remove_leftovers(folder: Path) -> None:
    from core.model_formats.export import remove_leftovers

    remove_leftovers(folder)


def _stored() -> object:
    try:
        return json.loads(str(window_settings().value(LAST, "null")))
    except ValueError:
        return None
