"""Everything the window can do, found by typing a few letters of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.panels.controls import caption
from app.theme import caption_font, tones

WIDTH, MOST, LINE = 520, 10, 28
ENTRY = Qt.ItemDataRole.UserRole
DO = "What do you want to do?"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done now."""

    name: str
    text: str
    place: str
    """The menu it is in."""
    keys: str
    run: Callable[[], None]
    words: str = ""
    """What else people call it."""


def ranked(query: str, commands: Sequence[Command], recent: Sequence[str]) -> list[Command]:
    """The commands that hold every typed word, best first; those used lately before others that fit as well."""
    words = query.casefold().split()
    order = {name: place for place, name in enumerate(recent)}
    found = []
    for position, command in enumerate(commands):
        scores = [_score(word, f"{command.text} {command.place}".casefold(), command.words) for word in words]
        if all(score < _MISS for score in scores):
            found.append((sum(scores), order.get(command.name, len(order)), position, command))
    return [command for *_, command in sorted(found, key=lambda entry: entry[:3])]


_MISS = 9


def _score(word: str, text: str, other_words: str) -> int:
    """How well a typed word fits: 0 starts the text, 1 starts a word of it or of its other words, 2 is inside, 3 its
    letters come in order."""
    if text.startswith(word):
        return 0
    if any(part.startswith(word) for part in (*text.split(), *other_words.split())):
        return 1
    if word in text:
        return 2
    letters = iter(text)
    return 3 if len(word) > 1 and all(letter in letters for letter in word) else _MISS


class _Line(QStyledItemDelegate):
    """Text left, menu and key right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(WIDTH - 16, LINE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        command: Command = index.data(ENTRY)  # type: ignore[attr-defined]
        scheme, area = tones(), option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(scheme.hover))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), 4, 4)
        inner = area.adjusted(8, 0, -8, 0)
        painter.setPen(QColor(scheme.text))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, command.text)
        painter.setFont(caption_font(painter.font()))
        painter.setPen(QColor(scheme.muted))
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, command.keys)
        place = QRect(inner.left(), inner.top(), inner.width() - 132, inner.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, command.place)
        painter.restore()


class _Field(QLineEdit):
    """While a command is typed, no key is a shortcut."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


class Finder(QFrame):
    """Floats over the top of its window and blocks nothing; Enter runs, Esc and a click elsewhere put it away."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
        self.setObjectName("finder")
        self.setAccessibleName("Find a command")
        self._commands: list[Command] = []
        self.recent: list[str] = []
        self._before: QWidget | None = None
        self.field = _Field()
        self.field.setAccessibleName("Command to find")
        self.field.setToolTip("Type a few letters; Enter does it, Esc puts this away")
        self.field.setAcceptDrops(False)
        self.field.setFixedHeight(32)
        self.list = QListWidget()
        self.list.setItemDelegate(_Line(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName("Commands found")
        self.list.setToolTip("Up and down choose, Enter does it")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setUniformItemSizes(True)
        self.nothing = caption("Nothing is called that. Try fewer letters.")
        self.nothing.setContentsMargins(8, 4, 8, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        for widget in (self.field, self.list, self.nothing):
            column.addWidget(widget)
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._clicked)
        parent.installEventFilter(self)
        self.hide()

    def open(self, commands: Sequence[Command], recent: Sequence[str], question: str = DO) -> None:
        """Show what can be done now, what was used lately first."""
        self.field.setPlaceholderText(question)
        self._commands, self.recent = list(commands), list(recent)
        self._before = self.window().focusWidget()
        self.field.clear()
        self._search("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    @Slot()
    def put_away(self) -> None:
        """Hide, and give the keyboard back to whatever had it."""
        if self.isVisible():
            self.hide()
            if self._before is not None:
                self._before.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def shown(self) -> list[Command]:
        return [self.list.item(row).data(ENTRY) for row in range(self.list.count())]

    @Slot(str)
    def _search(self, text: str) -> None:
        self.list.clear()
        for command in ranked(text, self._commands, self.recent):
            item = QListWidgetItem(command.text)
            item.setData(ENTRY, command)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{command.text}, {command.keys}".rstrip(", "))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(LINE * min(MOST, max(1, self.list.count())) + 4)
        self.list.setVisible(self.list.count() > 0)
        self.nothing.setVisible(self.list.count() == 0)
        self._place()

    def _place(self) -> None:
        area = self._area
        width = min(WIDTH, area.width() - 32)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((area.width() - width) // 2, 48)

    @Slot(QListWidgetItem)
    def _clicked(self, item: QListWidgetItem) -> None:
        self._run(item.data(ENTRY))

    def _run(self, command: Command) -> None:
        self.recent = [command.name, *(name for name in self.recent if name != command.name)][:8]
        self.put_away()
        command.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key_pressed(event.key())
        if watched is self.field and isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
                self.hide()
        elif watched is self._area and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _key_pressed(self, key: int) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: MOST, Qt.Key.Key_PageUp: -MOST}
        if key in steps:
            row = self.list.currentRow() + steps[Qt.Key(key)]
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.list.currentItem() is not None:
                self._run(self.list.currentItem().data(ENTRY))
        elif key == Qt.Key.Key_Escape:
            self.put_away()
        else:
            return key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
        return True
