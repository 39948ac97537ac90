"""The banner: one sentence over the picture with what can be done about it. It never takes the keyboard."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from app.icons import icon
from app.notices import Choice, Notice
from app.panels.controls import button, tool_button

MARGIN = 12
WIDEST = 720
READ_MS = 8000
"""So long what is no problem and asks for nothing is there to be read, then it leaves the picture."""


class Banner(QFrame):
    """Floats at the top of its parent and moves nothing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._notices: list[Notice] = []
        self._buttons: list[QPushButton] = []
        self._offered: tuple[Choice, ...] = ()
        self._area = parent
        self._sign = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = tool_button("close", "Put away")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(12, 8, 8, 8)
        self._line.setSpacing(8)
        self._line.addWidget(self._sign)
        self._line.addWidget(self.text, 1)
        self._line.addWidget(self.close_button)
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(READ_MS)
        self._reading.timeout.connect(self._was_read)
        self.close_button.clicked.connect(self._put_away)
        parent.installEventFilter(self)
        self.hide()

    @Slot(object)
    def show_notice(self, notice: Notice) -> None:
        """Show a notice in front of the others; it replaces one on the same topic."""
        same = [n for n in self._notices if n.topic == notice.topic and n.text == notice.text]
        if same and self._notices[-1] is same[-1]:
            return
        self._notices = [n for n in self._notices if not notice.topic or n.topic != notice.topic]
        self._notices.append(notice)
        self._show_last()

    @Slot(str)
    def settle(self, topic: str) -> None:
        """Take away what is settled; an empty topic settles everything."""
        kept = [n for n in self._notices if topic and n.topic != topic]
        if len(kept) != len(self._notices):
            self._notices = kept
            self._show_last()

    def buttons(self) -> list[QPushButton]:
        """The buttons of the notice that is shown."""
        return list(self._buttons)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    @Slot()
    def redraw_icons(self) -> None:
        self.close_button.setIcon(icon("close"))
        self._show_last()

    @Slot()
    def _put_away(self) -> None:
        self._notices.pop()
        self._show_last()

    @Slot()
    def _was_read(self) -> None:
        if self.underMouse():
            self._reading.start()
        else:
            self._put_away()

    def _show_last(self) -> None:
        self._reading.stop()
        if not self._notices:
            self._offer(())
            self.hide()
            return
        notice = self._notices[-1]
        self._sign.setPixmap(icon("warning" if notice.problem else "info").pixmap(QSize(20, 20)))
        self.text.setText(notice.text)
        self._offer(notice.choices)
        self.show()
        self.raise_()
        self._place()
        if not notice.problem and not notice.choices:
            self._reading.start()

    def _offer(self, choices: tuple[Choice, ...]) -> None:
        """Show a button for each; those that are there already stay, so that one can be pressed while texts change."""
        if choices == self._offered:
            return
        self._offered = choices
        for old in self._buttons:
            self._line.removeWidget(old)
            old.deleteLater()
        self._buttons = []
        for choice in choices:
            self._add_button(choice)

    def _add_button(self, choice: Choice) -> None:
        made = button(choice.text)
        made.clicked.connect(_Press(choice))
        self._line.insertWidget(self._line.count() - 1, made)
        self._buttons.append(made)

    def _place(self) -> None:
        area = self._area
        width = min(WIDEST, area.width() - 2 * MARGIN)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry((area.width() - width) // 2, MARGIN, width, max(height, 44))


class _Press:
    """Calls a choice without the checked state that a click brings along."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice

    def __call__(self, checked: bool = False) -> None:
        self._choice.choose()
