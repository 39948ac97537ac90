"""The way to the places where a run errs."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction

from app.canvas.view import CanvasView
from app.dialogs.evaluation import EvaluationDialog
from app.workspace import Workspace
from core.findings import Place
from core.masks.rect import EMPTY
from core.records import ImageRecord

CLOSEST = 4.0
"""Screen pixels per image pixel at which a small place is shown."""


class Visiting(QObject):
    """Opens the image of a place and flies there; the keys for it work in the dialog as in the window."""

    def __init__(
        self,
        workspace: Workspace,
        canvas: CanvasView,
        dialog: EvaluationDialog,
        steps: tuple[QAction, QAction],
        parent: QObject,
    ) -> None:
        """steps: the actions that go to the place before and to the next one."""
        super().__init__(parent)
        self._workspace = workspace
        self._canvas = canvas
        self._dialog = dialog
        self._target: Place | None = None
        dialog.addActions(list(steps))
        back, on = steps
        back.triggered.connect(self.go_back)
        on.triggered.connect(self.go_on)
        dialog.place_chosen.connect(self.go_to)
        dialog.walk_ended.connect(self._end)
        workspace.record_changed.connect(self._record_changed)
        workspace.project_closed.connect(self._end)

    @Slot()
    def go_on(self) -> None:
        if self._walking():
            self._dialog.strip.go_on()

    @Slot()
    def go_back(self) -> None:
        if self._walking():
            self._dialog.strip.go_back()

    def _walking(self) -> bool:
        """Show the dialog; where no kind of error is chosen yet, that is done there."""
        self._dialog.show()
        return self._dialog.looking

    @Slot(object)
    def go_to(self, place: Place) -> None:
        """Open a place's image, and fly there."""
        image = self._workspace.image
        self._target = place
        if place.image_id not in self._workspace.records:
            self._workspace.tell_quietly("That picture is no longer in the project.", "evaluation")
        elif image is not None and image.record.id == place.image_id == self._workspace.wanted_image:
            self.arrive()
        else:
            self._workspace.open_image(place.image_id)

    @Slot()
    def arrive(self) -> None:
        """An image is shown: if it is the one that was asked for, show the place."""
        image, place, self._target = self._workspace.image, self._target, None
        if place is not None and image is not None and image.record.id == place.image_id and image.pixels is not None:
            self._canvas.show_rect(place.rect, CLOSEST)
            self._canvas.point_at(place.rect)
            self._canvas.window().activateWindow()  # hands go on painting: keys belong to the picture now
            self._canvas.setFocus()

    @Slot(object)
    def _record_changed(self, record: ImageRecord) -> None:
        evaluation = self._dialog.evaluation
        if evaluation is not None and record.revision > evaluation.subject.label_revision:
            self._dialog.labels_changed()

    @Slot()
    def _end(self) -> None:
        self._target = None
        self._canvas.point_at(EMPTY)
