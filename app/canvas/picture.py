"""The picture itself at any zoom: smooth when it is shrunk, plain squares when it is enlarged."""

from math import floor, log2

import cv2
import numpy as np
import numpy.typing as npt

from app.canvas.planes import pick
from app.canvas.viewport import Viewport
from core.masks.rect import Rect

Image = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Screen = npt.NDArray[np.uint8]
"""(h, w, 4) blue, green, red, unused: how Qt keeps RGB32 in memory."""

GRID_FROM = 12.0
"""From this zoom on, lines show where one pixel ends and the next begins."""
GRID_STRENGTH = 28
CONTRAST_PERCENTILES = (0.2, 99.8)


class Picture:
    """An image, and smaller copies of it that are made when they are first looked at."""

    def __init__(self, image: Image) -> None:
        """image: (height, width, channels) uint8 or uint16, one channel or three (RGB). uint8 is kept, not copied."""
        flat = image[..., 0] if image.ndim == 3 and image.shape[2] == 1 else image
        self._levels: dict[int, npt.NDArray[np.uint8]] = {0: to_8_bit(flat)}
        self.height, self.width = image.shape[:2]

    @property
    def pixels(self) -> npt.NDArray[np.uint8]:
        """What is shown, in full size: (height, width) or (height, width, 3)."""
        return self._levels[0]

    def paint(self, view: Viewport, region: Rect, out: Screen) -> None:
        """Draw what lies in `region`, device pixels inside the picture, into `out` (region's height, width, 4)."""
        if view.zoom >= 1:
            self._paint_enlarged(view, region, out)
        else:
            self._paint_shrunk(view, region, out)
        if view.zoom >= GRID_FROM:
            _draw_grid(view, region, out)

    def _paint_enlarged(self, view: Viewport, region: Rect, out: Screen) -> None:
        rows, columns = view.rows(region.top, region.bottom), view.columns(region.left, region.right)
        top, left = int(rows[0]), int(columns[0])
        part = to_screen(self._levels[0][top : int(rows[-1]) + 1, left : int(columns[-1]) + 1])
        words = part.view(np.uint32)[..., 0]  # a whole pixel moves as one word
        out.view(np.uint32)[..., 0] = pick(words, rows - top, columns - left)  # type: ignore[arg-type]

    def _paint_shrunk(self, view: Viewport, region: Rect, out: Screen) -> None:
        image = self._level(min(self._deepest, floor(log2(1 / view.zoom))))
        # Level pixels per device pixel, 1 to 2; measured, since an odd side does not halve evenly.
        wide, high = image.shape[1] / self.width / view.zoom, image.shape[0] / self.height / view.zoom
        # The middle of device pixel X lies at (X + 0.5 - left) * wide; OpenCV puts middles on whole numbers.
        x, y = (region.left + 0.5 - view.left) * wide - 0.5, (region.top + 0.5 - view.top) * high - 0.5
        x0, y0 = max(0, floor(x) - 1), max(0, floor(y) - 1)
        part = image[y0 : floor(y + region.height * high) + 3, x0 : floor(x + region.width * wide) + 3]
        cv2.warpAffine(
            to_screen(part),
            np.array([[wide, 0, x - x0], [0, high, y - y0]]),
            (region.width, region.height),
            dst=out,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )

    @property
    def _deepest(self) -> int:
        return max(0, floor(log2(min(self.height, self.width))))

    def _level(self, level: int) -> npt.NDArray[np.uint8]:
        """The image halved so many times, made from the smallest copy there is that is larger."""
        if level not in self._levels:
            source = self._levels[max(n for n in self._levels if n < level)]
            size = -(-self.width // 2**level), -(-self.height // 2**level)
            # INTER_AREA takes the mean of what each pixel covers.
            small = np.asarray(cv2.resize(source, size, interpolation=cv2.INTER_AREA), np.uint8)
            # Four bytes a pixel are drawn faster than three.
            self._levels[level] = to_screen(small) if small.ndim == 3 else small
        return self._levels[level]


def to_screen(image: npt.NDArray[np.uint8]) -> Screen:
    """(h, w) grey, (h, w, 3) RGB or what is screen-ready already, to (h, w, 4)."""
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGRA), np.uint8)
    if image.shape[2] == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGRA), np.uint8)
    return np.ascontiguousarray(image)


def to_8_bit(image: Image) -> npt.NDArray[np.uint8]:
    """uint8 as it is; uint16 stretched between its darkest and brightest, leaving a few outliers aside."""
    if image.dtype == np.uint8:
        return np.ascontiguousarray(image, np.uint8)
    step = max(1, int(np.sqrt(image.shape[0] * image.shape[1] / 2**20)))  # about a million samples say enough
    low, high = np.percentile(image[::step, ::step], CONTRAST_PERCENTILES)
    table = np.clip((np.arange(65536) - low) * (255 / max(1.0, high - low)) + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(table[image], np.uint8)


def _draw_grid(view: Viewport, region: Rect, out: Screen) -> None:
    """Shift each pixel's first row and column towards middle grey's other side, so that it shows on anything."""
    rows, columns = view.rows(region.top - 1, region.bottom), view.columns(region.left - 1, region.right)
    out[rows[1:] != rows[:-1]] = _shifted(out[rows[1:] != rows[:-1]])
    out[:, columns[1:] != columns[:-1]] = _shifted(out[:, columns[1:] != columns[:-1]])


def _shifted(pixels: Screen) -> Screen:
    return np.where(pixels < 128, pixels + np.uint8(GRID_STRENGTH), pixels - np.uint8(GRID_STRENGTH))
