"""Asking for files and folders: every question the window asks about them goes through here. And opening them."""

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from core.images import SUFFIXES
from core.project import SUFFIX

PICTURES = "Pictures ({})".format(" ".join(f"*{s} *{s.upper()}" for s in SUFFIXES))


def ask_folder(parent: QWidget, title: str, start: Path | None = None) -> Path | None:
    chosen = QFileDialog.getExistingDirectory(parent, title, str(start or Path.home()))
    return Path(chosen) if chosen else None


def ask_project(parent: QWidget, start: Path | None = None) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(
        parent, "Open a project", str(start or Path.home()), f"Maskwright projects (*{SUFFIX})"
    )
    return Path(chosen) if chosen else None


def ask_pictures(parent: QWidget, start: Path | None = None) -> list[Path]:
    chosen, _ = QFileDialog.getOpenFileNames(parent, "Add pictures", str(start or Path.home()), PICTURES)
    return [Path(name) for name in chosen]


def ask_picture(parent: QWidget, name: str, start: Path | None = None) -> Path | None:
    """The file that an image of the project has become."""
    chosen, _ = QFileDialog.getOpenFileName(parent, f"Where is {name} now?", str(start or Path.home()), PICTURES)
    return Path(chosen) if chosen else None


def ask_masks(parent: QWidget, start: Path | None = None) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(parent, "File with masks", str(start or Path.home()))
    return Path(chosen) if chosen else None


def ask_model(parent: QWidget, start: Path | None = None) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(
        parent, "Import a model", str(start or Path.home()), "Models (*.keras *.onnx)"
    )
    return Path(chosen) if chosen else None


class OpenPath:
    """When called, opens a file or folder in the program that the system has for it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))
