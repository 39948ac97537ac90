"""The dialog that asks where masks go."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.dialogs.export_masks import ExportChoice, ExportMasksDialog
from core.formats import MASK_FORMATS
from core.formats.export_masks import WhichMasks

Key = Qt.Key


@pytest.fixture
def dialog(qtbot: QtBot, tmp_path: Path) -> Iterator[ExportMasksDialog]:
    dialog = ExportMasksDialog(ExportChoice(tmp_path / "out"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog


def chosen(dialog: ExportMasksDialog, qtbot: QtBot) -> ExportChoice:
    with qtbot.waitSignal(dialog.chosen) as signal:
        QTest.keyClick(dialog, Key.Key_Return)
    assert isinstance(signal.args, list) and isinstance(signal.args[0], ExportChoice)
    return signal.args[0]


def test_enter_exports_what_is_usual(dialog: ExportMasksDialog, qtbot: QtBot, tmp_path: Path) -> None:
    assert chosen(dialog, qtbot) == ExportChoice(tmp_path / "out")
    assert not dialog.isVisible()


def test_every_format_says_what_it_is_for_and_offers_its_choices(dialog: ExportMasksDialog) -> None:
    assert dialog.format.count() == len(MASK_FORMATS)
    told = set()
    for row, format in enumerate(MASK_FORMATS.values()):
        dialog.format.setCurrentIndex(row)
        assert format.words in dialog.words.toolTip()
        assert dialog.format.currentText() != format.name or format.name in ("labelme", "ilastik", "napari")
        told.add(dialog.words.text())
        assert {name: box.currentData() for name, box in dialog.choices.items()} == {
            name: values[0] for name, values in format.choices.items()
        }
        texts = [box.itemText(n) for box in dialog.choices.values() for n in range(box.count())]
        assert not set(texts) & {value for values in format.choices.values() for value in values}
    assert len(told) == len(MASK_FORMATS) and "" not in told


def test_format_split_and_choices_are_handed_over_and_known_again(dialog: ExportMasksDialog, qtbot: QtBot) -> None:
    dialog.format.setCurrentIndex(dialog.format.findData("coco"))
    (name, values), *_ = MASK_FORMATS["coco"].choices.items()
    dialog.choices[name].setCurrentIndex(dialog.choices[name].findData(values[-1]))
    dialog.which.setCurrentIndex(2)
    dialog.done_only.setChecked(True)
    choice = chosen(dialog, qtbot)
    assert (choice.format, choice.which) == ("coco", WhichMasks("val", True))
    assert choice.choices[name] == values[-1]
    again = ExportMasksDialog(ExportChoice.from_mapping(json.loads(json.dumps(choice.to_mapping())), Path("x")))
    qtbot.addWidget(again)
    assert again.choices[name].currentData() == values[-1] and again.done_only.isChecked()
    assert again.which.currentData() == "val"


@pytest.mark.parametrize("stored", [None, [], {}, {"format": "crayon"}, {"format": 3, "folder": 4}])
def test_what_was_stored_by_another_version_is_no_hindrance(stored: object) -> None:
    assert ExportChoice.from_mapping(stored, Path("x")) == ExportChoice(Path("x"))


def test_without_a_folder_there_is_nothing_to_export_into(dialog: ExportMasksDialog) -> None:
    dialog.folder.setText("  ")
    assert not dialog.export_button.isEnabled()
