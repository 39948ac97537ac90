"""The options of the tool in hand, and only those."""

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from app.icons import icon
from app.panels.controls import SizeBox, caption, number_label, slider, tool_button
from core.masks.regions import BY_AREA, OPERATIONS, Operation

TIPPED = ("brush", "eraser", "line", "accept-brush")
DRAWN = ("brush", "eraser", "accept-brush")
OPERATION_WORDS: dict[Operation, str] = {
    "fill-holes": "Fill holes",
    "grow": "Grow",
    "shrink": "Shrink",
    "smooth": "Smooth",
    "remove-islands": "Remove islands",
}
CLOSING = "Enter or a double click closes, Backspace takes one back"
HINTS = {
    "rectangle": "Drag from corner to corner, with Shift for equal sides",
    "ellipse": "Drag from corner to corner, with Shift for a circle",
    "lasso": "Draw around it",
    "polygon": f"Click points. {CLOSING}",
    "edge-lasso": f"Click along an edge. {CLOSING}",
    "cut-out": "Drag a box around one thing",
    "picker": "Press on labels to take their class",
    "accept-lasso": "Draw around what is right in the prediction",
    "accept-region": "Click what is right in the prediction, and all that hangs together with it is taken over",
    "pan": "Drag to move the picture",
}


class ToolOptions(QWidget):
    """Shows what `show_tool` names can be set; tells with `changed` the name and the value of what was."""

    changed = Signal(str, object)
    """The name of a field of the canvas's hand, or "pressure", and its new value."""

    def __init__(self, size: tuple[QWidget, ...], parent: QWidget | None = None) -> None:
        """size: the controls of the brush size, which others look at too."""
        super().__init__(parent)
        self.round, self.square = (_icon_button(name, f"{name.capitalize()} tip") for name in ("round", "square"))
        self.pressure = _icon_button("pressure", "The pen's pressure sets the width")
        self.steady = _slider(0, 100, "Steadies the hand: the brush follows on a string")
        self.reach = _combo(("one region", "all of that class"), "What Fill takes")
        self.tolerance = _slider(0, 128, "How far colours may differ; drag in the picture to change it")
        self.tolerance_text = number_label("128")
        self.piece_size = _slider(8, 160, "How wide superpixels are")
        self.piece_text = number_label("160 px")
        self.operation = _combo(tuple(OPERATION_WORDS.values()), "How to mend labels")
        self.scope = _combo(("the region pressed", "the whole class"), "What is mended")
        self.amount = _amount_box()
        self.hint = caption()
        self._areas, self._distances = 200, 4
        self._lay_out(size)
        self._connect_signals()
        self.restore({})
        self.show_tool("brush")

    def _lay_out(self, size: tuple[QWidget, ...]) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        self._parts: list[tuple[tuple[str, ...], list[QWidget]]] = []
        for tools, text, widgets in (
            (TIPPED, "Size", size),
            (TIPPED, "", (self.round, self.square)),
            (DRAWN, "Steady", (self.steady, self.pressure)),
            (("fill",), "Fill", (self.reach,)),
            (("wand",), "Tolerance", (self.tolerance, self.tolerance_text)),
            (("superpixels",), "Size", (self.piece_size, self.piece_text)),
            (("mend",), "", (self.operation, self.amount, self.scope)),
            (tuple(HINTS), "", (self.hint,)),
        ):
            part = [QLabel(text)] if text else []
            for label in part:
                label.setBuddy(widgets[0])
            for widget in (*part, *widgets):
                line.addWidget(widget)
            self._parts.append((tools, [*part, *widgets]))
        line.addStretch(1)

    def _connect_signals(self) -> None:
        self._tips = QButtonGroup(self)
        for tip in (self.round, self.square):
            self._tips.addButton(tip)
        self.square.toggled.connect(self._tip_chosen)
        self.pressure.toggled.connect(self._pressure_chosen)
        self.steady.valueChanged.connect(self._steady_moved)
        self.reach.currentIndexChanged.connect(self._reach_chosen)
        self.tolerance.valueChanged.connect(self._tolerance_moved)
        self.piece_size.valueChanged.connect(self._piece_size_moved)
        self.operation.currentIndexChanged.connect(self._operation_chosen)
        self.scope.currentIndexChanged.connect(self._scope_chosen)
        self.amount.valueChanged.connect(self._amount_typed)

    def show_tool(self, tool: str) -> None:
        for tools, widgets in self._parts:
            for widget in widgets:
                widget.setVisible(tool in tools)
        self.hint.setText(HINTS.get(tool, ""))

    def show_option(self, name: str, value: float) -> None:
        """Show an option that a gesture set."""
        if name == "tolerance":
            self.tolerance.setValue(round(value))

    @property
    def chosen_operation(self) -> Operation:
        return OPERATIONS[self.operation.currentIndex()]

    def choose_mending(self, operation: Operation) -> None:
        """Set up to mend whole classes."""
        self.operation.setCurrentIndex(OPERATIONS.index(operation))
        self.scope.setCurrentIndex(1)

    # --- remembered

    def state(self) -> dict[str, Any]:
        return {
            "square": self.square.isChecked(),
            "pressure": self.pressure.isChecked(),
            "steady": self.steady.value(),
            "reach": self.reach.currentIndex(),
            "tolerance": self.tolerance.value(),
            "piece_size": self.piece_size.value(),
            "operation": self.operation.currentIndex(),
            "scope": self.scope.currentIndex(),
            "area": self._areas,
            "distance": self._distances,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `state` gave, and tell of all of it."""
        (self.square if state.get("square") else self.round).setChecked(True)
        self.pressure.setChecked(bool(state.get("pressure", True)))
        self.steady.setValue(int(state.get("steady", 0)))
        self.reach.setCurrentIndex(int(state.get("reach", 0)))
        self.tolerance.setValue(int(state.get("tolerance", 20)))
        self.piece_size.setValue(int(state.get("piece_size", 32)))
        self._areas, self._distances = int(state.get("area", 200)), int(state.get("distance", 4))
        self.operation.setCurrentIndex(int(state.get("operation", 0)))
        self.scope.setCurrentIndex(int(state.get("scope", 0)))
        self.tell()

    def tell(self) -> None:
        """Say all options, to a canvas that does not know them yet."""
        self._tip_chosen(self.square.isChecked())
        self._pressure_chosen(self.pressure.isChecked())
        self._steady_moved(self.steady.value())
        self._reach_chosen(self.reach.currentIndex())
        self._tolerance_moved(self.tolerance.value())
        self._piece_size_moved(self.piece_size.value())
        self.changed.emit("area", self._areas)
        self.changed.emit("distance", self._distances)
        self._operation_chosen()
        self._scope_chosen(self.scope.currentIndex())

    @Slot()
    def redraw_icons(self) -> None:
        for name, widget in (("round", self.round), ("square", self.square), ("pressure", self.pressure)):
            widget.setIcon(icon(name))

    # --- slots

    @Slot(bool)
    def _tip_chosen(self, square: bool) -> None:
        self.changed.emit("square", square)

    @Slot(bool)
    def _pressure_chosen(self, on: bool) -> None:
        self.changed.emit("pressure", on)

    @Slot(int)
    def _steady_moved(self, length: int) -> None:
        self.changed.emit("steady", float(length))

    @Slot(int)
    def _reach_chosen(self, index: int) -> None:
        self.changed.emit("fill_all", index == 1)

    @Slot(int)
    def _tolerance_moved(self, levels: int) -> None:
        self.tolerance_text.setText(str(levels))
        self.changed.emit("tolerance", float(levels))

    @Slot(int)
    def _piece_size_moved(self, side: int) -> None:
        self.piece_text.setText(f"{side} px")
        self.changed.emit("piece_size", float(side))

    @Slot()
    def _operation_chosen(self) -> None:
        by_area = self.chosen_operation in BY_AREA
        self.amount.blockSignals(True)
        self.amount.setRange(1, 99_999 if by_area else 99)
        self.amount.setPrefix("up to " if by_area else "")
        self.amount.setSuffix(" px²" if by_area else " px")
        self.amount.setValue(self._areas if by_area else self._distances)
        self.amount.blockSignals(False)
        self.changed.emit("operation", self.chosen_operation)

    @Slot(int)
    def _scope_chosen(self, index: int) -> None:
        self.changed.emit("whole_class", index == 1)

    @Slot(int)
    def _amount_typed(self, amount: int) -> None:
        if self.chosen_operation in BY_AREA:
            self._areas = amount
            self.changed.emit("area", amount)
        else:
            self._distances = amount
            self.changed.emit("distance", amount)


def _icon_button(name: str, tip: str) -> QToolButton:
    result = tool_button(name, tip, checkable=True)
    result.setFixedSize(28, 28)
    return result


def _slider(low: int, high: int, name: str) -> QSlider:
    result = slider(low, high, name)
    result.setFixedWidth(96)
    return result


def _combo(words: tuple[str, ...], name: str) -> QComboBox:
    result = QComboBox()
    result.addItems(list(words))
    result.setAccessibleName(name)
    result.setToolTip(name)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result


def _amount_box() -> SizeBox:
    result = SizeBox()
    result.setAccessibleName("How much is mended")
    result.setToolTip("How far, or up to what area")
    result.setFixedSize(116, 28)
    result.lineEdit().setTextMargins(6, 0, 0, 0)
    return result
