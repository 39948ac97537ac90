"""Keys that answer while regions are checked: Enter, Tab, Esc, a class key, 0 for all classes, and those of undo."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from app.canvas.view import CanvasView
from app.workspace import Workspace

KEYS = 9
"""Classes that have a key of their own."""


class AnswerKeys(QObject):
    """Hears them in the picture and wherever else in the window nothing needs them. What a tool or a look at the past
    needs them for comes first."""

    accepted = Signal()
    mended = Signal(int)
    """The class, counted from 0."""
    named = Signal()
    """It is one of more classes than there are keys."""
    skipped = Signal()
    ended = Signal()
    taken_back = Signal()

    def __init__(self, workspace: Workspace, canvas: CanvasView, undo: QAction, window: QWidget) -> None:
        """undo: the action whose keys take an answer back."""
        super().__init__(window)
        self._workspace = workspace
        self._canvas = canvas
        self._undo = undo
        self._window = window
        self._plain: dict[int, SignalInstance] = {
            Qt.Key.Key_Return: self.accepted,
            Qt.Key.Key_Enter: self.accepted,
            Qt.Key.Key_Tab: self.skipped,
            Qt.Key.Key_Escape: self.ended,
        }

    def listen(self, on: bool) -> None:
        for watched in (self._window, self._canvas):  # anew each time, so that it comes before what else watches
            (watched.installEventFilter if on else watched.removeEventFilter)(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or self._canvas.busy or self._in_past:
            return False
        answer = self._meaning(event)
        if answer is None:
            return False
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            answer()
        event.accept()
        return True

    @property
    def _in_past(self) -> bool:
        image = self._workspace.image
        return image is not None and image.pixels is not None and self._canvas.hand.editor is not image.editor

    def _meaning(self, event: QKeyEvent) -> Callable[[], None] | None:
        if QKeySequence(event.keyCombination()) in self._undo.shortcuts():
            return self.taken_back.emit
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        number = event.key() - Qt.Key.Key_1
        if 0 <= number < KEYS:
            return partial(self.mended.emit, number)
        if event.key() == Qt.Key.Key_0 and len(self._workspace.classes) > KEYS:
            return self.named.emit
        if event.key() == Qt.Key.Key_Escape and self._canvas.split.way:
            return None  # leaves curtain or side by side first
        signal = self._plain.get(event.key())
        return None if signal is None else signal.emit
