"""A training that was cut off, by a crash or a power cut: offered once, to go on with or to forget."""

from PySide6.QtCore import QObject, Signal, Slot

from app.keeping import cut_off_text
from app.notices import Choice, Notice
from app.workspace import Workspace
from core.project import Project

TOPIC = "cut-off"


class Resuming(QObject):
    """Looks for a checkpoint that never became a run."""

    accepted = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace

    def look(self) -> None:
        """Offer to go on, if the open project holds a training that was cut off."""
        if self._workspace.project is not None:
            self._workspace.jobs.run(_find_cut_off, self._workspace.project, done=self._offer)

    def settle(self) -> None:
        """Whatever was offered is out of date."""
        self._workspace.settled.emit(TOPIC)

    def _offer(self, found: tuple[Project, str]) -> None:
        project, text = found
        if text and project is self._workspace.project:
            choices = (Choice("Go on", self.accepted.emit), Choice("Forget it", self._decline))
            self._workspace.noticed.emit(Notice(f"{text} Go on?", choices, topic=TOPIC, problem=False))

    @Slot()
    def _decline(self) -> None:
        self.settle()
        if self._workspace.project is not None:
            self._workspace.jobs.run(self._workspace.project.drop_checkpoint)


def _find_cut_off(project: Project) -> tuple[Project, str]:
    """The project, and how far its training came; nothing where there is none that could go on."""
    checkpoint = project.checkpoint()
    if checkpoint is None or checkpoint.classes != project.classes:
        return project, ""
    return project, cut_off_text(checkpoint)
