"""The window around a picture: what it remembers of how things are shown, and what it says of a pixel."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot

from app.canvas.display import Display
from app.canvas.large import LargeSource
from app.places import window_settings
from app.theme import Theme
from app.window import MainWindow
from core import large_tiff
from core.classes import load_template
from core.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    path = tmp_path / "p.maskwright"
    bands = np.zeros((60, 80, 5), np.uint16)
    bands[...] = (10, 200, 3000, 4, 50)
    tifffile.imwrite(
        tmp_path / "a.tif", bands, photometric="minisblack", planarconfig="contig", resolution=(20000, 20000),
        resolutionunit="CENTIMETER",
    )  # fmt: skip
    cv2.imwrite(str(tmp_path / "b.png"), np.full((60, 80, 3), (30, 20, 10), np.uint8))
    with Project.create(path, load_template("landcover")) as made:
        made.add_image(tmp_path / "a.tif")
        made.add_image(tmp_path / "b.png")
    return path


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, project: Path) -> Iterator[MainWindow]:
    window = MainWindow(theme, window_settings())
    window._warm_up.setInterval(10**7)
    qtbot.addWidget(window)
    window.show()
    window.open_path(project)
    qtbot.waitUntil(lambda: window.workspace.image is not None)
    yield window
    window.close()


def test_the_status_line_tells_every_channel_of_the_file(window: MainWindow) -> None:
    window.rooms.canvas.hovered.emit(3, 4, 255)
    assert window.rooms.status.pointer.text() == "3, 4 · unlabelled · 10 200 3000 4 50"


def test_a_picture_opens_fitted_and_with_its_scale(window: MainWindow) -> None:
    canvas = window.rooms.canvas
    assert canvas.view_state()["fitted"] and canvas.zoom > 3
    assert canvas.scale_bar.pixel_size == pytest.approx(0.5e-6)


def test_how_pictures_look_comes_back_with_the_project(window: MainWindow, qtbot: QtBot, project: Path) -> None:
    chosen = Display(automatic=False, low=0.0, high=0.1, gamma=1.5, channels=(4,))
    window.rooms.display._set(chosen)
    window.actions_["hatch"].setChecked(True)
    window.actions_["overview"].setChecked(False)
    window.actions_["rulers"].setChecked(True)
    window.close_project()
    window.rooms.canvas.set_display(Display())
    window.actions_["hatch"].setChecked(False)
    window.actions_["rulers"].setChecked(False)
    window.open_path(project)
    qtbot.waitUntil(lambda: window.workspace.image is not None)
    assert window.rooms.canvas.display == chosen and window.rooms.display.channels.currentIndex() == 5
    assert window.actions_["hatch"].isChecked() and not window.rooms.canvas.overview.wanted
    assert window.rooms.ruled.top.isVisible() and window.rooms.ruled.unit.text() == "µm"


def test_a_picture_read_in_parts_opens_paints_and_is_saved(
    window: MainWindow, qtbot: QtBot, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_tiff, "LARGE_PIXELS", 1000)
    first, second = window.workspace.records
    tifffile.imwrite(project.parent / "large.tif", np.full((90, 70, 3), 80, np.uint8), tile=(16, 16), photometric="rgb")
    window.workspace.add_images([project.parent / "large.tif"])
    qtbot.waitUntil(lambda: len(window.workspace.records) == 3)
    large = max(window.workspace.records)
    window.workspace.open_image(large)
    qtbot.waitUntil(lambda: window.workspace.image is not None and window.workspace.image.record.id == large)
    image = window.workspace.image
    assert image is not None
    assert window.rooms.canvas.picture is not None
    assert isinstance(window.rooms.canvas.picture.source, LargeSource)
    edit = image.editor.fill((5, 5), 2)
    assert edit is not None
    window.editing.take(edit)
    qtbot.waitUntil(lambda: window.workspace.saves.state == "saved")
    assert window.workspace.records[large].coverage == 1
    window.workspace.open_image(second)
    qtbot.waitUntil(lambda: window.workspace.image is not None and window.workspace.image.record.id == second)
    assert first != second
