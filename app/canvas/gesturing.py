"""The gesture under way, from its first press to its end, and the outline that waits for its tool to come back."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.canvas.questions import Mend, Question
from app.canvas.toolbox import Toolbox
from app.canvas.tools import Gesture, Outline, ToolName
from core.masks.change import Change
from core.masks.editor import EditKind
from core.masks.geometry import Point

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

ACCEPTING = ("accept-region", "accept-brush", "accept-lasso")
"""Tools that point at the prediction."""
WORTH_KEEPING = 3
"""An outline of fewer points encloses nothing."""


class Gesturing:
    """What the hand is doing on one canvas, and with which tool."""

    def __init__(self, view: "CanvasView") -> None:
        self._view = view
        self._hand = view.hand
        self._toolbox = Toolbox(view)
        self.desk = self._toolbox.desk
        self.tool: ToolName = "brush"
        self.now: Gesture | None = None
        self.erasing = False
        self.waiting: dict[ToolName, Outline] = {}
        """What was begun and not closed when another tool was chosen."""

    @property
    def waits(self) -> bool:
        """Whether it goes on from press to press."""
        return self.now is not None and self.now.stays

    def set_tool(self, tool: ToolName) -> None:
        self.finish()
        self.look_anew()
        self.tool = tool
        self.go_on()
        self._view.show_cursor()

    def look_anew(self) -> None:
        """Another picture, or the same shown differently: what tools have seen counts no more."""
        for finder in self._toolbox.finders.values():
            finder.forget()

    def predicted_anew(self) -> None:
        """Another prediction, or other labels under it: what would be accepted is to be looked up again."""
        self._toolbox.regions.forget()

    def options_changed(self, at: Point | None) -> None:
        """at: where the pointer is."""
        if self.now is not None:
            self.now.options_changed()
        elif at is not None:
            self.hover(at)

    def hover(self, at: Point) -> None:
        """The hand is there and does nothing yet."""
        finder = self._toolbox.finders.get(self.tool)
        if finder is not None and self.now is None and self._hand.editor is not None:
            finder.hover(at)

    def leave(self) -> None:
        for finder in self._toolbox.finders.values():
            finder.hide()

    def close(self) -> None:
        self.waiting.clear()
        self.cancel()
        self.desk.close()

    # --- from press to release

    def press(self, point: Point, *, straight: bool, pick: bool, erase: bool, pressure: float = 1.0) -> None:
        """Begin what the tool does, or go on with it. `pick` takes the class under the hand instead."""
        editor = self._hand.editor
        if editor is None or editor.in_stroke:
            return
        self.go_on()
        if not self.may_begin(point):
            return
        if self.now is None:
            self.erasing = erase
            self.now = self._toolbox.take("picker" if pick else self.tool, editor, erase=erase)
        self._view.refresh(self.now.press(point, straight=straight, pressure=pressure, erase=erase))

    def may_begin(self, point: Point) -> bool:
        """Whether what is done there can be seen: labels are not painted where only the prediction shows."""
        return self.now is not None or self.tool in ACCEPTING or self._view.shows_labels_at(point)

    def drag(self, points: Sequence[Point], pressure: float) -> None:
        if self.now is not None:
            self._view.refresh(self.now.drag(points, pressure))

    def lift(self) -> None:
        """The hand let go. A polygon goes on to its next point."""
        if self.now is not None and self.now.stays:
            self.now.lift()
        if not self.waits:
            self.finish()
            self.go_on()

    def step_back(self) -> None:
        """Take the last point or stroke of what is under way back; with the first, all is given up."""
        if self.now is not None and not self.now.step_back():
            self.cancel()
        self._view.update()
        self._view.show_cursor()

    # --- its end

    def confirm(self) -> None:
        """Close what is drawn; do what is shown, if that is known by now."""
        if self.now is not None and self.now.ready:
            self.finish(confirmed=True)
            self.go_on()

    def finish(self, *, confirmed: bool = False) -> None:
        """End what is under way as if the hand had let go: a stroke must never be lost.

        What was only shown and asked is done if it is `confirmed`, and so is an outline closed; or else it waits.
        """
        if self.now is None:
            return
        if self.now.asks and not confirmed:
            self._give_up()
        elif self.now.stays and not confirmed:
            self._put_aside()
        else:
            self._release()

    def _release(self) -> None:
        gesture = self._take_out()
        if gesture.outline:
            self._view.update()
        edit = gesture.release()
        if edit is not None:
            self._view.refresh(edit.rect)
            if edit.kind == "accept":
                self._view.flash(edit)
            self._view.edit_made.emit(edit)
        self._view.gesture_ended.emit()

    def cancel(self) -> None:
        """Take back what is under way."""
        if self.now is not None:
            self._give_up()
            self.go_on()

    def _give_up(self) -> None:
        self._view.refresh(self._take_out().cancel())
        self._view.update()
        self._view.gesture_ended.emit()

    def _take_out(self) -> Gesture:
        assert self.now is not None
        gesture, self.now, self.erasing = self.now, None, False
        return gesture

    # --- outlines that wait

    def _put_aside(self) -> None:
        """Keep an outline for when its tool is chosen again: its points are work too, but nobody has closed it yet."""
        if self.now is not None and len(self.now.ways) >= WORTH_KEEPING:
            self.waiting[self.tool] = Outline(self.tool, self.erasing, tuple(self.now.ways))
        self._give_up()
        self._view.outlines_wait.emit()

    def go_on(self) -> None:
        """Take the tool's outline up again, if one waits."""
        editor = self._hand.editor
        if self.now is None and editor is not None and self.tool in self.waiting:
            outline = self.waiting.pop(self.tool)
            self.erasing = outline.erase
            self.now = self._toolbox.take(self.tool, editor, erase=outline.erase)
            self.now.take_up(outline.ways)
            self._view.update()
            self._view.outlines_wait.emit()

    def wait_with(self, outlines: Sequence[Outline]) -> None:
        """Let these wait, and no others."""
        if self.waiting or outlines:
            self.waiting = {outline.tool: outline for outline in outlines}
            self._view.update()
            self._view.outlines_wait.emit()
            self.go_on()

    # --- questions

    def ask_first(self, kind: EditKind, question: str, job: Callable[..., Change], *args: Any) -> None:
        editor = self._hand.editor
        self.finish()
        if editor is not None and not editor.in_stroke:
            asking = Question(self.desk, editor, kind)
            self.now = asking
            asking.find(question, job, *args)

    def mend_class(self) -> None:
        editor = self._hand.editor
        self.finish()
        if editor is not None and not editor.in_stroke:
            mending = Mend(self.desk, editor)
            self.now = mending
            mending.take_class(self._hand.active_class)

    def drop_question(self) -> None:
        self.predicted_anew()
        if self.now is not None and self.now.asks:
            self.cancel()
