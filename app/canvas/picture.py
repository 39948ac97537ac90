"""The picture itself at any zoom: smooth when it is shrunk or a little enlarged, plain squares beyond that."""

from math import floor, log2

import cv2
import numpy as np
import numpy.typing as npt

from app.canvas.display import Display, Image, limits_of, looked_up
from app.canvas.large import LargeSource
from app.canvas.planes import pick
from app.canvas.sources import ArraySource, Source
from app.canvas.viewport import Viewport
from core.large_tiff import LargeTiff
from core.masks.rect import Rect

Screen = npt.NDArray[np.uint8]
"""(h, w, 4) blue, green, red, unused: how Qt keeps RGB32 in memory."""

SQUARES_FROM = 3.0
"""From this zoom on, pixels are squares; below it, and above life size, they melt into each other."""
GRID_FROM = 12.0
"""From this zoom on, lines show where one pixel ends and the next begins."""
GRID_STRENGTH = 28


class Picture:
    """What a source holds, as the display settings show it."""

    def __init__(self, image: Image | LargeTiff, display: Display | None = None) -> None:
        """image: (height, width, channels) uint8 or uint16, which is kept, not copied, or one read in parts."""
        self.source: Source = ArraySource(image) if isinstance(image, np.ndarray) else LargeSource(image)
        self.show_as(display or Display())

    @property
    def height(self) -> int:
        return self.source.height

    @property
    def width(self) -> int:
        return self.source.width

    def show_as(self, display: Display) -> None:
        """Show channels and brightness as `display` says."""
        source = self.source
        self.display, self._channels = display, display.chosen(source.channels)
        self.limits = (0.0, 255.0)
        if display.stretches(source.bits):
            self.limits = limits_of(source.samples(self._channels))
        self._table = display.table(self.limits, source.bits)

    def close(self) -> None:
        """The picture is shown no more."""
        if isinstance(self.source, LargeSource):
            self.source.close()

    def pixels_in(self, rect: Rect) -> npt.NDArray[np.uint8]:
        """What is shown inside `rect`, image pixels: (h, w) or (h, w, 3)."""
        part = self.source.read(0, rect, self._channels)
        if part.ndim == 3 and part.shape[2] == 1:
            part = part[..., 0]
        return looked_up(part, self._table)

    def paint(self, view: Viewport, region: Rect, out: Screen) -> None:
        """Draw what lies in `region`, device pixels inside the picture, into `out` (region's height, width, 4)."""
        if view.zoom == 1 or view.zoom >= SQUARES_FROM:
            self._paint_squares(view, region, out)
        else:
            self._paint_smooth(view, region, out)
        if view.zoom >= GRID_FROM:
            _draw_grid(view, region, out)

    def _paint_squares(self, view: Viewport, region: Rect, out: Screen) -> None:
        rows, columns = view.rows(region.top, region.bottom), view.columns(region.left, region.right)
        top, left = int(rows[0]), int(columns[0])
        part = self.pixels_in(Rect(top, left, int(rows[-1]) + 1, int(columns[-1]) + 1))
        words = to_screen(part).view(np.uint32)[..., 0]  # a whole pixel moves as one word
        out.view(np.uint32)[..., 0] = pick(words, rows - top, columns - left)  # type: ignore[arg-type]

    def _paint_smooth(self, view: Viewport, region: Rect, out: Screen) -> None:
        source = self.source
        level = 0 if view.zoom > 1 else min(source.deepest, floor(log2(1 / view.zoom)))
        # Level pixels per device pixel, at most 2; measured, since an odd side does not halve evenly.
        rows, columns = source.size(level)
        wide, high = columns / source.width / view.zoom, rows / source.height / view.zoom
        # The middle of device pixel X lies at (X + 0.5 - left) * wide; OpenCV puts middles on whole numbers.
        x, y = (region.left + 0.5 - view.left) * wide - 0.5, (region.top + 0.5 - view.top) * high - 0.5
        x0, y0 = max(0, floor(x) - 1), max(0, floor(y) - 1)
        bottom, right = floor(y + region.height * high) + 3, floor(x + region.width * wide) + 3
        part = source.read(level, Rect(y0, x0, bottom, right), self._channels)
        ready = part.ndim == 3 and part.shape[2] == 4 and self._table is None
        found = cv2.warpAffine(
            part,
            np.array([[wide, 0, x - x0], [0, high, y - y0]]),
            (region.width, region.height),
            dst=out if ready else None,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        if found is not out:
            out[...] = to_screen(looked_up(found, self._table))  # type: ignore[arg-type]  # OpenCV keeps the type


def to_screen(image: npt.NDArray[np.uint8]) -> Screen:
    """(h, w) grey, (h, w, 3) RGB or what is screen-ready already, to (h, w, 4)."""
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGRA), np.uint8)
    if image.shape[2] == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGRA), np.uint8)
    return np.ascontiguousarray(image)


def _draw_grid(view: Viewport, region: Rect, out: Screen) -> None:
    """Shift each pixel's first row and column towards middle grey's other side, so that it shows on anything."""
    rows, columns = view.rows(region.top - 1, region.bottom), view.columns(region.left - 1, region.right)
    out[rows[1:] != rows[:-1]] = _shifted(out[rows[1:] != rows[:-1]])
    out[:, columns[1:] != columns[:-1]] = _shifted(out[:, columns[1:] != columns[:-1]])


def _shifted(pixels: Screen) -> Screen:
    return np.where(pixels < 128, pixels + np.uint8(GRID_STRENGTH), pixels - np.uint8(GRID_STRENGTH))
