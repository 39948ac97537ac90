"""Formats that labels and models go out in, one file each."""

from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import ExportError
from core.formats.palette_png import export_palette_png
from core.project import Project

Report = Callable[[int, int], None]
"""Called with (images written, images in all)."""

ExportMasks = Callable[[Project, Path, Report], list[Path]]
"""Writes a project's labelled masks below a folder and returns the mask files, in the order of the images."""

MASK_FORMATS: Mapping[str, ExportMasks] = {
    "png": export_palette_png,
}
"""Every way that masks leave the project, by the name it has on the command line. A new format adds a line here."""


def mask_exporter(name: str) -> ExportMasks:
    """The exporter of that name; ExportError if there is none."""
    if name not in MASK_FORMATS:
        raise ExportError(f'There is no mask format "{name}". Use {", ".join(MASK_FORMATS)}.')
    return MASK_FORMATS[name]
