"""Looking for what is amiss with labels and splits, off the window's thread."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from app.job import JobQueue
from app.workspace import Workspace
from core.evaluation.cautions import Caution, find_cautions
from core.project import Project


class Cautioning(QObject):
    """Looks when somebody trains or measures."""

    found = Signal(object)
    """A list of Caution about the open project; empty where nothing is amiss."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._jobs = JobQueue("cautions", self)
        self._looking: Project | None = None

    @Slot()
    def look(self) -> None:
        """Look at the labels as they are now; `found` tells."""
        project = self._workspace.project
        if project is not None and project is not self._looking:
            self._looking = project
            answer = _Answer(self, project)
            self._jobs.run(partial(find_cautions, project, stop=answer.stop), done=answer.take, failed=answer.fail)

    def close(self) -> None:
        self._looking = None
        self._jobs.close()

    def tell(self, project: Project, cautions: list[Caution]) -> None:
        if project is self._looking:
            self._looking = None
        if project is self._workspace.project:
            self.found.emit(cautions)

    def fail(self, project: Project, error: Exception) -> None:
        if project is self._looking:
            self._looking = None
        if project is self._workspace.project:  # one that was closed meanwhile has nothing to say
            self._jobs.report(error)

    def is_wanted(self, project: Project) -> bool:
        return project is self._looking and project is self._workspace.project


class _Answer:
    def __init__(self, cautioning: Cautioning, project: Project) -> None:
        self._cautioning, self._project = cautioning, project

    def stop(self) -> bool:
        return not self._cautioning.is_wanted(self._project)

    def take(self, cautions: list[Caution]) -> None:
        self._cautioning.tell(self._project, cautions)

    def fail(self, error: Exception) -> None:
        self._cautioning.fail(self._project, error)
