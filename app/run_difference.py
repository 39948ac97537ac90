"""How much of the open picture two runs predict differently: shown in it, and counted."""

from functools import partial

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from app.ledger import Ledger, usable_runs
from app.overlays import Overlays
from app.predicting import Predicting
from app.run_texts import changed_text
from app.trust import is_trusted
from app.workspace import Workspace
from core.masks.tiles import Array
from core.records import TrainingRun
from core.run_comparison import ChangedPixels, changed_pixels
from core.training.messages import PredictionReady

PREDICTING = "Predicting the picture with both runs…"
NO_PICTURE = "Open a picture that can be read as a whole first."
STRANGE = "Run {run} is a model from elsewhere: predict with it first, and say that you trust it."
FAILED = "The picture could not be predicted with both runs."


class RunDifference(QObject):
    """Connects itself. Follows the open picture until other runs are chosen."""

    def __init__(self, workspace: Workspace, ledger: Ledger, overlays: Overlays, predicting: Predicting) -> None:
        super().__init__(ledger)
        self._workspace = workspace
        self._ledger = ledger
        self._overlays = overlays
        self._pair: tuple[int, ...] = ()
        """The older run and the newer one."""
        self._maps: dict[int, Array] = {}
        """What each says of the picture."""
        self._image_id = 0
        self._busy = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._settled)
        ledger.dialog.difference_asked.connect(self.ask)
        ledger.dialog.table.chosen_changed.connect(self._choice_changed)
        predicting.predicted.connect(self._take)
        predicting.compared.connect(self._take)
        predicting.busy_changed.connect(self._busy_changed)

    @Slot(int, int)
    def ask(self, older: int, newer: int) -> None:
        """Show in the open picture where the newer run says something else; it predicts from now on."""
        image, project = self._workspace.image, self._workspace.project
        if project is None or image is None or not isinstance(image.pixels, np.ndarray):
            self._tell(NO_PICTURE)
            return
        run_ids = [older, newer]
        strange = next((run for run in self._workspace.runs if run.id in run_ids and not is_trusted(run)), None)
        if strange is not None:
            self._tell(STRANGE.format(run=strange.id))
            return
        self._ledger.jobs.run(usable_runs, project, run_ids, done=self._show, failed=self._ledger.fail)

    def _show(self, runs: list[TrainingRun]) -> None:
        older, newer = (run.id for run in runs)
        self._pair, self._maps = (older, newer), {}
        self._tell(PREDICTING)
        self._overlays.show_difference(newer, older)

    @Slot()
    def _choice_changed(self) -> None:
        if [run.id for run in self._ledger.dialog.table.chosen] != list(self._pair):
            self._pair, self._maps = (), {}

    @Slot(object)
    def _take(self, prediction: PredictionReady) -> None:
        image = self._workspace.image
        if prediction.run_id not in self._pair or image is None or prediction.image_id != image.record.id:
            return
        if self._image_id != prediction.image_id:
            self._maps, self._image_id = {}, prediction.image_id
        self._maps[prediction.run_id] = prediction.class_map
        if len(self._maps) == len(self._pair):
            older, newer = (self._maps[run_id] for run_id in self._pair)
            count = partial(self._count, self._pair, prediction.image_id)
            self._ledger.jobs.run(changed_pixels, older, newer, done=count)

    def _count(self, pair: tuple[int, ...], image_id: int, changed: ChangedPixels) -> None:
        record = self._workspace.records.get(image_id)
        if pair == self._pair and image_id == self._image_id and record is not None:
            known = {label.id: label for run in self._workspace.runs if run.id in pair for label in run.classes}
            known |= {label.id: label for label in self._workspace.classes}
            self._tell(changed_text(changed, record, list(known.values())))

    def _tell(self, text: str) -> None:
        self._ledger.dialog.figures.show_changed(text)

    @Slot(bool)
    def _busy_changed(self, busy: bool) -> None:
        self._busy = busy
        if not busy and self._pair:
            self._settle.start()  # the other run's turn comes at once, if it comes

    @Slot()
    def _settled(self) -> None:
        if self._pair and not self._busy and len(self._maps) < len(self._pair):
            self._tell(FAILED)
