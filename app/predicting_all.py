"""All pictures predicted in the background with the chosen run: the nearest first, and again only what changed."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAction

from app.looking import Look, Looking
from app.nearest import Nearest
from app.progress import Pace, Progress
from app.workspace import Workspace
from core.errors import MaskwrightError
from core.project import Project
from core.records import ImageRecord, TrainingRun
from core.regions import RegionTable, doubt
from core.training.messages import LookedAt

STORED = "predict_all"
TOPIC = "predicting all"
REST_MS = 3000
"""After an edit, so long without another one, the picture is predicted again."""
FEW = 3
"""So many pictures are through before anybody could read about it."""
MOST_FAILURES = 3
"""In a row: then it is not the pictures."""

Version = tuple[int, str]
"""Revision and file of an image."""


class PredictingAll(QObject):
    """Knows which images the chosen run has seen as they are now, and sees to the others."""

    regions_found = Signal(int, int, object)
    """Image id, run id and RegionTable of an image that was just predicted; it is stored by then."""
    progressed = Signal(object)
    """Progress; None while there is nothing to tell."""

    def __init__(self, workspace: Workspace, looking: Looking, action: QAction, parent: QObject) -> None:
        """action: checkable; unchecked while it pauses."""
        super().__init__(parent)
        self._workspace = workspace
        self._looking = looking
        self._action = action
        self._project: Project | None = None
        self._run: TrainingRun | None = None
        self._ids: list[int] = []
        self._places: dict[int, int] = {}
        self._waiting = Nearest()
        self._listed = False
        """Whether it is known which images wait."""
        self._known: dict[int, Version] = {}
        self._changed: set[int] = set()
        self._refused: list[str] = []
        self._failures = 0
        self._pace: Pace | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._connect_signals()

    def _connect_signals(self) -> None:
        self._rest.timeout.connect(self._look_again)
        self._looking.freed.connect(self._next)
        self._looking.blocked.connect(self._tell)
        self._action.toggled.connect(self._toggled)
        work = self._workspace
        work.project_opened.connect(self._restore)
        work.project_closed.connect(self._begin)
        work.runs_changed.connect(self._begin)
        work.images_changed.connect(self._add_images)
        work.record_changed.connect(self._record_changed)

    @property
    def left(self) -> int:
        """Images that wait to be predicted."""
        return len(self._waiting)

    # --- what there is to do

    @Slot()
    def _restore(self) -> None:
        self._action.setChecked(bool(self._workspace.view.get(STORED, True)))

    @Slot(bool)
    def _toggled(self, on: bool) -> None:
        if self._workspace.project is not None:
            self._workspace.jobs.run(self._workspace.project.save_view_state, {STORED: on})
        self._failures = 0
        self._pace = None
        self._tell()
        self._looking.wake()

    @Slot()
    def _begin(self) -> None:
        """The run or the project is another one: find out what it knows."""
        project, run = self._workspace.project, self._workspace.run
        if project is self._project and _number(run) == _number(self._run):
            return
        self._project, self._run = project, run
        self._ids, self._places, self._waiting, self._listed = [], {}, Nearest(), False
        self._known, self._refused, self._failures, self._pace = {}, [], 0, None
        self._changed.clear()
        self._workspace.doubts.clear()
        self._workspace.settled.emit(TOPIC)
        if project is not None and run is not None:
            self._looking.jobs.run(_known, project, run.id, done=partial(self._go, project, run))
        self._tell()

    def _go(self, project: Project, run: TrainingRun, doubts: dict[int, float]) -> None:
        if project is not self._project or run is not self._run:
            return
        records = self._workspace.records
        for image_id in doubts.keys() & records.keys() - self._changed:
            self._known[image_id] = _version(records[image_id])
            self._workspace.doubts[image_id] = doubts[image_id]
        self._listed = True
        self._add_images()

    @Slot()
    def _add_images(self) -> None:
        """Images that were added wait too."""
        if not self._listed:
            return
        for image_id in self._workspace.records:
            if image_id not in self._places:
                self._places[image_id] = len(self._ids)
                self._ids.append(image_id)
                if image_id not in self._known:
                    self._waiting.add(self._places[image_id])
        self._looking.wake()

    @Slot(object)
    def _record_changed(self, record: ImageRecord) -> None:
        if self._known.get(record.id) != _version(record):
            self._changed.add(record.id)
            self._rest.start()

    @Slot()
    def _look_again(self) -> None:
        """The hand rests: what it changed is predicted again."""
        for image_id in self._changed & self._places.keys():
            if self._known.get(image_id) != _version(self._workspace.records[image_id]):
                self._waiting.add(self._places[image_id])
        self._changed.clear()
        self._looking.wake()

    # --- one after another

    @Slot()
    def _next(self) -> None:
        ready = self._listed and self._action.isChecked() and self._looking.free
        if self._project is None or self._run is None or not ready:
            return
        if self._waiting:
            if self._pace is None and len(self._waiting) > FEW:
                self._pace = Pace(len(self._waiting))
            image_id = self._ids[self._waiting.take(self._places.get(self._workspace.wanted_image, 0))]
            self._looking.begin(Look(self, self._project, self._run, self._workspace.records[image_id]))
        else:
            self._end()
        self._tell()

    def take(self, look: Look, found: LookedAt) -> None:
        self._failures = 0
        if found.regions is not None:
            self.learn(look.project, look.run, look.record, found.regions)

    @Slot(object, object, object, object)
    def learn(self, project: Project, run: TrainingRun, record: ImageRecord, regions: RegionTable) -> None:
        """Keep what a run says of an image, which is then not predicted again."""
        if project is self._project and self._run is not None and run.id == self._run.id:
            kept = partial(self._kept, self._run, record, regions)
            store = project.keep_regions
            self._looking.jobs.run(store, record, run.id, regions, done=kept, failed=partial(self._not_kept, project))

    def _kept(self, run: TrainingRun, record: ImageRecord, regions: RegionTable, _: None) -> None:
        if run is not self._run:
            return
        self._known[record.id] = _version(record)
        self._workspace.doubts[record.id] = doubt(regions, record.height * record.width)
        self.regions_found.emit(record.id, run.id, regions)

    def _not_kept(self, project: Project, error: Exception) -> None:
        if project is not self._project:
            return  # it was closed in the meantime
        if isinstance(error, MaskwrightError):
            self._stop(str(error))
        else:
            self._looking.jobs.report(error)

    def refuse(self, look: Look, sentence: str) -> None:
        """It waits until it, the run or the project is another one."""
        if look.run is not self._run:
            return
        self._refused.append(sentence)
        self._failures += 1
        if self._failures >= MOST_FAILURES and len(set(self._refused[-MOST_FAILURES:])) == 1:
            self._waiting.add(self._places[look.record.id])
            self._stop(sentence)

    def give_way(self, look: Look) -> None:
        if look.run is self._run:
            self._waiting.add(self._places[look.record.id])

    def _stop(self, sentence: str) -> None:
        """Nothing helps but a person: pause, and say so."""
        self._action.setChecked(False)
        self._workspace.tell_quietly(f"{sentence} Predicting all pictures waits until you choose it again.", TOPIC)

    def _end(self) -> None:
        """Everything is predicted; what could not be is said once."""
        refused, self._refused, self._pace = self._refused, [], None
        if refused:
            more = f" And {len(refused) - 1} more like it." if len(refused) > 1 else ""
            self._workspace.tell_quietly(f"Not predicted: {refused[0]}{more}", TOPIC)

    # --- progress

    @Slot()
    def _tell(self) -> None:
        left, paused = len(self._waiting), not self._action.isChecked()
        if self._run is None or not left or (paused and left <= FEW) or (self._pace is None and not paused):
            self.progressed.emit(None)
            return
        seconds = None if paused or self._pace is None or not self._looking.working else self._pace.left(left)
        total = len(self._ids)
        self.progressed.emit(Progress("Predicting", total - left, total, seconds, paused))


def _number(run: TrainingRun | None) -> int:
    return 0 if run is None else run.id


def _version(record: ImageRecord) -> Version:
    return record.revision, record.sha256


def _known(project: Project, run_id: int) -> dict[int, float]:
    """The images that a run has seen as they are now, each with its doubt."""
    sizes = {record.id: record.height * record.width for record in project.images()}
    return {image_id: doubt(table, sizes[image_id]) for image_id, table in project.regions(run_id).items()}
