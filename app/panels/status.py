"""The status line: what lies under the pointer, how much is labelled, zoom, device, and whether everything is saved."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from app.workspace import Workspace
from core.classes import UNLABELED
from core.masks.marks import class_of
from core.records import ImageRecord
from core.training.messages import DeviceFound

SPLIT_WORDS = {"train": "", "val": " · kept aside to measure", "test": " · kept aside for tests"}
SAVE_WORDS = {"saved": "Saved ✓", "saving": "Saving…", "failing": "Not saved"}
MOST_VALUES = 6
"""Channels whose values are shown; more would push everything else aside."""


class StatusLine(QStatusBar):
    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.setSizeGripEnabled(False)
        self.coverage = self._part("100 % labelled", left=True)
        self.pointer = self._part("00000, 00000 · a long class name · 255 255 255", left=True)
        self.said = self._part("Model: a class name, 100 %", left=True)
        self.zoom = self._part("6400 %")
        self.device = self._part("")
        self.saved = self._part("Not saved")

    def _part(self, widest: str, *, left: bool = False) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 24)
        if left:
            self.addWidget(label)
        else:
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addPermanentWidget(label)
        return label

    def put_first(self, widget: QWidget) -> None:
        """Before the other parts at the right, so that nothing moves when it comes and goes."""
        self.insertPermanentWidget(3, widget)

    @Slot(int, int, int)
    def show_pointer(self, x: int, y: int, value: int) -> None:
        """value: of the mask, marked if it was accepted."""
        classes, label = self._workspace.classes, class_of(value)
        name = classes[label].name if label != UNLABELED and label < len(classes) else "unlabelled"
        name += ", accepted" if label != value else ""
        self.pointer.setText(f"{x}, {y} · {name} · {self._values(x, y)}")

    def show_said(self, class_id: int, sure: float | None) -> None:
        """What the model says under the pointer; UNLABELED where it says nothing."""
        classes = self._workspace.classes
        known = f", {sure:.0%}".replace("%", " %") if sure is not None else ""
        self.said.setText(f"Model: {classes[class_id].name}{known}" if class_id < len(classes) else "")

    def _values(self, x: int, y: int) -> str:
        """What the file holds at a pixel, one number for each channel."""
        image = self._workspace.image
        if image is None or image.pixels is None:
            return ""
        values = [int(value) for value in image.pixels[y, x]]
        more = "…" if len(values) > MOST_VALUES else ""
        return " ".join(map(str, values[:MOST_VALUES])) + more

    @Slot()
    def clear_pointer(self) -> None:
        self.pointer.setText("")
        self.said.setText("")

    @Slot(object)
    def show_coverage(self, record: ImageRecord) -> None:
        image = self._workspace.image
        if image is not None and image.record.id == record.id:
            share = record.coverage
            text = "<1 %" if 0 < share < 0.01 else f"{int(share * 100)} %"
            self.coverage.setText(f"{text} labelled{SPLIT_WORDS[record.split]}")

    @Slot(float)
    def show_zoom(self, zoom: float) -> None:
        self.zoom.setText(f"{zoom * 100:.0f} %" if self._workspace.image is not None else "")

    @Slot(object)
    def show_device(self, device: DeviceFound) -> None:
        self.device.setText("GPU" if device.kind == "gpu" else "CPU")
        self.device.setToolTip(f"Trains on {device.name}. {device.advice}".strip())

    @Slot(str)
    def show_saved(self, state: str) -> None:
        self.saved.setText(SAVE_WORDS[state])

    @Slot()
    def clear(self) -> None:
        """Nothing is open."""
        for label in (self.pointer, self.said, self.coverage, self.zoom, self.saved):
            label.setText("")
