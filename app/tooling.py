"""The tools in hand: which one, its options, what may be painted over, and the changes that are asked about first."""

from collections.abc import Callable
from typing import get_args

from PySide6.QtCore import QObject, Slot

from app.actions import ACCEPTING, Actions
from app.canvas.tools import ToolName
from app.rooms import Rooms
from app.tool_keys import ToolKeys
from app.workspace import Workspace
from core.classes import UNLABELED
from core.masks.change import Change
from core.masks.editor import EditKind
from core.masks.rect import Rect
from core.masks.regions import OPERATIONS, Operation
from core.masks.smart import Part, grow_strokes
from core.masks.tiles import Mask
from core.project import Project
from core.records import ImageRecord

SIZE_STEP = 1.15
TRAIN_FIRST = "train first"
MOST_PIXELS = 2_000_000
"""Strokes grow in so much of what is in sight at once."""
MENDING: dict[str, Operation] = {f"{name}-class": name for name in OPERATIONS}
TOOL_NAMES: tuple[ToolName, ...] = get_args(ToolName)


class Tooling(QObject):
    """Between the actions, the options above the picture, and the canvas."""

    def __init__(self, workspace: Workspace, rooms: Rooms, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._rooms = rooms
        self._canvas = rooms.canvas
        self._options = rooms.options
        self._actions = actions
        self._keys = ToolKeys(self._canvas, actions, self)
        self._former: ToolName = "brush"
        """The tool before the one in hand."""

    # --- which tool

    @Slot()
    def choose_tool(self) -> None:
        sender = self.sender()
        chosen = "" if sender is None else sender.objectName()
        for tool in TOOL_NAMES:
            if tool == chosen:
                self._choose(tool)

    def _choose(self, tool: ToolName) -> None:
        now = self._canvas.tool
        if self._keys.repeats(tool):
            return
        if tool == now == "eraser" and self._keys.pressed(tool):
            self._actions[self._former].trigger()  # the eraser's key, tapped again, puts it away
            return
        if tool != now:
            self._former = now
        self._keys.forget()
        self._take(tool)
        self._tell_of_training(tool)
        self._keys.lend(tool, now)

    def _take(self, tool: ToolName) -> None:
        self._canvas.set_tool(tool)
        self._options.tool.show_tool(tool)
        self._options.show_brush_size(self._tool_size())

    def _tell_of_training(self, tool: ToolName) -> None:
        """Whoever takes a tool that accepts, and has no model yet, is told how to come by one."""
        work = self._workspace
        if tool in ACCEPTING and work.image is not None and work.run is None and self._canvas.hand.said is None:
            work.tell_quietly("Nothing is predicted yet. Train, then accept what is right.", TRAIN_FIRST)

    # --- options

    @Slot(str, object)
    def set_option(self, name: str, value: object) -> None:
        if name == "pressure":
            self._canvas.set_pressure(bool(value))
        else:
            self._canvas.set_option(name, value)

    @Slot(float)
    def set_brush_size(self, size: float) -> None:
        """The eraser keeps a size of its own."""
        if self._canvas.tool == "eraser":
            self._canvas.set_eraser_size(size)
        else:
            self._canvas.set_brush_size(size)

    @Slot(float)
    def show_changed_size(self, size: float) -> None:
        """A key or the wheel changed a size; only that of the tool that is chosen is shown."""
        if size == self._tool_size():
            self._options.show_brush_size(size)

    def _tool_size(self) -> float:
        hand = self._canvas.hand
        return hand.eraser_size if self._canvas.tool == "eraser" else hand.brush_size

    @Slot()
    def smaller(self) -> None:
        self._resize(1 / SIZE_STEP, -1)

    @Slot()
    def larger(self) -> None:
        self._resize(SIZE_STEP, 1)

    def _resize(self, factor: float, least: int) -> None:
        old = round(self._tool_size())
        new = round(old * factor)
        self._options.show_brush_size(new if new != old else old + least)

    # --- what may be painted over

    @Slot()
    def show_classes(self) -> None:
        self._canvas.set_classes(self._workspace.classes)
        self._options.show_classes(self._workspace.classes)
        self.apply_paint_rule()

    @Slot()
    def apply_paint_rule(self) -> None:
        """What may be painted over: by the rule chosen above the picture, and never a locked class."""
        locked = self._rooms.classes.locked_classes()
        ids = frozenset(label.id for label in self._workspace.classes)
        over = {0: ids | {UNLABELED}, 1: frozenset({UNLABELED}), 2: self._options.chosen_classes()}
        index = self._options.rule.currentIndex()
        self._canvas.hand.locked = locked
        self._canvas.set_allowed(None if index == 0 and not locked else over[index] - locked)

    # --- changes that are asked about first

    @Slot()
    def mend_class(self) -> None:
        """Mend all of the class in hand, by the name of the action that asked."""
        sender = self.sender()
        if sender is None or self._workspace.image is None:
            return
        self._actions["mend"].setChecked(True)
        self._take("mend")
        self._options.tool.choose_mending(MENDING[sender.objectName()])
        self._canvas.setFocus()
        self._canvas.mend_class()

    @Slot()
    def grow_strokes(self) -> None:
        """Let the labels in sight grow up to the edges between them."""
        image = self._workspace.image
        rect = self._canvas.visible_rect
        if image is not None and image.pixels is not None and not rect.empty:
            part = self._canvas.part(rect, MOST_PIXELS)
            self._ask("fill", "Grow the strokes in sight up to the edges", _grown, part, image.editor.mask.snapshot())

    @Slot()
    def copy_previous(self) -> None:
        """Take the labels of the picture that stands before in the strip over, where this one has none."""
        project, image = self._workspace.project, self._workspace.image
        if project is None or image is None:
            return
        before = self._record_before(image.record)
        if before is None:
            self._workspace.tell_quietly("No picture stands before this one, so there is none to copy from.", "copy")
        elif (before.height, before.width) != (image.record.height, image.record.width):
            self._workspace.tell_quietly(
                f"{before.name} has another size, so its labels do not fit here. Paint, or let a model predict.", "copy"
            )
        elif not before.class_pixels:
            self._workspace.tell_quietly(f"{before.name} has no labels to copy.", "copy")
        else:
            editor = self._workspace.saves.editor_of(before.id)
            mask = None if editor is None else editor.mask.snapshot()
            now = image.editor.mask.snapshot()
            self._ask("import", f"Copy the labels of {before.name}", _copied, project, before.id, mask, now)

    def _record_before(self, record: ImageRecord) -> ImageRecord | None:
        strip = self._rooms.images.model
        before = strip.neighbour(record.id, -1) if strip.index_of(record.id).isValid() else None
        return self._workspace.records.get(before) if before is not None else None

    def _ask(self, kind: EditKind, question: str, job: Callable[..., Change], *args: object) -> None:
        self._canvas.setFocus()
        self._canvas.ask_first(kind, question, job, *args)


def _grown(part: Part, mask: Mask) -> Change:
    return grow_strokes(part, mask.read(part.rect))


def _copied(project: Project, image_id: int, unsaved: Mask | None, now: Mask) -> Change:
    """The labels of another picture for where this one, `now`, has none.

    `unsaved` is the other's mask where not all of it is on disk yet.
    """
    mask = unsaved or project.load_mask(image_id)
    bounds = Rect(0, 0, mask.height, mask.width)
    labels = mask.read(bounds)
    return Change(bounds, (labels != UNLABELED) & (now.read(bounds) == UNLABELED), labels)
