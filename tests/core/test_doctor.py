"""The doctor: one true sentence for each thing that may be wrong."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import core.doctor
from core.classes import load_template
from core.doctor import Finding, examine, has_display
from core.project import Project
from core.training.messages import DeviceFound


@pytest.fixture(autouse=True)
def no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking at the device loads TensorFlow; that has a test of its own with the command line."""
    monkeypatch.setattr("core.training.quiet.load_keras", lambda: None)
    monkeypatch.setattr("core.training.device.find_device", lambda: DeviceFound("cpu", "CPU, 2 threads"))


def findings(project: Path | None = None) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(project)}


def small_project(folder: Path) -> Path:
    Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(folder / "a.png")
    Image.fromarray(np.ones((20, 30, 3), np.uint8)).save(folder / "b.png")
    with Project.create(folder / "p.maskwright", load_template("landcover")) as project:
        project.add_image(folder / "a.png", mask=np.ones((20, 30), np.uint8))
        project.add_image(folder / "b.png")
    return folder / "p.maskwright"


def test_a_sound_project_is_told_so(tmp_path: Path) -> None:
    found = findings(small_project(tmp_path))
    assert found["project"].ok
    assert "is sound" in found["project"].sentence
    assert found["images"].sentence == "All 2 image files are there, unchanged."
    assert found["runs"].sentence == "0 runs."


def test_missing_and_changed_images_are_named(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    (tmp_path / "a.png").unlink()
    Image.fromarray(np.full((20, 30, 3), 9, np.uint8)).save(tmp_path / "b.png")
    found = findings(project)["images"]
    assert not found.ok
    assert "a.png is missing" in found.sentence
    assert "b.png is changed" in found.sentence


def test_a_damaged_project_is_noticed(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    with closing(sqlite3.connect(project)) as file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute("DELETE FROM images WHERE path = 'a.png'")
        file.commit()
    found = findings(project)["project"]
    assert not found.ok
    assert "damaged" in found.sentence


def test_a_file_that_is_no_project_is_said_not_raised(tmp_path: Path) -> None:
    (tmp_path / "x.maskwright").write_text("letter")
    found = findings(tmp_path / "x.maskwright")["project"]
    assert not found.ok
    assert "not a Maskwright project" in found.sentence


def test_missing_libraries_come_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.doctor, "missing_packages", lambda: ["libegl1", "libgl1"])
    found = findings()["window"]
    assert not found.ok
    assert "apt install libegl1 libgl1" in found.sentence


def test_advice_about_the_device_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    device = DeviceFound("cpu", "CPU, 2 threads", "There is a card that TensorFlow cannot use yet.")
    monkeypatch.setattr("core.training.device.find_device", lambda: device)
    assert findings()["device"].sentence.endswith("There is a card that TensorFlow cannot use yet.")


def test_a_nearly_full_disk_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.doctor, "ROOM", 2**70)
    assert not findings()["disk"].ok


@pytest.mark.parametrize(
    ("platform", "display", "seen"),
    [("offscreen", ":0", False), ("", "", False), ("", ":0", True), ("xcb", ":0", True), ("minimal:x", ":0", False)],
)
def test_a_display_is_one_that_somebody_sees(
    monkeypatch: pytest.MonkeyPatch, platform: str, display: str, seen: bool
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name, value in {"QT_QPA_PLATFORM": platform, "DISPLAY": display, "WAYLAND_DISPLAY": ""}.items():
        monkeypatch.setenv(name, value)
    assert has_display() is seen
