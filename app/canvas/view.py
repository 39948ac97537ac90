"""CanvasView: a picture with its mask and prediction, looked at and painted on.

It knows arrays and a MaskEditor, nothing of projects. Set the image first, then the editor and the prediction.
"""

from collections.abc import Callable, Sequence
from math import ceil, floor
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.canvas.cursor import draw_line
from app.canvas.display import Display, Image
from app.canvas.frame import Frame
from app.canvas.gesturing import Gesturing
from app.canvas.input import Input
from app.canvas.large import LargeSource
from app.canvas.overlay import Overlay, Prediction, as_bytes
from app.canvas.overview import Overview
from app.canvas.picture import Picture
from app.canvas.planes import ChangedPlane, MaskPlane, ProposalPlane, Values
from app.canvas.pointer import Pointer
from app.canvas.scale import ScaleBar
from app.canvas.tools import Hand, Outline, ToolName
from app.canvas.viewport import Viewport
from app.canvas.zooming import ZoomView
from core.classes import LabelClass
from core.large_tiff import LargeTiff
from core.masks.change import Change
from core.masks.editor import EditKind, MaskEdit, MaskEditor
from core.masks.predicted import Predicted, least_confidence
from core.masks.rect import EMPTY, Rect
from core.masks.smart import Part
from core.masks.tiles import Mask

DARK_SURROUND, LIGHT_SURROUND = QColor("#1b1b1b"), QColor("#c9c9c9")
FLASH_MS = 120
SMALLEST_BRUSH, LARGEST_BRUSH = 1.0, 4096.0


class CanvasView(ZoomView):
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
        self._classes: tuple[LabelClass, ...] = ()
        self._display = Display()
        self._overlay = Overlay()
        self._frame = Frame(self.viewport, self._overlay)
        self.overview = Overview(self)
        self.scale_bar = ScaleBar(self)
        self._flash_rect = self._pointed = EMPTY
        self._ring_box = self._line_box = QRect()
        self._flash_timer = QTimer(self)
        self._flash_timer.setSingleShot(True)
        self._flash_timer.setInterval(FLASH_MS)
        self._flash_timer.timeout.connect(self._end_flash)
        self.gesturing = Gesturing(self)
        self.pointer = Pointer(self)
        self._input = Input(self)
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
        """Show an image, (height, width, channels) uint8 or uint16, and fit it in.

        An array is kept, not copied; a file is read as it is looked at. Editor and prediction of the image before
        leave with it.
        """
        self.gesturing.finish()
        self.gesturing.wait_with(())
        self.hand.editor = self.hand.last_end = None
        self._overlay.mask = self._overlay.prediction = self._overlay.flash = self.hand.said = None
        if self.picture is not None:
            self.picture.close()
        self._frame.picture = None if image is None else Picture(image, self._display)
        if self.picture is not None and isinstance(self.picture.source, LargeSource):
            self.picture.source.arrived.connect(self._draw_arrived)
        self._pointed = EMPTY
        height, width = (0, 0) if image is None else image.shape[:2]
        self.viewport.image_width, self.viewport.image_height = width, height
        self._frame.expire()
        self.scale_bar.pixel_size = None
        self.overview.redraw()
        self.fit()

    def set_editor(self, editor: MaskEditor | None) -> None:
        """Paint with this editor; its mask must be of the image's size."""
        self.gesturing.finish()
        if editor is not None and (editor.mask.width, editor.mask.height) != self._image_size:
            raise ValueError(f"a mask of {editor.mask.width} × {editor.mask.height} for an image of {self._image_size}")
        self.gesturing.look_anew()
        self.hand.editor, self.hand.last_end = editor, None
        self._overlay.mask = None if editor is None else MaskPlane(editor.mask)
        self._redraw_film()
        self.gesturing.go_on()
        self.show_cursor()

    def show_past(self, mask: Mask) -> None:
        """Show a mask of earlier, of the image's size. Nothing can be painted until `set_editor` is called again."""
        self.gesturing.finish()
        self.hand.editor = self.hand.last_end = None
        self._overlay.mask = MaskPlane(mask)
        self._redraw_film()
        self.show_cursor()

    @property
    def _image_size(self) -> tuple[int, int]:
        return self.viewport.image_width, self.viewport.image_height

    def set_classes(self, classes: tuple[LabelClass, ...]) -> None:
        self._classes = classes
        self._overlay.set_classes(classes)
        self._redraw_film()

    def set_hidden_classes(self, hidden: frozenset[int]) -> None:
        """Do not show these classes, drawn or predicted."""
        self._overlay.hidden = hidden
        self._overlay.retint()
        self._redraw_film()

    def set_prediction(self, class_map: Values | None, confidence: npt.NDArray[np.generic] | None = None) -> None:
        """Show a predicted (height, width) class map, and take it away with None.

        confidence: (height, width), 0 to 1, or uint8 for 0 to 255.
        """
        if class_map is not None and class_map.shape != self._image_size[::-1]:
            raise ValueError(f"a prediction of shape {class_map.shape} for an image of {self._image_size}")
        sure = None if confidence is None else as_bytes(confidence)
        least = least_confidence(self._overlay.look.threshold)
        self._overlay.prediction = None if class_map is None else Prediction(class_map, sure)
        self.hand.said = None if class_map is None else Predicted(class_map, sure, least)
        self.gesturing.predicted_anew()
        self._redraw_film()

    # --- how it is shown

    @property
    def display(self) -> Display:
        return self._display

    def set_display(self, display: Display) -> None:
        """Show this and all further pictures with these channels and this brightness."""
        self._display = display
        if self.picture is not None:
            self.picture.show_as(display)
            self.gesturing.look_anew()
        self._frame.expire()
        self.overview.redraw()
        self.update()

    def set_overview(self, on: bool) -> None:
        """Show a map in the corner while part of the picture is out of sight."""
        self.overview.wanted = on
        self.overview.follow()

    def set_hatch(self, on: bool) -> None:
        """Give each class a pattern."""
        self._set_look(hatch=on)

    def set_accepted_marked(self, on: bool) -> None:
        """Tell what was accepted from what was drawn."""
        self._set_look(accepted=on)

    def set_mask_opacity(self, opacity: float) -> None:
        self._set_look(mask_opacity=opacity)

    def set_mask_visible(self, visible: bool) -> None:
        self._set_look(mask_visible=visible)

    def set_outline(self, shown: bool) -> None:
        self._set_look(outline=shown)

    def set_prediction_visible(self, visible: bool) -> None:
        self._set_look(prediction_visible=visible)

    def set_prediction_opacity(self, opacity: float) -> None:
        self._set_look(prediction_opacity=opacity)

    def set_prediction_over_labels(self, over: bool) -> None:
        """Show the prediction where there are labels too, and accept it there."""
        self.hand.over_labels = over
        self.gesturing.predicted_anew()
        self._set_look(prediction_over_labels=over)

    def set_threshold(self, confidence: float) -> None:
        """Show and accept the prediction only where its confidence is at least this, 0 to 1."""
        if self.hand.said is not None:
            self.hand.said = self.hand.said.above(least_confidence(confidence))
        self.gesturing.predicted_anew()
        self._set_look(threshold=confidence)

    def peek(self, on: bool) -> None:
        """Show the bare picture while `on`."""
        if on != self._overlay.look.bare:
            self._set_look(bare=on)

    def _set_look(self, **changes: float | bool) -> None:
        for name, value in changes.items():
            setattr(self._overlay.look, name, value)
        self._overlay.retint()
        self._redraw_film()

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

    def refresh(self, rect: Rect) -> None:
        """Draw the mask anew inside `rect`, image pixels."""
        if self._overlay.mask is None or rect.empty:
            return
        self._overlay.mask.refresh(rect)
        self._redraw_film(self.viewport.cover(rect, self._overlay.margin))

    def flash(self, edit: MaskEdit) -> None:
        """Light up for a moment what an edit changed."""
        if self.hand.editor is None:
            return
        self._end_flash()
        self._overlay.flash, self._flash_rect = ChangedPlane(edit), edit.rect
        self.refresh(edit.rect)
        self._flash_timer.start()

    def _end_flash(self) -> None:
        if self._overlay.flash is not None:
            self._overlay.flash = None
            self.refresh(self._flash_rect)

    def point_at(self, rect: Rect) -> None:
        """Draw a frame around image pixels, until another picture is shown; EMPTY takes it away."""
        self._pointed = rect
        self.update()

    # --- for the tools

    @property
    def picture(self) -> Picture | None:
        return self._frame.picture

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

    def class_name(self, class_id: int) -> str:
        return self._classes[class_id].name if 0 <= class_id < len(self._classes) else self.tr("unlabelled")

    def _moved(self) -> None:
        super()._moved()
        self.overview.follow()
        self.scale_bar.follow()
        self.show_cursor()

    # --- drawing

    def _redraw_film(self, region: Rect | None = None) -> None:
        self._frame.expire_film(region)
        self.overview.redraw_soon()
        if region is None:
            self.update()
        elif not region.empty:
            self.update(self.logical(region))

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
        ratio = self.devicePixelRatioF()
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        box = event.rect()
        region = Rect(
            floor(box.top() * ratio),
            floor(box.left() * ratio),
            ceil((box.bottom() + 1) * ratio),
            ceil((box.right() + 1) * ratio),
        ).intersect(self.viewport.bounds)
        self._frame.draw(painter, region, self._surround)
        painter.resetTransform()
        if not self._pointed.empty:
            top, left, bottom, right = self._pointed.grown(1)
            around = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
            draw_line(painter, [self.from_image(corner) for corner in around], closed=False)
        for waiting in self.waiting_outlines:
            draw_line(painter, [self.from_image(p) for way in waiting.ways for p in way], closed=False, faint=True)
        draw_line(painter, [self.from_image(p) for p in self.pointer.outline()], closed=self.pointer.drawing_around)
        ring = self.pointer.ring()
        if ring is not None:
            ring.draw(painter, ratio)
        painter.end()

    @Slot(object)
    def _draw_arrived(self, part: Rect) -> None:
        """More is known of a large picture inside `part`, image pixels."""
        source: object = None if self.picture is None else self.picture.source
        if source is not None and source is self.sender():
            region = self.viewport.cover(part, 2)
            self._frame.expire_picture(region)
            self.overview.redraw_soon()
            if not region.empty:
                self.update(self.logical(region))

    def drawn_small(self, small: Viewport) -> QImage:
        """All of the picture with its film, in a viewport of its own."""
        return self._frame.drawn_in(small, self._surround)

    @property
    def _surround(self) -> QColor:
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        return DARK_SURROUND if dark else LIGHT_SURROUND

    def class_color(self, class_id: int) -> QColor:
        known = 0 <= class_id < len(self._classes)
        return QColor(self._classes[class_id].color) if known else QColor(128, 128, 128)

    # --- events

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_screen()

    def _fit_screen(self) -> None:
        ratio = self.devicePixelRatioF()
        self._overlay.look.line = max(1, round(ratio))
        self.viewport.resize(round(self.width() * ratio), round(self.height() * ratio))
        self._frame.expire()
        if self._fitted:
            self.fit()
        else:
            self.overview.follow()
            self.scale_bar.follow()

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
