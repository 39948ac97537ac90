"""What the finder lists: every action that would do something now, the panels, and the classes to paint with."""

import json
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QSettings, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.actions import ACTIONS, Actions
from app.dialogs.finder import Command, Finder
from app.workspace import Workspace

STORED = "commands"


class Commanding(QObject):
    """Opens the finder, and remembers what was chosen there."""

    def __init__(self, workspace: Workspace, actions: Actions, settings: QSettings, window: QMainWindow) -> None:
        super().__init__(window)
        self._workspace = workspace
        self._actions = actions
        self._settings = settings
        self._window = window
        self.finder = Finder(window)

    @Slot()
    def open(self) -> None:
        self.finder.open(self.commands(), self._recent())

    @Slot(object)
    def ask_class(self, answer: Callable[[int], None]) -> None:
        """Let a class be chosen by a few letters of its name; `answer` gets its id."""
        named = [
            Command(f"class-{label.id}", label.name, "Classes", _key(label.id), partial(answer, label.id))
            for label in self._workspace.classes
        ]
        self.finder.open(named, (), "Which class is it?")

    def commands(self) -> list[Command]:
        """Everything that can be done now, in the order of the menus."""
        return [*self._of_actions(), *self._of_classes(), *self._of_panels()]

    def _of_actions(self) -> list[Command]:
        return [
            Command(
                spec.name,
                self._actions.title(spec.name),
                spec.menu,
                self._actions.key_text(spec.name),
                _Do(self, spec.name, self._actions[spec.name]),
                spec.words,
            )
            for spec in ACTIONS
            if self._actions[spec.name].isEnabled() and spec.name != "commands"
        ]

    def _of_classes(self) -> list[Command]:
        if self._workspace.project is None:
            return []
        return [
            Command(
                f"class-{label.id}",
                f"Paint {label.name}",
                "Classes",
                _key(label.id),
                _Choose(self, label.id),
            )
            for label in self._workspace.classes
        ]

    def _of_panels(self) -> list[Command]:
        if self._workspace.project is None:
            return []
        docks = self._window.findChildren(QDockWidget)
        return [
            Command(
                f"panel-{dock.objectName()}",
                f"{'Hide' if dock.isVisible() else 'Show'} the panel {dock.windowTitle()}",
                "View",
                "",
                _Do(self, f"panel-{dock.objectName()}", dock.toggleViewAction()),
            )
            for dock in docks
        ]

    def _recent(self) -> list[str]:
        try:
            stored = json.loads(str(self._settings.value(STORED, "[]")))
        except ValueError:
            return []
        return [str(name) for name in stored] if isinstance(stored, list) else []

    def used(self) -> None:
        self._settings.setValue(STORED, json.dumps(self.finder.recent))

    def choose_class(self, class_id: int) -> None:
        self._workspace.choose_class(class_id)


def _key(class_id: int) -> str:
    return str(class_id + 1) if class_id < 9 else ""


class _Do:
    def __init__(self, owner: Commanding, name: str, action: QAction) -> None:
        self._owner, self._name, self._action = owner, name, action

    def __call__(self) -> None:
        self._owner.used()
        self._action.trigger()


class _Choose:
    def __init__(self, owner: Commanding, class_id: int) -> None:
        self._owner, self._class_id = owner, class_id

    def __call__(self) -> None:
        self._owner.used()
        self._owner.choose_class(self._class_id)
