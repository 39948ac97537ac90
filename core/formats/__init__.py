"""Formats that labels come and go in, one file each. A new one adds a line to the table here."""

from collections.abc import Mapping

from core.errors import ExportError, ImageError
from core.formats.cityscapes import CITYSCAPES
from core.formats.coco import COCO
from core.formats.coco_panoptic import COCO_PANOPTIC
from core.formats.cvat import CVAT
from core.formats.hugging_face import HUGGING_FACE
from core.formats.hugging_face_parquet import HUGGING_FACE_PARQUET
from core.formats.label_images import ILASTIK, NAPARI
from core.formats.label_studio import LABEL_STUDIO
from core.formats.labelme import LABELME
from core.formats.mask_format import MaskFormat
from core.formats.one_hot import ONE_HOT
from core.formats.palette_png import COLOR_PNG, GREY_PNG, PALETTE_PNG
from core.formats.source import Source, shown
from core.formats.voc import VOC
from core.formats.world_tiff import GEOTIFF, OME_TIFF
from core.formats.yolo import YOLO_SEGMENT, YOLO_SEMANTIC

MASK_FORMATS: Mapping[str, MaskFormat] = {
    format.name: format
    for format in (
        PALETTE_PNG,
        GREY_PNG,
        COLOR_PNG,
        ONE_HOT,
        COCO,
        COCO_PANOPTIC,
        VOC,
        CITYSCAPES,
        YOLO_SEMANTIC,
        YOLO_SEGMENT,
        LABELME,
        CVAT,
        LABEL_STUDIO,
        ILASTIK,
        NAPARI,
        OME_TIFF,
        GEOTIFF,
        HUGGING_FACE,
        HUGGING_FACE_PARQUET,
    )
}
"""Every way that masks leave a project and come into it, by its name on the command line."""

_PLAIN = (PALETTE_PNG, GREY_PNG, COLOR_PNG)
"""What a folder of pictures is taken for, where nothing else fits."""


def mask_format(name: str) -> MaskFormat:
    """The format of that name; ExportError if there is none."""
    if name not in MASK_FORMATS:
        raise ExportError(f'There is no mask format "{name}". Use {", ".join(MASK_FORMATS)}.')
    return MASK_FORMATS[name]


def recognised_format(source: Source) -> MaskFormat:
    """The format that a file or folder looks like; ImageError if it looks like none."""
    special = [format for format in MASK_FORMATS.values() if format not in _PLAIN]
    fault: ImageError | None = None
    for format in (*special, *_PLAIN):
        try:
            if format.recognises(source):
                return format
        except ImageError as error:  # damaged for that format, perhaps whole for another
            fault = fault or error
    raise fault or ImageError(
        f"{shown(source.path.name)} holds no masks of a known format. Name the format: {', '.join(MASK_FORMATS)}."
    )
