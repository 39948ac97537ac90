"""Writing export files: whole or not at all, with one sentence when it fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import ExportError


@contextmanager
def export_folder(folder: Path) -> Iterator[Path]:
    """Make a folder to export into; what the disk refuses becomes an ExportError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(f"{folder} cannot be written: {reason}. Make room, or choose another folder.") from error


@contextmanager
def in_place(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` to write to; it takes its place at the end, or vanishes on an error."""
    part = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
