"""The window comes back as it was left: what is kept with the project, and what with the person."""

from typing import Any

from PySide6.QtCore import QObject, QSettings, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar

from app.actions import TOOLS, Actions
from app.canvas.display import Display
from app.outlines import Outlines
from app.rooms import Rooms
from app.workspace import Workspace

LAYOUT_VERSION = 2
SAVE_MS = 800


class Memory(QObject):
    """Saves view state a moment after it changed, and restores it when a project opens."""

    def __init__(
        self,
        workspace: Workspace,
        rooms: Rooms,
        actions: Actions,
        *,
        outlines: Outlines,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._actions = actions
        self._outlines = outlines
        self._canvas = rooms.canvas
        self._options = rooms.options
        self._prediction = rooms.prediction
        self._display = rooms.display
        self._shown = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_MS)
        self._timer.timeout.connect(self.save)

    @Slot()
    def touch(self) -> None:
        """Something worth remembering changed."""
        self._timer.start()

    @Slot()
    def save(self) -> None:
        self._timer.stop()
        if self._workspace.project is not None and self._workspace.image is not None:
            self._workspace.save_view(self._state(self._workspace.image.record.id))

    @Slot()
    def restore_tools(self) -> None:
        """After a project opened: its tool, sizes and how things were shown."""
        view = self._workspace.view
        tool = view.get("tool", "brush")
        self._canvas.set_brush_size(float(view.get("brush_size", 40)))
        self._canvas.set_eraser_size(float(view.get("eraser_size", 40)))
        self._actions[tool if tool in TOOLS else "brush"].trigger()
        self._options.opacity.setValue(int(view.get("label_opacity", 45)))
        self._options.rule.setCurrentIndex(int(view.get("rule", 0)))
        self._options.tool.restore(view.get("tool_options", {}))
        self._prediction.restore(view)
        self._restore_look(view)
        self._shown = 0

    def _restore_look(self, view: dict[str, Any]) -> None:
        display = Display.from_mapping(view.get("display", {}))
        self._canvas.set_display(display)
        self._display.show_display(display)
        self._actions["hatch"].setChecked(bool(view.get("hatch", False)))
        self._actions["mark-accepted"].setChecked(bool(view.get("mark_accepted", False)))
        self._actions["rulers"].setChecked(bool(view.get("rulers", False)))
        self._actions["overview"].setChecked(bool(view.get("overview", True)))

    @Slot()
    def restore_place(self) -> None:
        """After the first picture of a project is shown: the same part of it, as large as before."""
        view, image = self._workspace.view, self._workspace.image
        if self._shown == 0 and image is not None and view.get("image") == image.record.id and "place" in view:
            self._canvas.restore_view(view["place"])
        self._shown += 1

    def _state(self, image_id: int) -> dict[str, Any]:
        return {
            "image": image_id,
            "place": self._canvas.view_state(),
            "display": self._canvas.display.to_mapping(),
            "hatch": self._actions["hatch"].isChecked(),
            "mark_accepted": self._actions["mark-accepted"].isChecked(),
            "overview": self._actions["overview"].isChecked(),
            "rulers": self._actions["rulers"].isChecked(),
            "tool": self._canvas.tool,
            "class": self._workspace.active_class,
            "brush_size": self._canvas.hand.brush_size,
            "eraser_size": self._canvas.hand.eraser_size,
            "label_opacity": self._options.opacity.value(),
            "rule": self._options.rule.currentIndex(),
            "tool_options": self._options.tool.state(),
            **self._prediction.state(),
            "outlines": self._outlines.state(),
        }


class Layout:
    """Where the docks are. They are put away while nothing is open, and come back as they were."""

    def __init__(self, window: QMainWindow, settings: QSettings) -> None:
        self._window = window
        self._settings = settings
        self._state = window.saveState(LAYOUT_VERSION)
        if settings.contains("geometry"):
            window.restoreGeometry(settings.value("geometry"))
        if settings.contains("layout") and window.restoreState(settings.value("layout"), LAYOUT_VERSION):
            self._state = window.saveState(LAYOUT_VERSION)
        self._out = True

    def put_away(self) -> None:
        if self._out:
            self._state = self._window.saveState(LAYOUT_VERSION)
            self._out = False
        for part in (*self._window.findChildren(QDockWidget), *self._window.findChildren(QToolBar)):
            part.hide()

    def bring_back(self) -> None:
        if not self._out:
            self._window.restoreState(self._state, LAYOUT_VERSION)
            self._out = True

    def save(self) -> None:
        if self._out:
            self._state = self._window.saveState(LAYOUT_VERSION)
        self._settings.setValue("geometry", self._window.saveGeometry())
        self._settings.setValue("layout", self._state)
