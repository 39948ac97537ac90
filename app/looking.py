"""Looks at images in the background: one at a time, and only while nothing else needs the model or the processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.job import JobQueue
from app.learning import Learning
from app.workspace import Workspace
from core.classes import same_classes
from core.errors import MaskwrightError
from core.prediction.accepting import usable_file
from core.project import Project
from core.records import ImageRecord, TrainingRun
from core.training.messages import Failed, LookAt, LookedAt

AGAIN_MS = 300
"""So long after a look gave way, the next one is tried."""


class Looker(Protocol):
    """Who asked for a look."""

    def take(self, look: "Look", found: LookedAt) -> None: ...

    def refuse(self, look: "Look", sentence: str) -> None:
        """This image cannot be looked at."""

    def give_way(self, look: "Look") -> None:
        """It was not looked at: ask again when there is time."""


class Busy(Protocol):
    """Something that goes on, or is "idle"."""

    state_changed: Any

    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A look that was asked for."""

    looker: Looker
    project: Project
    run: TrainingRun
    record: ImageRecord
    """The image as it was then."""
    accept_above: int | None = None


class Looking(QObject):
    """Who wants a look waits for `freed` and asks if it is still `free`: who is connected first comes first."""

    freed = Signal()
    blocked = Signal()
    """Something else goes on, so there is no more time for looks."""

    def __init__(self, workspace: Workspace, learning: Learning, others: Sequence["Busy"], parent: QObject) -> None:
        """others: what needs the processor more while it goes on."""
        super().__init__(parent)
        self._workspace = workspace
        self._learning = learning
        self._others: tuple[Busy, ...] = (learning, *others)
        self.jobs = JobQueue("looks", self)
        """For what is read and stored on the way."""
        self._now: Look | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._tell)
        self.jobs.trouble.connect(workspace.tell)
        learning.looked.connect(self._take)
        learning.predicting.busy_changed.connect(self._look_around)
        for other in self._others:
            other.state_changed.connect(self._look_around)

    @property
    def free(self) -> bool:
        return self._now is None and not self._hindered

    @property
    def working(self) -> bool:
        """Whether looks go on one after another now."""
        return not self._hindered

    @property
    def _hindered(self) -> bool:
        return self._learning.predicting.busy or any(other.state != "idle" for other in self._others)

    def close(self) -> None:
        self._soon.stop()
        self.jobs.close()

    def begin(self, look: Look) -> None:
        """Look at an image; its looker gets one answer."""
        self._now = look
        classes = same_classes(look.run.classes, self._workspace.classes)
        self.jobs.run(_request, look, classes, done=partial(self._prepared, look), failed=partial(self._failed, look))

    def _prepared(self, look: Look, request: LookAt) -> None:
        if self._hindered or look.project is not self._workspace.project:
            self._give_way(look)
            return
        model = self._learning.predicting.model
        model.use(look.project, look.run, partial(self._learning.look, request), partial(self._failed, look))

    @Slot(object)
    def _take(self, report: LookedAt | Failed) -> None:
        look = self._now
        if look is None:
            return
        if isinstance(report, Failed):
            self._refuse(look, report.message)
        elif report.regions is None or look.project is not self._workspace.project:
            self._give_way(look)
        else:
            self._now = None
            look.looker.take(look, report)
            self._soon.start(0)

    def _failed(self, look: Look, error: Exception | None) -> None:
        if error is None:
            self._give_way(look)
            return
        if not isinstance(error, MaskwrightError):
            self.jobs.report(error)
        self._refuse(look, str(error))

    def _refuse(self, look: Look, sentence: str) -> None:
        self._now = None
        if look.project is self._workspace.project:
            look.looker.refuse(look, sentence)
        self._soon.start(0)

    def _give_way(self, look: Look) -> None:
        self._now = None
        look.looker.give_way(look)
        self._soon.start(AGAIN_MS)

    @Slot()
    def _look_around(self) -> None:
        if self._hindered:
            self.blocked.emit()
        else:
            self._soon.start(0)

    @Slot()
    def wake(self) -> None:
        """Somebody has something to look at."""
        if not self._soon.isActive():
            self._soon.start(0)

    @Slot()
    def _tell(self) -> None:
        if self.free:
            self.freed.emit()


def _request(look: Look, classes: frozenset[int]) -> LookAt:
    """What the worker needs, read from the project."""
    record, path = look.record, usable_file(look.project, look.record)
    return LookAt(record.id, str(path), look.project.load_mask(record.id), classes, look.accept_above)
