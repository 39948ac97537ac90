"""The filmstrip and the list behind it."""

from collections.abc import Iterator
from pathlib import Path
from time import process_time

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.panels.image_menu import ImageMenu
from app.panels.images import ImagesPanel
from app.panels.thumbnails import looked_at_from_afar, make_thumbnail, with_veil
from app.theme import Theme
from app.workspace import Workspace
from core.classes import UNLABELED, load_template
from core.masks.editor import MaskEditor
from core.masks.tiles import Mask
from core.project import Project
from core.records import ImageRecord, Split

CLASSES = load_template("landcover")


def record(
    number: int,
    *,
    done: bool = False,
    labelled: int = 0,
    path: str = "",
    split: Split = "train",
    revision: int = 0,
    class_id: int = 0,
) -> ImageRecord:
    return ImageRecord(
        id=number,
        path=path or f"images/{number:06d}.jpg",
        sha256="",
        height=100,
        width=100,
        channels=3,
        bits=8,
        split=split,
        revision=revision,
        class_pixels={class_id: labelled} if labelled else {},
        done=done,
    )


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> ImagesPanel:
    panel = ImagesPanel(Workspace())
    qtbot.addWidget(panel)
    panel.resize(900, 120)
    return panel


def names(panel: ImagesPanel) -> list[str]:
    return [panel.model.index(row).data() for row in range(panel.model.rowCount())]


def fill(panel: ImagesPanel, records: list[ImageRecord]) -> None:
    panel._workspace.records = {r.id: r for r in records}
    panel.rebuild()


def test_a_hundred_thousand_pictures_are_listed_without_a_pause(panel: ImagesPanel, qtbot: QtBot) -> None:
    records = [record(n) for n in range(1, 100_001)]
    panel.show()
    began = process_time()
    fill(panel, records)
    panel.strip.scrollTo(panel.model.index(90_000))
    panel.grab()
    assert process_time() - began < 3, "it takes well under a second of its own time"
    assert panel.count.text() == "0 of 100,000 done"
    assert panel.model.neighbour(50_000, 1) == 50_001


def test_the_filter_lists_only_what_matches(panel: ImagesPanel) -> None:
    fill(panel, [record(1, done=True, labelled=10_000), record(2, labelled=5), record(3)])
    panel.filter.setCurrentText("Unlabelled")
    assert names(panel) == ["000003.jpg"]
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


def test_pictures_are_sorted_as_people_count(panel: ImagesPanel) -> None:
    fill(panel, [record(1, path="b/10.png"), record(2, path="b/9.png"), record(3, path="B/1.png")])
    assert names(panel) == ["1.png", "9.png", "10.png"]


def test_the_order_can_be_by_coverage_and_by_last_change(panel: ImagesPanel) -> None:
    fill(panel, [record(1, labelled=50, revision=9), record(2, labelled=700, revision=4), record(3)])
    panel.order.setCurrentText("Most labelled first")
    assert names(panel) == ["000002.jpg", "000001.jpg", "000003.jpg"]
    panel.order.setCurrentText("Least labelled first")
    assert names(panel) == ["000003.jpg", "000001.jpg", "000002.jpg"]
    panel.order.setCurrentText("Last changed first")
    assert names(panel) == ["000001.jpg", "000002.jpg", "000003.jpg"]


def test_what_the_model_is_least_sure_of_can_come_first_and_what_it_has_not_seen_last(panel: ImagesPanel) -> None:
    fill(panel, [record(1), record(2), record(3)])
    panel._workspace.doubts = {2: 0.1, 3: 0.4}
    panel.order.setCurrentText("Least sure first")
    assert names(panel) == ["000003.jpg", "000002.jpg", "000001.jpg"]


def test_pictures_are_found_by_a_part_of_their_name(panel: ImagesPanel, qtbot: QtBot) -> None:
    fill(panel, [record(1, path="River.png"), record(2, path="wood.png"), record(3, path="driveway.png")])
    panel.show()
    QTest.keyClicks(panel.search, "riv")
    qtbot.waitUntil(lambda: names(panel) == ["driveway.png", "River.png"])
    with qtbot.waitSignal(panel.done_with_keys):
        QTest.keyClick(panel.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: len(names(panel)) == 3)


def test_pictures_can_be_listed_by_a_class_they_hold(panel: ImagesPanel) -> None:
    panel._workspace.classes = CLASSES
    panel.show_classes()
    fill(panel, [record(1, labelled=5, class_id=2), record(2, labelled=5, class_id=3), record(3)])
    panel.filter.setCurrentText(f"With {CLASSES[3].name}")
    assert names(panel) == ["000002.jpg"]
    panel._workspace.classes = CLASSES[:3]
    panel.show_classes()
    assert panel.filter.currentText() == "All"


def test_one_saved_edit_does_not_count_all_pictures_again(panel: ImagesPanel) -> None:
    fill(panel, [record(1), record(2)])
    panel.update_record(record(2, done=True))
    panel.update_record(record(2, done=True, labelled=8))
    assert panel.count.text() == "1 of 2 done"
    panel.update_record(record(2))
    assert panel.count.text() == "0 of 2 done"


# --- thumbnails


def test_a_small_look_at_a_mask_takes_what_lies_under_each_pixel() -> None:
    labels = np.full((600, 1000), UNLABELED, np.uint8)
    labels[100:500, 300:] = 4
    small = looked_at_from_afar(Mask.from_array(labels), 60, 100)
    assert np.array_equal(small, labels[5::10, 5::10])


def test_labels_tint_a_thumbnail_and_the_rest_stays() -> None:
    picture = np.full((2, 2, 3), 100, np.uint8)
    labels = np.array([[0, 255], [255, 255]], np.uint8)
    veiled = with_veil(picture, labels, CLASSES)
    assert (veiled[0, 1] == 100).all() and (veiled[1] == 100).all()
    assert np.abs(veiled[0, 0] - np.array(CLASSES[0].rgb)).max() < np.abs(100 - np.array(CLASSES[0].rgb)).max()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        for number in (1, 2):
            cv2.imwrite(str(tmp_path / f"{number}.png"), np.full((80, 120, 3), 90, np.uint8))
            project.add_image(tmp_path / f"{number}.png")
        yield project


def test_a_thumbnail_shows_saved_labels_and_those_in_memory(project: Project) -> None:
    first = project.images()[0]
    bare = make_thumbnail(project, first, None, CLASSES)[2]
    editor = MaskEditor(Mask(80, 120))
    edit = editor.fill((0, 0), 3)
    assert edit is not None
    saved = project.save_edit(first.id, edit)
    from_disk = make_thumbnail(project, saved, None, CLASSES)[2]
    from_memory = make_thumbnail(project, saved, editor.mask.snapshot(), CLASSES)[2]
    assert bare is not None and from_disk is not None and from_memory is not None
    assert np.array_equal(from_disk, from_memory) and not np.array_equal(bare, from_disk)


def test_a_thumbnail_follows_what_is_saved_and_shows_the_older_one_meanwhile(
    panel: ImagesPanel, project: Project, qtbot: QtBot
) -> None:
    work = panel._workspace
    work.project, work.classes = project, CLASSES
    first = project.images()[0]
    fill(panel, [first])
    index = panel.model.index(0)
    with qtbot.waitSignal(panel.model.redrawn):
        assert index.data(Qt.ItemDataRole.DecorationRole) is None
    bare = index.data(Qt.ItemDataRole.DecorationRole).toImage()
    edit = MaskEditor(Mask(80, 120)).fill((0, 0), 3)
    assert edit is not None
    work.records[first.id] = painted = project.save_edit(first.id, edit)
    panel.update_record(painted)
    with qtbot.waitSignal(panel.model.redrawn):
        assert index.data(Qt.ItemDataRole.DecorationRole).toImage() == bare
    assert index.data(Qt.ItemDataRole.DecorationRole).toImage() != bare
    panel.model.close()


def test_several_pictures_are_marked_done_and_put_aside_for_testing_at_once(
    panel: ImagesPanel, project: Project, qtbot: QtBot
) -> None:
    work = panel._workspace
    work.project = project
    fill(panel, project.images())
    panel.strip.selectAll()
    menu = ImageMenu(work, panel.chosen_records(), panel)
    menu.done.trigger()
    menu.uses.actions()[2].trigger()
    qtbot.waitUntil(lambda: all(r.done and r.split == "test" for r in work.records.values()))
    assert all(r.done and r.split == "test" for r in project.images())
    work.close()
