"""The regions worth a look, gathered over all images of the project while one works."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot

from app.predicting import Predicting
from app.workspace import OpenImage, Workspace
from core.classes import LabelClass, same_classes
from core.masks.tiles import Mask
from core.prediction.queue import RegionQueue
from core.prediction.regions import find_regions
from core.project import Project
from core.records import ImageRecord, TrainingRun
from core.regions import RegionTable
from core.training.messages import PredictionReady

Meant = Mapping[int, frozenset[int]]
"""By run: the classes that mean now what they meant to it."""


@dataclass(slots=True, eq=False)
class _Filling:
    """A queue that is being filled from the project, and what came meanwhile."""

    project: Project
    meant: Meant
    late: list[tuple[int, int, RegionTable]] = field(default_factory=list)


class Gathering(QObject):
    """Owns the queue: what the chosen run and older ones propose, read from the project and added as it comes."""

    changed = Signal()
    """There may be something else to ask now."""

    def __init__(self, workspace: Workspace, predicting: Predicting, parent: QObject) -> None:
        super().__init__(parent)
        self.queue = RegionQueue()
        self.said: PredictionReady | None = None
        """What the chosen run says of the image that it was last asked about, so far."""
        self._workspace = workspace
        self._predicting = predicting
        self._filling: _Filling | None = None
        self._meant: Meant = {}
        self._run_id = 0
        self._own = (0, 0)
        """The open image and the run whose regions are being found here."""
        workspace.runs_changed.connect(self._run_chosen)
        workspace.classes_changed.connect(self._classes_changed)
        workspace.project_closed.connect(self._forget)
        predicting.predicted.connect(self._find, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether more is about to come."""
        return self._filling is not None or self._own[0] != 0

    def strangers(self) -> list[str]:
        """Classes that the chosen run learned and that are something else now, or nothing."""
        run = self._workspace.run
        if run is None:
            return []
        meant = same_classes(run.classes, self._workspace.classes)
        return [label.name for label in run.classes if label.id not in meant]

    @Slot(int, int, object)
    def put(self, image_id: int, run_id: int, table: RegionTable) -> None:
        """Take in what a run proposes in an image."""
        if self._filling is not None:
            self._filling.late.append((image_id, run_id, table))
        elif image_id in self._workspace.records and run_id in self._meant:
            _put(self.queue, self._meant, image_id, run_id, table)
            self.changed.emit()

    @Slot()
    def _run_chosen(self) -> None:
        """A run that has just ended adds to what older ones proposed; any other choice begins anew."""
        run, runs = self._workspace.run, self._workspace.runs
        if run is None or run.id == self._run_id:
            return
        fresh = len(runs) > 1 and run is runs[0] and runs[1].id == self._run_id and not self._filling
        self._run_id = run.id
        if fresh:
            self._meant = _meant(runs, run.id, self._workspace.classes)
        else:
            self._fill()

    @Slot()
    def _classes_changed(self) -> None:
        if self._run_id:
            self._fill()

    def _fill(self) -> None:
        project, run = self._workspace.project, self._workspace.run
        if project is None or run is None:
            return
        self._meant = _meant(self._workspace.runs, run.id, self._workspace.classes)
        self.queue = RegionQueue()
        filling = self._filling = _Filling(project, self._meant)
        self._workspace.jobs.run(_filled, filling, done=self._take, failed=self._not_filled)

    def _take(self, filled: tuple[_Filling, RegionQueue]) -> None:
        filling, queue = filled
        if filling is self._filling:
            self.queue, self._filling = queue, None
            for late in filling.late:
                self.put(*late)
            if self.said is not None:
                self._find(self.said)
            self.changed.emit()

    def _not_filled(self, error: Exception) -> None:
        self._filling = None
        self._workspace.jobs.report(error)
        self.changed.emit()

    @Slot()
    def _forget(self) -> None:
        self.queue, self._filling, self._meant = RegionQueue(), None, {}
        self._run_id, self._own, self.said = 0, (0, 0), None

    # --- the open image's own

    @Slot(object)
    def _find(self, said: PredictionReady) -> None:
        """The open image is predicted: what is worth a look in it need not wait for its turn."""
        if said.run_id != self._run_id:
            return  # a preview
        self.said = said
        project, image, record = self._workspace.project, self._workspace.image, self._wanted(said)
        if project is None or image is None or record is None or self._predicting.awaits(said.image_id, said.run_id):
            return
        self._own = said.image_id, said.run_id
        labels = image.editor.mask.snapshot()
        self._workspace.jobs.run(_found, project, record, said, labels, done=self._take_own, failed=self._not_found)

    def _wanted(self, said: PredictionReady) -> ImageRecord | None:
        """The open image as it is now, if nothing newer is known of it."""
        image: OpenImage | None = self._workspace.image
        if image is None or image.record.id != said.image_id or image.state != "ok":
            return None
        known = self.queue.run_of(said.image_id) >= said.run_id or self._own == (said.image_id, said.run_id)
        return None if known or self._filling is not None else self._workspace.records.get(said.image_id)

    def _take_own(self, found: tuple[Project, PredictionReady, RegionTable]) -> None:
        project, said, table = found
        if self._own == (said.image_id, said.run_id):
            self._own = (0, 0)
        if project is self._workspace.project:
            self.put(said.image_id, said.run_id, table)

    def _not_found(self, error: Exception) -> None:
        self._own = (0, 0)
        self._workspace.jobs.report(error)
        self.changed.emit()


def _meant(runs: Iterable[TrainingRun], newest: int, classes: tuple[LabelClass, ...]) -> Meant:
    return {run.id: same_classes(run.classes, classes) for run in runs if run.id <= newest}


def _put(queue: RegionQueue, meant: Meant, image_id: int, run_id: int, table: RegionTable) -> None:
    queue.put(image_id, run_id, table[np.isin(table["class_id"], list(meant[run_id]))])


def _filled(filling: _Filling) -> tuple[_Filling, RegionQueue]:
    """A queue with all that the project keeps of these runs."""
    queue = RegionQueue()
    for run_id in filling.meant:
        for image_id, table in filling.project.regions(run_id).items():
            _put(queue, filling.meant, image_id, run_id, table)
    return filling, queue


def _found(
    project: Project, record: ImageRecord, said: PredictionReady, labels: Mask
) -> tuple[Project, PredictionReady, RegionTable]:
    """What is worth a look in an image, found in its prediction and stored with the project."""
    table = find_regions(said.class_map, said.confidence, labels.read())
    project.keep_regions(record, said.run_id, table)
    return project, said, table
