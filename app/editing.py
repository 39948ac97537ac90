"""What the hands do to the mask of the open image beside painting: undo, redo, accept, clear."""

from PySide6.QtCore import QObject, Signal, Slot

from app.canvas.view import CanvasView
from app.workspace import Workspace
from core.masks.editor import ONLY_UNLABELED, EditKind, MaskEdit, MaskEditor
from core.masks.geometry import Where
from core.masks.predicted import Predicted
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask
from core.training.messages import PredictionReady


class Editing(QObject):
    """Every change ends in a MaskEdit, is shown at once and saved by the one road."""

    history_changed = Signal()
    made = Signal(object)
    """The MaskEdit, on its way to the disk."""

    def __init__(self, workspace: Workspace, canvas: CanvasView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._canvas = canvas
        self.prediction: PredictionReady | None = None

    @property
    def can_undo(self) -> bool:
        image = self._workspace.image
        return image is not None and image.editor.can_undo

    @property
    def can_redo(self) -> bool:
        image = self._workspace.image
        return image is not None and image.editor.can_redo

    @Slot(object)
    def take(self, edit: MaskEdit) -> None:
        """Save an edit that the canvas made and already shows."""
        self._workspace.save_edit(edit)
        self.history_changed.emit()
        self.made.emit(edit)
        if edit.kind in ("undo", "redo"):
            self.read_ahead()

    @Slot()
    def undo(self) -> None:
        """Take the last point of what is being drawn back, or else the last edit."""
        if not self._canvas.step_back() and self._workspace.image is not None:
            self._show(self._workspace.image.editor.undo())

    @Slot()
    def redo(self) -> None:
        if self._workspace.image is not None:
            self._show(self._workspace.image.editor.redo())

    @Slot()
    def clear(self) -> None:
        if self._workspace.image is not None:
            self._show(self._workspace.image.editor.clear(locked=self._canvas.hand.locked))

    @Slot()
    def accept_all(self) -> bool:
        """Take over what the prediction is sure of; False if that changed nothing."""
        return self._accept(self._canvas.hand.said)

    @Slot()
    def accept_class(self) -> None:
        """Take over only the class in hand."""
        said = self._canvas.hand.said
        if said is not None:
            self._accept(said.of_class(self._workspace.active_class))

    def _accept(self, said: Predicted | None) -> bool:
        self._canvas.end_stroke()
        image = self._workspace.image
        if image is None or said is None:
            return False
        edit = image.editor.accept(said, allowed=self._canvas.hand.acceptable)
        self._show(edit, flash=True)
        return edit is not None

    def label(self, kind: EditKind, rect: Rect, where: Where, value: int) -> None:
        """Give the pixels in `rect` that `where` names and nobody has labelled a value, marked if it was accepted."""
        self._canvas.end_stroke()
        if self._workspace.image is not None:
            editor = self._workspace.image.editor
            self._show(editor.apply(kind, rect, where, value, allowed=ONLY_UNLABELED), flash=True)

    def accept_map(self, accepted: Array) -> bool:
        """Take over (height, width) class ids where nothing is labelled; False if that changed nothing."""
        image = self._workspace.image
        edit = None if image is None else image.editor.accept(Predicted(accepted), allowed=ONLY_UNLABELED)
        self._show(edit, flash=True)
        return edit is not None

    def restore(self, mask: Mask) -> None:
        """Make the labels what they were."""
        if self._workspace.image is not None:
            self._show(self._workspace.image.editor.restore(mask), flash=True)

    def go_on_with(self, editor: MaskEditor) -> None:
        """Paint on with what is in the project now; picture, place and prediction stay."""
        self._workspace.replace_editor(editor)
        image = self._workspace.image
        if image is not None and image.pixels is not None:
            self._canvas.set_editor(editor)
        self.history_changed.emit()
        self.read_ahead()

    @Slot()
    def read_ahead(self) -> None:
        """Fetch the next steps of undo and redo from the project, before somebody waits for them."""
        project, image = self._workspace.project, self._workspace.image
        wanted = image.editor.not_read() if image is not None else []
        if project is not None and image is not None and wanted:
            self._workspace.jobs.run(project.read_edits, wanted, done=image.editor.take_read)

    def _show(self, edit: MaskEdit | None, *, flash: bool = False) -> None:
        if edit is None:
            return
        self._canvas.drop_question()
        self._canvas.refresh(edit.rect)
        if flash:
            self._canvas.flash(edit)
        self.take(edit)
