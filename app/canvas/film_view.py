"""FilmView: a picture with its mask and prediction over it, looked at. Nothing here paints on the mask."""

from math import ceil, floor

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.canvas.display import Display, Image
from app.canvas.frame import Frame
from app.canvas.large import LargeSource
from app.canvas.overlay import Overlay, as_bytes
from app.canvas.overview import Overview
from app.canvas.picture import Picture
from app.canvas.planes import ChangedPlane, MaskPlane, Values
from app.canvas.scale import ScaleBar
from app.canvas.shows import Prediction, Show, Side
from app.canvas.viewport import Viewport
from app.canvas.zooming import ZoomView
from core.classes import LabelClass
from core.large_tiff import LargeTiff
from core.masks.editor import MaskEdit
from core.masks.geometry import Point
from core.masks.rect import EMPTY, Rect
from core.masks.tiles import Mask

DARK_SURROUND, LIGHT_SURROUND = QColor("#1b1b1b"), QColor("#c9c9c9")
NO_CLASS = QColor(128, 128, 128)
FLASH_MS = 120


class FilmView(ZoomView):
    """What is shown, and how. Set the image first, then the mask and the prediction."""

    film_stale = Signal(object)
    """The film is drawn anew in a Rect, device pixels, or everywhere with None."""
    picture_stale = Signal(object)
    """The picture is, likewise; with None, the film too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: tuple[LabelClass, ...] = ()
        self._display = Display()
        self._overlay = Overlay()
        self._frame = Frame(self.viewport, self._overlay)
        self.overview = Overview(self)
        self.scale_bar = ScaleBar(self)
        self._flash_rect = EMPTY
        self._flash_timer = QTimer(self)
        self._flash_timer.setSingleShot(True)
        self._flash_timer.setInterval(FLASH_MS)
        self._flash_timer.timeout.connect(self._end_flash)

    # --- what is shown

    def set_image(self, image: Image | LargeTiff | None) -> None:
        """Show an image, (height, width, channels) uint8 or uint16, and fit it in.

        An array is kept, not copied; a file is read as it is looked at. Mask and prediction of the image before leave
        with it.
        """
        self._overlay.mask = self._overlay.flash = None
        self._overlay.prediction = self._overlay.other = None
        if self.picture is not None:
            self.picture.close()
        self._frame.picture = None if image is None else Picture(image, self._display)
        if self.picture is not None and isinstance(self.picture.source, LargeSource):
            self.picture.source.arrived.connect(self._draw_arrived)
        height, width = (0, 0) if image is None else image.shape[:2]
        self.viewport.image_width, self.viewport.image_height = width, height
        self._expire()
        self.scale_bar.pixel_size = None
        self.overview.redraw()
        self.fit()

    @property
    def picture(self) -> Picture | None:
        return self._frame.picture

    @property
    def _image_size(self) -> tuple[int, int]:
        return self.viewport.image_width, self.viewport.image_height

    def show_mask(self, mask: Mask | None) -> None:
        """Show a mask of the image's size as it is, now and whenever it is refreshed."""
        self._overlay.mask = None if mask is None else MaskPlane(mask)
        self._redraw_film()

    def set_prediction(
        self,
        class_map: Values | None,
        confidence: npt.NDArray[np.generic] | None = None,
        entropy: npt.NDArray[np.generic] | None = None,
    ) -> None:
        """Show a predicted (height, width) class map, and take it away with None.

        confidence, entropy: (height, width), 0 to 1, or uint8 for 0 to 255.
        """
        self._overlay.prediction = self._predicted(class_map, confidence, entropy)
        self._redraw_film()

    def set_other(self, class_map: Values | None) -> None:
        """What another run predicts, (height, width), for the difference to it; None where that is not known."""
        self._overlay.other = self._predicted(class_map)
        self._redraw_film()

    def _predicted(self, class_map: Values | None, *measures: npt.NDArray[np.generic] | None) -> Prediction | None:
        if class_map is None:
            return None
        if class_map.shape != self._image_size[::-1]:
            raise ValueError(f"a prediction of shape {class_map.shape} for an image of {self._image_size}")
        return Prediction(class_map, *(None if measure is None else as_bytes(measure) for measure in measures))

    def set_classes(self, classes: tuple[LabelClass, ...]) -> None:
        self._classes = classes
        self._overlay.set_classes(classes)
        self._redraw_film()

    def class_name(self, class_id: int) -> str:
        return self._classes[class_id].name if 0 <= class_id < len(self._classes) else self.tr("unlabelled")

    def class_color(self, class_id: int) -> QColor:
        known = 0 <= class_id < len(self._classes)
        return QColor(self._classes[class_id].color) if known else NO_CLASS

    # --- how it is shown

    @property
    def display(self) -> Display:
        return self._display

    def set_display(self, display: Display) -> None:
        """Show this and all further pictures with these channels and this brightness."""
        self._display = display
        if self.picture is not None:
            self.picture.show_as(display)
        self._expire()
        self.overview.redraw()
        self.update()

    def set_overview(self, on: bool) -> None:
        """Show a map in the corner while part of the picture is out of sight."""
        self.overview.wanted = on
        self.overview.follow()

    def set_hidden_classes(self, hidden: frozenset[int]) -> None:
        """Do not show these classes, drawn or predicted."""
        self._overlay.hidden = hidden
        self._set_look()

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
        """Show the prediction where there are labels too."""
        self._set_look(prediction_over_labels=over)

    def set_threshold(self, confidence: float) -> None:
        """Show the prediction only where its confidence is at least this, 0 to 1."""
        self._set_look(threshold=confidence)

    def set_least_entropy(self, share: float) -> None:
        """Where entropy is shown, show it only from this share of the most there can be, 0 to 1."""
        self._set_look(least_entropy=share)

    def set_show(self, show: Show) -> None:
        """What of the prediction is shown."""
        self._set_look(show=show)

    def peek(self, on: bool) -> None:
        """Show the bare picture while `on`."""
        if on != self._overlay.look.bare:
            self._set_look(bare=on)

    def _set_look(self, **changes: float | bool | str) -> None:
        for name, value in changes.items():
            setattr(self._overlay.look, name, value)
        self._overlay.retint()
        self._redraw_film()

    # --- one side only

    def set_side(self, side: Side) -> None:
        """Show labels or prediction only, or all."""
        self._frame.side = side
        self._redraw_film()

    def hang_curtain(self, x: int | None) -> None:
        """Show labels at the left of x, the widget's pixels, and the prediction at its right; None for no curtain."""
        region = self._frame.hang(None if x is None else round(x * self.devicePixelRatioF()))
        self.update(self.logical(region))

    def shows_labels_at(self, point: Point) -> bool:
        """Whether labels can be seen at an image point: only those can be painted."""
        curtain = self._frame.curtain
        return curtain is None or self.viewport.to_device(point)[0] < curtain

    def frame_beside(self, view: Viewport) -> Frame:
        """A frame that shows the prediction only, in a viewport of its own."""
        frame = Frame(view, self._overlay)
        frame.side = "prediction"
        return frame

    # --- what changed from outside

    def refresh(self, rect: Rect) -> None:
        """Draw the mask anew inside `rect`, image pixels."""
        if self._overlay.mask is None or rect.empty:
            return
        self._overlay.mask.refresh(rect)
        self._redraw_film(self.viewport.cover(rect, self._overlay.margin))

    def flash(self, edit: MaskEdit) -> None:
        """Light up for a moment what an edit changed."""
        self._end_flash()
        self._overlay.flash, self._flash_rect = ChangedPlane(edit), edit.rect
        self.refresh(edit.rect)
        self._flash_timer.start()

    @Slot()
    def _end_flash(self) -> None:
        if self._overlay.flash is not None:
            self._overlay.flash = None
            self.refresh(self._flash_rect)

    @Slot(object)
    def _draw_arrived(self, part: Rect) -> None:
        """More is known of a large picture inside `part`, image pixels."""
        source: object = None if self.picture is None else self.picture.source
        if source is not None and source is self.sender():
            region = self.viewport.cover(part, 2)
            self._frame.expire_picture(region)
            self.picture_stale.emit(region)
            self.overview.redraw_soon()
            if not region.empty:
                self.update(self.logical(region))

    # --- drawing

    def _redraw_film(self, region: Rect | None = None) -> None:
        self._frame.expire_film(region)
        self.film_stale.emit(region)
        self.overview.redraw_soon()
        if region is None:
            self.update()
        elif not region.empty:
            self.update(self.logical(region))

    def _expire(self) -> None:
        """Draw picture and film anew when next shown."""
        self._frame.expire()
        self.picture_stale.emit(None)

    def draw_frame(self, painter: QPainter, frame: Frame, box: QRect) -> None:
        """Draw picture and film as a frame has them where they lie in `box`, the widget's pixels."""
        ratio, bounds = self.devicePixelRatioF(), frame.view.bounds
        region = Rect(
            floor(box.top() * ratio),
            floor(box.left() * ratio),
            ceil((box.bottom() + 1) * ratio),
            ceil((box.right() + 1) * ratio),
        ).intersect(bounds)
        painter.scale(1 / ratio, 1 / ratio)
        frame.draw(painter, region, self._surround)
        painter.resetTransform()

    def drawn_small(self, small: Viewport) -> QImage:
        """All of the picture with its film, in a viewport of its own."""
        return self._frame.drawn_in(small, self._surround)

    @property
    def _surround(self) -> QColor:
        dark = self.palette().color(QPalette.ColorRole.Window).lightness() < 128
        return DARK_SURROUND if dark else LIGHT_SURROUND

    def _moved(self) -> None:
        super()._moved()
        self.overview.follow()
        self.scale_bar.follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_screen()

    def _fit_screen(self) -> None:
        ratio = self.devicePixelRatioF()
        self._overlay.look.line = max(1, round(ratio))
        self.viewport.resize(round(self.width() * ratio), round(self.height() * ratio))
        self._expire()
        if self._fitted:
            self.fit()
        else:
            self.overview.follow()
            self.scale_bar.follow()
