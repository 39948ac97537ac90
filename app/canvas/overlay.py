"""Mask and prediction as a coloured film over the picture, at the screen's own resolution.

Each device pixel gets a code: a class id, with a bit for "on an outline", one for "predicted, not drawn" and one for
"lit up". A table turns codes into colours, so the whole film costs one look-up a pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.canvas.hatch import ink, stipple, stripes
from app.canvas.planes import MaskPlane, Plane, ProposalPlane, Values
from app.canvas.shows import DIFFERENCES, Prediction, Show, Side, differing, ramp
from app.canvas.viewport import Indices, Viewport
from core.classes import MAX_CLASSES, UNLABELED, LabelClass
from core.masks.marks import all_bits, classes_of, is_accepted
from core.masks.rect import Rect

Film = npt.NDArray[np.uint32]
"""(h, w) premultiplied ARGB."""

OUTLINE, PREDICTED, LIT = 32, 64, 128
DOTTED = PREDICTED | LIT
"""What is predicted is never lit: both bits together are a dot that marks what was accepted."""
KINDS = np.uint8(OUTLINE | PREDICTED | LIT)
assert MAX_CLASSES <= OUTLINE, "class ids must leave the upper bits of a code free"
DASH = 5
"""Device pixels, at one device pixel per logical one, of a dash and of the gap after it."""
STRANGER = (128, 128, 128)
"""The colour of ids that belong to no class."""
DOT_OPACITY = 0.55
LIGHT = 140
"""Brightness, 0 to 255, from which on dots are dark."""


@dataclass(slots=True)
class Look:
    """How the film is drawn."""

    mask_opacity: float = 0.45
    mask_visible: bool = True
    outline: bool = True
    prediction_opacity: float = 0.25
    prediction_visible: bool = True
    prediction_over_labels: bool = False
    threshold: float = 0.0
    """Confidence, 0 to 1, from which a prediction is shown."""
    least_entropy: float = 0.0
    """The same where entropy is shown."""
    show: Show = "classes"
    accepted: bool = False
    """Stipple what was accepted and not drawn."""
    hatch: bool = False
    """Give each class a pattern of its own."""
    bare: bool = False
    """Show nothing for now."""
    line: int = 1
    """Width of an outline in device pixels: one logical pixel."""


class Overlay:
    """The film: what it shows, how it looks, and `paint` for any part of the screen."""

    def __init__(self) -> None:
        self.look = Look()
        self.mask: MaskPlane | None = None
        self.prediction: Prediction | None = None
        self.other: Prediction | None = None
        """What another run says, for the difference."""
        self.flash: Plane | None = None
        self.proposal: ProposalPlane | None = None
        """What the mask is shown to hold before it does."""
        self._colors: list[tuple[int, int, int]] = []
        self.hidden: frozenset[int] = frozenset()
        """Class ids that are not shown, drawn or predicted."""
        self._table = np.zeros(256, np.uint32)
        self._ramp = np.zeros(256, np.uint32)
        self.retint()

    def set_classes(self, classes: Sequence[LabelClass]) -> None:
        self._colors = [c.rgb for c in classes]
        self.retint()

    def retint(self) -> None:
        """Make the table anew after a change of colours or opacities."""
        look = self.look
        for code in range(MAX_CLASSES):
            rgb = self._colors[code] if code < len(self._colors) else STRANGER
            self._table[code] = premultiplied(rgb, look.mask_opacity)
            self._table[code | OUTLINE] = premultiplied(rgb, 1.0)
            self._table[code | PREDICTED] = premultiplied(rgb, look.prediction_opacity)
            self._table[code | PREDICTED | OUTLINE] = premultiplied(rgb, 0.95)
            lit = tuple((c + 2 * 255) // 3 for c in rgb)
            self._table[[code | LIT, code | LIT | OUTLINE]] = premultiplied(lit, 0.8)
            self._table[[code | DOTTED, code | DOTTED | OUTLINE]] = premultiplied(dot_color(rgb), DOT_OPACITY)
        for code in self.hidden:
            self._table[code::OUTLINE] = 0
        self._table[UNLABELED] = 0
        self._ramp[:] = [premultiplied(rgb, look.prediction_opacity) for rgb in ramp(look.show)]

    @property
    def margin(self) -> int:
        """So many device pixels around a changed one may look different too."""
        return self.look.line + 1

    def paint(self, view: Viewport, region: Rect, out: Film, side: Side = "all") -> None:
        """Draw what lies in `region`, device pixels inside the picture, into `out` (region's height, width)."""
        if self.look.bare:
            out[...] = 0
            return
        codes = self.codes(view, region, side)
        cv2.LUT(codes, self._table.view(np.int32), dst=out.view(np.int32))
        plane = None if self.prediction is None else self.prediction.plane(self.look.show)
        if plane is not None and side != "labels":
            rows, columns = view.rows(region.top, region.bottom), view.columns(region.left, region.right)
            values = plane.sample(rows, columns, view.zoom)
            shades = cv2.LUT(values, self._ramp.view(np.int32)).view(np.uint32)
            np.copyto(out, shades, where=(codes & KINDS == PREDICTED) & (out != 0))

    def codes(self, view: Viewport, region: Rect, side: Side = "all") -> Values:
        """(h, w) uint8, one code for each device pixel; 255 shows nothing."""
        look, wide, phase = self.look, self.look.line, _phase(view, region)
        rows = view.rows(region.top - wide, region.bottom + wide)
        columns = view.columns(region.left - wide, region.right + wide)
        marked = self._marked(rows, columns, view.zoom)
        labels = classes_of(marked)
        drawn = labels[wide:-wide, wide:-wide]
        says = self.prediction if look.prediction_visible and side != "labels" else None
        differs = says is not None and look.show in DIFFERENCES
        shown = look.mask_visible and side != "prediction"
        codes = self._drawn(labels) if shown else np.full_like(drawn, UNLABELED)
        if differs:
            codes |= all_bits(codes < OUTLINE)  # what agrees is the bare picture, inside its outline
        if look.accepted and shown:
            dots = is_accepted(marked[wide:-wide, wide:-wide]) & stipple(codes.shape, phase, wide)
            codes |= (dots & (codes < OUTLINE)).view(np.uint8) * np.uint8(DOTTED)
        if self.flash is not None:
            lit = self.flash.sample(rows[wide:-wide], columns[wide:-wide], view.zoom) != UNLABELED
            codes |= (lit & (drawn != UNLABELED)).view(np.uint8) * np.uint8(LIT)
        if says is not None:
            found = self._found(says, labels, rows, columns, view.zoom)
            over = look.prediction_over_labels or differs or side == "prediction"
            codes = self._with_prediction(codes, drawn, found, phase, over=over)
        if look.hatch:
            codes |= self._hatched(codes, phase).view(np.uint8) * np.uint8(OUTLINE)
        elif differs:
            lines = stripes(codes.shape, phase, wide) & (codes & KINDS == PREDICTED)
            codes |= lines.view(np.uint8) * np.uint8(OUTLINE)
        return codes

    def _found(self, says: Prediction, labels: Values, rows: Indices, columns: Indices, zoom: float) -> Values:
        """(len(rows), len(columns)) what is shown of a prediction, UNLABELED for nothing."""
        look = self.look
        threshold = look.least_entropy if look.show == "entropy" else look.threshold
        found = says.sample(rows, columns, zoom, look.show, threshold)
        if look.show == "labels":
            return differing(found, labels)
        if look.show == "run":
            nothing = np.full_like(found, UNLABELED)
            return nothing if self.other is None else self.other.differs(found, rows, columns, zoom)
        return found

    def _hatched(self, codes: Values, phase: tuple[int, int]) -> npt.NDArray[np.bool_]:
        """Where the pattern of a pixel's class has ink; a predicted class's pattern is broken up, as its outline is."""
        lines = ink(codes, phase, self.look.line)
        if self.prediction is None or not self.look.prediction_visible:
            return lines
        length = DASH * self.look.line
        on = dash_along(lines.shape[0], phase[0], length)[:, None] ^ dash_along(lines.shape[1], phase[1], length)
        lines &= on | (codes & np.uint8(PREDICTED) == 0)
        return lines

    def _marked(self, rows: Indices, columns: Indices, zoom: float) -> Values:
        """(len(rows), len(columns)) labels, with the mark on what was accepted."""
        if self.mask is None:
            return np.full((len(rows), len(columns)), UNLABELED, np.uint8)
        marked = self.mask.sample(rows, columns, zoom)
        if self.proposal is not None:
            self.proposal.lay_on(marked, rows, columns)
        return marked

    def _drawn(self, labels: Values) -> Values:
        wide = self.look.line
        middle = labels[wide:-wide, wide:-wide]
        if not self.look.outline:
            return middle.copy()
        upright, level = borders(labels, wide)
        return middle | (upright | level).view(np.uint8) * np.uint8(OUTLINE)

    def _with_prediction(
        self, codes: Values, drawn: Values, found: Values, phase: tuple[int, int], *, over: bool
    ) -> Values:
        wide = self.look.line
        middle = found[wide:-wide, wide:-wide]
        predicted = middle | np.uint8(PREDICTED)  # UNLABELED stays what it is: all its bits are set
        if self.look.outline:
            dashed = dashes(*borders(found, wide), phase, DASH * wide)
            predicted |= dashed.view(np.uint8) * np.uint8(OUTLINE)
        free = drawn == UNLABELED
        if over:  # outlines of what was drawn stay on top
            free |= ((codes < OUTLINE) | (codes == UNLABELED)) & (middle != UNLABELED)
        # One of the two has all bits set, so "and" gives the other one; this is faster than np.where.
        free_bits = all_bits(free)
        return (codes | free_bits) & (predicted | ~free_bits)


def borders(labels: Values, wide: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where (h + 2 wide, w + 2 wide) labels change: along upright lines, and along level ones; both (h, w).

    The line lies inside what is labelled, and between two labels inside the higher one: it is `wide` everywhere and
    goes round a patch in a single colour.
    """
    ranks = labels + np.uint8(1)  # UNLABELED wraps to 0, below every class
    middle = ranks[wide:-wide, wide:-wide]
    upright = (middle > ranks[wide:-wide, : -2 * wide]) | (middle > ranks[wide:-wide, 2 * wide :])
    level = (middle > ranks[: -2 * wide, wide:-wide]) | (middle > ranks[2 * wide :, wide:-wide])
    return upright, level


def dashes(
    upright: npt.NDArray[np.bool_], level: npt.NDArray[np.bool_], phase: tuple[int, int], length: int
) -> npt.NDArray[np.bool_]:
    """The lines with gaps: level ones broken along x, upright ones along y, slanting ones along x."""
    on_y = dash_along(level.shape[0], phase[0], length)
    on_x = dash_along(level.shape[1], phase[1], length)
    return (level & on_x[None, :]) | (upright & ~level & on_y[:, None])


def dash_along(count: int, phase: int, length: int) -> npt.NDArray[np.bool_]:
    """(count,) True in every other run of `length` pixels."""
    return (((np.arange(count) + phase) // length) & 1).astype(np.bool_)


def _phase(view: Viewport, region: Rect) -> tuple[int, int]:
    """Counts dashes from the picture's corner, so that they move with it."""
    return region.top - view.top, region.left - view.left


def dot_color(rgb: Sequence[int]) -> tuple[int, int, int]:
    """Shows on a class of this colour."""
    return (0, 0, 0) if 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] > LIGHT else (255, 255, 255)


def premultiplied(rgb: Sequence[int], opacity: float) -> int:
    alpha = round(255 * min(1.0, max(0.0, opacity)))
    red, green, blue = ((c * alpha + 127) // 255 for c in rgb)
    return alpha << 24 | red << 16 | green << 8 | blue


def as_bytes(confidence: npt.NDArray[np.generic]) -> Values:
    """Confidence 0 to 1 as 0 to 255; uint8 is taken as it is. A large array is turned a strip at a time."""
    if confidence.dtype == np.uint8:
        return np.asarray(confidence, np.uint8)
    out = np.empty(confidence.shape, np.uint8)
    for top in range(0, len(out), 256):
        strip = np.asarray(confidence[top : top + 256], np.float32)
        out[top : top + 256] = np.clip(strip * 255 + 0.5, 0, 255)
    return out
