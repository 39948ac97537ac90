"""Pictures of an evaluation for its report, as PNG: on white, at twice the size at which they are shown."""

from math import isnan, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED, LabelClass, palette
from core.evaluation.figures import Evaluation
from core.evaluation.words import share_text
from core.findings import Bin, Cut, Place
from core.images import ImageArray, thumbnail
from core.masks.rect import Rect
from core.masks.tiles import Array

SCALE = 2
CELL_WIDTH, CELL_HEIGHT, NAMES = 68, 32, 132
"""Of the matrix, and the room for names beside it."""
PLOT, MARGIN = 240, 52
SIDE, GAP = 160, 8
"""Of the picture of a place, and between its parts."""
TEXT, MUTED, LINE, ACCENT, WHITE = (30, 30, 30), (92, 92, 92), (214, 214, 214), (28, 104, 189), (255, 255, 255)
DARKEST = 0.5
"""How much of the accent a cell takes that holds all of its row: text stays readable on it."""

Color = tuple[int, int, int]
Picture = npt.NDArray[np.uint8]


def matrix_picture(evaluation: Evaluation) -> bytes:
    """The confusion matrix: a row for each label, shaded by the share of it that is predicted as each class."""
    classes, shares = evaluation.subject.classes, evaluation.shares
    sheet = _Sheet(NAMES + CELL_WIDTH * len(classes) + 8, 2 * CELL_HEIGHT + CELL_HEIGHT * len(classes) + 8)
    sheet.write("Model says", NAMES, 20, MUTED)
    sheet.write("Labelled as", 8, CELL_HEIGHT + 20, MUTED)
    for place, label in enumerate(classes):
        left, top = NAMES + CELL_WIDTH * place, 2 * CELL_HEIGHT + CELL_HEIGHT * place
        sheet.name(label, left, CELL_HEIGHT, CELL_WIDTH)
        sheet.name(label, 8, top, NAMES - 8)
        for column, share in enumerate(shares[place].tolist()):
            cell = Rect(top, NAMES + CELL_WIDTH * column, top + CELL_HEIGHT, NAMES + CELL_WIDTH * (column + 1))
            sheet.fill(Rect(cell.top, cell.left, cell.bottom - 1, cell.right - 1), shade(share))
            sheet.write(share_text(share), (cell.left + cell.right) // 2, cell.top + 21, TEXT, middle=True)
    return sheet.png()


def shade(share: float) -> Color:
    """White for none; the root, so that rare errors show too."""
    part = 0.0 if isnan(share) else DARKEST * sqrt(share)
    red, green, blue = (round(255 + part * (tone - 255)) for tone in ACCENT)
    return red, green, blue


def calibration_picture(bins: tuple[Bin, ...]) -> bytes:
    """How often it is right by how sure it is; bars on the diagonal are right as often as they are sure."""
    sheet = _Sheet(PLOT + 2 * MARGIN, PLOT + 2 * MARGIN - 36)
    plot = Rect(16, MARGIN, 16 + PLOT, MARGIN + PLOT)
    most = max((one.pixels for one in bins), default=0)
    for place, one in enumerate(bins):
        if one.pixels:
            left, right = (plot.left + round(PLOT * (place + end) / len(bins)) for end in (0, 1))
            faint = 0.2 + 0.7 * one.pixels / most
            tone = tuple(round(255 + faint * (c - 255)) for c in ACCENT)
            sheet.fill(
                Rect(plot.bottom - round(PLOT * one.correct), left, plot.bottom, right - 1), (tone[0], tone[1], tone[2])
            )
    sheet.frame(plot)
    sheet.line((plot.left, plot.bottom), (plot.right, plot.top), MUTED)
    for share in (0, 0.5, 1):
        sheet.write(f"{100 * share:.0f} %", round(plot.left + PLOT * share), plot.bottom + 18, MUTED, middle=True)
        sheet.write(f"{100 * share:.0f} %", 6, round(plot.bottom - PLOT * share) + 5, MUTED)
    sheet.write("how sure it is", (plot.left + plot.right) // 2, plot.bottom + 38, TEXT, middle=True)
    sheet.write("how often", plot.left + 8, plot.top + 20, TEXT)
    sheet.write("it is right", plot.left + 8, plot.top + 36, TEXT)
    return sheet.png()


def place_picture(image: ImageArray, place: Place, cut: Cut, classes: tuple[LabelClass, ...]) -> bytes:
    """A place in its image, beside it with its labels, and with what the model says."""
    small = np.ascontiguousarray(thumbnail(image[cut.rect.slices]))  # (h, w, 3)
    parts = [small, *(_laid_over(small, values, classes) for values in cut.maps())]
    for part in parts:
        _mark(part, place.rect, cut.rect)
    gap = np.full((small.shape[0], GAP, 3), 255, np.uint8)
    return _png(np.concatenate([parts[0], gap, parts[1], gap, parts[2]], axis=1))


def _laid_over(picture: Picture, values: Array, classes: tuple[LabelClass, ...]) -> Picture:
    height, width = picture.shape[:2]
    large = cv2.resize(values, (width, height), interpolation=cv2.INTER_NEAREST)
    tinted = (picture.astype(np.uint16) + 2 * palette(classes).astype(np.uint16)[large]) // 3
    return np.where((large == UNLABELED)[..., None], picture, tinted).astype(np.uint8)


def _mark(picture: Picture, rect: Rect, view: Rect) -> None:
    """Outline `rect` in a picture of `view`."""
    scale = picture.shape[1] / view.width
    left, right = (round((x - view.left) * scale) for x in (rect.left, rect.right))
    top, bottom = (round((y - view.top) * scale) for y in (rect.top, rect.bottom))
    for by, color in ((2, (0, 0, 0)), (1, WHITE)):
        cv2.rectangle(picture, (left - by, top - by), (right + by - 1, bottom + by - 1), color, 1)


class _Sheet:
    """White paper; all measures are those at which it is shown."""

    def __init__(self, width: int, height: int) -> None:
        self._pixels = np.full((height * SCALE, width * SCALE, 3), 255, np.uint8)
        self._font = cv2.FontFace("sans")

    def fill(self, rect: Rect, color: Color) -> None:
        self._pixels[rect.top * SCALE : rect.bottom * SCALE, rect.left * SCALE : rect.right * SCALE] = color

    def frame(self, rect: Rect) -> None:
        corners = (rect.left * SCALE, rect.top * SCALE), (rect.right * SCALE, rect.bottom * SCALE)
        cv2.rectangle(self._pixels, *corners, LINE, SCALE)

    def line(self, start: tuple[int, int], end: tuple[int, int], color: Color) -> None:
        points = [(x * SCALE, y * SCALE) for x, y in (start, end)]
        cv2.line(self._pixels, points[0], points[1], color, SCALE, cv2.LINE_AA)

    def write(self, text: str, x: int, y: int, color: Color, *, middle: bool = False) -> None:
        """From x, or around it; y is the line that letters stand on."""
        left = x * SCALE - (self._width(text) // 2 if middle else 0)
        cv2.putText(self._pixels, text, (left, y * SCALE), color, self._font, 12 * SCALE, 400)

    def name(self, label: LabelClass, left: int, top: int, room: int) -> None:
        """A class with its colour, shortened where there is no room."""
        self.fill(Rect(top + 11, left, top + 21, left + 10), label.rgb)
        text = label.name
        while len(text) > 1 and self._width(text) > (room - 18) * SCALE:
            text = f"{text.rstrip('…')[:-1]}…"
        self.write(text, left + 14, top + 21, TEXT)

    def png(self) -> bytes:
        return _png(self._pixels)

    def _width(self, text: str) -> int:
        """In the sheet's own pixels."""
        return int(cv2.getTextSize((4096, 256), text, (0, 0), self._font, 12 * SCALE, 400)[2]) if text else 0


def _png(picture: Picture) -> bytes:
    return cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
