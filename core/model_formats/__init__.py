"""Formats that models go out in, one file each. A new one adds a line to the table here."""

from collections.abc import Mapping

from core.errors import ExportError
from core.model_formats.keras_model import KERAS
from core.model_formats.litert_int8_model import LITERT_INT8
from core.model_formats.litert_model import LITERT
from core.model_formats.model_format import ModelFormat
from core.model_formats.onnx_model import ONNX
from core.model_formats.saved_model import SAVED_MODEL

MODEL_FORMATS: Mapping[str, ModelFormat] = {
    format.name: format for format in (KERAS, SAVED_MODEL, ONNX, LITERT, LITERT_INT8)
}
"""Every way that models leave a project, by its name on the command line."""


def model_format(name: str) -> ModelFormat:
    """The format of that name; ExportError if there is none."""
    if name not in MODEL_FORMATS:
        raise ExportError(f'There is no model format "{name}". Use {", ".join(MODEL_FORMATS)}.')
    return MODEL_FORMATS[name]
