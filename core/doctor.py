"""Is everything in place? One plain sentence for each thing that a Maskwright needs."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.errors import MaskwrightError
from core.project import Project
from core.system_libraries import missing_packages

PACKAGES = ("pyside6-essentials", "tensorflow", "keras", "numpy", "opencv-python-headless", "pillow", "sqlalchemy")
SAFE_KERAS = (3, 15, 1)
"""Older releases carry known holes in model loading."""
ROOM = 2 * 2**30
"""Free bytes below which a long session may run out of disk."""


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    ok: bool
    sentence: str


def examine(project: Path | None = None) -> Iterator[Finding]:
    """Look at the program, the machine and, if given, a project."""
    yield _python()
    yield _packages()
    yield _window()
    yield _device()
    yield _disk(project.absolute().parent if project else Path.cwd())
    if project is not None:
        yield from _project(project)


def _python() -> Finding:
    return Finding("python", True, f"Python {sys.version.split()[0]} at {sys.executable}.")


def _packages() -> Finding:
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("packages", False, f"{', '.join(missing)} is not installed. Install Maskwright again.")
    if tuple(int(part) for part in version("keras").split(".")[:3]) < SAFE_KERAS:
        return Finding("packages", False, f"Keras {version('keras')} has known holes. Update it to 3.15.1 or newer.")
    return Finding("packages", True, ", ".join(found) + ".")


def _window() -> Finding:
    missing = missing_packages()
    if missing:
        return Finding("window", False, f"Libraries for the window are missing: apt install {' '.join(missing)}")
    if not has_display():
        return Finding("window", True, "Qt's libraries are there. No display: the window cannot open here.")
    return Finding("window", True, "Qt's libraries are there, and so is a display.")


def has_display() -> bool:
    """Whether a window would be seen by somebody."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in ("offscreen", "minimal", "vnc"):
        return False
    named = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(named) or not sys.platform.startswith("linux")


def _device() -> Finding:
    from core.training.device import find_device
    from core.training.quiet import load_keras

    try:
        load_keras()
        device = find_device()
    except (ImportError, OSError) as error:
        return Finding("device", False, f"TensorFlow does not start: {error}. Install Maskwright again.")
    return Finding("device", not device.advice, f"Training runs on {device.name}. {device.advice}".strip())


def _disk(folder: Path) -> Finding:
    folder = next(place for place in (folder, *folder.parents) if place.is_dir())
    free = shutil.disk_usage(folder).free
    room = f"{free / 2**30:.1f} GB free in {folder}."
    if free < ROOM:
        return Finding("disk", False, f"{room} Free some: every stroke is saved as it ends.")
    if not os.access(folder, os.W_OK):
        return Finding("disk", False, f"{folder} cannot be written to. Choose another folder for projects.")
    return Finding("disk", True, room)


def _project(path: Path) -> Iterator[Finding]:
    try:
        with Project.open(path) as project:
            yield _integrity(project)
            yield _images(project)
            runs = project.runs()
            newest = f"; the newest is run {runs[0].id}" if runs else ""
            yield Finding("runs", True, f"{len(runs)} run{'' if len(runs) == 1 else 's'}{newest}.")
    except MaskwrightError as error:
        yield Finding("project", False, str(error))


def _integrity(project: Project) -> Finding:
    faults = project.faults()
    if faults:
        return Finding("project", False, f"{project.path} is damaged ({faults[0]}). Copy it, then restore a backup.")
    size = project.path.stat().st_size / 2**20
    return Finding("project", True, f"{project.path} is sound: {size:.1f} MB, revision {project.revision}.")


def _images(project: Project) -> Finding:
    states = [(record.name, project.file_state(record)) for record in project.images()]
    bad = [f"{name} is {state}" for name, state in states if state != "ok"]
    if not bad:
        return Finding("images", True, f"All {len(states)} image files are there, unchanged.")
    named = "; ".join(bad[:5]) + ("; …" if len(bad) > 5 else "")
    return Finding("images", False, f"{len(bad)} of {len(states)} image files need a look: {named}.")
