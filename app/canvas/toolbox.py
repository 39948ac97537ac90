"""Gives the tool that is chosen into the hand."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.canvas.accepting import AcceptRegion, AcceptStroke, RegionFinder
from app.canvas.desk import CanvasDesk
from app.canvas.edge_lasso import EdgeLasso
from app.canvas.pieces import PieceFinder, Pieces
from app.canvas.questions import CutOut, Mend
from app.canvas.shapes import Line, Polygon, Shape, ellipse, rectangle
from app.canvas.tools import Fill, Gesture, Lasso, Pick, Stroke, ToolName
from app.canvas.wand import Wand
from core.classes import UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point, polygon_region

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

CLOSING_REACH = 8.0
"""Logical pixels around its first point that close a polygon."""
ERASING: dict[ToolName, ToolName] = {"accept-lasso": "lasso", "accept-region": "fill", "accept-brush": "brush"}
"""What tools that accept are under the right button, which takes labels away."""


class Toolbox:
    """Makes a new gesture for each press."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view
        self._hand = view.hand
        self.desk = CanvasDesk(view)
        self._pieces = PieceFinder(self.desk)
        self.regions = RegionFinder(self.desk)
        self.finders: dict[ToolName, PieceFinder | RegionFinder] = {
            "superpixels": self._pieces,
            "accept-region": self.regions,
        }
        """What tools show under a pointer that only hovers."""

    def take(self, tool: ToolName, editor: MaskEditor, *, erase: bool) -> Gesture:
        hand, desk = self._hand, self.desk
        value = UNLABELED if erase else hand.active_class
        fill = partial(self._fill_inside, editor, erase)
        string = hand.steady / desk.shown_zoom
        makers: dict[ToolName, Callable[[], Gesture]] = {
            "brush": partial(Stroke, hand, editor, erase=erase, string=string),
            "eraser": partial(Stroke, hand, editor, erase=True, string=string),
            "line": partial(Line, hand, editor, erase=erase),
            "fill": partial(Fill, hand, editor, erase=erase),
            "wand": partial(Wand, desk, editor, value, self._tolerance_settled),
            "rectangle": partial(Shape, fill, rectangle),
            "ellipse": partial(Shape, fill, ellipse),
            "lasso": partial(Lasso, fill),
            "polygon": partial(Polygon, fill, self._closing_reach),
            "edge-lasso": partial(EdgeLasso, desk, fill, self._closing_reach),
            "cut-out": partial(CutOut, desk, editor, value),
            "superpixels": partial(Pieces, desk, editor, self._pieces, erase=erase),
            "mend": partial(Mend, desk, editor),
            "picker": partial(Pick, editor, self._view.class_picked.emit),
            "accept-lasso": partial(Lasso, partial(self._accept_inside, editor)),
            "accept-region": partial(AcceptRegion, hand, editor, self.regions),
            "accept-brush": partial(AcceptStroke, hand, editor, string=string),
        }
        return makers[ERASING.get(tool, tool) if erase else tool]()

    def _fill_inside(self, editor: MaskEditor, erase: bool, points: list[Point]) -> MaskEdit | None:
        """With the class that is in hand now: a person may choose it after they began to draw."""
        value = UNLABELED if erase else self._hand.active_class
        return editor.fill_polygon(points, value, allowed=self._hand.allowed)

    def _accept_inside(self, editor: MaskEditor, points: list[Point]) -> MaskEdit | None:
        rect, inside = polygon_region(points, editor.mask.bounds)
        if self._hand.said is None or rect.empty:
            return None
        return editor.accept(self._hand.said, rect, inside, allowed=self._hand.acceptable)

    def _closing_reach(self) -> float:
        return CLOSING_REACH / self.desk.shown_zoom

    def _tolerance_settled(self, tolerance: float) -> None:
        self._hand.tolerance = tolerance
        self._view.option_changed.emit("tolerance", tolerance)
