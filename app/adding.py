"""Adding pictures to the open project, one job each, so that saving and looking never wait for a whole folder."""

from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.job import JobQueue
from core.errors import MaskwrightError
from core.images import SUFFIXES
from core.project import Project
from core.records import ImageRecord

ANNOUNCE_MS = 150


def pictures_in(paths: list[Path]) -> list[Path]:
    """The picture files among `paths` and in the folders among them, in natural order, without hidden ones."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [p for p in inside if p.suffix.lower() in SUFFIXES and not p.name.startswith(".")]
    return found


class ImageAdder(QObject):
    """Feeds files to Project.add_image and announces what came of it a few times a second."""

    added = Signal(list)
    """list[ImageRecord] since the last announcement."""
    progressed = Signal(int, int)
    """Files looked at, files in all."""
    finished = Signal(list)
    """One sentence for every file that could not be added."""

    def __init__(self, jobs: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._waiting: deque[Path] = deque()
        self._project: Project | None = None
        self._total = 0
        self._fresh: list[ImageRecord] = []
        self._refused: list[str] = []
        self._announce = QTimer(self)
        self._announce.setInterval(ANNOUNCE_MS)
        self._announce.timeout.connect(self._tell)

    @property
    def busy(self) -> bool:
        return self._total > 0

    def add(self, project: Project, paths: list[Path]) -> None:
        """Add files and folders; more may follow while earlier ones are still being added."""
        self._project = project
        self._jobs.run(pictures_in, paths, done=self._found)

    def stop(self) -> None:
        self._waiting.clear()
        self._project = None

    def _found(self, paths: list[Path]) -> None:
        if self._project is None:
            return
        was_busy = self.busy
        self._waiting.extend(paths)
        self._total += len(paths)
        if not was_busy:
            self._announce.start()
            self._next()

    def _next(self) -> None:
        if self._waiting and self._project is not None:
            self._jobs.run(self._project.add_image, self._waiting.popleft(), done=self._one_added, failed=self._refuse)
        else:
            self._end()

    def _one_added(self, record: ImageRecord) -> None:
        self._fresh.append(record)
        self._next()

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, MaskwrightError):
            self._jobs.report(error)
        self._refused.append(str(error))
        self._next()

    @Slot()
    def _tell(self) -> None:
        fresh, self._fresh = self._fresh, []
        if fresh and self._project is not None:
            self.added.emit(fresh)
        self.progressed.emit(self._total - len(self._waiting), self._total)

    def _end(self) -> None:
        self._announce.stop()
        self._tell()
        refused, self._refused, self._total = self._refused, [], 0
        if self._project is not None:
            self.finished.emit(refused)
