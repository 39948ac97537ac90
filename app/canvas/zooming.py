"""A widget that looks at an image through a viewport: zoom, pan, fit, and the way from its pixels to the image's."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Signal
from PySide6.QtWidgets import QWidget

from app.canvas.viewport import Viewport, next_zoom
from core.masks.geometry import Point
from core.masks.rect import Rect

FIT_MARGIN = 16


class ZoomView(QWidget):
    """Knows where it looks and nothing of what it shows."""

    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport = Viewport()
        self._fitted = True

    def _moved(self) -> None:
        """It looks elsewhere now."""
        self.update()
        self.zoom_changed.emit(self.zoom)

    @property
    def zoom(self) -> float:
        """Screen pixels, the real ones, per image pixel."""
        return self.viewport.zoom

    @property
    def visible_rect(self) -> Rect:
        """The image pixels that can be seen."""
        return self.viewport.visible_rect

    @property
    def image_rect(self) -> Rect:
        """All image pixels."""
        return Rect(0, 0, self.viewport.image_height, self.viewport.image_width)

    # --- moving

    def zoom_to(self, zoom: float, around: QPointF | None = None) -> None:
        """Zoom so that what is at `around`, in the widget's coordinates, stays there; its middle by default."""
        at = QPointF(self.width() / 2, self.height() / 2) if around is None else around
        self._fitted = False
        self.viewport.zoom_to(zoom, self.to_device(at))
        self._moved()

    def zoom_by(self, notches: float, around: QPointF | None = None) -> None:
        """Zoom in, or out where `notches` is negative; four notches double."""
        self.zoom_to(next_zoom(self.zoom, notches), around)

    def fit(self) -> None:
        """Show the whole picture; it keeps fitting while the widget changes size."""
        self._fitted = True
        self.viewport.fit(round(FIT_MARGIN * self.devicePixelRatioF()))
        self._moved()

    def actual_size(self, around: QPointF | None = None) -> None:
        self.zoom_to(1.0, around)

    def pan(self, dx: float, dy: float) -> None:
        """Push the picture by so many logical pixels."""
        self._fitted = False
        self.viewport.pan(*self.to_device(QPointF(dx, dy)))
        self._moved()

    def show_rect(self, rect: Rect, closest: float = 1.0) -> None:
        """Bring image pixels near the middle, with as much room again around them, no larger than `closest`, which is
        life by default. No farther away than the whole picture, and nothing but picture where there is enough of it."""
        self._fitted = False
        view, margin = self.viewport, round(FIT_MARGIN * self.devicePixelRatioF())
        fit = min(view.width / max(1, rect.width), view.height / max(1, rect.height))
        view.zoom_to(max(min(closest, fit / 2), min(closest, view.fit_zoom(margin))), (0, 0))
        view.center_on(((rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2))
        view.fill(margin)
        self._moved()

    def look_at(self, point: Point, zoom: float | None = None) -> None:
        """Bring an image point into the middle, with another zoom if one is given."""
        self._fitted = False
        self.viewport.zoom_to(zoom or self.zoom, (0, 0))
        self.viewport.center_on(point)
        self._moved()

    def view_state(self) -> dict[str, Any]:
        x, y = self.viewport.center
        return {"zoom": self.zoom, "x": x, "y": y, "fitted": self._fitted}

    def restore_view(self, state: Mapping[str, Any]) -> None:
        if state.get("fitted", True):
            self.fit()
            return
        self.zoom_to(float(state["zoom"]))
        self.viewport.center_on((float(state["x"]), float(state["y"])))
        self._moved()

    # --- coordinates

    def to_device(self, point: QPointF) -> Point:
        ratio = self.devicePixelRatioF()
        return point.x() * ratio, point.y() * ratio

    def to_image(self, point: QPointF) -> Point:
        return self.viewport.to_image(self.to_device(point))

    def from_image(self, point: Point) -> QPointF:
        x, y = self.viewport.to_device(point)
        return QPointF(x, y) / self.devicePixelRatioF()

    def logical(self, region: Rect) -> QRect:
        """The widget's pixels that touch a region of the screen's."""
        ratio = self.devicePixelRatioF()
        corner = QPointF(region.left, region.top) / ratio
        return QRectF(corner.x(), corner.y(), region.width / ratio, region.height / ratio).toAlignedRect()
