"""Models from elsewhere into the open project: tried in a process of their own, then kept as a run."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from app.job import JobQueue
from app.places import last_folder, window_settings
from app.trust import trust
from app.workspace import Workspace
from core.errors import MaskwrightError
from core.project import Project
from core.records import TrainingRun

if TYPE_CHECKING:
    from app.dialogs.import_model import ImportModelDialog, ModelAsked
    from core.foreign.import_model import ModelFile
    from core.foreign.recognise import Recognised

TOPIC = "import-model"
FOLDER = "import/models"
"""Where a model was found last time, in the window's settings."""


class ModelImporting(QObject):
    """One model at a time."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._workspace, self._window = workspace, window
        self._jobs = JobQueue("import-model", self)
        self._turn = 0
        """The trial that counts; those before it end."""
        self._project: Project | None = None
        self._found: tuple[ModelFile, Recognised] | None = None
        self.dialog: ImportModelDialog | None = None
        workspace.project_closed.connect(self._leave)
        workspace.classes_changed.connect(self._classes_changed)

    def close(self) -> None:
        self._forget()
        self._jobs.close()

    # --- asking

    @Slot()
    def ask(self) -> None:
        # Imported late: it brings all that models need along, and opening the window does not need it.
        from app.dialogs.import_model import ImportModelDialog

        project = self._workspace.project
        if project is None:
            return
        if self.dialog is None:
            start = last_folder(FOLDER, project.path.parent)
            self.dialog = ImportModelDialog(self._workspace.classes, start, self._window)
            self.dialog.try_asked.connect(self._try)
            self.dialog.forgotten.connect(self._forget)
            self.dialog.import_asked.connect(self._keep)
            self.dialog.destroyed.connect(self._dialog_gone)
        self._project = project
        self.dialog.show()
        self.dialog.activateWindow()

    def ask_about(self, path: Path) -> None:
        """Ask, beginning with the model at `path`."""
        self.ask()
        if self.dialog is not None and not self.dialog.busy:
            self.dialog.open_path(path)

    @Slot()
    def _dialog_gone(self) -> None:
        self.dialog = None
        self._forget()

    @Slot()
    def _leave(self) -> None:
        self._forget()
        self._project = None
        if self.dialog is not None:
            self.dialog.finish()

    @Slot()
    def _classes_changed(self) -> None:
        if self.dialog is not None:
            self.dialog.set_classes(self._workspace.classes)

    # --- trying

    @Slot()
    def _forget(self) -> None:
        """End the trial under way."""
        self._turn += 1
        self._found = None

    @Slot(object)
    def _try(self, asked: "ModelAsked") -> None:
        self._forget()
        if self._project is None:
            return
        found, failed = partial(self._tried, self._turn), partial(self._failed, self._turn)
        self._jobs.run(self._look, asked, self._project, self._turn, done=found, failed=failed)

    def _look(self, asked: "ModelAsked", project: Project, turn: int) -> "tuple[ModelFile, Recognised]":
        # Called from the import's thread.
        from core.foreign.import_model import check_model, find_model

        model = find_model(asked.path)
        return model, check_model(project, model, scale=asked.scale, stop=partial(self._is_past, turn))

    def _is_past(self, turn: int) -> bool:
        return turn != self._turn

    def _tried(self, turn: int, found: "tuple[ModelFile, Recognised]") -> None:
        if turn == self._turn and self.dialog is not None:
            self._found = found
            self.dialog.show_found(found[1])
            window_settings().setValue(FOLDER, str(found[0].path.parent))

    def _failed(self, turn: int, error: Exception) -> None:
        if turn != self._turn:
            return
        if not isinstance(error, MaskwrightError):
            self._jobs.report(error)
        if self.dialog is not None:
            self.dialog.show_problem(str(error))

    # --- keeping

    @Slot(object)
    def _keep(self, table: dict[str, int | None]) -> None:
        project = self._project
        if project is None or self._found is None or self.dialog is None:
            return
        self.dialog.show_keeping()
        self._workspace.keep(project)
        kept, failed = partial(self._kept, project), partial(self._not_kept, project, self._turn)
        self._jobs.run(_keep_model, project, *self._found, table, done=kept, failed=failed)

    def _kept(self, project: Project, run: TrainingRun) -> None:
        self._workspace.let_go(project)
        if project is not self._workspace.project:
            return
        if self.dialog is not None:
            self.dialog.finish()
        trust(run)
        self._workspace.add_run(run)
        self._workspace.tell_quietly(f"Run {run.id} is {run.note}, a model from elsewhere. It predicts now.", TOPIC)

    def _not_kept(self, project: Project, turn: int, error: Exception) -> None:
        self._workspace.let_go(project)
        self._failed(turn, error)


def _keep_model(project: Project, model: "ModelFile", found: "Recognised", table: dict[str, int | None]) -> TrainingRun:
    from core.foreign.import_model import keep_model

    return keep_model(project, model, found, table)
