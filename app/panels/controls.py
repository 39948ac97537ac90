"""Small parts that several panels are made of, so that they look and behave alike."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap, qGray
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from app.icons import SIDE, icon
from app.theme import caption_font


def caption(text: str = "", *, wrap: bool = False) -> QLabel:
    """A line in the smaller, quieter type."""
    label = QLabel(text)
    label.setProperty("role", "caption")
    label.setFont(caption_font(label.font()))
    label.setWordWrap(wrap)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def number_label(widest: str) -> QLabel:
    """A right-aligned label that is as wide as its widest text, so that nothing moves when numbers grow."""
    label = QLabel()
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 4)
    return label


def button(text: str, *, role: str = "", tip: str = "", icon_name: str = "") -> QPushButton:
    """A push button that leaves the keyboard with the picture when clicked."""
    result = QPushButton(text)
    result.setProperty("role", role)
    result.setToolTip(tip)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if icon_name:
        result.setIcon(icon(icon_name))
        result.setIconSize(QSize(SIDE, SIDE))
    return result


def enter_presses(main: QPushButton) -> None:
    """Let Enter press this button of a dialog, where no other button has the keyboard; by itself Qt takes the first."""
    main.setDefault(True)


def set_role(widget: QWidget, role: str) -> None:
    """Dress a widget as the style sheet says for this role."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def tool_button(icon_name: str, name: str, *, checkable: bool = False) -> QToolButton:
    """A button of an icon only, 28 pixels square; `name` is its tip and what a screen reader says."""
    result = QToolButton()
    result.setIcon(icon(icon_name))
    result.setIconSize(QSize(SIDE, SIDE))
    result.setCheckable(checkable)
    result.setToolTip(name)
    result.setAccessibleName(name)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result


def slider(low: int, high: int, name: str) -> QSlider:
    result = QSlider(Qt.Orientation.Horizontal)
    result.setRange(low, high)
    result.setAccessibleName(name)
    result.setToolTip(name)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result


def row(*widgets: QWidget, spacing: int = 8, stretch: int | None = None) -> QHBoxLayout:
    """Widgets side by side; `stretch` is the index of the one that takes the room left over."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for index, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if index == stretch else 0)
    return layout


def hairline() -> QFrame:
    line = QFrame()
    line.setObjectName("hairline")
    line.setFixedHeight(1)
    return line


def name_inner_parts(root: QWidget) -> None:
    """Give the buttons that Qt itself puts into fields and bars a name for those who listen."""
    names = {"qt_toolbar_ext_button": "More tools", "qt_menubar_ext_button": "More menus"}
    for inner in root.findChildren(QToolButton):
        if isinstance(inner.parent(), QLineEdit):
            inner.setAccessibleName("Clear")
        elif inner.objectName() in names:
            inner.setAccessibleName(names[inner.objectName()])
            inner.setToolTip(names[inner.objectName()])


class SizeBox(QSpinBox):
    """A number with a unit. While it is typed no key is a shortcut; Enter and Esc hand the keyboard back."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event.accept()
            self.clearFocus()


class NameEdit(QLineEdit):
    """Text that reads like a label and turns into a field on double-click."""

    renamed = Signal(str)

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._kept = text
        self.setProperty("role", "name")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(48)
        self._rest()
        self.editingFinished.connect(self._finish)

    def begin(self) -> None:
        self.setReadOnly(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()

    def event(self, event: QEvent) -> bool:
        # While a name is typed, no key is a shortcut.
        if event.type() == QEvent.Type.ShortcutOverride and not self.isReadOnly():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._kept)
            self._rest()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly():
            event.ignore()
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly():
            self.begin()
        else:
            super().mouseDoubleClickEvent(event)

    def _finish(self) -> None:
        if self.isReadOnly():
            return
        self._rest()
        text = self.text().strip()
        if text and text != self._kept:
            self._kept = text
            self.renamed.emit(text)
        else:
            self.setText(self._kept)

    def _rest(self) -> None:
        self.setReadOnly(True)
        self.deselect()
        self.setCursorPosition(0)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.clearFocus()


def color_mark(color: str) -> QLabel:
    """A small square of a class's colour, beside its name."""
    pixels = QPixmap(8, 8)
    pixels.fill(QColor(color))
    painter = QPainter(pixels)
    painter.setPen(QColor(128, 128, 128))
    painter.drawRect(0, 0, 7, 7)
    painter.end()
    label = QLabel()
    label.setPixmap(pixels)
    return label


def swatch(color: str, mark: str = "") -> QIcon:
    """A rounded square of a class's colour, outlined so that it shows on any grey.

    mark: the class's number, for where nothing beside the colour tells which class it is.
    """
    pixmap = QPixmap(40, 40)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(color))
    painter.setPen(QColor(128, 128, 128))
    painter.drawRoundedRect(5, 5, 30, 30, 6, 6)
    if mark:
        font = painter.font()
        font.setPixelSize(20)
        font.setBold(True)
        painter.setFont(font)
        light = qGray(QColor(color).rgb()) > 128
        painter.setPen(QColor("#000000" if light else "#ffffff"))
        painter.drawText(pixmap.rect(), Qt.AlignmentFlag.AlignCenter, mark)
    painter.end()
    pixmap.setDevicePixelRatio(2)
    return QIcon(pixmap)
