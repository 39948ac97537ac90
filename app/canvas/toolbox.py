"""Gives the tool that is chosen into the hand."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.canvas.shapes import Polygon, Shape, ellipse, rectangle
from app.canvas.tools import Fill, Gesture, Lasso, Pick, Stroke, ToolName
from app.canvas.wand import Wand
from core.classes import UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.geometry import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

CLOSING_REACH = 8.0
"""Logical pixels around its first point that close a polygon."""


class Toolbox:
    """Makes a new gesture for each press."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view
        self._hand = view.hand

    def take(self, tool: ToolName, editor: MaskEditor, *, erase: bool) -> Gesture:
        hand = self._hand
        value = UNLABELED if erase else hand.active_class
        fill = partial(self._fill_inside, editor, value)
        makers: dict[ToolName, Callable[[], Gesture]] = {
            "brush": partial(Stroke, hand, editor, erase=erase),
            "eraser": partial(Stroke, hand, editor, erase=True),
            "fill": partial(Fill, hand, editor, erase=erase),
            "picker": partial(Pick, editor, self._view.class_picked.emit),
            "lasso": partial(Lasso, fill),
            "accept-lasso": partial(Lasso, self._accept_inside),
            "rectangle": partial(Shape, fill, rectangle),
            "ellipse": partial(Shape, fill, ellipse),
            "polygon": partial(Polygon, fill, self._closing_reach),
            "wand": partial(self._wand, editor, value),
        }
        return makers[tool]()

    def _wand(self, editor: MaskEditor, value: int) -> Wand:
        view = self._view
        return Wand(
            self._hand,
            editor,
            pixels=view.pixels,
            visible=view.visible_rect,
            value=value,
            propose=view.propose,
            zoom=self._zoom,
        )

    def _zoom(self) -> float:
        return self._view.zoom / self._view.devicePixelRatioF()

    def _fill_inside(self, editor: MaskEditor, value: int, points: list[Point]) -> MaskEdit | None:
        return editor.fill_polygon(points, value, allowed=self._hand.allowed)

    def _accept_inside(self, points: list[Point]) -> None:
        self._view.accept_drawn.emit(points)

    def _closing_reach(self) -> float:
        return CLOSING_REACH * self._view.devicePixelRatioF() / self._view.zoom
