"""Formats that labels and models go out in, one file each. A new one adds a line to a table here."""

from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import ExportError
from core.formats.keras_model import export_keras
from core.formats.palette_png import export_palette_png
from core.project import Project
from core.training.messages import TrainedModel

ExportMasks = Callable[[Project, Path, Callable[[int, int], None]], list[Path]]
"""Writes a project's labelled masks below a folder, telling (images written, images in all) on the way, and returns
the mask files in the order of the images."""

ExportModel = Callable[[TrainedModel, Path], Path]
"""Writes a trained model into a folder, checked, and returns its main file."""

MASK_FORMATS: Mapping[str, ExportMasks] = {
    "png": export_palette_png,
}
"""Every way that masks leave a project, by its name on the command line."""

MODEL_FORMATS: Mapping[str, ExportModel] = {
    "keras": export_keras,
}
"""Every way that models leave a project, by its name on the command line."""


def mask_exporter(name: str) -> ExportMasks:
    """The exporter of that name; ExportError if there is none."""
    if name not in MASK_FORMATS:
        raise ExportError(f'There is no mask format "{name}". Use {", ".join(MASK_FORMATS)}.')
    return MASK_FORMATS[name]


def model_exporter(name: str) -> ExportModel:
    """The exporter of that name; ExportError if there is none."""
    if name not in MODEL_FORMATS:
        raise ExportError(f'There is no model format "{name}". Use {", ".join(MODEL_FORMATS)}.')
    return MODEL_FORMATS[name]
