"""The window on a real X server, with Qt's own xcb: it starts, opens, paints and saves there too."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.project import Project
from tests.journeys.person import make_pictures

PAINT = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from app.theme import Theme
from tests.journeys.person import Person

app = QApplication([])
assert app.platformName() == "xcb", app.platformName()
person = Person(Theme(app))
person.drop(Path(sys.argv[1]))
person.sees_picture("picture-1.png")
person.paint([(30, 30), (120, 90)])
person.sees_saved()
app.primaryScreen().grabWindow(0).save(sys.argv[2])
person.leave()
"""


@pytest.fixture
def display() -> Iterator[str]:
    """A virtual display of its own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed; on Debian: apt-get install xvfb")
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as numbers:
        number = numbers.readline().strip()
    assert number, "Xvfb did not start"
    yield f":{number}"
    server.terminate()
    server.wait()


@pytest.mark.xvfb
def test_a_folder_is_opened_and_painted_on_a_real_display(display: str, tmp_path: Path) -> None:
    folder, screen = make_pictures(tmp_path / "p", 1), tmp_path / "screen.png"
    env = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}
    words = [sys.executable, "-c", PAINT, str(folder), str(screen)]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert not [line for line in done.stderr.splitlines() if line.strip()], "Qt and Python stay quiet"
    with Project.open(folder / "p.maskwright") as project:
        assert project.images()[0].labelled > 0
    with Image.open(screen) as picture:
        colors = picture.convert("RGB").getcolors(2**24)
    assert colors is not None and len(colors) > 100, "the window is on the screen"
