"""The filmstrip and the list behind it."""

from time import monotonic

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.panels.images import ImagesPanel
from app.theme import Theme
from app.workspace import Workspace
from core.records import ImageRecord


def record(number: int, *, done: bool = False, labelled: int = 0) -> ImageRecord:
    return ImageRecord(
        id=number,
        path=f"images/{number:06d}.jpg",
        sha256="",
        height=100,
        width=100,
        channels=3,
        bits=8,
        split="train",
        revision=0,
        class_pixels={0: labelled} if labelled else {},
        done=done,
    )


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> ImagesPanel:
    panel = ImagesPanel(Workspace())
    qtbot.addWidget(panel)
    panel.resize(900, 120)
    return panel


def fill(panel: ImagesPanel, records: list[ImageRecord]) -> None:
    panel._workspace.records = {r.id: r for r in records}
    panel.rebuild()


def test_a_hundred_thousand_pictures_are_listed_without_a_pause(panel: ImagesPanel, qtbot: QtBot) -> None:
    records = [record(n) for n in range(1, 100_001)]
    panel.show()
    began = monotonic()
    fill(panel, records)
    panel.strip.scrollTo(panel.model.index(90_000))
    panel.grab()
    assert monotonic() - began < 5, "it takes well under a second; five leave room for a busy machine"
    assert panel.count.text() == "0 of 100,000 done"
    assert panel.model.neighbour(50_000, 1) == 50_001


def test_the_filter_lists_only_what_matches(panel: ImagesPanel) -> None:
    fill(panel, [record(1, done=True, labelled=10_000), record(2, labelled=5), record(3)])
    panel.filter.setCurrentText("Unlabelled")
    assert [panel.model.index(row).data() for row in range(panel.model.rowCount())] == ["000003.jpg"]
    panel.filter.setCurrentText("Not done")
    assert panel.model.rowCount() == 2


def test_a_picture_stays_in_the_strip_while_it_stops_matching(panel: ImagesPanel) -> None:
    fill(panel, [record(1), record(2)])
    panel.filter.setCurrentText("Unlabelled")
    panel._workspace.records[1] = painted = record(1, labelled=40)
    panel.update_record(painted)
    assert panel.model.rowCount() == 2
    assert panel.model.neighbour(1, 1) == 2


def test_the_ends_of_the_strip_are_ends(panel: ImagesPanel) -> None:
    fill(panel, [record(1), record(2)])
    assert panel.model.neighbour(1, -1) is None
    assert panel.model.neighbour(2, 1) is None


def test_a_screen_reader_hears_how_much_is_labelled(panel: ImagesPanel) -> None:
    fill(panel, [record(1, done=True, labelled=2500)])
    assert panel.strip.accessibleName() == "Pictures"
    spoken = panel.model.index(0).data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert "25% labelled, done" in spoken
