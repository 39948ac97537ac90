"""Outlines that were begun and not closed: they wait with their picture, and come back the next day."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Slot

from app.actions import Actions
from app.canvas.tools import Outline, ToolName
from app.canvas.view import CanvasView
from app.notices import Choice, Notice
from app.workspace import Workspace

TOPIC = "outline"


class Outlines(QObject):
    """Keeps those of the pictures that are not open."""

    def __init__(
        self, workspace: Workspace, canvas: CanvasView, actions: Actions, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._canvas = canvas
        self._actions = actions
        self._elsewhere: dict[int, tuple[Outline, ...]] = {}

    @Slot()
    def leave(self) -> None:
        """The open picture goes: what is under way on it ends, but for its outlines."""
        self._canvas.finish_gesture()
        image = self._workspace.image
        waiting = self._canvas.waiting_outlines
        self._canvas.wait_with(())
        if image is not None and waiting:
            self._elsewhere[image.record.id] = waiting
            self._tell(f"The outline on {image.record.name} is not closed. It waits there.")

    @Slot()
    def come(self) -> None:
        """A picture is shown: what waited with it is there again."""
        image = self._workspace.image
        waiting = self._elsewhere.pop(image.record.id, ()) if image is not None else ()
        if waiting:
            self._canvas.wait_with(waiting)

    @Slot()
    def say(self) -> None:
        """An outline began to wait, or waits no more."""
        waiting = self._canvas.waiting_outlines
        if waiting:
            tool = self._actions.title(waiting[-1].tool)
            keys = self._actions.key_text(waiting[-1].tool)
            again = f"{tool} ({keys})" if keys else tool
            self._tell(f"The outline is not closed. Choose {again} again to go on.", Choice("Drop it", self.drop))
        else:
            self._workspace.settled.emit(TOPIC)

    @Slot()
    def drop(self) -> None:
        self._canvas.wait_with(())

    def _tell(self, text: str, *choices: Choice) -> None:
        self._workspace.noticed.emit(Notice(text, choices, topic=TOPIC, problem=False))

    # --- remembered

    def state(self) -> dict[str, Any]:
        """All outlines by the id of their picture, for `restore`."""
        image = self._workspace.image
        here = {image.record.id: self._canvas.waiting_outlines} if image is not None else {}
        return {str(key): [_to_json(o) for o in outlines] for key, outlines in (self._elsewhere | here).items()}

    @Slot()
    def restore(self) -> None:
        """A project opened: take over what was remembered with it."""
        stored = self._workspace.view.get("outlines", {})
        self._elsewhere = {int(key): tuple(map(_from_json, outlines)) for key, outlines in stored.items() if outlines}


def _to_json(outline: Outline) -> dict[str, Any]:
    ways: Sequence[Any] = [[list(point) for point in way] for way in outline.ways]
    return {"tool": outline.tool, "erase": outline.erase, "ways": ways}


def _from_json(stored: Mapping[str, Any]) -> Outline:
    tool: ToolName = "edge-lasso" if stored["tool"] == "edge-lasso" else "polygon"
    ways = [[(float(x), float(y)) for x, y in way] for way in stored["ways"]]
    return Outline(tool, bool(stored["erase"]), ways)
