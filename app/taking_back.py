"""Taking back what was accepted in many pictures at once, where nothing was changed since."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from app.editing import Editing
from app.job import JobQueue
from app.progress import Pace, Progress
from app.workspace import Workspace
from core.masks.editor import MaskEdit, MaskEditor
from core.project import Project


class TakingBack(QObject):
    """Undoes one edit a picture, by the ordinary road: it can be done again there."""

    progressed = Signal(object)
    """Progress; None while nothing goes on."""

    def __init__(self, workspace: Workspace, jobs: JobQueue, editing: Editing, topic: str, parent: QObject) -> None:
        """topic: of the notice at the end."""
        super().__init__(parent)
        self._workspace, self._jobs, self._editing, self._topic = workspace, jobs, editing, topic
        self._project: Project | None = None
        self._waiting: list[tuple[int, int]] = []
        self._total = self._taken = 0
        self._pace = Pace(0)
        workspace.project_closed.connect(self._forget)

    @property
    def running(self) -> bool:
        return self._project is not None

    def start(self, revisions: Mapping[int, int]) -> None:
        """Undo the edit of each picture that made its mask that revision, if it is the newest one."""
        if self.running or self._workspace.project is None:
            return
        self._project = self._workspace.project
        self._waiting, self._total, self._taken = sorted(revisions.items(), reverse=True), len(revisions), 0
        self._pace = Pace(self._total)
        self._next()

    @Slot()
    def stop(self) -> None:
        """What is taken back so far stays so."""
        if self.running:
            self._end()

    def _next(self) -> None:
        while self._project is not None and self._waiting:
            left = len(self._waiting)
            self.progressed.emit(Progress("Taking back", self._total - left, self._total, self._pace.left(left)))
            image_id, revision = self._waiting.pop()
            if not self._is_newest(image_id, revision):
                continue
            if self._workspace.wanted_image != image_id:
                take = partial(self._take, self._project, image_id, revision)
                self._jobs.run(_undone, self._project, image_id, done=take, failed=self._failed)
                return
            self._undo_before_the_hands(image_id)
        if self.running:
            self._end()

    def _is_newest(self, image_id: int, revision: int) -> bool:
        record = self._workspace.records.get(image_id)
        return record is not None and record.revision == revision and self._workspace.saves.editor_of(image_id) is None

    def _undo_before_the_hands(self, image_id: int) -> None:
        image = self._workspace.image
        if image is not None and image.record.id == image_id and not image.editor.in_stroke:
            self._editing.undo()
            self._taken += 1

    def _take(self, project: Project, image_id: int, revision: int, undone: tuple[MaskEditor, MaskEdit | None]) -> None:
        editor, edit = undone
        if project is not self._workspace.project:
            return
        free = self._workspace.wanted_image != image_id and self._is_newest(image_id, revision)
        if edit is not None and free:
            self._workspace.saves.add(project, image_id, edit, editor)
            self._taken += 1
        self._next()

    def _failed(self, error: Exception) -> None:
        self._jobs.report(error)
        self._next()

    def _end(self) -> None:
        taken, kept = self._taken, self._total - self._taken
        self._forget()
        text = f"Taken back in {_pictures(taken)}." if taken else "Nothing was taken back."
        if kept:
            text += f" {_pictures(kept)} stay{'s' if kept == 1 else ''} as before: painted on since, or not reached."
        self._workspace.tell_quietly(text, self._topic)

    @Slot()
    def _forget(self) -> None:
        self._project, self._waiting = None, []
        self.progressed.emit(None)


def _undone(project: Project, image_id: int) -> tuple[MaskEditor, MaskEdit | None]:
    editor = project.open_editor(image_id)
    return editor, editor.undo()


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count:,} pictures"
