"""Accepting predictions in all pictures without labels: in the background, one edit a picture, by the ordinary road."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from app.dialogs.accept_everywhere import AcceptEverywhereDialog
from app.editing import Editing
from app.looking import Look, Looking
from app.notices import Choice, Notice
from app.progress import Pace, Progress
from app.taking_back import TakingBack
from app.workspace import Workspace
from core.classes import same_classes
from core.errors import MaskwrightError
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.predicted import least_confidence
from core.masks.tiles import Array
from core.prediction.accepting import edit_for, to_prelabel
from core.project import Project
from core.records import ImageRecord, TrainingRun
from core.regions import RegionTable
from core.training.messages import LookedAt

TOPIC = "accepting"
MOST_FAILURES = 3
"""In a row: then it is not the pictures."""


class PreLabelling(QObject):
    """Goes through the pictures that are for training and have no label yet."""

    progressed = Signal(object)
    """Progress; None while nothing goes on."""
    learned = Signal(object, object, object, object)
    """Project, run, image and RegionTable: what is left to look at in an image that is through."""

    def __init__(self, workspace: Workspace, looking: Looking, editing: Editing, window: QWidget) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._looking = looking
        self._editing = editing
        self._window = window
        self.dialog: AcceptEverywhereDialog | None = None
        self._project: Project | None = None
        self._run: TrainingRun | None = None
        self._waiting: list[int] = []
        self._total = self._accepted = self._least = self._failures = self._under_way = 0
        self._refused: list[str] = []
        self._pace = Pace(0)
        self._regions: dict[int, tuple[Look, RegionTable]] = {}
        """What is left to look at in images whose edit is on its way to the disk."""
        self._mine: set[int] = set()
        """Images whose accepted labels are on their way to the disk."""
        self._revisions: dict[int, int] = {}
        """By image, of the mask after what was accepted last time."""
        self.taking_back = TakingBack(workspace, looking.jobs, editing, TOPIC, self)
        self.taking_back.progressed.connect(self.progressed)
        looking.freed.connect(self._next)
        workspace.saves.saved.connect(self._saved)
        workspace.project_closed.connect(self._leave)

    @property
    def running(self) -> bool:
        return self._project is not None

    # --- asking

    def ask(self, percent: int) -> None:
        """Ask how sure the model must be, beginning with `percent`."""
        run = self._workspace.run
        if run is None or self.running or self.taking_back.running:
            return
        count = len(self._unlabelled())
        if not count:
            self._workspace.tell_quietly("Every picture for training has labels already.", TOPIC)
            return
        if self.dialog is not None:
            self.dialog.close()
        meant = same_classes(run.classes, self._workspace.classes)
        strange = [label.name for label in run.classes if label.id not in meant]
        self.dialog = AcceptEverywhereDialog(run.id, count, percent, strange, self._window)
        self.dialog.chosen.connect(self.start)
        self.dialog.destroyed.connect(self._dialog_gone)
        self.dialog.show()

    def _unlabelled(self) -> list[int]:
        return [record.id for record in to_prelabel(list(self._workspace.records.values()))]

    @Slot()
    def _dialog_gone(self) -> None:
        self.dialog = None

    # --- one after another

    @Slot(int)
    def start(self, percent: int) -> None:
        """Accept what the chosen run is at least so sure of."""
        if self.running or self._workspace.project is None or self._workspace.run is None:
            return
        self._project, self._run = self._workspace.project, self._workspace.run
        self._least = least_confidence(percent / 100)
        self._waiting = self._unlabelled()[::-1]
        self._total, self._accepted, self._failures, self._refused = len(self._waiting), 0, 0, []
        self._mine, self._revisions = set(), {}
        self._pace = Pace(self._total)
        self._tell()
        self._looking.wake()

    @Slot()
    def stop(self) -> None:
        """What was accepted so far stays; every picture can be undone."""
        self.taking_back.stop()
        if self.running:
            self._end()

    @Slot()
    def _next(self) -> None:
        if self._project is None or self._run is None or not self._looking.free:
            return
        self._tell()
        if self._waiting:
            record = self._workspace.records[self._waiting.pop()]
            if record.labelled:
                self._looking.wake()  # somebody was there in the meantime
            else:
                self._looking.begin(Look(self, self._project, self._run, record, self._least))
        elif not self._under_way:
            self._end()

    def take(self, look: Look, found: LookedAt) -> None:
        self._failures = 0
        if found.accepted is None or found.regions is None or look.run is not self._run:
            return
        put = partial(self._put, look, found.accepted, found.regions)
        failed = partial(self._not_accepted, look)
        self._under_way += 1
        self._looking.jobs.run(edit_for, look.project, look.record.id, found.accepted, done=put, failed=failed)

    def _put(
        self, look: Look, accepted: Array, regions: RegionTable, worked_out: tuple[MaskEditor, MaskEdit | None]
    ) -> None:
        """Save the edit, unless somebody works on this picture: then it goes through the hands' own editor."""
        work, image_id = self._workspace, look.record.id
        editor, edit = worked_out
        self._through()
        if look.project is not work.project or look.run is not self._run:
            return
        if work.wanted_image == image_id:
            self._put_before_the_hands(image_id, accepted)
        elif edit is None:
            self.learned.emit(look.project, look.run, look.record, regions)
        elif work.saves.editor_of(image_id) is None and work.records[image_id].revision == look.record.revision:
            self._accepted += 1
            self._mine.add(image_id)
            self._regions[image_id] = look, regions
            work.saves.add(look.project, image_id, edit, editor)

    def _put_before_the_hands(self, image_id: int, accepted: Array) -> None:
        image = self._workspace.image
        if image is None or image.record.id != image_id or image.editor.in_stroke:
            self._waiting.insert(0, image_id)  # it is being opened or painted on: later
        else:
            self._mine.add(image_id)
            if self._editing.accept_map(accepted):
                self._accepted += 1
            else:
                self._mine.discard(image_id)

    def _not_accepted(self, look: Look, error: Exception) -> None:
        self._through()
        if not isinstance(error, MaskwrightError):
            self._looking.jobs.report(error)
        self.refuse(look, str(error))

    def _through(self) -> None:
        self._under_way -= 1
        self._looking.wake()

    @Slot(object)
    def _saved(self, record: ImageRecord) -> None:
        if record.id in self._mine:
            self._mine.remove(record.id)
            self._revisions[record.id] = record.revision
        if record.id in self._regions:
            look, regions = self._regions.pop(record.id)
            self.learned.emit(look.project, look.run, record, regions)

    def refuse(self, look: Look, sentence: str) -> None:
        if look.run is not self._run:
            return
        self._refused.append(sentence)
        self._failures += 1
        if self._failures >= MOST_FAILURES and len(set(self._refused[-MOST_FAILURES:])) == 1:
            self._end()

    def give_way(self, look: Look) -> None:
        if look.run is self._run:
            self._waiting.append(look.record.id)

    # --- ends

    def _end(self) -> None:
        count, refused, run = self._accepted, self._refused, self._run
        self._forget()
        if run is None:
            return
        pictures = "1 picture" if count == 1 else f"{count:,} pictures"
        text = f"Predictions of run {run.id} are accepted in {pictures}." if count else "Nothing was accepted."
        if refused:
            more = f" And {len(refused) - 1} more like it." if len(refused) > 1 else ""
            text += f" Left out: {refused[0]}{more}"
        choices = (Choice("Take back", self._take_back),) if count else ()
        self._workspace.noticed.emit(Notice(text, choices, TOPIC, problem=False))

    def _take_back(self) -> None:
        if not self.running:
            self.taking_back.start(self._revisions)

    def _forget(self) -> None:
        self._project = self._run = None
        self._waiting = []
        self.progressed.emit(None)

    @Slot()
    def _leave(self) -> None:
        """The project is closed."""
        self._forget()
        self._regions.clear()
        self._mine, self._revisions = set(), {}
        if self.dialog is not None:
            self.dialog.close()

    def _tell(self) -> None:
        left = len(self._waiting)
        seconds = self._pace.left(left) if self._looking.working else None
        self.progressed.emit(Progress("Accepting", self._total - left, self._total, seconds))
