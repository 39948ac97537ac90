"""The way back to where a canvas looked before questions or a second view moved it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class WayBack:
    """Several may move the view at once; it looks where it did before all of them when the last one is through."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view
        self._movers: set[str] = set()
        self._before: Mapping[str, Any] = {}
        self._picture: object = None

    def begin(self, mover: str) -> None:
        """`mover` is about to move the view."""
        if not self._movers:
            self._before, self._picture = self._view.view_state(), self._view.picture
        self._movers.add(mover)

    def end(self, mover: str) -> None:
        """`mover` is through. Another picture than before is shown as a whole, as it is when it is opened."""
        if mover not in self._movers:
            return
        self._movers.remove(mover)
        if not self._movers:
            self._view.restore_view(self._before if self._view.picture is self._picture else {})
            self._picture = None
