"""How pictures are shown: channels, contrast and gamma. What training sees stays as it is in the file."""

from dataclasses import replace
from math import log2

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.canvas.display import HIGHEST_GAMMA, Display
from app.canvas.picture import Picture
from app.panels.controls import SizeBox, button, number_label, row, slider

GAMMA_STEPS = 100
"""Slider steps from gamma 1 to its highest."""
COLOR_NAMES = ("red", "green", "blue")


class DisplayPanel(QWidget):
    """Sets the display of all pictures of a project."""

    changed = Signal(object)
    """A Display."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._display = Display()
        self._picture: Picture | None = None
        self._showing = False
        self.channels = _choice("Which channels are shown")
        self.colors = [_choice(f"Channel shown as {name}") for name in COLOR_NAMES]
        self.automatic = QCheckBox("Automatic contrast")
        self.dark, self.bright = slider(0, 255, "Shown black"), slider(0, 255, "Shown white")
        self.dark_box, self.bright_box = _number("Shown black"), _number("Shown white")
        self.gamma = slider(-GAMMA_STEPS, GAMMA_STEPS, "Gamma: to the right, dark parts become brighter")
        self.gamma_text = number_label("0.00")
        self.reset = button("Reset", tip="Show pictures as they are in the file. Training always sees them so")
        self._lay_out()
        self._connect_signals()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.show_display(self._display)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        self._channels_label = QLabel("Channels")
        grid.addWidget(self._channels_label, 0, 0)
        grid.addWidget(self.channels, 0, 1, 1, 2)
        self._color_row = QWidget()
        self._color_row.setLayout(row(*self.colors, spacing=4))
        grid.addWidget(self._color_row, 1, 0, 1, 3)
        grid.addLayout(row(self.automatic, self.reset, stretch=0), 2, 0, 1, 3)
        lines = (("Black at", self.dark, self.dark_box), ("White at", self.bright, self.bright_box))
        for line, (text, control, box) in enumerate(lines, 3):
            grid.addWidget(_label(text, control), line, 0)
            grid.addWidget(control, line, 1)
            grid.addWidget(box, line, 2)
        grid.addWidget(_label("Gamma", self.gamma), 5, 0)
        grid.addWidget(self.gamma, 5, 1)
        grid.addWidget(self.gamma_text, 5, 2)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        column.addLayout(grid)

    def _connect_signals(self) -> None:
        self.channels.activated.connect(self._channels_chosen)
        for combo in self.colors:
            combo.activated.connect(self._colors_chosen)
        self.automatic.clicked.connect(self._automatic_chosen)
        self.dark.valueChanged.connect(self._window_moved)
        self.bright.valueChanged.connect(self._window_moved)
        self.dark_box.valueChanged.connect(self.dark.setValue)
        self.bright_box.valueChanged.connect(self.bright.setValue)
        self.gamma.valueChanged.connect(self._gamma_moved)
        self.reset.clicked.connect(self._reset)

    # --- shown

    def show_picture(self, picture: Picture | None) -> None:
        """The picture on the canvas: it says which channels there are and how bright they become."""
        self._picture = picture
        self.setEnabled(picture is not None)
        self.show_display(self._display)

    def show_display(self, display: Display) -> None:
        """Take settings over without announcing them."""
        self._display, self._showing = display, True
        self._show_channels()
        self._show_contrast()
        self.gamma.setValue(round(log2(display.gamma) / log2(HIGHEST_GAMMA) * GAMMA_STEPS))
        self.gamma_text.setText(f"{display.gamma:.2f}")
        self._showing = False

    def _show_channels(self) -> None:
        count = 1 if self._picture is None else self._picture.source.channels
        shown = self._display.chosen(count)
        names = ["Red", "Green", "Blue"] if count == 3 else [f"Channel {n + 1}" for n in range(count)]
        self.channels.clear()
        self.channels.addItems([*(["Colour"] if count > 2 else []), *names])
        self.channels.setCurrentIndex(0 if len(shown) == 3 else shown[0] + (count > 2))
        several = count > 1
        self._channels_label.setVisible(several)
        self.channels.setVisible(several)
        self._color_row.setVisible(count > 3 and len(shown) == 3)
        for place, combo in enumerate(self.colors):
            combo.clear()
            combo.addItems([f"{COLOR_NAMES[place][0].upper()} {n + 1}" for n in range(count)])
            combo.setCurrentIndex(shown[place] if len(shown) == 3 else 0)

    def _show_contrast(self) -> None:
        bits = 8 if self._picture is None else self._picture.source.bits
        top, automatic = 2**bits - 1, self._display.stretches(bits)
        low, high = self._display.low * top, self._display.high * top
        if automatic and self._picture is not None:
            low, high = self._picture.limits
        self.automatic.setChecked(automatic)
        # The slider stops at the next power of two: 12 bits in a 16-bit file leave it some room to move.
        reach = min(top, max(255, 2 ** (int(max(1, high) - 1).bit_length() + 1) - 1))
        for control, box, value in ((self.dark, self.dark_box, low), (self.bright, self.bright_box, high)):
            control.setRange(0, reach)
            box.setRange(0, top)
            control.setValue(round(value))
            box.setValue(round(value))
            control.setEnabled(not automatic)
            box.setEnabled(not automatic)

    # --- changed by hand

    def _set(self, display: Display) -> None:
        self._display = display
        self.changed.emit(display)
        self.show_display(display)

    @Slot(int)
    def _channels_chosen(self, place: int) -> None:
        colour = self.channels.itemText(0) == "Colour"
        self._set(replace(self._display, channels=() if colour and place == 0 else (place - colour,)))

    @Slot()
    def _colors_chosen(self) -> None:
        self._set(replace(self._display, channels=tuple(combo.currentIndex() for combo in self.colors)))

    @Slot(bool)
    def _automatic_chosen(self, on: bool) -> None:
        if on or self._picture is None:
            self._set(replace(self._display, automatic=on))
        else:  # by hand begins where the picture was stretched to
            top = 2**self._picture.source.bits - 1
            low, high = (limit / top for limit in self._picture.limits)
            self._set(replace(self._display, automatic=False, low=low, high=max(high, low + 1 / top)))

    @Slot()
    def _window_moved(self) -> None:
        if self._showing or self._picture is None:
            return
        top = 2**self._picture.source.bits - 1
        low, high = self.dark.value(), self.bright.value()
        if low >= high:  # one end pushes the other
            low, high = (high - 1, high) if self.sender() is self.bright and high > 0 else (min(low, top - 1), low + 1)
        self._set(replace(self._display, automatic=False, low=low / top, high=min(1.0, high / top)))

    @Slot(int)
    def _gamma_moved(self, step: int) -> None:
        if not self._showing:
            self._set(replace(self._display, gamma=2 ** (step / GAMMA_STEPS * log2(HIGHEST_GAMMA))))

    @Slot()
    def _reset(self) -> None:
        self._set(Display())


def _choice(name: str) -> QComboBox:
    result = QComboBox()
    result.setAccessibleName(name)
    result.setToolTip(name)
    return result


def _number(name: str) -> SizeBox:
    result = SizeBox()
    result.setAccessibleName(name)
    result.setToolTip(name)
    result.setFixedSize(64, 24)
    result.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    result.lineEdit().setTextMargins(0, 0, 6, 0)
    result.setKeyboardTracking(False)
    return result


def _label(text: str, buddy: QWidget) -> QLabel:
    label = QLabel(text)
    label.setBuddy(buddy)
    return label
