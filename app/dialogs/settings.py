"""Settings: the look of the window, and its keys."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.actions import ACTIONS, MENUS, Actions
from app.panels.controls import button, caption, enter_presses
from app.shortcuts import Shortcuts

NAME = Qt.ItemDataRole.UserRole
THEMES = (("theme-system", "As the system"), ("theme-dark", "Dark"), ("theme-light", "Light"))


class KeyField(QKeySequenceEdit):
    """Takes the keys that are pressed, those of the window's own actions too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaximumSequenceLength(1)
        self.setClearButtonEnabled(True)
        self.setAccessibleName("New keys")
        self.setToolTip("Press the new keys here")

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)


class SettingsDialog(QDialog):
    """Changes show at once. It blocks nothing."""

    theme_chosen = Signal(str)
    """The name of the theme's action."""

    def __init__(self, actions: Actions, shortcuts: Shortcuts, theme: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self._shortcuts = shortcuts
        self.theme = QComboBox()
        for name, text in THEMES:
            self.theme.addItem(text, name)
        self.theme.setCurrentIndex(self.theme.findData(theme))
        self.theme.setAccessibleName("Colours of the window")
        self.theme.setToolTip("Colours of the window")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find an action")
        self.search.setAccessibleName("Find an action")
        self.search.setToolTip("Shows the actions whose name or keys hold what you type; Enter takes the first")
        self.list = QTreeWidget()
        self.field = KeyField()
        self.change = button("Use these keys", role="accent")
        self.without = button("No keys", tip="Take this action's keys away")
        self.back = button("As shipped", tip="Give this action the keys it came with")
        self.all_back = button("All keys as shipped")
        self.close_button = button("Close")
        self.note = caption(wrap=True)
        self._set_up_list()
        self._lay_out()
        enter_presses(self.change)
        self._connect_signals()
        self._fill()
        self.resize(600, 640)

    def _set_up_list(self) -> None:
        self.list.setColumnCount(2)
        self.list.setHeaderLabels(["Action", "Keys"])
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.list.header().resizeSection(1, 176)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Actions and their keys")

    def _lay_out(self) -> None:
        top = QGridLayout()
        top.setHorizontalSpacing(12)
        top.setVerticalSpacing(8)
        for line, (text, control) in enumerate((("Colours", self.theme), ("Keys", self.search))):
            label = QLabel(text)
            label.setBuddy(control)
            top.addWidget(label, line, 0)
            top.addWidget(control, line, 1)
        top.setColumnStretch(1, 1)
        keys = QHBoxLayout()
        keys.setSpacing(8)
        keys.addWidget(self.field, 1)
        for each in (self.change, self.without, self.back):
            keys.addWidget(each)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self.all_back)
        bottom.addStretch(1)
        bottom.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addLayout(keys)
        column.addWidget(self.note)
        column.addSpacing(8)
        column.addLayout(bottom)
        self.note.setMinimumHeight(2 * self.note.fontMetrics().lineSpacing())

    def _connect_signals(self) -> None:
        self.theme.activated.connect(self._choose_theme)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._take_first)
        self.list.currentItemChanged.connect(self._show_action)
        self.field.keySequenceChanged.connect(self._check)
        self.change.clicked.connect(self._use)
        self.without.clicked.connect(self._take_away)
        self.back.clicked.connect(self._reset)
        self.all_back.clicked.connect(self._shortcuts.reset_all)
        self.close_button.clicked.connect(self.close)
        self._shortcuts.changed.connect(self._show_keys)

    def _fill(self) -> None:
        for spec in sorted(ACTIONS, key=lambda spec: MENUS.index(spec.menu)):
            item = QTreeWidgetItem(self.list, [f"{spec.menu}: {self._actions.title(spec.name)}", ""])
            item.setData(0, NAME, spec.name)
        self._show_keys()
        self.choose(ACTIONS[0].name)

    @property
    def action(self) -> str:
        """The name of the action that is chosen in the list."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(0, NAME))

    def choose(self, name: str) -> None:
        """Put an action forward."""
        for item in self._items():
            if item.data(0, NAME) == name:
                self.list.setCurrentItem(item)

    def _items(self) -> list[QTreeWidgetItem]:
        items = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        return [item for item in items if item is not None]

    @Slot()
    def _show_keys(self) -> None:
        for item in self._items():
            keys = self._actions[item.data(0, NAME)].shortcuts()
            item.setText(1, ", ".join(k.toString(QKeySequence.SequenceFormat.NativeText) for k in keys))
            font = item.font(0)
            font.setBold(not self._shortcuts.is_shipped(item.data(0, NAME)))
            item.setFont(0, font)
            item.setFont(1, font)
        self._show_action()

    @Slot(str)
    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        for item in self._items():
            held = f"{item.text(0)} {item.text(1)}".casefold()
            item.setHidden(not all(word in held for word in words))

    @Slot()
    def _take_first(self) -> None:
        """The first action that was found waits for its new keys."""
        found = next((item for item in self._items() if not item.isHidden()), None)
        if found is not None:
            self.list.setCurrentItem(found)
            self.list.scrollToItem(found)
            self._show_action()
            self.field.setFocus()

    @Slot()
    def _show_action(self) -> None:
        self.field.clear()
        self.back.setEnabled(bool(self.action) and not self._shortcuts.is_shipped(self.action))
        self.without.setEnabled(bool(self.action) and bool(self._shortcuts.keys(self.action)))
        self._check()

    @Slot()
    def _check(self) -> None:
        """Say what the keys that were pressed mean now."""
        key = self._pressed()
        owner = self._shortcuts.owner(key) if key else ""
        title = self._actions.title(self.action) if self.action else ""
        fixed = bool(key) and self._shortcuts.fixed(key)
        self.change.setEnabled(bool(key) and not fixed and owner != title)
        if not key:
            self.note.setText(f"Press new keys for “{title}” in the field above.")
        elif fixed:
            self.note.setText(f"This key always means “{owner}”. Press another.")
        elif owner and owner != title:
            self.note.setText(f"These keys mean “{owner}” now, which will lose them.")
        else:
            self.note.setText("These keys are its own already." if owner else "These keys are free.")

    def _pressed(self) -> str:
        return self.field.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    @Slot()
    def _use(self) -> None:
        others = self._shortcuts.keys(self.action)[1:]
        self._shortcuts.choose(self.action, (self._pressed(), *others))

    @Slot()
    def _take_away(self) -> None:
        self._shortcuts.choose(self.action, ())

    @Slot()
    def _reset(self) -> None:
        self._shortcuts.reset(self.action)

    @Slot(int)
    def _choose_theme(self, index: int) -> None:
        self.theme_chosen.emit(self.theme.itemData(index))
