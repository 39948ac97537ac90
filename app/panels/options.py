"""The line above the picture: the current tool's options, and the one button to press next."""

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QSizePolicy, QToolBar, QWidget

from app.panels.controls import SizeBox, button, number_label, set_role, slider
from app.panels.tool_options import ToolOptions
from core.classes import UNLABELED, LabelClass

MAX_BRUSH = 1000
RULES = ("over everything", "over unlabelled only", "over chosen classes")


class OptionsBar(QToolBar):
    """The tool's options, paint rule, mask opacity and Train."""

    brush_size_changed = Signal(float)
    opacity_changed = Signal(float)
    rule_changed = Signal(bool)
    """True: only unlabelled pixels may be painted."""
    train_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Tool options", parent)
        self.setObjectName("options")
        self.setMovable(False)
        self._state = "idle"
        self.setFixedHeight(40)
        self.size_slider = slider(0, 100, "Brush size")
        self.size_slider.setFixedWidth(120)
        self.brush_size = SizeBox()
        self.brush_size.setRange(1, MAX_BRUSH)
        self.brush_size.setSuffix(" px")
        self.brush_size.setAccessibleName("Brush size in picture pixels")
        self.brush_size.setToolTip("Brush size in picture pixels ([ and ])")
        self.brush_size.setFixedSize(76, 28)
        self.brush_size.lineEdit().setTextMargins(6, 0, 0, 0)
        self.rule = QComboBox()
        self.rule.addItems(list(RULES))
        self.rule.setAccessibleName("Paint rule")
        self.rule.setToolTip("What the brush may paint over; locked classes are never painted over")
        self.rule.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tool = ToolOptions((self.size_slider, self.brush_size))
        self.over = button("Choose…", tip="Which classes may be painted over")
        self.over.setMenu(QMenu(self.over))
        self.over.setMinimumWidth(112)
        self.opacity = slider(0, 100, "How strongly labels cover the picture")
        self.opacity.setFixedWidth(96)
        self.opacity_text = number_label("100 %")
        self.train = button("Train", role="accent", tip="Train on what is labelled (Ctrl+T)")
        self.train.setMinimumWidth(96)
        self._lay_out()
        self._connect_signals()
        self._opacity_moved(0)

    def _lay_out(self) -> None:
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(_gap(4))
        self.addWidget(self.tool)
        self.addWidget(spacer)
        groups: tuple[tuple[str, tuple[QWidget, ...]], ...] = (
            ("Paint", (self.rule, self.over)),
            ("Labels", (self.opacity, self.opacity_text)),
        )
        for text, widgets in groups:
            label = QLabel(text)
            label.setBuddy(widgets[0])
            label.setContentsMargins(16, 0, 0, 0)
            self.addWidget(label)
            for widget in widgets:
                shown = self.addWidget(widget)
                if widget is self.over:
                    self._over_shown = shown
        self._over_shown.setVisible(False)
        self.addWidget(_gap(8))
        self.addWidget(self.train)
        self.addWidget(_gap(4))

    def _connect_signals(self) -> None:
        self.brush_size.valueChanged.connect(self._size_typed)
        self.size_slider.valueChanged.connect(self._slider_moved)
        self.rule.currentIndexChanged.connect(self._rule_chosen)
        self.opacity.valueChanged.connect(self._opacity_moved)
        self.train.clicked.connect(self._train_pressed)

    @Slot(float)
    def show_brush_size(self, size: float) -> None:
        """Show a size that was set elsewhere, such as by a key."""
        self.brush_size.setValue(round(size))

    @Slot(str)
    def show_state(self, state: str) -> None:
        """The button follows the training: a LearningState."""
        self._state = state
        words = {"idle": "Train", "preparing": "Stop", "training": "Stop", "stopping": "Stopping…"}
        self.train.setText(words[state])
        self.train.setEnabled(state != "stopping")
        set_role(self.train, "accent" if state == "idle" else "")

    @Slot(int)
    def _size_typed(self, size: int) -> None:
        self.size_slider.blockSignals(True)
        self.size_slider.setValue(_to_slider(size))
        self.size_slider.blockSignals(False)
        self.brush_size_changed.emit(float(size))

    @Slot(int)
    def _slider_moved(self, position: int) -> None:
        self.brush_size.setValue(_from_slider(position))

    @Slot(int)
    def _rule_chosen(self, index: int) -> None:
        self._over_shown.setVisible(index == 2)
        self.rule_changed.emit(index == 1)

    def show_classes(self, classes: Sequence[LabelClass]) -> None:
        """Offer these classes, and what is unlabelled, to be painted over; what was chosen stays so."""
        chosen = self.chosen_classes() if self.over.menu().actions() else frozenset({UNLABELED})
        self.over.menu().clear()
        for value, name in ((UNLABELED, "unlabelled"), *((label.id, label.name) for label in classes)):
            action = self.over.menu().addAction(name)
            action.setCheckable(True)
            action.setData(value)
            action.setChecked(value in chosen)
            action.toggled.connect(self._over_chosen)
        self._name_chosen()

    def chosen_classes(self) -> frozenset[int]:
        """The values that may be painted over by the third rule."""
        return frozenset(int(action.data()) for action in self.over.menu().actions() if action.isChecked())

    @Slot()
    def _over_chosen(self) -> None:
        self._name_chosen()
        self.rule_changed.emit(False)

    def _name_chosen(self) -> None:
        """Say on the button what may be painted over."""
        names = [action.text() for action in self.over.menu().actions() if action.isChecked()]
        self.over.setText("nothing" if not names else names[0] if len(names) == 1 else f"{len(names)} classes")

    @Slot(int)
    def _opacity_moved(self, percent: int) -> None:
        self.opacity_text.setText(f"{percent} %")
        self.opacity_changed.emit(percent / 100)

    @Slot()
    def _train_pressed(self) -> None:
        if self._state == "idle":
            self.train_asked.emit()
        else:
            self.stop_asked.emit()


def _gap(width: int) -> QWidget:
    gap = QWidget()
    gap.setFixedWidth(width)
    return gap


def _to_slider(size: int) -> int:
    """Sizes grow by ratio along the slider: as much room from 5 to 10 as from 50 to 100."""
    return round(100.0 * math.cbrt(max(1, size) / MAX_BRUSH))


def _from_slider(position: int) -> int:
    return max(1, round(MAX_BRUSH * (position / 100) ** 3))
