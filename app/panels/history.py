"""The history panel: every saved change of the open picture's labels. Choosing one shows how it was then."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QHideEvent, QIcon, QKeyEvent, QPixmap, QShowEvent
from PySide6.QtWidgets import QListView, QSizePolicy, QVBoxLayout, QWidget

from app.panels.controls import button, caption, row, swatch
from core.classes import LabelClass
from core.records import Revision

WORDS = {
    "stroke": "Stroke",
    "erase": "Erased",
    "fill": "Filled",
    "mend": "Mended",
    "accept": "Prediction accepted",
    "import": "Mask brought in",
    "clear": "Everything cleared",
    "restore": "Gone back",
    "undo": "Undo",
    "redo": "Redo",
}
PAINTING = ("stroke", "fill", "mend", "accept", "import")
"""Kinds of changes that may be of a single class."""
SWATCH = 20
REFRESH_MS = 30_000
BEGINNING = 0
"""Stands for the mask before its first change."""

Index = QModelIndex | QPersistentModelIndex


def ago(then: datetime, now: datetime) -> str:
    """How long ago in a few words, or the date where that says more."""
    seconds = max(0.0, (now - then).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    return f"{then.astimezone():%Y-%m-%d %H:%M}"


class _Revisions(QAbstractListModel):
    unknown = Signal()
    """Lines are seen of which nobody knows what class they painted: `wanted`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.revisions: list[Revision] = []
        self.painted: dict[int, LabelClass | None] = {}
        """The class that all newly labelled pixels got, by revision; None where there are none or several."""
        self.wanted: set[int] = set()
        self._none = QIcon(_clear(SWATCH))

    def show(self, revisions: Sequence[Revision]) -> None:
        self.beginResetModel()
        self.revisions = list(revisions)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() or not self.revisions else len(self.revisions) + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role == Qt.ItemDataRole.UserRole:
            return self.id_at(index.row())
        if role == Qt.ItemDataRole.DecorationRole:
            return self._swatch(index.row())
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if index.row() == len(self.revisions):
            return "Nothing labelled yet"
        revision = self.revisions[index.row()]
        what = WORDS.get(revision.kind, revision.kind.capitalize())
        label = self.painted.get(revision.id)
        what += f", {label.name}" if label is not None else ""
        return f"{what} · {'as it is now' if index.row() == 0 else ago(revision.created_at, datetime.now(UTC))}"

    def _swatch(self, line: int) -> QIcon:
        """Asked for lines that are seen only, so that only they are looked up."""
        revision = self.id_at(line)
        if line < len(self.revisions) and self.revisions[line].kind in PAINTING and revision not in self.painted:
            self.wanted.add(revision)
            self.unknown.emit()
        label = self.painted.get(revision)
        return self._none if label is None else swatch(label.color, str(label.id + 1))

    def id_at(self, line: int) -> int:
        return self.revisions[line].id if line < len(self.revisions) else BEGINNING


def _clear(side: int) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


class HistoryPanel(QWidget):
    """Lists the changes, newest first. The picture itself stays as it is until one goes back."""

    shown = Signal()
    hidden = Signal()
    looked_at = Signal(int, str)
    """A revision and its line, to be shown over the picture."""
    now_asked = Signal()
    restore_asked = Signal()
    classes_wanted = Signal(list)
    """Revisions in sight of which it is not known what class they painted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = _Revisions(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.list.setAccessibleName("Changes of this picture's labels")
        self.list.setToolTip("Choose a change to see how the labels were after it")
        self.list.setProperty("role", "lines")
        self.hint = caption("Every change of the open picture appears here, and any can be gone back to.", wrap=True)
        self.back = button("Go back to this", tip="Make the labels what they were; undo takes that back (Enter)")
        self.now = button("Show now", tip="Show the labels as they are (Esc)")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.hint)
        column.addWidget(self.list, 1)
        column.addLayout(row(self.back, self.now, stretch=0))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._connect_signals()
        self.show_revisions([])

    def _connect_signals(self) -> None:
        self._refresh.timeout.connect(self.list.viewport().update)
        self.model.unknown.connect(self._asking.start)
        self._asking.timeout.connect(self._ask_classes)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.back.clicked.connect(self.restore_asked)
        self.now.clicked.connect(self.now_asked)
        self.list.doubleClicked.connect(self.restore_asked)
        self.list.installEventFilter(self)

    def sizeHint(self) -> QSize:
        return QSize(280, 220)

    def show_revisions(self, revisions: Sequence[Revision]) -> None:
        """List the changes, newest first."""
        self.list.selectionModel().blockSignals(True)
        self.model.show(revisions)
        self.list.selectionModel().blockSignals(False)
        self.hint.setVisible(not revisions)
        self.list.setVisible(bool(revisions))
        self.show_past(False)

    def show_classes(self, painted: dict[int, LabelClass | None]) -> None:
        """Say which class these revisions painted."""
        self.model.painted |= painted
        self.list.viewport().update()

    def forget_classes(self) -> None:
        """Classes have other colours or names, or another project is open."""
        self.model.painted.clear()
        self.model.wanted.clear()
        self.list.viewport().update()

    @Slot()
    def _ask_classes(self) -> None:
        wanted = sorted(self.model.wanted)
        self.model.wanted.clear()
        self.model.painted |= dict.fromkeys(wanted)  # so that they are asked for once
        if wanted:
            self.classes_wanted.emit(wanted)

    def show_past(self, past: bool) -> None:
        """Whether an earlier state is on screen: only then there is something to go back to."""
        self.back.setEnabled(past)
        self.now.setEnabled(past)
        if not past:
            self.list.selectionModel().blockSignals(True)
            self.list.setCurrentIndex(QModelIndex())
            self.list.selectionModel().select(QModelIndex(), QItemSelectionModel.SelectionFlag.Clear)
            self.list.selectionModel().blockSignals(False)
            self.list.viewport().update()

    @Slot(QModelIndex)
    def _chosen(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        if index.row() == 0:
            self.now_asked.emit()
        else:
            self.looked_at.emit(index.data(Qt.ItemDataRole.UserRole), index.data())

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Enter goes back, Esc returns to now; neither means anything else here."""
        keys = {Qt.Key.Key_Return: self.restore_asked, Qt.Key.Key_Enter: self.restore_asked}
        keys[Qt.Key.Key_Escape] = self.now_asked
        if isinstance(event, QKeyEvent) and event.key() in keys and self.now.isEnabled():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                keys[Qt.Key(event.key())].emit()
                return True
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh.start()
        self.shown.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._refresh.stop()
        self.hidden.emit()
