"""Where next: the view flies to the region where an answer is worth most, over all pictures, and one key answers."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from app.actions import QUEUE, Actions
from app.answer_keys import AnswerKeys
from app.canvas.flight import Flight
from app.editing import Editing
from app.gathering import Gathering
from app.predicting import Predicting
from app.rooms import Rooms
from app.visiting import CLOSEST
from app.workspace import OpenImage, Workspace
from core.classes import ACCEPTED, UNLABELED
from core.masks.editor import EditKind, MaskEdit
from core.masks.geometry import Where
from core.masks.rect import EMPTY
from core.prediction.regions import region_pixels
from core.regions import Region

TOPIC = "checking"
COUNT_MS = 500
"""What is left is counted anew no more often than that while the queue fills."""
NOTHING_LEFT = "Nothing is left to check now. More comes as pictures are predicted, or train again."
LOOKING = "Looking for regions to check…"
Step = tuple[int, Region | None]
"""An edit that was made on the way: in which image, and what was asked then."""


class Asking(QObject):
    """Asks region by region while its action is checked. Nothing is changed but by an answer, and that can be undone.

    A question waits until its picture is shown and predicted: what will be labelled is what is outlined then.
    """

    class_wanted = Signal(object)
    """To be chosen from all classes; called with its id when it is."""

    def __init__(
        self,
        workspace: Workspace,
        rooms: Rooms,
        *,
        editing: Editing,
        predicting: Predicting,
        actions: Actions,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self.gathering = Gathering(workspace, predicting, self)
        self._workspace = workspace
        self._ruled, self._canvas = rooms.ruled, rooms.canvas
        self._strip = rooms.check_strip
        self._editing = editing
        self._predicting = predicting
        self._action: QAction = actions[QUEUE]
        self._keys = AnswerKeys(workspace, rooms.canvas, actions["undo"], window)
        self._flight = Flight(rooms.canvas)
        self._region: Region | None = None
        self._where: Where | None = None
        """The region's pixels, in its rectangle, once they are known."""
        self._steps: list[Step] = []
        self._back = 0
        """The image that is being opened for its last edit to be taken back; 0 for none."""
        self._counting = QTimer(self)
        self._counting.setSingleShot(True)
        self._counting.setInterval(COUNT_MS)
        self._connect_signals()

    def _connect_signals(self) -> None:
        # Queued: the canvas shows what was opened or predicted before the question comes to it.
        queued = Qt.ConnectionType.QueuedConnection
        self._action.toggled.connect(self._switch)
        self._workspace.image_opened.connect(self._arrive, queued)
        self._workspace.project_closed.connect(self.end)
        self._workspace.runs_changed.connect(self._rest)
        self._workspace.classes_changed.connect(self._classes_changed)
        self._predicting.predicted.connect(self._find, queued)
        self._predicting.gave_up.connect(self._give_up)
        self._predicting.busy_changed.connect(self._rest, queued)
        self._editing.made.connect(self._follow)
        self.gathering.changed.connect(self._filled)
        self._counting.timeout.connect(self._count)
        self._strip.accepted.connect(self.accept)
        self._strip.skipped.connect(self.skip)
        self._strip.ended.connect(self.end)
        keys = self._keys
        keys.accepted.connect(self.accept)
        keys.mended.connect(self.mend)
        keys.named.connect(self._want_class)
        keys.skipped.connect(self.skip)
        keys.ended.connect(self.end)
        keys.taken_back.connect(self.take_back)

    @property
    def on(self) -> bool:
        return self._action.isChecked()

    @property
    def ready(self) -> bool:
        """Whether there is a question that can be answered."""
        return self._where is not None

    @property
    def _here(self) -> OpenImage | None:
        """The open image, if it is the one that is asked about."""
        image, region = self._workspace.image, self._region
        if image is None or region is None or self._workspace.wanted_image != region.image_id:
            return None
        return image if image.record.id == region.image_id else None

    # --- in and out

    @Slot(bool)
    def _switch(self, on: bool) -> None:
        if on:
            self._canvas.way_back.begin(TOPIC)
        self._ruled.show_strip(self._strip, on)
        self._steps, self._back = [], 0
        self._keys.listen(on)
        if on:
            self._canvas.setFocus()
            self._strip.show_classes(len(self._workspace.classes))
            self._tell_of_strangers()
            self._go_on()
        else:
            self._region = self._where = None
            self._flight.stop()
            self._canvas.way_back.end(TOPIC)
            self._canvas.point_at(EMPTY)
            self._workspace.settled.emit(TOPIC)

    @Slot()
    def end(self) -> None:
        self._action.setChecked(False)

    def _tell_of_strangers(self) -> None:
        names, run = self.gathering.strangers(), self._workspace.run
        if names and run is not None:
            text = f"Run {run.id} learned classes that are others now: {', '.join(names)}."
            self._workspace.tell_quietly(f"{text} Train again to be asked about them.", TOPIC)

    # --- from question to question

    def _go_on(self) -> None:
        """Ask what comes next; what is no longer in the project is not asked."""
        queue = self.gathering.queue
        region = queue.next()
        while region is not None and region.image_id not in self._workspace.records:
            queue.drop(region.image_id)
            region = queue.next()
        self._ask(region)

    def _ask(self, region: Region | None) -> None:
        self._region, self._where = region, None
        self._canvas.point_at(EMPTY)
        self._show()
        self._count()
        if self._here is not None:
            self._fly()
        elif region is not None:
            self._workspace.open_image(region.image_id)

    @Slot()
    def look(self) -> None:
        """A picture is shown: if it is asked about, look there before it is predicted, so that this part is first."""
        if self.on and self._here is not None and self._region is not None:
            self._canvas.show_rect(self._region.rect, CLOSEST)

    @Slot()
    def _arrive(self) -> None:
        """A picture is shown: the one that is asked about, or another one, whose choice ends the questions."""
        image = self._workspace.image
        if not self.on or image is None or image.record.id != self._workspace.wanted_image:
            return
        if self._back == image.record.id:
            self._back = 0
            self._editing.undo()
        elif self._region is None:
            self._show()
        elif self._here is None:
            self.end()
        elif image.pixels is None or image.state != "ok":
            self._pass_over(f"{image.record.name} is {image.state}, so nothing is asked about it.")
        else:
            self._fly()

    def _pass_over(self, sentence: str) -> None:
        """Nothing can be asked about the open image."""
        image = self._workspace.image
        if image is not None:
            self.gathering.queue.drop(image.record.id)
        self._go_on()
        self._workspace.tell_quietly(sentence, TOPIC)

    def _fly(self) -> None:
        if self._region is not None:
            self._flight.to(self._region.rect, CLOSEST)
            self._canvas.point_at(self._region.rect)
            self._find()

    @Slot()
    def _find(self) -> None:
        """Find the pixels of what is asked about, once they are predicted; go on where they are labelled by now."""
        image, region, said = self._here, self._region, self.gathering.said
        if image is None or region is None or said is None or self._where is not None or not self.on:
            return
        run = self._workspace.run
        if run is None or (said.image_id, said.run_id) != (region.image_id, run.id):
            return
        if self._predicting.awaits(said.image_id, run.id) and (said.class_map[region.rect.slices] == UNLABELED).any():
            return  # a part of a large picture is still to come
        rect, where = region_pixels(said.class_map, image.editor.mask.read(), region)
        if not where.any():
            self.gathering.queue.gone(region)
            self._go_on()
            return
        self._where = where
        self._canvas.point_at(rect, where)
        self._show()
        self._look_ahead(region)

    def _look_ahead(self, region: Region) -> None:
        """Get ready what will most likely be asked next."""
        ahead = self.gathering.queue.next(after=region)
        record = None if ahead is None else self._workspace.records.get(ahead.image_id)
        if record is not None and record.id != region.image_id:
            self._workspace.read_ahead(record.id)
            self._predicting.predict_ahead(record)

    @Slot(int)
    def _give_up(self, image_id: int) -> None:
        """No prediction comes, and why has been said: without a model for any image, else for this one."""
        if self.on and image_id == 0:
            self.end()
        elif self.on and self._here is not None and self._here.record.id == image_id:
            self._pass_over(f"{self._here.record.name} cannot be predicted, so nothing is asked about it.")

    # --- answers

    @Slot()
    def accept(self) -> None:
        """It is what the model says."""
        if self._region is not None:
            self._answer("accept", self._region.class_id | ACCEPTED)

    @Slot(int)
    def mend(self, class_id: int) -> None:
        """It is another class, or surely this one: a label as if it were drawn."""
        if class_id < len(self._workspace.classes):
            self._answer("fill", class_id)

    @Slot()
    def _want_class(self) -> None:
        if self.ready:
            self.class_wanted.emit(self.mend)

    @Slot()
    def skip(self) -> None:
        if self._region is not None:
            self.gathering.queue.skip(self._region)
            self._go_on()

    def _answer(self, kind: EditKind, value: int) -> None:
        """Label what is outlined; what was painted there by hand meanwhile stays."""
        region, where = self._region, self._where
        if region is not None and where is not None and self._here is not None:
            self._editing.label(kind, region.rect, where, value)
            self.gathering.queue.done(region)
            self._go_on()

    @Slot()
    def take_back(self) -> None:
        """Undo what was done last on the way, also in another picture."""
        image = self._workspace.image
        image_id = self._steps[-1][0] if self._steps else 0
        if not image_id or (image is not None and image.record.id == image_id):
            self._editing.undo()
        else:
            self._back = image_id
            self._workspace.open_image(image_id)

    @Slot(object)
    def _follow(self, edit: MaskEdit) -> None:
        """Note what is done on the way; whatever was asked when it was done is asked again if it is undone."""
        image = self._workspace.image
        if not self.on or image is None:
            return
        if edit.kind != "undo":
            self._steps.append((image.record.id, self._region if self._here is not None else None))
        elif self._steps and self._steps[-1][0] == image.record.id:
            _, region = self._steps.pop()
            if region is not None:
                self.gathering.queue.again(region)
                self._ask(region)

    # --- what is said

    @Slot()
    def _filled(self) -> None:
        """The queue has changed: someone without a question gets one."""
        if not self.on:
            return
        if self._region is None:
            self._go_on()
        elif not self._counting.isActive():
            self._counting.start()

    @Slot()
    def _rest(self) -> None:
        """What there was to ask with, or to wait for, may be gone."""
        if self.on and self._workspace.run is None:
            self.end()
        elif self.on and self._region is None:
            self._show()

    @Slot()
    def _classes_changed(self) -> None:
        """The queue is filled anew, and what is asked may not be meant any more."""
        if self.on:
            self._strip.show_classes(len(self._workspace.classes))
            self._ask(None)

    def _show(self) -> None:
        region, classes = self._region, self._workspace.classes
        if region is not None and region.class_id < len(classes):
            self._strip.show_question(classes[region.class_id], region.confidence, ready=self.ready)
        else:
            self._strip.show_words(LOOKING if self.gathering.busy or self._predicting.busy else NOTHING_LEFT)

    @Slot()
    def _count(self) -> None:
        if self.on:
            self._strip.show_left(self.gathering.queue.left, self.gathering.queue.sureness)
