"""Training settings: everything is chosen for the person, and everything can be set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.controls import button, caption, enter_presses
from app.training_choice import BUDGETS, USUAL, TrainingChoice
from core.records import TrainingRun
from core.training.heads import HEADS
from core.training.unet import OFFERED


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    """Of TrainingSettings."""
    title: str
    about: str
    """What it does, with its unit."""
    choices: Sequence[tuple[Any, str]]

    def text(self, value: Any) -> str:
        known: dict[Any, str] = dict(self.choices)
        return known.get(value, f"{value:g}" if isinstance(value, float) else str(value))


def _numbers(unit: str, *values: float) -> tuple[tuple[float, str], ...]:
    return tuple((value, f"{value:g} {unit}".strip()) for value in values)


SEEDS = 10
FIELDS = (
    Field("budget_s", "Time", "How long to train. Getting ready and measuring come on top.", BUDGETS),
    Field(
        "network",
        "Network",
        "“quick” suits any computer, “quality” sees more and wants a graphics card or patience. “imagenet” has seen "
        "many photos before, and is downloaded once.",
        tuple((name, name) for name in OFFERED),
    ),
    Field(
        "head",
        "Head",
        "From scores to probabilities, and the loss. “softmax” is right for one class a pixel.",
        tuple((name, name) for name in HEADS),
    ),
    Field(
        "patch",
        "Patch",
        "Side in pixels of what is learned from at once. Larger shows more around, and takes memory.",
        _numbers("px", 128, 192, 256, 384, 512),
    ),
    Field("batch", "Batch", "Patches a step. More is steadier and slower.", _numbers("patches", 1, 2, 4, 8, 16)),
    Field(
        "learning_rate",
        "Learning rate",
        "How far a step goes at most, without unit. Lower it if the loss jumps about.",
        _numbers("", 0.0003, 0.001, 0.003, 0.01),
    ),
    Field(
        "scene",
        "Up and down",
        "Whether height in a picture tells something. Decides how patches may be turned.",
        (
            ("auto", "told from the labels"),
            ("upright", "up is up, as in a street"),
            ("any", "no direction, as from above"),
        ),
    ),
    Field(
        "accepted_weight",
        "Accepted labels",
        "How much they count against what you drew. Less keeps a model from confirming its own mistakes.",
        ((0.1, "a tenth"), (0.25, "a quarter"), (0.5, "half"), (1.0, "as much as drawn ones")),
    ),
    Field(
        "seed",
        "Seed",
        "Where chance begins. The same seed draws the same patches and first weights.",
        _numbers("", *range(SEEDS)),
    ),
)
AFRESH = (
    (False, "goes on from the last run that fits"),
    (True, "afresh"),
)


class TrainingSettingsDialog(QDialog):
    """Counts for the next training. It blocks nothing."""

    changed = Signal(object)
    """The TrainingChoice."""

    def __init__(self, choice: TrainingChoice, run: TrainingRun | None, parent: QWidget | None = None) -> None:
        """run: the newest one, to tell what was chosen for it."""
        super().__init__(parent)
        self.setWindowTitle("Training settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._choice, self._run = choice, run
        self.boxes = {field.name: _combo(field.title, field.about) for field in FIELDS}
        self.begin = _combo("Begin", "Where the next training begins")
        self.all_chosen = button("Choose everything for me")
        self.close_button = button("Close", role="accent")
        self._lay_out()
        enter_presses(self.close_button)
        self._fill()
        for box in self.boxes.values():
            box.activated.connect(self._read)
        self.begin.activated.connect(self._read)
        self.all_chosen.clicked.connect(self._forget)
        self.close_button.clicked.connect(self.close)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        about = "To go on is quicker. Afresh forgets what was learned from labels that were wrong."
        rows = [(field.title, self.boxes[field.name], field.about) for field in FIELDS]
        for line, (title, box, text) in enumerate([*rows[:1], ("Begin", self.begin, about), *rows[1:]]):
            label = QLabel(title)
            label.setBuddy(box)
            grid.addWidget(label, 2 * line, 0)
            grid.addWidget(box, 2 * line, 1)
            told = caption(text)
            told.setContentsMargins(0, 0, 0, 8)
            grid.addWidget(told, 2 * line + 1, 1)
        grid.setColumnStretch(1, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self.all_chosen)
        bottom.addStretch(1)
        bottom.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addLayout(grid)
        column.addStretch(1)
        column.addLayout(bottom)

    def show_choice(self, choice: TrainingChoice) -> None:
        """Follow what was set elsewhere."""
        self._choice = choice
        self._fill()

    def _fill(self) -> None:
        for field in FIELDS:
            box, value = self.boxes[field.name], self._choice.values.get(field.name)
            box.clear()
            box.addItem(self._chosen_text(field), None)
            known = dict(field.choices)
            for each in [*field.choices, *([] if value is None or value in known else [(value, field.text(value))])]:
                box.addItem(each[1], each[0])
            box.setCurrentIndex(0 if value is None else max(0, box.findData(value)))
        self.begin.clear()
        for fresh, text in AFRESH:
            self.begin.addItem(text, fresh)
        self.begin.setCurrentIndex(self.begin.findData(self._choice.fresh))

    def _chosen_text(self, field: Field) -> str:
        """What is taken where nothing is set; where only the device and the pictures decide, what run had last."""
        usual = getattr(USUAL, field.name)
        if usual != 0 or field.name == "seed":
            return f"chosen for you: {field.text(usual)}"
        last = None if self._run is None else self._run.settings.get(field.name)
        return f"chosen for you: {field.text(last)} last time" if last else "chosen for you"

    @Slot()
    def _read(self) -> None:
        choice = self._choice.beginning(fresh=bool(self.begin.currentData()))
        for name, box in self.boxes.items():
            choice = choice.setting(name, box.currentData())
        self._tell(choice)

    @Slot()
    def _forget(self) -> None:
        self._tell(TrainingChoice())

    def _tell(self, choice: TrainingChoice) -> None:
        self.show_choice(choice)
        self.changed.emit(choice)


def _combo(name: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tip)
    return box
