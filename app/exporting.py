"""Taking masks and models out of a project, with progress and the place where they went."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from app.dialogs.files import ask_folder
from app.job import JobQueue
from app.learning import Learning
from app.notices import Choice, Notice
from app.workspace import Workspace
from core.project import Project

TOPIC = "export"
TELL_S = 0.3


class Exporting(QObject):
    """Asks for a folder, exports in the background, says where the files are."""

    _progressed = Signal(int, int)

    def __init__(self, workspace: Workspace, learning: Learning, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._learning = learning
        self._window = window
        self._jobs = JobQueue("export", self)
        self._told = 0.0
        self._jobs.trouble.connect(self._tell_failed)
        self._progressed.connect(self._show_progress, Qt.ConnectionType.QueuedConnection)
        learning.exported.connect(self._model_exported)
        learning.export_failed.connect(self._tell_failed)

    def close(self) -> None:
        self._jobs.close()

    @Slot()
    def ask_masks(self) -> None:
        folder = self._ask("Export masks into a folder")
        if folder is not None and self._workspace.project is not None:
            self._workspace.tell_quietly("Exporting masks…", TOPIC)
            self._jobs.run(export_masks, self._workspace.project, folder, self._report, done=self._masks_exported)

    @Slot()
    def ask_model(self) -> None:
        run = self._workspace.run
        folder = None if run is None else self._ask("Export the model into a folder")
        if folder is not None and run is not None:
            self._workspace.tell_quietly(f"Exporting the model of run {run.id}…", TOPIC)
            self._learning.export_model(run, "keras", str(folder))

    def _ask(self, title: str) -> Path | None:
        if self._workspace.project is None:
            return None
        return ask_folder(self._window, title, self._workspace.project.path.parent)

    def _report(self, written: int, total: int) -> None:
        # Called from the export's thread.
        if monotonic() - self._told > TELL_S:
            self._told = monotonic()
            self._progressed.emit(written, total)

    @Slot(int, int)
    def _show_progress(self, written: int, total: int) -> None:
        self._workspace.tell_quietly(f"Exporting masks: {written} of {total}…", TOPIC)

    def _masks_exported(self, files: list[Path]) -> None:
        masks = "1 mask is" if len(files) == 1 else f"{len(files)} masks are"
        folder = Path(files[0]).parent
        self._tell_done(f"{masks} in {folder}, with classes.json beside.", folder)

    @Slot(str)
    def _model_exported(self, folder: str) -> None:
        self._tell_done(f"The model is in {folder}, with its classes and preprocessing.", Path(folder))

    def _tell_done(self, text: str, folder: Path) -> None:
        choice = Choice("Open the folder", _OpenFolder(folder))
        self._workspace.noticed.emit(Notice(text, (choice,), topic=TOPIC, problem=False))

    @Slot(str)
    def _tell_failed(self, sentence: str) -> None:
        self._workspace.noticed.emit(Notice(sentence, topic=TOPIC))


class _OpenFolder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))


def export_masks(project: Project, folder: Path, report: Callable[[int, int], None]) -> list[Path]:
    """Write the masks as palette PNG. Imported late: exporting is rare and opening the window is not."""
    from core.formats import mask_format
    from core.formats.export_masks import export_masks as export

    return export(project, folder, mask_format("png"), report).masks
