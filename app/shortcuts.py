"""The keys of the actions: as shipped, or as a person chose them."""

import json
from collections.abc import Sequence

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from app.actions import ACTIONS, Actions

STORED = "keys"
FIXED = {
    **{str(number): "Choose a class" for number in range(1, 10)},
    "Tab": "See the bare picture while held",
    "Space": "Move the picture while held",
    "Esc": "Take back the stroke under way",
}
"""Keys that always mean the same, by what they do."""


class Shortcuts(QObject):
    """Gives the actions their keys. What differs from the shipped ones is kept in the window's settings."""

    changed = Signal()

    def __init__(self, actions: Actions, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._settings = settings
        self._tips: list[tuple[QWidget, str, str]] = []
        self._chosen = _read(settings)
        self._apply()

    def keys(self, name: str) -> tuple[str, ...]:
        """The action's keys now, in Qt's portable spelling."""
        return self._chosen.get(name, self._actions.spec(name).keys)

    def owner(self, key: str) -> str:
        """What the key means now, as a person reads it; empty if it is free."""
        wanted = _spelt(key)
        if wanted in FIXED:
            return FIXED[wanted]
        other = self._holder(wanted)
        return self._actions.title(other) if other else ""

    def fixed(self, key: str) -> bool:
        """Whether the key cannot be given to anything else."""
        return _spelt(key) in FIXED

    def choose(self, name: str, keys: Sequence[str]) -> None:
        """Give an action these keys; whatever had one of them loses it."""
        wanted = tuple(dict.fromkeys(_spelt(key) for key in keys if key and not self.fixed(key)))
        for key in wanted:
            holder = self._holder(key)
            if holder and holder != name:
                self._set(holder, tuple(k for k in self.keys(holder) if _spelt(k) != key))
        self._set(name, wanted)
        self._keep()

    def reset(self, name: str) -> None:
        """The shipped keys again, taken back from whatever has them now."""
        self.choose(name, self._actions.spec(name).keys)

    def reset_all(self) -> None:
        self._chosen = {}
        self._keep()

    def is_shipped(self, name: str) -> bool:
        return name not in self._chosen

    def add_tip(self, widget: QWidget, text: str, name: str) -> None:
        """Let a control's tip end with the key of the action that does the same."""
        self._tips.append((widget, text, name))
        self._show_tips()

    def _holder(self, key: str) -> str:
        return next((s.name for s in ACTIONS if key in map(_spelt, self.keys(s.name))), "")

    def _set(self, name: str, keys: tuple[str, ...]) -> None:
        shipped = self._actions.spec(name).keys
        if keys == tuple(map(_spelt, shipped)):
            self._chosen.pop(name, None)
        else:
            self._chosen[name] = keys

    def _keep(self) -> None:
        self._settings.setValue(STORED, json.dumps(self._chosen))
        self._apply()
        self.changed.emit()

    def _apply(self) -> None:
        for spec in ACTIONS:
            self._actions.set_keys(spec.name, self.keys(spec.name))
        self._show_tips()

    def _show_tips(self) -> None:
        for widget, text, name in self._tips:
            key = self._actions.key_text(name)
            widget.setToolTip(f"{text} ({key})" if key else text)


def _read(settings: QSettings) -> dict[str, tuple[str, ...]]:
    """What was chosen earlier; nothing where the settings cannot be understood."""
    names = {spec.name for spec in ACTIONS}
    try:
        stored = json.loads(str(settings.value(STORED, "{}")))
        return {name: tuple(map(str, keys)) for name, keys in stored.items() if name in names}
    except (ValueError, TypeError, AttributeError):
        return {}


def _spelt(key: str) -> str:
    """One spelling for each key."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
