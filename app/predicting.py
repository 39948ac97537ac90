"""Predictions of the open picture: asked for when it opens or the run changes, kept for coming back, never mixed up."""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, SignalInstance, Slot

from app.model_loading import ModelLoading
from app.notices import Notice
from app.parts import SIDE, Parts, step_for
from app.training_thread import TrainingThread
from app.workspace import OpenImage, Workspace
from core.errors import MaskwrightError
from core.large_tiff import LARGE_PIXELS, LargeTiff
from core.masks.rect import EMPTY, Rect
from core.project import Project
from core.records import ImageRecord, TrainingRun
from core.training.messages import Predict, PredictionReady, ReadPicture

PREVIEW_RUN = 0
"""The run number of a prediction by a model that is still being trained."""
FIRST_PREVIEW_S = 2.0
SHORTEST_S, LONGEST_S = 3.0, 15.0
"""Previews come often at first, when much changes, then more and more rarely."""
PREVIEW_PARTS = 4
"""Parts of a large picture that one preview looks at: the training waits meanwhile."""
KEPT_BYTES = 256 * 2**20
"""Predictions kept in memory, so that going back to a picture shows its prediction at once."""
TOO_LARGE = "is read in parts and too large to predict as a whole. Cut out the region you need to see a prediction."

Key = tuple[int, int]
"""Image id and run id."""


@dataclass(slots=True, eq=False)
class _Series:
    """A picture that is being predicted, one part after another. The worker answers in the order it was asked."""

    project: Project | None
    path: str
    parts: Parts
    left: int
    """Parts that may still be asked for in this preview; a run's prediction has no such limit."""
    ahead: bool = False
    """Nobody waits for it yet."""

    @property
    def key(self) -> Key:
        return self.parts.image_id, self.parts.run_id

    @property
    def preview(self) -> bool:
        return self.parts.run_id == PREVIEW_RUN


class Predicting(QObject):
    """Asks the worker for predictions and passes on those that belong to what is open now."""

    busy_changed = Signal(bool)
    predicted = Signal(object)
    """PredictionReady for the open image, by the chosen run or, as a preview, by the one being trained; UNLABELED
    where a large picture has not been predicted yet."""
    compared = Signal(object)
    """The same by the run that the chosen one is compared with."""
    gave_up = Signal(int)
    """The image whose prediction by the chosen run came to nothing; 0 where the run has no model."""

    def __init__(self, workspace: Workspace, thread: TrainingThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._thread = thread
        self.model = ModelLoading(workspace.jobs, thread)
        self._asked: deque[_Series] = deque()
        self._awaited: _Series | None = None
        self._kept: OrderedDict[Key, PredictionReady] = OrderedDict()
        self._files: dict[int, str] = {}
        """Hashes of the files that these are predictions of, by image."""
        self._next_preview = FIRST_PREVIEW_S
        self._preview: _Series | None = None
        self._seen: Callable[[], Rect] | None = None
        self._other = 0
        workspace.image_asked.connect(self._read_ahead)
        # Later: a prediction that is kept comes at once, and must find its picture shown.
        workspace.image_opened.connect(self.predict_open_image, Qt.ConnectionType.QueuedConnection)
        workspace.runs_changed.connect(self.predict_open_image)
        workspace.project_closed.connect(self._forget)

    @property
    def busy(self) -> bool:
        """Whether the open image waits for its prediction."""
        return self._awaited is not None

    def awaits(self, image_id: int, run_id: int) -> bool:
        """Whether more of this prediction of the open image is to come."""
        return self._awaited is not None and self._awaited.key == (image_id, run_id)

    def look_with(self, seen: Callable[[], Rect]) -> None:
        """`seen` tells which part of the open picture is on screen: it is predicted first."""
        self._seen = seen

    @Slot()
    def predict_open_image(self) -> None:
        """Predict the open image with the chosen run, or show what was predicted before."""
        image, run = self._workspace.image, self._workspace.run
        if image is None or image.pixels is None or run is None:
            return
        if isinstance(image.pixels, LargeTiff):
            self._workspace.tell_quietly(f"{image.record.name} {TOO_LARGE}", "image")
            return
        self._predict(run, self.predicted)
        self._predict_other()

    @Slot(int)
    def compare_with(self, run_id: int) -> None:
        """Predict what is opened with this run too, and pass it on as `compared`; 0 for no run."""
        self._other = run_id
        self._predict_other()

    def _predict_other(self) -> None:
        """After the chosen run's prediction: two at once would have the worker change models for every part."""
        run = next((run for run in self._workspace.runs if run.id == self._other), None)
        if run is not None and self._awaited is None:
            self._predict(run, self.compared)

    def _predict(self, run: TrainingRun, tell: SignalInstance) -> None:
        image, project = self._workspace.image, self._workspace.project
        if image is None or not isinstance(image.pixels, np.ndarray) or project is None:
            return
        key = (image.record.id, run.id)
        kept = self._kept.get(key) if self._is_same_file(image) else None
        if kept is not None:
            self._kept.move_to_end(key)
            tell.emit(kept)
        elif (ahead := next((s for s in self._asked if s.ahead and s.key == key), None)) is not None:
            self._await(ahead)
        elif self._awaited is None or self._awaited.key != key:
            self._ask(_Series(project, str(image.path), _parts(key, image.pixels.shape), 0), project, run)

    @Slot(int)
    def _read_ahead(self, image_id: int) -> None:
        """A large picture is on its way to the screen: the worker reads it meanwhile."""
        run, project, record = self._workspace.run, self._workspace.project, self._workspace.records.get(image_id)
        if run is None or project is None or record is None or (image_id, run.id) in self._kept:
            return
        if self.model.ready(run.id) and SIDE**2 < record.height * record.width <= LARGE_PIXELS:
            self._thread.send(ReadPicture(str(project.image_path(record))))

    def predict_ahead(self, record: ImageRecord) -> None:
        """Predict a picture that will be opened next, if the worker has nothing else to do and it is done at once."""
        run, project, shape = self._workspace.run, self._workspace.project, (record.height, record.width)
        if run is None or project is None or not self.model.ready(run.id) or self._asked or self.busy:
            return
        key = (record.id, run.id)
        if key not in self._kept and shape[0] * shape[1] <= SIDE**2:
            series = _Series(project, str(project.image_path(record)), _parts(key, shape), 0, ahead=True)
            series.parts.begin_round()
            self._send(series)

    def restart_previews(self) -> None:
        """Another training begins."""
        self._next_preview, self._preview = FIRST_PREVIEW_S, None

    def preview(self, seconds: float) -> None:
        """Ask now and then, `seconds` into a training, how the model sees the open picture so far."""
        image = self._workspace.image
        if image is None or not isinstance(image.pixels, np.ndarray) or seconds < self._next_preview:
            return
        if any(series.preview for series in self._asked):
            return  # the one before is not done yet
        self._next_preview = seconds + min(LONGEST_S, max(SHORTEST_S, seconds / 2))
        series = self._preview
        if series is None or series.project is not self._workspace.project or series.key[0] != image.record.id:
            parts = _parts((image.record.id, PREVIEW_RUN), image.pixels.shape)
            series = self._preview = _Series(self._workspace.project, str(image.path), parts, 0)
        series.left = PREVIEW_PARTS
        series.parts.begin_round()
        self._send(series)

    def take(self, report: PredictionReady) -> None:
        """The worker's answer to the oldest request."""
        series = self._asked.popleft() if self._asked else None
        if series is None or series.project is not self._workspace.project:
            return
        so_far, tell = series.parts.add(report), self._wanted_by(series)
        if tell is not None:
            tell.emit(so_far)
        if tell is not None and not series.parts.complete and self._may_go_on(series):
            self._send(series)
            return
        if series.parts.complete and not series.preview:
            self._keep(so_far)
        self._finish(series)

    def _may_go_on(self, series: _Series) -> bool:
        """A run's series ends where another one is waited for by now: the worker has that one's model."""
        return series.left > 0 if series.preview else series is self._awaited

    def fail(self, message: str) -> None:
        """The oldest request came to nothing."""
        series = self._asked.popleft() if self._asked else None
        if series is None:
            return
        self._finish(series)
        if series.project is self._workspace.project and not series.preview and self._wanted_by(series) is not None:
            self._workspace.noticed.emit(Notice(message, topic="image"))
            self._give_up(series, series.key[0])

    def _ask(self, series: _Series, project: Project, run: TrainingRun) -> None:
        self._await(series)
        series.parts.begin_round()
        self.model.use(project, run, partial(self._send, series), partial(self._model_failed, series))

    def _give_up(self, series: _Series, image_id: int) -> None:
        run = self._workspace.run
        if run is not None and series.key[1] == run.id and series.project is self._workspace.project:
            self.gave_up.emit(image_id)

    def _await(self, series: _Series) -> None:
        self._awaited = series
        self.busy_changed.emit(True)

    def _send(self, series: _Series) -> None:
        """Ask for the next part."""
        if series.project is not self._workspace.project:
            return
        part = series.parts.next(self._seen() if self._seen is not None else EMPTY)
        series.left = max(0, series.left - 1)
        self._asked.append(series)
        self._thread.send(Predict(series.key[0], series.path, series.preview, part, step_for(part)))

    def _model_failed(self, series: _Series, error: Exception | None) -> None:
        self._finish(series)
        if error is None or series.project is not self._workspace.project:
            return
        self._give_up(series, 0)
        if isinstance(error, MaskwrightError):
            self._workspace.noticed.emit(Notice(str(error), topic="image"))
        else:
            self._workspace.jobs.report(error)

    def _finish(self, series: _Series) -> None:
        if series is self._awaited:
            self._awaited = None
            self.busy_changed.emit(False)
        if not series.preview and series.key[1] != self._other:
            self._predict_other()

    def _wanted_by(self, series: _Series) -> SignalInstance | None:
        """Who waits for it now: nobody, where another image or other runs were chosen."""
        image, run = self._workspace.image, self._workspace.run
        if image is None or image.record.id != series.key[0]:
            return None
        if series.preview or (run is not None and run.id == series.key[1]):
            return self.predicted
        return self.compared if series.key[1] == self._other else None

    def _is_same_file(self, image: OpenImage) -> bool:
        """Whether an image is what it was when its predictions were kept."""
        return image.state == "ok" and self._files.get(image.record.id) == image.record.sha256

    def _keep(self, report: PredictionReady) -> None:
        image, record = self._workspace.image, self._workspace.records.get(report.image_id)
        if record is None or (image is not None and image.record.id == record.id and image.state != "ok"):
            return  # another file than the one that is labelled
        self._files[record.id] = record.sha256
        self._kept[report.image_id, report.run_id] = report
        while len(self._kept) > 1 and sum(3 * p.class_map.nbytes for p in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)

    @Slot()
    def _forget(self) -> None:
        """Another project has other images under the same numbers."""
        self._kept.clear()
        self._files.clear()
        self.model.forget()
        self._preview = None
        if self._awaited is not None:
            self._awaited = None
            self.busy_changed.emit(False)


def _parts(key: Key, shape: tuple[int, ...]) -> Parts:
    return Parts(*key, (shape[0], shape[1]))
