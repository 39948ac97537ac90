"""What is dropped on the window: a project opens, pictures are added, masks and models are asked about."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from app.importing import Importing
from app.job import JobQueue
from app.model_importing import ModelImporting
from app.projects import Projects
from app.workspace import Workspace
from core.images import SUFFIXES
from core.project import SUFFIX, Project

if TYPE_CHECKING:
    from core.formats.dropped import Kind as MasksOrPictures

    Kind = MasksOrPictures | Literal["model"]

NO_PROJECT = (
    "Drop pictures (PNG, JPEG, TIFF, BMP or WebP), a folder of them, or a project. "
    "Masks and models come after pictures."
)
ONE = "Drop one file with masks, or the folder they are in."
ONE_MODEL = "Drop one model."


class Dropping(QObject):
    """Takes the window's drops."""

    def __init__(
        self,
        workspace: Workspace,
        projects: Projects,
        importing: Importing,
        model_importing: ModelImporting,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._workspace, self._projects = workspace, projects
        self._importing, self._model_importing = importing, model_importing
        self._jobs = JobQueue("drop", self)
        self._jobs.trouble.connect(workspace.tell)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def close(self) -> None:
        self._jobs.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            if dropped_paths(event.mimeData()):
                event.acceptProposedAction()
            return True
        if event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent):
            event.acceptProposedAction()
            self.take(dropped_paths(event.mimeData()))
            return True
        return False

    def take(self, paths: list[Path]) -> None:
        """Do what one means by dropping these on the window."""
        project = self._workspace.project
        files = [path for path in paths if path.suffix.lower() == SUFFIX]
        if files:
            self._projects.open(files[0])
        elif project is not None:
            self._jobs.run(_kind_of, paths[0], project, done=partial(self._take_in, project, paths))
        elif any(path.is_dir() or path.suffix.lower() in SUFFIXES for path in paths):
            self._projects.begin_with(paths)
        else:
            self._workspace.tell(NO_PROJECT)

    def _take_in(self, project: Project, paths: list[Path], kind: "Kind") -> None:
        if project is not self._workspace.project:
            return
        if kind == "pictures":
            self._workspace.add_images(paths)
        elif len(paths) > 1:
            self._workspace.tell(ONE_MODEL if kind == "model" else ONE)
        elif kind == "model":
            self._model_importing.ask_about(paths[0])
        else:
            self._importing.ask_about(paths[0])


def dropped_paths(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def _kind_of(path: Path, project: Project) -> "Kind":
    from core.foreign.import_model import is_model
    from core.formats.dropped import kind_of  # all formats: late, as they take their time

    return "model" if is_model(path) else kind_of(path, project)
