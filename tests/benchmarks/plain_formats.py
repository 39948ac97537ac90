"""The plainest writer and reader of each format of masks: a loop around the library that most people would take.

They check nothing, copy images as they are, and know nothing but what they wrote themselves.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.masks.tiles import Array
from tests.benchmarks.plain_pictures import (
    Samples,
    read_cityscapes,
    read_color,
    read_grey,
    read_palette,
    read_planes,
    read_table,
    read_tiff,
    with_images,
    write_cityscapes,
    write_color,
    write_grey,
    write_palette,
    write_planes,
    write_table,
    write_tiff,
)
from tests.benchmarks.plain_texts import (
    read_brush,
    read_coco,
    read_cvat,
    read_labelme,
    read_outlines,
    read_panoptic,
    write_brush,
    write_coco,
    write_cvat,
    write_labelme,
    write_outlines,
    write_panoptic,
)


class Plain(NamedTuple):
    write: Callable[[Path, Samples], None]
    read: Callable[[Path], Iterator[Array]]
    """(height, width) class ids, one mask after the other, in the order in which they were written."""


def plain_formats(side: int) -> dict[str, Plain]:
    """By the name of the case; masks are `side` pixels high and wide."""
    tiff, ome = {"photometric": "minisblack"}, {"ome": True, "metadata": {"axes": "YX"}}
    return {
        "png": Plain(write_palette, read_palette),
        "grey-png": Plain(write_grey, read_grey),
        "color-png": Plain(write_color, read_color),
        "onehot": Plain(write_planes, read_planes),
        "coco": Plain(partial(write_coco, False), read_coco),
        "coco-polygons": Plain(partial(write_coco, True), read_coco),
        "coco-panoptic": Plain(write_panoptic, read_panoptic),
        "voc": Plain(partial(with_images, write_palette), read_palette),
        "cityscapes": Plain(write_cityscapes, read_cityscapes),
        "yolo-semantic": Plain(partial(with_images, write_grey), read_grey),
        "yolo-segment": Plain(partial(with_images, write_outlines), partial(read_outlines, side)),
        "labelme": Plain(partial(with_images, write_labelme), read_labelme),
        "cvat": Plain(write_cvat, read_cvat),
        "labelstudio": Plain(write_brush, read_brush),
        "ilastik": Plain(partial(write_tiff, np.uint8, 1, tiff), partial(read_tiff, 1)),
        "napari": Plain(partial(write_tiff, np.uint32, 1, tiff), partial(read_tiff, 1)),
        "ome-tiff": Plain(partial(write_tiff, np.uint8, 0, ome), partial(read_tiff, 0)),
        "geotiff": Plain(partial(write_tiff, np.uint8, 0, tiff), partial(read_tiff, 0)),
        "huggingface": Plain(partial(with_images, write_grey), read_grey),
        "huggingface-parquet": Plain(write_table, read_table),
    }
