"""How sure the model must be where its predictions are accepted in many pictures. The window behind stays usable."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.panels.controls import button, caption, enter_presses, number_label, row, slider

WORDS = (
    "What it is less sure of stays open. Pictures that are kept aside to measure are left out. "
    "All of it can be taken back at once, or picture by picture."
)
WIDTH = 400


class AcceptEverywhereDialog(QDialog):
    """Asks for the least confidence."""

    chosen = Signal(int)
    """In percent."""

    def __init__(
        self, run_id: int, pictures: int, percent: int, strange: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        """strange: classes that the run learned and that are something else now."""
        super().__init__(parent)
        self.setWindowTitle("Accept predictions")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        there = "1 picture has" if pictures == 1 else f"{pictures:,} pictures have"
        self.text = QLabel(f"{there} no labels yet. Run {run_id} labels them where it is sure enough.")
        self.text.setWordWrap(True)
        self.strange = QLabel(f"It learned classes that are others now: {', '.join(strange)}. These stay open.")
        self.strange.setWordWrap(True)
        self.strange.setVisible(bool(strange))
        self.sure = slider(0, 99, "Accept only where the model is at least this sure")
        self.sure_text = number_label("100 %")
        self.accept_button = button("Accept", role="accent")
        self.cancel = button("Cancel")
        self._lay_out()
        enter_presses(self.accept_button)
        self.sure.valueChanged.connect(self._show_sure)
        self.accept_button.clicked.connect(self._choose)
        self.cancel.clicked.connect(self.close)
        self.sure.setValue(percent)
        self._show_sure(percent)

    def _lay_out(self) -> None:
        label = QLabel("Sure above")
        label.setBuddy(self.sure)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.accept_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(16)
        column.addWidget(self.text)
        column.addWidget(self.strange)
        column.addLayout(row(label, self.sure, self.sure_text, stretch=1))
        column.addWidget(caption(WORDS, wrap=True))
        column.addLayout(buttons)
        self.setFixedWidth(WIDTH)

    @Slot(int)
    def _show_sure(self, percent: int) -> None:
        self.sure_text.setText(f"{percent} %")

    @Slot()
    def _choose(self) -> None:
        self.chosen.emit(self.sure.value())
        self.close()
