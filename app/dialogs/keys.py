"""The sheet of keys."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.actions import MENUS, OTHER_KEYS, Actions
from app.panels.controls import caption

COLUMNS = (("Tools", "Edit"), ("Picture", "Model", "View"), ("File", "Help"))


class KeysDialog(QDialog):
    """Every action with a key, by menu. Any of Esc and ? closes it; it blocks nothing."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 24, 24, 24)
        line.setSpacing(32)
        for number, menus in enumerate(COLUMNS):
            column = QVBoxLayout()
            column.setSpacing(4)
            for menu in menus:
                entries = [
                    (_keys(a.shortcuts()), a.text().rstrip("…")) for _, a in actions.in_menu(menu) if a.shortcuts()
                ]
                self._add_group(column, menu, entries)
            if number == 2:
                self._add_group(column, "Hands", list(OTHER_KEYS))
                key = actions.key_text("settings")
                column.addWidget(caption(f"The settings change keys{f' ({key})' if key else ''}; the hands' stay."))
            column.addStretch(1)
            line.addLayout(column)
        assert set(MENUS) == {menu for menus in COLUMNS for menu in menus}

    def _add_group(self, column: QVBoxLayout, title: str, entries: list[tuple[str, str]]) -> None:
        heading = QLabel(title)
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        for row, (keys, text) in enumerate(entries):
            label = QLabel(keys)
            label.setProperty("role", "caption")
            grid.addWidget(QLabel(text), row, 0)
            grid.addWidget(label, row, 1, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        column.addLayout(grid)
        column.addSpacing(12)


def _keys(shortcuts: list[QKeySequence]) -> str:
    return ", ".join(s.toString(QKeySequence.SequenceFormat.NativeText) for s in shortcuts[:2])
