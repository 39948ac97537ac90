"""CanvasView: a picture with its mask and prediction, looked at and painted on.

It knows arrays and a MaskEditor, nothing of projects. Set the image first, then the editor and the prediction.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.cursor import draw_line
from app.canvas.display import Display, Image
from app.canvas.film_view import FilmView
from app.canvas.gesturing import Gesturing
from app.canvas.input import Input
from app.canvas.planes import ProposalPlane, Values
from app.canvas.pointed import Pointed
from app.canvas.pointer import Pointer
from app.canvas.split import Split
from app.canvas.tools import Hand, Outline, ToolName
from app.canvas.way_back import WayBack
from core.classes import UNLABELED
from core.large_tiff import LargeTiff
from core.masks.change import Change
from core.masks.editor import EditKind, MaskEdit, MaskEditor
from core.masks.geometry import Point, Where
from core.masks.predicted import Predicted, least_confidence
from core.masks.rect import EMPTY, Rect
from core.masks.smart import Part
from core.masks.tiles import Mask

SMALLEST_BRUSH, LARGEST_BRUSH = 1.0, 4096.0


class CanvasView(FilmView):
    """Look, zoom, pan, paint. Every finished change of the mask leaves as `edit_made(MaskEdit)`."""

    edit_made = Signal(object)
    hovered = Signal(int, int, int)
    """x, y and the mask's value under the pointer, marked if it was accepted."""
    left = Signal()
    """The pointer is over the picture no more."""
    gesture_ended = Signal()
    """The hand let go of what it was doing, or gave it up."""
    outlines_wait = Signal()
    """An outline was begun and not closed, or it is taken up again: `waiting_outlines` differs."""
    class_picked = Signal(int)
    brush_size_changed = Signal(float)
    """The wheel or a key changed the size of the tool in hand."""
    asked = Signal(str, bool)
    """A tool shows what it would do and asks; False while it is still working that out. "" takes it back."""
    option_changed = Signal(str, float)
    """A gesture set one of the hand's options."""

    _ready = False
    """Qt sends the first events while the widget is still being made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hand = Hand()
        self.pointed = Pointed()
        self._ring_box = self._line_box = QRect()
        self.gesturing = Gesturing(self)
        self.pointer = Pointer(self)
        self._input = Input(self)
        self.way_back = WayBack(self)
        self.split = Split(self)
        self._ready = True
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(self.tr("Picture"))

    def sizeHint(self) -> QSize:
        return QSize(900, 640)

    # --- what is shown

    def set_image(self, image: Image | LargeTiff | None) -> None:
        self.gesturing.finish()
        self.gesturing.wait_with(())
        self.hand.editor = self.hand.last_end = self.hand.said = None
        self.pointed.show(EMPTY, None)
        super().set_image(image)

    def set_editor(self, editor: MaskEditor | None) -> None:
        """Paint with this editor; its mask must be of the image's size."""
        self.gesturing.finish()
        if editor is not None and (editor.mask.width, editor.mask.height) != self._image_size:
            raise ValueError(f"a mask of {editor.mask.width} × {editor.mask.height} for an image of {self._image_size}")
        self.gesturing.look_anew()
        self.hand.editor, self.hand.last_end = editor, None
        self.show_mask(None if editor is None else editor.mask)
        self.gesturing.go_on()
        self.show_cursor()

    def show_past(self, mask: Mask) -> None:
        """Show a mask of earlier, of the image's size. Nothing can be painted until `set_editor` is called again."""
        self.gesturing.finish()
        self.hand.editor = self.hand.last_end = None
        self.show_mask(mask)
        self.show_cursor()

    def set_prediction(
        self,
        class_map: Values | None,
        confidence: npt.NDArray[np.generic] | None = None,
        entropy: npt.NDArray[np.generic] | None = None,
    ) -> None:
        super().set_prediction(class_map, confidence, entropy)
        least, shown = least_confidence(self._overlay.look.threshold), self._overlay.prediction
        self.hand.said = None if class_map is None or shown is None else Predicted(class_map, shown.sure, least)
        self.gesturing.predicted_anew()

    # --- how it is shown

    def set_display(self, display: Display) -> None:
        super().set_display(display)
        self.gesturing.look_anew()

    def set_prediction_over_labels(self, over: bool) -> None:
        """Show the prediction where there are labels too, and accept it there."""
        self.hand.over_labels = over
        self.gesturing.predicted_anew()
        super().set_prediction_over_labels(over)

    def set_threshold(self, confidence: float) -> None:
        """Show and accept the prediction only where its confidence is at least this, 0 to 1."""
        if self.hand.said is not None:
            self.hand.said = self.hand.said.above(least_confidence(confidence))
        self.gesturing.predicted_anew()
        super().set_threshold(confidence)

    # --- tools

    def set_tool(self, tool: ToolName) -> None:
        self.gesturing.set_tool(tool)

    @property
    def tool(self) -> ToolName:
        return self.gesturing.tool

    def set_active_class(self, class_id: int) -> None:
        self.hand.active_class = class_id
        if self.gesturing.now is not None:
            self.gesturing.now.class_changed()
        self.show_cursor()

    def set_brush_size(self, diameter: float) -> None:
        """The brush's diameter in image pixels."""
        self.hand.brush_size = min(LARGEST_BRUSH, max(SMALLEST_BRUSH, diameter))
        self.show_cursor()

    def set_eraser_size(self, diameter: float) -> None:
        self.hand.eraser_size = min(LARGEST_BRUSH, max(SMALLEST_BRUSH, diameter))
        self.show_cursor()

    def set_allowed(self, allowed: frozenset[int] | None) -> None:
        """The paint rule: which values may be painted over; None for all."""
        self.hand.allowed = allowed
        self.show_cursor()

    def set_pressure(self, on: bool) -> None:
        """Let a pen's pressure set the width of the stroke."""
        self._input.use_pressure = on

    def set_option(self, name: str, value: object) -> None:
        """Set one of the hand's options by its name, also while a tool is at work."""
        setattr(self.hand, name, value)
        self.gesturing.options_changed(self.pointer.image_point)
        self.show_cursor()

    def ask_first(self, kind: EditKind, question: str, job: Callable[..., Change], *args: Any) -> None:
        """Work a change out aside, show it, and make it when the person says yes."""
        self.gesturing.ask_first(kind, question, job, *args)

    def mend_class(self) -> None:
        """Show what the hand's mending would do to the class in hand, and wait for a yes."""
        self.gesturing.mend_class()

    @property
    def waits(self) -> bool:
        """Whether a tool goes on from press to press, until Enter or Esc."""
        return self.gesturing.waits

    @property
    def busy(self) -> bool:
        """Whether a gesture is under way."""
        return self.gesturing.now is not None

    @property
    def waiting_outlines(self) -> tuple[Outline, ...]:
        """What was begun and not closed, and goes on when its tool is chosen again."""
        return tuple(self.gesturing.waiting.values())

    def wait_with(self, outlines: Sequence[Outline]) -> None:
        """Let these outlines wait, drawn on this picture earlier, and no others."""
        self.gesturing.wait_with(outlines)

    def confirm(self) -> None:
        """Enter: do what is shown, close what is drawn."""
        self.gesturing.confirm()

    def step_back(self) -> bool:
        """Backspace: take the last point back; False if nothing is being drawn."""
        waits = self.waits
        if waits:
            self.gesturing.step_back()
        return waits

    def drop_question(self) -> None:
        """Take back what is shown and asked: the mask it was worked out for has changed."""
        self.gesturing.drop_question()

    def cancel_gesture(self) -> None:
        """Esc: take back what is under way."""
        self.gesturing.cancel()

    def close_tools(self) -> None:
        """End what tools work on aside; call before the canvas goes."""
        self.gesturing.close()

    def end_stroke(self) -> None:
        """End a stroke as if the hand had let go; what goes on from press to press goes on."""
        if not self.waits:
            self.gesturing.finish()

    def finish_gesture(self) -> None:
        """End what the hand is doing as if it had let go; call before the editor is put away."""
        self.gesturing.finish()

    # --- what changed from outside

    def flash(self, edit: MaskEdit) -> None:
        if self.hand.editor is not None:
            super().flash(edit)

    def point_at(self, rect: Rect, where: Where | None = None) -> None:
        """Draw a frame around image pixels, or an outline around those where `where` (rect.height, rect.width) is
        True, until another picture is shown; EMPTY takes it away."""
        self.pointed.show(rect, where)
        self.update()
        self.split.beside.update()

    def tell_pixel(self, point: Point) -> None:
        """Say what lies at an image point that the hand is over."""
        if not self.image_rect.holds(point):
            self.left.emit()
            return
        row, column = int(point[1]), int(point[0])
        editor = self.hand.editor
        self.hovered.emit(column, row, UNLABELED if editor is None else editor.mask.marked_value(row, column))

    # --- for the tools

    def part(self, rect: Rect, most_pixels: int) -> Part:
        """The picture as it is shown inside `rect`, smaller where it would have more than `most_pixels`."""
        return self.gesturing.desk.part(rect, most_pixels)

    def propose(self, change: Change | None) -> None:
        """Show the mask as if it were changed so, and as it is with None."""
        before = EMPTY if self._overlay.proposal is None else self._overlay.proposal.rect
        self._overlay.proposal = None if change is None else ProposalPlane(change)
        for rect in (before, EMPTY if change is None else change.rect):
            if not rect.empty:
                self._redraw_film(self.viewport.cover(rect, self._overlay.margin))
        self.show_cursor()

    def _moved(self) -> None:
        super()._moved()
        self.show_cursor()

    # --- drawing

    def show_cursor(self) -> None:
        """Let ring and pointer follow the hand; only where they were and where they are now is drawn anew."""
        ring = self.pointer.ring()
        shown = QRect() if ring is None else ring.box
        line = self.pointer.outline_box()
        for part in (self._ring_box.united(shown), self._line_box.united(line)):
            if not part.isEmpty():
                self.update(part)
        self._ring_box, self._line_box = shown, line
        shape = Qt.CursorShape.BlankCursor if ring else self.pointer.cursor_shape()
        if shape != self.cursor().shape():
            self.setCursor(shape)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.draw_frame(painter, self._frame, event.rect())
        self.pointed.draw(painter, self)
        for waiting in self.waiting_outlines:
            draw_line(painter, [self.from_image(p) for way in waiting.ways for p in way], closed=False, faint=True)
        draw_line(painter, [self.from_image(p) for p in self.pointer.outline()], closed=self.pointer.drawing_around)
        ring = self.pointer.ring()
        if ring is not None:
            ring.draw(painter, self.devicePixelRatioF())
        painter.end()

    # --- events

    def event(self, event: QEvent) -> bool:
        if not self._ready:
            return super().event(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fit_screen()
        elif event.type() == QEvent.Type.PaletteChange:
            self.update()
        if self.isEnabled() and self._input.handle(event):
            event.accept()
            return True
        return super().event(event)
