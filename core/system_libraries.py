"""The system libraries that the window needs on Linux.

Uses the standard library only: set-up asks it before anything is installed.
"""

import ctypes
import shutil
import sys
from pathlib import Path

DRAWING = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""Loaded by Qt itself, also without a display: file and Debian package."""
WINDOW = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
"""Loaded for a window on an X display."""
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")


def missing_packages(*, tests: bool = False) -> list[str]:
    """Debian packages whose libraries, fonts or (for the tests) virtual display are not there; empty off Linux."""
    if not sys.platform.startswith("linux"):
        return []
    missing = [package for library, package in (DRAWING | WINDOW).items() if not _loads(library)]
    if not any(folder.is_dir() and any(folder.rglob("*.[to]tf")) for folder in FONT_FOLDERS):
        missing.append("fonts-dejavu-core")
    if tests and shutil.which("Xvfb") is None:
        missing.append("xvfb")
    return missing


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
