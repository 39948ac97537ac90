"""Looking at earlier states of the open picture's labels, and going back to one."""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent

from app.canvas.view import CanvasView
from app.editing import Editing
from app.notices import Choice, Notice
from app.panels.history import HistoryPanel
from app.workspace import Workspace
from core.masks.tiles import Mask
from core.project import Project
from core.records import ImageRecord, Revision

TOPIC = "past"


class Timeline(QObject):
    """Fills the history panel off the window's thread. While the past is shown, nothing can be painted on it."""

    def __init__(
        self, workspace: Workspace, canvas: CanvasView, panel: HistoryPanel, editing: Editing, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._canvas = canvas
        self._panel = panel
        self._editing = editing
        self._wanted = -1
        """The revision that is looked at or about to be; -1 for none."""
        self._past: Mask | None = None
        self._line = ""
        canvas.installEventFilter(self)

    @property
    def in_past(self) -> bool:
        return self._past is not None

    @Slot()
    def reload(self) -> None:
        """List the open picture's changes anew, if anybody sees the list."""
        project, image = self._workspace.project, self._workspace.image
        if project is None or image is None:
            self._panel.show_revisions([])
        elif self._panel.isVisible():
            listed = _Listed(self, image.record.id)
            self._workspace.pictures.run(project.revisions, image.record.id, done=listed.take, failed=self._failed)

    @Slot(object)
    def record_changed(self, record: ImageRecord) -> None:
        image = self._workspace.image
        if image is not None and record.id == image.record.id and not self.in_past:
            self.reload()

    @Slot(int, str)
    def look_at(self, revision: int, line: str) -> None:
        """Show the labels as they were after a revision."""
        project, image = self._workspace.project, self._workspace.image
        if project is None or image is None or image.pixels is None:
            return
        self._wanted = revision
        found = _Found(self, image.record.id, revision, line)
        self._workspace.pictures.run(project.mask_at, image.record.id, revision, done=found.take, failed=self._failed)

    @Slot()
    def restore(self) -> None:
        """Make the labels what is shown, as one edit."""
        past = self._past
        if past is not None:
            self.show_now()
            self._editing.restore(past)

    @Slot()
    def show_now(self) -> None:
        """Show the labels as they are, ready to paint."""
        self._wanted = -1
        if self._past is None:
            return
        self._past = None
        self._panel.show_past(False)
        self._workspace.settled.emit(TOPIC)
        image = self._workspace.image
        if image is not None and image.pixels is not None:
            self._canvas.set_editor(image.editor)

    @Slot()
    def forget(self) -> None:
        """Another picture is shown, or none: the past of the last one means nothing now."""
        self._wanted, self._past = -1, None
        self._workspace.settled.emit(TOPIC)
        self.reload()

    @Slot(list)
    def find_classes(self, revisions: list[int]) -> None:
        """Look up which class each of these revisions painted."""
        project = self._workspace.project
        if project is not None:
            found = _Painted(self, project)
            self._workspace.pictures.run(_painted, project, revisions, done=found.take, failed=self._failed)

    def show_classes(self, project: Project, painted: dict[int, int]) -> None:
        if project is self._workspace.project:
            classes = {label.id: label for label in self._workspace.classes}
            self._panel.show_classes({revision: classes.get(value) for revision, value in painted.items()})

    def _failed(self, error: Exception) -> None:
        if self._workspace.project is not None:  # a project that was closed meanwhile has nothing to say
            self._workspace.pictures.report(error)

    def list(self, image_id: int, revisions: list[Revision]) -> None:
        image = self._workspace.image
        if image is not None and image.record.id == image_id and not self.in_past:
            self._panel.show_revisions(revisions)

    def show(self, image_id: int, revision: int, line: str, mask: Mask) -> None:
        image = self._workspace.image
        if image is None or image.record.id != image_id or revision != self._wanted:
            return
        self._past, self._line = mask, line
        self._canvas.show_past(mask)
        self._panel.show_past(True)
        self._say()

    def _say(self) -> None:
        choices = (Choice("Go back to this", self.restore), Choice("Show now", self.show_now))
        self._workspace.noticed.emit(Notice(f"As it was: {self._line}", choices, topic=TOPIC, problem=False))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """On the picture, Esc returns to now, and a hand that wants to paint is told why it cannot."""
        if self.in_past and event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress):
            self._say()
        elif self.in_past and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self.show_now()
            event.accept()
            return True
        return False


def _painted(project: Project, revisions: list[int]) -> dict[int, int]:
    return {revision: edit.painted for revision, edit in project.read_edits(revisions).items()}


class _Listed:
    def __init__(self, timeline: Timeline, image_id: int) -> None:
        self._timeline, self._image_id = timeline, image_id

    def take(self, revisions: list[Revision]) -> None:
        self._timeline.list(self._image_id, revisions)


class _Painted:
    def __init__(self, timeline: Timeline, project: Project) -> None:
        self._timeline, self._project = timeline, project

    def take(self, painted: dict[int, int]) -> None:
        self._timeline.show_classes(self._project, painted)


class _Found:
    def __init__(self, timeline: Timeline, image_id: int, revision: int, line: str) -> None:
        self._timeline, self._at = timeline, (image_id, revision, line)

    def take(self, mask: Mask) -> None:
        self._timeline.show(*self._at, mask)
