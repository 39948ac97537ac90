"""What the tools need of the canvas beside its hand: parts of the picture, proposals, questions, work done aside."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import numpy as np

from app.canvas.tools import Hand
from app.canvas.viewport import Viewport
from app.job import JobQueue
from core.masks.change import Change
from core.masks.rect import Rect
from core.masks.smart import Part, steps_for

if TYPE_CHECKING:
    from app.canvas.view import CanvasView


class CanvasDesk:
    """A Desk on one canvas."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view
        self._jobs: JobQueue | None = None
        self._asked = ""

    @property
    def hand(self) -> Hand:
        return self._view.hand

    @property
    def visible_rect(self) -> Rect:
        return self._view.visible_rect

    @property
    def shown_zoom(self) -> float:
        return self._view.zoom / self._view.devicePixelRatioF()

    def part(self, rect: Rect, most_pixels: int) -> Part:
        """Drawn as the screen is, so that it is quick on any source and looks as the person sees it."""
        picture = self._view.picture
        if picture is None:
            raise RuntimeError("no picture is shown")
        bounds = Rect(0, 0, picture.height, picture.width)
        step = steps_for(rect, most_pixels)
        # On whole steps from the picture's corner, where its smaller copies have their pixels.
        top, left = rect.top // step * step, rect.left // step * step
        rows, columns = -(-(rect.bottom - top) // step), -(-(rect.right - left) // step)
        rect = Rect(top, left, top + rows * step, left + columns * step).intersect(bounds)
        shown = Viewport(columns, rows, bounds.width, bounds.height, 1 / step, -left / step, -top / step)
        out = np.zeros((rows, columns, 4), np.uint8)
        picture.paint(shown, shown.bounds, out)
        return Part(rect, np.ascontiguousarray(out[..., 2::-1]), step)

    def propose(self, change: Change | None) -> None:
        self._view.propose(change)

    def ask(self, question: str, *, ready: bool = True) -> None:
        if (question or self._asked) and self._view.isEnabled():
            self._asked = question
            self._view.asked.emit(question, ready)

    def work(self, function: Callable[..., Any], *args: Any, done: Callable[[Any], None]) -> Future[Any]:
        if self._jobs is None:
            self._jobs = JobQueue("tools", self._view)
        return self._jobs.run(function, *args, done=done)

    def class_name(self, value: int) -> str:
        return self._view.class_name(value)

    def close(self) -> None:
        """End the work under way; the canvas is not used any more."""
        if self._jobs is not None:
            self._jobs.close()
