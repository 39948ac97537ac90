"""The classes panel: which class is painted, its key, colour, name, share, and whether it is shown or locked."""

from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QColorDialog, QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app.icons import SIDE, icon
from app.panels.controls import NameEdit, button, number_label, row, swatch, tool_button
from app.workspace import Workspace
from core.classes import MAX_CLASSES, LabelClass
from core.colors import next_color
from core.records import ImageRecord

ROW = 28
WITHOUT_SCROLLING = 7
"""So many classes are always in sight."""
MIN_CLASSES = 2
STEPS = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Home: -MAX_CLASSES,
    Qt.Key.Key_End: MAX_CLASSES,
}


def share_text(share: float) -> str:
    """A share of pixels for a person: nothing, "<1 %", or whole percent."""
    if share <= 0:
        return ""
    return "<1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")


class Eye(QToolButton):
    """Shows or hides a class; a click with Alt asks to see it alone."""

    alone_asked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setIcon(icon("eye"))
        self.setIconSize(QSize(SIDE, SIDE))
        self.setCheckable(True)
        self.setAccessibleName(f"Show {name}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.alone_asked.emit()
        else:
            super().mousePressEvent(event)


class ClassRow(QFrame):
    """One class in the list."""

    chosen = Signal(int)
    step_asked = Signal(int)
    """By how many lines an arrow key goes on."""
    renamed = Signal(int, str)
    color_asked = Signal(int)
    shown_changed = Signal()
    alone_asked = Signal(int)
    locked_changed = Signal()

    def __init__(self, label: LabelClass, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.class_id = label.id
        self.setObjectName("row")
        self.setFixedHeight(ROW)
        self.setAccessibleName(f"Class {label.id + 1}: {label.name}")
        self.setAccessibleDescription("Arrow keys choose the class to paint with, F2 renames it")
        self.key = number_label("9")
        self.key.setText(str(label.id + 1) if label.id < 9 else "")
        self.key.setProperty("role", "caption")
        self.color = QToolButton()
        self.color.setIcon(swatch(label.color))
        self.color.setIconSize(QSize(20, 20))
        self.name = NameEdit(label.name)
        self.share = number_label("100 %")
        self.shown = Eye(label.name)
        self.locked = tool_button("unlock", f"Lock {label.name}", checkable=True)
        self._dress(label)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 4, 0)
        layout.setSpacing(4)
        for widget in (self.key, self.color, self.name, self.share, self.shown, self.locked):
            layout.addWidget(widget)
        layout.setStretch(2, 1)
        layout.setSpacing(2)
        self._connect_signals()

    def _dress(self, label: LabelClass) -> None:
        self.color.setToolTip(f"Change the colour of {label.name}")
        self.color.setAccessibleName(f"Colour of {label.name}")
        self.color.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.name.setAccessibleName(f"Name of class {label.id + 1}")
        self.name.setToolTip("Double-click to rename")
        self.shown.setChecked(True)
        self.shown.setToolTip("Show or hide this class; with Alt, show it alone")
        self.locked.setToolTip("Locked: nothing paints over this class")
        for small in (self.color, self.shown, self.locked):
            small.setFixedSize(24, 24)
            small.setProperty("role", "quiet")

    def _connect_signals(self) -> None:
        self.color.clicked.connect(self._ask_color)
        self.name.renamed.connect(self._rename)
        self.shown.toggled.connect(self._show_toggled)
        self.shown.alone_asked.connect(self._ask_alone)
        self.locked.toggled.connect(self._lock_toggled)

    def set_chosen(self, chosen: bool) -> None:
        """Of all lines, Tab stops at the chosen one."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if chosen else Qt.FocusPolicy.NoFocus)
        self.setProperty("chosen", chosen)
        self.style().unpolish(self)
        self.style().polish(self)

    def set_share(self, share: float) -> None:
        self.share.setText(share_text(share))

    def redraw_icons(self) -> None:
        self.shown.setIcon(icon("eye" if self.shown.isChecked() else "eye-off"))
        self.locked.setIcon(icon("lock" if self.locked.isChecked() else "unlock"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self.class_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in STEPS:
            self.step_asked.emit(STEPS[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_F2:
            self.name.begin()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _ask_color(self) -> None:
        self.color_asked.emit(self.class_id)

    @Slot(str)
    def _rename(self, name: str) -> None:
        self.renamed.emit(self.class_id, name)

    @Slot()
    def _ask_alone(self) -> None:
        self.alone_asked.emit(self.class_id)

    @Slot()
    def _show_toggled(self) -> None:
        self.redraw_icons()
        self.shown_changed.emit()

    @Slot()
    def _lock_toggled(self) -> None:
        self.redraw_icons()
        self.locked_changed.emit()


class ClassesPanel(QWidget):
    """The list of classes. Clicking a row paints with it; double-clicking its name renames it."""

    chosen = Signal(int)
    shown_changed = Signal(object)
    """frozenset of the ids that are hidden."""
    locked_changed = Signal(object)
    """frozenset of the ids that nothing may paint over."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.rows: list[ClassRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        self.add = button("Add a class", role="flat", icon_name="plus", tip="One more class, up to 32")
        self.remove = tool_button("minus", "Remove the last class")
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(0)
        column.addLayout(self._list)
        column.addLayout(row(self.add, self.remove, stretch=0))
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self.setMinimumHeight(self._height_for(WITHOUT_SCROLLING))
        self.add.clicked.connect(self._add_class)
        self.remove.clicked.connect(self._remove_class)

    def _order_focus(self) -> None:
        """Tab goes to the chosen line, then from button to button, then to what adds and removes."""
        stops: list[QWidget] = list(self.rows)
        stops += [each for entry in self.rows for each in (entry.color, entry.shown, entry.locked)]
        for before, after in pairwise([*stops, self.add, self.remove]):
            QWidget.setTabOrder(before, after)

    def _height_for(self, classes: int) -> int:
        """So high that nothing scrolls; room left over is for the other panels."""
        return max(classes, WITHOUT_SCROLLING) * ROW + 28 + 20

    @Slot()
    def rebuild(self) -> None:
        """Show the project's classes as they are now."""
        hidden, locked = self.hidden_classes(), self.locked_classes()
        for old in self.rows:
            self._list.removeWidget(old)
            old.deleteLater()
        self.rows = [self._row(label) for label in self._workspace.classes]
        for entry in self.rows:
            entry.shown.setChecked(entry.class_id not in hidden)
            entry.locked.setChecked(entry.class_id in locked)
            self._list.addWidget(entry)
        self._order_focus()
        self.setMaximumHeight(self._height_for(len(self.rows)))
        self.add.setEnabled(len(self.rows) < MAX_CLASSES)
        self.remove.setEnabled(len(self.rows) > MIN_CLASSES)
        if self.rows:
            self.remove.setToolTip(f"Remove {self.rows[-1].name.text()}, if no pixel is labelled so")
        self.choose(self._workspace.active_class)
        if self._workspace.image is not None:
            self.show_shares(self._workspace.records[self._workspace.image.record.id])

    @Slot(int)
    def choose(self, class_id: int) -> None:
        for entry in self.rows:
            entry.set_chosen(entry.class_id == class_id)

    @Slot(int)
    def _step(self, lines: int) -> None:
        """Paint with another class, and take the keyboard along."""
        wanted = min(len(self.rows) - 1, max(0, self._workspace.active_class + lines))
        self.chosen.emit(wanted)
        self.rows[wanted].setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def show_shares(self, record: ImageRecord) -> None:
        image = self._workspace.image
        if image is not None and image.record.id == record.id:
            for entry in self.rows:
                entry.set_share(record.class_pixels.get(entry.class_id, 0) / (record.height * record.width))

    @Slot()
    def redraw_icons(self) -> None:
        self.add.setIcon(icon("plus"))
        self.remove.setIcon(icon("minus"))
        for entry in self.rows:
            entry.redraw_icons()

    def hidden_classes(self) -> frozenset[int]:
        return frozenset(entry.class_id for entry in self.rows if not entry.shown.isChecked())

    def locked_classes(self) -> frozenset[int]:
        return frozenset(entry.class_id for entry in self.rows if entry.locked.isChecked())

    def _row(self, label: LabelClass) -> ClassRow:
        entry = ClassRow(label)
        entry.chosen.connect(self.chosen)
        entry.step_asked.connect(self._step)
        entry.renamed.connect(self._rename)
        entry.color_asked.connect(self._ask_color)
        entry.shown_changed.connect(self._tell_shown)
        entry.alone_asked.connect(self.show_alone)
        entry.locked_changed.connect(self._tell_locked)
        return entry

    @Slot(int)
    def show_alone(self, class_id: int) -> None:
        """Hide all other classes; show them all again where this one is alone already."""
        others = {entry.class_id for entry in self.rows} - {class_id}
        back = self.hidden_classes() == others
        for entry in self.rows:
            entry.shown.setChecked(back or entry.class_id == class_id)

    @Slot()
    def _tell_shown(self) -> None:
        self.shown_changed.emit(self.hidden_classes())

    @Slot()
    def _tell_locked(self) -> None:
        self.locked_changed.emit(self.locked_classes())

    @Slot(int, str)
    def _rename(self, class_id: int, name: str) -> None:
        self._change(class_id, name=name)

    @Slot(int)
    def _ask_color(self, class_id: int) -> None:
        dialog = QColorDialog(QColor(self._workspace.classes[class_id].color), self)
        dialog.setObjectName(str(class_id))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.colorSelected.connect(self._recolor)
        dialog.open()

    @Slot(QColor)
    def _recolor(self, color: QColor) -> None:
        sender = self.sender()
        if sender is not None:
            self._change(int(sender.objectName()), color=color.name())

    @Slot()
    def _add_class(self) -> None:
        classes = self._workspace.classes
        names = {label.name for label in classes}
        number = next(n for n in range(len(classes) + 1, 99) if f"class {n}" not in names)
        color = next_color([label.color for label in classes])
        self._workspace.set_classes((*classes, LabelClass(len(classes), f"class {number}", color)))

    @Slot()
    def _remove_class(self) -> None:
        """The last class goes; the project refuses where pixels are labelled with it."""
        self._workspace.set_classes(self._workspace.classes[:-1])

    def _change(self, class_id: int, *, name: str | None = None, color: str | None = None) -> None:
        old = self._workspace.classes[class_id]
        new = replace(old, name=name or old.name, color=color or old.color)
        self._workspace.set_classes(tuple(new if c.id == class_id else c for c in self._workspace.classes))
