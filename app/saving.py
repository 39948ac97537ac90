"""Edits on their way to the disk: in order, one after another, and none given up."""

from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, QTimer, Signal, Slot

from app.job import JobQueue
from core.errors import MaskwrightError
from core.masks.editor import MaskEdit, MaskEditor
from core.project import Project
from core.records import ImageRecord

SaveState = Literal["saved", "saving", "failing"]

RETRY_MS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class _Pending:
    project: Project
    image_id: int
    edit: MaskEdit
    editor: MaskEditor


class SaveQueue(QObject):
    """Saves edits off the window's thread. What cannot be saved now stays in memory and is tried again."""

    state_changed = Signal(str)
    """A SaveState."""
    saved = Signal(object)
    """The ImageRecord after an edit that is now on disk."""
    failing = Signal(str)
    """One sentence: why saving does not work now."""

    def __init__(self, jobs: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._pending: deque[_Pending] = deque()
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.setInterval(RETRY_MS)
        self._retry.timeout.connect(self.retry)
        self._retrying = False
        self.state: SaveState = "saved"

    def add(self, project: Project, image_id: int, edit: MaskEdit, editor: MaskEditor) -> None:
        self._pending.append(_Pending(project, image_id, edit, editor))
        if len(self._pending) == 1:
            self._set_state("saving")
            self._save_first()

    def editor_of(self, image_id: int) -> MaskEditor | None:
        """The editor of an image with edits that are not on disk yet."""
        return next((p.editor for p in reversed(self._pending) if p.image_id == image_id), None)

    @Slot()
    def retry(self) -> None:
        if self._pending and self.state == "failing":
            self._retry.stop()
            self._retrying = True
            self._save_first()

    def wait(self, seconds: float) -> bool:
        """Go on handling events until all is saved, or saving fails, for so long; True if all is saved."""
        end = monotonic() + seconds
        self.retry()
        while self._pending and monotonic() < end:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)
            if self.state == "failing" and not self._retrying:
                break
        return not self._pending

    def forget(self) -> None:
        """Give up what could not be saved, when the person chose to close without it."""
        self._retry.stop()
        self._pending.clear()

    def _save_first(self) -> None:
        first = self._pending[0]
        self._jobs.run(first.project.save_edit, first.image_id, first.edit, done=self._saved, failed=self._failed)

    def _saved(self, record: ImageRecord) -> None:
        if not self._pending:
            return
        self._retrying = False
        entry = self._pending.popleft()
        entry.editor.saved(entry.edit, record.revision)
        self.saved.emit(record)
        if self._pending:
            self._set_state("saving")
            self._save_first()
        else:
            self._set_state("saved")

    def _failed(self, error: Exception) -> None:
        self._retrying = False
        first_time = self.state != "failing"
        self._set_state("failing")
        self._retry.start()
        if isinstance(error, MaskwrightError):
            self.failing.emit(str(error))
        elif first_time:
            self._jobs.report(error)

    def _set_state(self, state: SaveState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
