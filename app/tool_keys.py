"""Keys of tools: a tap chooses the tool; held, the key lends it, and the tool of before is back when it is let go."""

from dataclasses import dataclass, field
from time import monotonic

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.actions import TOOLS, Actions
from app.canvas.tools import ToolName
from app.canvas.view import CanvasView

HOLD_S = 0.4
"""A key that is down for longer is no tap."""
REPEAT_MS = 40
"""A key that is pressed again so soon was never let go: on X11 not every repeat of a held key says that it is one."""


@dataclass(slots=True)
class _Loan:
    """A tool that was chosen by a key which is still down, or whose gesture is still under way."""

    key: QKeySequence
    former: ToolName
    since: float = field(default_factory=monotonic)
    used: bool = False
    """A gesture began and ended meanwhile."""
    due: bool = False


class ToolKeys(QObject):
    """Watches the keys that the canvas gets while tools are chosen."""

    def __init__(self, canvas: CanvasView, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._actions = actions
        self._key = 0
        self._down = QKeySequence()
        """The key that is down, and the same with Shift and its like."""
        self._repeated = False
        self._let_go_at = 0.0
        self._loan: _Loan | None = None
        self._letting_go = QTimer(self)
        self._letting_go.setSingleShot(True)
        self._letting_go.setInterval(REPEAT_MS)
        self._letting_go.timeout.connect(self._let_go)
        for name in TOOLS:
            actions[name].setAutoRepeat(False)
        canvas.gesture_ended.connect(self._gesture_ended)
        canvas.installEventFilter(self)

    def pressed(self, tool: ToolName) -> bool:
        """Whether the tool's key is down."""
        return self._down in self._actions[tool].shortcuts()

    def repeats(self, tool: ToolName) -> bool:
        """Whether the tool's key is down still, and only the keyboard repeats it."""
        return self._repeated and self.pressed(tool)

    def lend(self, tool: ToolName, former: ToolName) -> None:
        """`tool` was just chosen in place of `former`: for as long as its key is down, if that chose it."""
        self._loan = _Loan(self._down, former) if self.pressed(tool) and tool != former else None

    def forget(self) -> None:
        """Another tool is chosen: nothing is to be given back."""
        self._loan = None

    @Slot()
    def _gesture_ended(self) -> None:
        if self._loan is not None:
            self._loan.used |= not self._letting_go.isActive()
            if self._loan.due:
                self._give_back(self._loan)

    def _give_back(self, loan: _Loan) -> None:
        self._loan = None
        self._actions[loan.former].trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                self._press(event)
            elif event.type() == QEvent.Type.KeyRelease and event.key() == self._key and not event.isAutoRepeat():
                self._let_go_at = monotonic()
                self._letting_go.start()
        elif event.type() == QEvent.Type.FocusOut:
            self._down = QKeySequence()
        return False

    def _press(self, event: QKeyEvent) -> None:
        waits = self._letting_go.isActive()
        self._letting_go.stop()
        self._repeated = event.key() == self._key and (waits or event.isAutoRepeat())
        if not self._repeated:
            if waits:
                self._let_go()
            self._key, self._down = event.key(), QKeySequence(event.keyCombination())

    @Slot()
    def _let_go(self) -> None:
        self._repeated = False
        loan, key, self._down = self._loan, self._down, QKeySequence()
        if loan is None or loan.key != key:
            return
        if not loan.used and self._let_go_at - loan.since < HOLD_S:
            self._loan = None  # a tap
        elif self._canvas.busy:
            loan.due = True
        else:
            self._give_back(loan)
