"""Where the window keeps what belongs to the person and not to a project: settings and the log."""

import os
from pathlib import Path

from platformdirs import user_config_path, user_documents_path, user_log_path
from PySide6.QtCore import QSettings

HOME_VARIABLE = "MASKWRIGHT_HOME"
"""Names a folder to use instead of the usual ones, for tests and for running from a stick."""


def log_folder() -> Path:
    home = os.environ.get(HOME_VARIABLE)
    return Path(home) / "log" if home else user_log_path("maskwright", appauthor=False)


def sample_folder() -> Path:
    home = os.environ.get(HOME_VARIABLE)
    return (Path(home) if home else user_documents_path()) / "Maskwright sample"


def window_settings() -> QSettings:
    """What the window remembers between starts."""
    home = os.environ.get(HOME_VARIABLE)
    folder = Path(home) if home else user_config_path("maskwright", appauthor=False)
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)


def last_folder(name: str, usual: Path) -> Path:
    """A folder that the window's settings hold under a name; `usual` where there is none any more."""
    stored = Path(str(window_settings().value(name, "")))
    return stored if stored.is_absolute() and stored.is_dir() else usual


def recent_projects(settings: QSettings) -> list[Path]:
    """Projects opened lately, newest first, leaving out those that are gone."""
    stored = settings.value("recent", [])
    paths = [stored] if isinstance(stored, str) else list(stored) if isinstance(stored, list) else []
    return [path for path in map(Path, paths) if path.exists()]


def remember_project(settings: QSettings, path: Path, keep: int = 8) -> None:
    others = [p for p in recent_projects(settings) if p != path]
    settings.setValue("recent", [str(p) for p in [path, *others][:keep]])
