"""A picture read in parts looks like one in memory as soon as its parts are there, and nothing waits for them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from pytestqt.qtbot import QtBot

from app.canvas import large
from app.canvas.large import LargeSource
from app.canvas.view import CanvasView
from core import large_tiff
from core.classes import load_template
from core.errors import ImageError
from core.large_tiff import LargeTiff, open_large
from core.masks.editor import MaskEditor
from core.masks.rect import Rect
from core.masks.tiles import Mask
from tests.app.canvas.conftest import Painter, Show

SIDE = 700


@pytest.fixture
def pixels() -> np.ndarray:
    small = np.random.default_rng(0).integers(0, 255, (SIDE // 20, SIDE // 20, 3), np.uint8)
    return np.kron(small, np.ones((20, 20, 1), np.uint8))


@pytest.fixture
def tiff(tmp_path: Path, pixels: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> LargeTiff:
    monkeypatch.setattr(large_tiff, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(large, "OVERVIEW_SIDE", 100)
    monkeypatch.setattr(large, "BLOCK", 64)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", tile=(64, 64), compression="zlib")
    opened = open_large(tmp_path / "a.tif")
    assert opened is not None
    return opened


def ready(source: LargeSource) -> Callable[[], bool]:
    return lambda: not source._working


def test_all_levels_become_what_a_picture_in_memory_shows(
    tiff: LargeTiff, pixels: np.ndarray, show: Show, qtbot: QtBot
) -> None:
    plain = show(pixels)
    view = CanvasView()
    qtbot.addWidget(view)
    view.resize(plain.view.size())
    view.set_image(tiff)
    editor = MaskEditor(Mask(SIDE, SIDE))
    view.set_editor(editor)
    view.set_classes(load_template("landcover"))
    view.show()
    other = Painter(view, editor)
    assert view.picture is not None and isinstance(view.picture.source, LargeSource)
    for zoom in (0.1, 0.3, 0.7, 1.0, 5.0):
        for painter in (plain, other):
            painter.view.zoom_to(zoom)
            painter.view.look_at((SIDE / 2, SIDE / 2))
            painter.screen()
        qtbot.waitUntil(ready(view.picture.source))
        other.screen()
        qtbot.wait(20)
        for point in ((350, 350), (340, 364), (365, 330)):
            near = np.array(other.color(point)) - np.array(plain.color(point))
            assert np.abs(near).max() <= 12, f"at zoom {zoom}"
    view.set_image(None)


def test_a_part_that_is_not_there_yet_is_shown_blurred_and_asked_for(tiff: LargeTiff, qtbot: QtBot) -> None:
    source = LargeSource(tiff)
    heard: list[Rect] = []
    source.arrived.connect(heard.append)
    first = source.read(0, Rect(100, 100, 200, 200), (0, 1, 2))
    assert first.shape == (100, 100, 3)
    qtbot.waitUntil(ready(source))
    qtbot.waitUntil(lambda: Rect(64, 64, 128, 128) in heard)
    assert np.array_equal(source.read(0, Rect(100, 100, 200, 200), (0, 1, 2)), tiff.read(Rect(100, 100, 200, 200)))
    source.close()


def test_memory_is_bounded(tiff: LargeTiff, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "KEPT_BYTES", 5 * 64 * 64 * 3)
    source = LargeSource(tiff)
    for top in range(0, SIDE - 64, 64):
        source.read(0, Rect(top, 0, top + 64, SIDE), (0, 1, 2))
        qtbot.waitUntil(ready(source))
    assert len(source._blocks) <= 5
    source.close()


def test_a_file_that_goes_away_leaves_what_is_known(tiff: LargeTiff, qtbot: QtBot) -> None:
    source = LargeSource(tiff)
    tiff.close()
    assert source.read(0, Rect(0, 0, 64, 64), (0, 1, 2)).shape == (64, 64, 3)
    source.close()


def test_a_damaged_part_stays_blurred_and_the_others_come(
    tiff: LargeTiff, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged, read = Rect(128, 128, 192, 192), tiff.read

    def read_around(part: Rect) -> np.ndarray:
        if not part.intersect(damaged).empty:
            raise ImageError("a.tif is damaged.")
        return read(part)

    source = LargeSource(tiff)
    monkeypatch.setattr(tiff, "read", read_around)
    wanted = Rect(64, 64, 320, 320)
    source.read(0, wanted, (0, 1, 2))
    qtbot.waitUntil(ready(source))
    shown, true = source.read(0, wanted, (0, 1, 2)), read(wanted)
    hole = damaged.within(wanted)
    intact = np.ones(shown.shape, np.bool_)
    intact[hole] = False
    assert np.array_equal(shown[intact], true[intact])
    assert not np.array_equal(shown[hole], true[hole])
    source.close()
