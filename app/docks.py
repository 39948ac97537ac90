"""The panels around the picture: each can be moved, floated and hidden, and put back."""

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QTabWidget, QVBoxLayout, QWidget

from app.icons import icon
from app.panels.controls import tool_button
from app.rooms import Rooms

SIDE_WIDTH = 300
SIDE, BOTTOM = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea


class TitleBar(QWidget):
    """A panel's name, with what floats and hides it. The strip of pictures has it at its left, and no name."""

    def __init__(self, dock: QDockWidget, *, upright: bool = False) -> None:
        super().__init__(dock)
        name = dock.windowTitle()
        self.float = tool_button("float", f"Float {name}, or dock it again")
        self.close_button = tool_button("close", f"Hide {name}; the View menu brings it back")
        for each in (self.float, self.close_button):
            each.setFixedSize(20, 20)
            each.setIconSize(QSize(14, 14))
            each.setProperty("role", "small")
        line: QHBoxLayout | QVBoxLayout = QVBoxLayout(self) if upright else QHBoxLayout(self)
        line.setContentsMargins(*((4, 8, 0, 4) if upright else (12, 4, 8, 4)))
        line.setSpacing(0)
        if upright:
            line.addWidget(self.close_button)
            line.addWidget(self.float)
            line.addStretch(1)
        else:
            self.label = QLabel(name)
            self.label.setProperty("role", "heading")
            line.addWidget(self.label, 1)
            line.addWidget(self.float)
            line.addWidget(self.close_button)
        self._dock = dock
        self.float.clicked.connect(self._toggle_floating)
        self.close_button.clicked.connect(dock.close)

    @Slot()
    def _toggle_floating(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def redraw_icons(self) -> None:
        self.float.setIcon(icon("float"))
        self.close_button.setIcon(icon("close"))


class Docks(QObject):
    """Makes the docks and knows their order."""

    def __init__(self, window: QMainWindow, rooms: Rooms) -> None:
        super().__init__(window)
        self._window = window
        self._rooms = rooms
        window.setTabPosition(SIDE, QTabWidget.TabPosition.North)
        window.setDocumentMode(True)
        window.setCorner(Qt.Corner.BottomRightCorner, SIDE)
        self.bars: list[TitleBar] = []
        self.all = [
            self._dock("Classes", rooms.classes, SIDE),
            self._dock("Prediction", rooms.prediction, SIDE),
            self._dock("Training", rooms.training, SIDE),
            self._dock("History", rooms.history, SIDE),
            self._dock("Display", rooms.display, SIDE),
            self._dock("Pictures", rooms.images, BOTTOM),
        ]
        self.put_back()

    @Slot()
    def put_back(self) -> None:
        """Every panel where it came from; history and display wait in the View menu."""
        classes, prediction, training, history, display, pictures = self.all
        for dock in self.all:
            dock.setFloating(False)
            self._window.addDockWidget(BOTTOM if dock is pictures else SIDE, dock)
            dock.setVisible(dock not in (history, display))
        self._window.splitDockWidget(classes, prediction, Qt.Orientation.Vertical)
        self._window.splitDockWidget(prediction, training, Qt.Orientation.Vertical)
        self._window.tabifyDockWidget(training, history)
        self._window.tabifyDockWidget(training, display)
        side = [classes, prediction, training]
        self._window.resizeDocks(side, [SIDE_WIDTH] * 3, Qt.Orientation.Horizontal)
        self._window.resizeDocks(side, [288, 200, 240], Qt.Orientation.Vertical)

    @Slot(bool)
    def _bring_forward(self, shown: bool) -> None:
        """A panel that was asked for comes before the one it shares its place with."""
        sender = self.sender()
        for dock in self.all:
            if shown and dock.toggleViewAction() is sender:
                dock.raise_()

    def toggles(self) -> list[QAction]:
        """For the View menu: one for each panel."""
        return [dock.toggleViewAction() for dock in self.all]

    @Slot()
    def focus_next(self) -> None:
        """Hand the keyboard from the picture to the panels, one after another, and back."""
        stops: list[QWidget] = [self._rooms.canvas, self._rooms.options]
        stops += [dock.widget() for dock in self.all if dock.isVisible()]
        now = self._window.focusWidget()
        here = next((n for n, stop in enumerate(stops) if now is not None and _holds(stop, now)), 0)
        for step in range(1, len(stops) + 1):
            target = _first_stop(stops[(here + step) % len(stops)])
            if target is not None:
                target.window().activateWindow()
                target.setFocus(Qt.FocusReason.TabFocusReason)
                return

    @Slot()
    def redraw_icons(self) -> None:
        for bar in self.bars:
            bar.redraw_icons()

    def _dock(self, title: str, panel: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(title.lower())
        dock.setAccessibleName(title)
        dock.setWidget(panel)
        upright = area == BOTTOM
        feature = QDockWidget.DockWidgetFeature
        features = feature.DockWidgetMovable | feature.DockWidgetFloatable | feature.DockWidgetClosable
        dock.setFeatures(features | feature.DockWidgetVerticalTitleBar if upright else features)
        bar = TitleBar(dock, upright=upright)
        dock.setTitleBarWidget(bar)
        self.bars.append(bar)
        if not upright:
            panel.setMinimumWidth(SIDE_WIDTH - 20)
        dock.toggleViewAction().triggered.connect(self._bring_forward)
        dock.toggleViewAction().setToolTip(f"Show or hide {title}")
        dock.toggleViewAction().setObjectName(f"panel-{title.lower()}")
        return dock


def _holds(stop: QWidget, widget: QWidget) -> bool:
    return stop is widget or stop.isAncestorOf(widget)


def _first_stop(stop: QWidget) -> QWidget | None:
    """The first control in a panel that takes the keyboard; a picture takes it itself."""
    if not stop.isVisible() or not stop.isEnabled():
        return None
    if stop.focusPolicy() & Qt.FocusPolicy.TabFocus:
        return stop
    widget = stop.nextInFocusChain()
    while widget is not stop and widget is not None:
        fits = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled()
        if fits and stop.isAncestorOf(widget):
            return widget
        widget = widget.nextInFocusChain()
    return None
