"""Masks into the open project: looked at and read in the background, taken in at once while the hands rest."""

from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.actions import Actions
from app.editing import Editing
from app.hold import Hold
from app.job import JobQueue
from app.mask_reading import MaskReader, Taken, load_formats, stage, take
from app.notices import Choice, Notice
from app.places import last_folder, window_settings
from app.prelabelling import PreLabelling
from app.taking_back import TakingBack
from app.workspace import Workspace
from core.errors import ImageError, MaskwrightError
from core.project import Project, StagedMasks

if TYPE_CHECKING:
    from app.dialogs.import_masks import ImportChoice, ImportMasksDialog
    from core.formats.import_masks import ImportPlan, Incoming

TOPIC = "import"
FOLDER = "import/folder"
"""Where masks were found last time, in the window's settings."""
TELL_S = 0.1
WAIT_MS = 50
WARM_UP_MS = 3000
"""So long after a project opened, the formats are loaded, so that dialogs come up at once."""
STOPPED = "The import was stopped. Nothing was imported."


class Importing(QObject):
    """Brings dialog, background thread and open picture together."""

    _counted = Signal(int, int)
    """Which job, and how many masks it is through with."""

    def __init__(
        self, workspace: Workspace, editing: Editing, accepting: PreLabelling, actions: Actions, window: QWidget
    ) -> None:
        super().__init__(window)
        self._workspace, self._editing, self._accepting, self._window = workspace, editing, accepting, window
        self._jobs = JobQueue("import", self)
        self._reader = MaskReader()
        self._hold = Hold(self)
        self._turn = 0
        """The job that counts; those before it stop."""
        self._told = 0.0
        self._project: Project | None = None
        self._found: tuple[Incoming, ImportPlan] | None = None
        self._staged: StagedMasks | None = None
        self._taking = False
        self.dialog: ImportMasksDialog | None = None
        self._taking_back = TakingBack(workspace, self._jobs, editing, TOPIC, self)
        self._quiet_timer = QTimer(self)
        self._quiet_timer.setSingleShot(True)
        self._quiet_timer.setInterval(WAIT_MS)
        self._quiet_timer.timeout.connect(self._take_when_quiet)
        self._warm_up = QTimer(self)
        self._warm_up.setSingleShot(True)
        self._warm_up.setInterval(WARM_UP_MS)
        self._warm_up.timeout.connect(self._load_formats)
        workspace.project_opened.connect(self._warm_up.start)
        self._counted.connect(self._show_count, Qt.ConnectionType.QueuedConnection)
        self._jobs.trouble.connect(workspace.tell)
        workspace.project_closed.connect(self._leave)
        workspace.classes_changed.connect(self._classes_changed)
        actions["import-masks"].triggered.connect(self.ask)

    def close(self) -> None:
        """After the project is closed."""
        self._warm_up.stop()
        self._hold.end()
        self._jobs.close()

    @Slot()
    def _load_formats(self) -> None:
        self._jobs.run(load_formats)

    # --- asking

    @Slot()
    def ask(self) -> None:
        """Ask which masks come in."""
        # Imported late: it brings all formats along, and opening the window does not need them.
        from app.dialogs.import_masks import ImportMasksDialog

        project = self._workspace.project
        if project is None:
            return
        if self.dialog is None:
            start = last_folder(FOLDER, project.path.parent)
            self.dialog = ImportMasksDialog(self._workspace.classes, start, self._window)
            self.dialog.look_asked.connect(self._look)
            self.dialog.import_asked.connect(self._import)
            self.dialog.stop_asked.connect(self._stop)
            self.dialog.destroyed.connect(self._dialog_gone)
        self._project = project
        self.dialog.show()
        self.dialog.activateWindow()

    def ask_about(self, path: Path) -> None:
        """Ask, beginning with the masks at `path`."""
        self.ask()
        if self.dialog is not None and not self.dialog.busy:
            self.dialog.open_path(path)

    @Slot()
    def _dialog_gone(self) -> None:
        self.dialog = None
        if not self._taking:
            self._turn += 1
            self._found = None
        if self._project is not None:
            self._jobs.run(self._reader.close)

    @Slot()
    def _leave(self) -> None:
        self._turn += 1
        self._project = None
        self._drop_staged()
        self._jobs.run(self._reader.close)
        if self.dialog is not None:
            self.dialog.finish()

    @Slot()
    def _classes_changed(self) -> None:
        if self.dialog is not None:
            self.dialog.set_classes(self._workspace.classes)

    # --- looking

    @Slot(object)
    def _look(self, choice: "ImportChoice") -> None:
        self._found, self._turn = None, self._turn + 1
        if self._project is None:
            return
        done, failed = partial(self._show_plan, self._turn), partial(self._show_problem, self._turn)
        report = partial(self._report, self._turn)
        self._jobs.run(self._reader.look, choice, self._project, report, done=done, failed=failed)

    def _show_plan(self, turn: int, found: "tuple[Incoming, ImportPlan]") -> None:
        if turn == self._turn and self.dialog is not None:
            self._found = found
            self.dialog.show_plan(found[0].format.name, found[1])
            path = found[0].source.path
            window_settings().setValue(FOLDER, str(path if path.is_dir() else path.parent))

    def _show_problem(self, turn: int, error: Exception) -> None:
        if turn == self._turn and self.dialog is not None:
            if isinstance(error, MaskwrightError):
                self.dialog.show_problem(str(error))
            else:
                self._jobs.report(error)

    def _report(self, turn: int, count: int) -> None:
        # Called from the import's thread.
        if turn != self._turn:
            raise ImageError(STOPPED)
        if monotonic() - self._told > TELL_S:
            self._told = monotonic()
            self._counted.emit(turn, count)

    @Slot(int, int)
    def _show_count(self, turn: int, count: int) -> None:
        if turn != self._turn or self.dialog is None:
            return
        if self.dialog.busy and self._found is not None:
            total = len(self._found[1].images)
            self.dialog.show_importing(f"Reading masks: {count:,} of {total:,}…", count, total)
        else:
            self.dialog.show_looking(count)

    # --- importing

    @Slot()
    def _import(self) -> None:
        if self._project is None or self._found is None or self.dialog is None:
            return
        self._turn += 1
        self.dialog.show_importing("Reading masks…", 0, 0)
        ready, failed = partial(self._ready, self._turn), partial(self._failed, self._turn)
        self._jobs.run(stage, self._project, *self._found, partial(self._report, self._turn), done=ready, failed=failed)

    @Slot()
    def _stop(self) -> None:
        if not self._taking:
            self._turn += 1
            self._drop_staged()
            if self.dialog is not None:
                self.dialog.show_stopped(STOPPED, ready=self._found is not None)

    def _ready(self, turn: int, staged: StagedMasks) -> None:
        if turn != self._turn:
            staged.close()
            return
        self._staged = staged
        self._take_when_quiet()

    @Slot()
    def _take_when_quiet(self) -> None:
        """Take the masks in once every stroke is saved; until then, wait."""
        if self._staged is None or self._project is None:
            return
        waits = self._waits_for
        if self.dialog is not None:
            self.dialog.show_importing(waits or "Taking the masks in…", 0, 0)
        if waits:
            self._quiet_timer.start()
            return
        self._taking = True
        self._hold.begin()
        image = self._workspace.image
        shown = 0 if image is None else image.record.id
        taken, failed = partial(self._taken, self._project), partial(self._failed, self._turn)
        self._workspace.jobs.run(take, self._project, self._staged, shown, done=taken, failed=failed)

    @property
    def _waits_for(self) -> str:
        """What must be over before masks can change under the hands; empty if nothing."""
        work = self._workspace
        if self._accepting.running or self._accepting.taking_back.running or self._taking_back.running:
            return "Waiting until the predictions are accepted or taken back…"
        if work.image is not None and work.image.editor.in_stroke:
            return "Waiting until you finish what you are drawing…"
        if work.saves.state != "saved":
            return "Waiting until your strokes are saved…"
        if work.wanted_image != (0 if work.image is None else work.image.record.id):
            return "Waiting until the picture is open…"
        return ""

    def _taken(self, project: Project, taken: Taken) -> None:
        self._rest()
        if project is not self._workspace.project:
            return
        for record in taken.records:
            if record != self._workspace.records.get(record.id):
                self._workspace.update_record(record)
        if taken.editor is not None:
            self._editing.go_on_with(taken.editor)
        left_out = 0 if self._found is None else len(self._found[1].left_out)
        if self.dialog is not None:
            self.dialog.finish()
        changed = set(taken.changed)
        self._tell_done({record.id: record.revision for record in taken.records if record.id in changed}, left_out)

    def _tell_done(self, revisions: dict[int, int], left_out: int) -> None:
        count = len(revisions)
        text = f"Masks are imported into {'1 picture' if count == 1 else f'{count:,} pictures'}."
        if not count:
            text = "The pictures had these labels already."
        if left_out:
            text += f" {left_out:,} {'was' if left_out == 1 else 'were'} left out."
        choices = (Choice("Take back", partial(self._taking_back.start, revisions)),) if count else ()
        self._workspace.noticed.emit(Notice(text, choices, topic=TOPIC, problem=False))

    def _failed(self, turn: int, error: Exception) -> None:
        self._rest()
        if turn != self._turn:
            return
        if not isinstance(error, MaskwrightError):
            self._jobs.report(error)
        if self.dialog is not None:
            self.dialog.show_stopped(str(error), ready=False)

    def _rest(self) -> None:
        """Masks are in, or not to come."""
        self._taking = False
        self._hold.end()
        self._drop_staged()

    def _drop_staged(self) -> None:
        self._quiet_timer.stop()
        if self._staged is not None and not self._taking:
            self._staged.close()
            self._staged = None
