"""A picture of the window in each theme, compared loosely: fonts differ between machines, the layout does not.

`python -m tests.app.test_looks` takes the pictures anew; look at them before keeping them.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.panels.image_list import RECORD_ROLE
from app.theme import Theme
from app.window import MainWindow
from core.masks.tiles import Array
from core.sample import make_sample
from tests.journeys.person import let_go_on

GOLDEN = Path(__file__).parent / "golden"
SIZE, WIDTH = (1280, 800), 160
CLOSE, LOCAL = 6.0, 60.0
"""Mean difference in grey values of the whole, and of its worst 16 × 16 part."""
NAMES = [f"{state}-{theme}" for state in ("empty", "open") for theme in ("dark", "light")]


def small(picture: QImage) -> Array:
    """(height, WIDTH, 3) of a screenshot."""
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    pixels = flat[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3)
    height = round(WIDTH * rgb.height() / rgb.width())
    return np.asarray(Image.fromarray(pixels).resize((WIDTH, height), Image.Resampling.BOX))


def portrait(theme: Theme, name: str, folder: Path, wait: Callable[[Callable[[], bool]], None]) -> Array:
    """The window as a picture: empty, or with the first picture of the sample and its labels."""
    state, scheme = name.split("-")
    settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    settings.setValue("theme", f"theme-{scheme}")
    window = MainWindow(theme, settings)
    window._warm_up.setInterval(10**6)
    window.resize(*SIZE)
    window.show()
    if state == "open":
        window.open_path(make_sample(folder, masks=True))
        wait(lambda: window.workspace.image is not None)
        images = window.rooms.images
        first = images.model.index(0, 0).data(RECORD_ROLE).id
        window.workspace.open_image(first)
        wait(lambda: window.workspace.image is not None and window.workspace.image.record.id == first)
        wait(lambda: all(images.model.index(row, 0).data(1) is not None for row in range(5)))
    for _ in range(10):
        let_go_on(20)
    taken = small(window.grab().toImage())
    window.close()
    window.deleteLater()
    theme.choose(Qt.ColorScheme.Unknown)
    return taken


@pytest.mark.parametrize("name", NAMES)
def test_the_window_looks_as_it_did(name: str, theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    now = portrait(theme, name, tmp_path, lambda so: qtbot.waitUntil(so, timeout=10_000))
    with Image.open(GOLDEN / f"{name}.png") as kept:
        apart = np.abs(now.astype(float) - np.asarray(kept.convert("RGB")).astype(float)).mean(axis=2)
    parts = [apart[y : y + 16, x : x + 16].mean() for y in range(0, 97, 16) for x in range(0, WIDTH, 16)]
    assert apart.mean() < CLOSE, f"on average {apart.mean():.1f} of 255 apart"
    assert max(parts) < LOCAL, f"one part is {max(parts):.0f} of 255 apart"


@pytest.mark.parametrize("state", ["empty", "open"])
def test_the_comparison_tells_dark_from_light_and_empty_from_open(state: str) -> None:
    kept = {}
    for name in NAMES:
        with Image.open(GOLDEN / f"{name}.png") as picture:
            kept[name] = np.asarray(picture.convert("RGB")).astype(float)
    assert np.abs(kept[f"{state}-dark"] - kept[f"{state}-light"]).mean() > 10 * CLOSE
    assert np.abs(kept["empty-dark"] - kept["open-dark"]).mean() > 3 * CLOSE


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication(sys.argv[:1])
    theme = Theme(app)
    GOLDEN.mkdir(exist_ok=True)

    def wait(so: Callable[[], bool]) -> None:
        while not so():
            let_go_on(10)

    for name in NAMES:
        with TemporaryDirectory() as folder:
            Image.fromarray(portrait(theme, name, Path(folder), wait)).save(GOLDEN / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
