"""What label tools themselves make of what is written for them.

Their packages do not go together with ours, so each is looked for in a Python of its own: MASKWRIGHT_LABELME and
MASKWRIGHT_LABEL_STUDIO name one that has labelme, or label-studio-sdk.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED
from core.formats.label_studio import LABEL_STUDIO
from core.formats.labelme import LABELME
from core.formats.mask_format import MaskFormat
from core.masks.tiles import Array
from tests.core.formats.rounds import CLASSES, ODD_MASKS, export_of, records_for, ring, write

BY_LABELME = """
import glob, json, sys
import numpy as np
from labelme import utils

names = {name: number for number, name in enumerate(["_background_", *sys.argv[2:]])}
for path in glob.glob(sys.argv[1] + "/**/*.json", recursive=True):
    told = json.load(open(path))
    shapes = [{**shape, "mask": utils.img_b64_to_arr(shape["mask"]).astype(bool)} for shape in told["shapes"]]
    drawn, _ = utils.shapes_to_label((told["imageHeight"], told["imageWidth"], 3), shapes, names)
    np.save(path[: -len(".json")] + ".npy", (drawn - 1).astype(np.uint8))
"""
BY_LABEL_STUDIO = """
import json, sys
import numpy as np
from label_studio_sdk.converter.brush import decode_rle

for task in json.load(open(sys.argv[1] + "/tasks.json")):
    drawn = None
    for result in task["annotations"][0]["result"]:
        height, width, value = result["original_height"], result["original_width"], result["value"]
        drawn = np.full((height, width), 255, np.uint8) if drawn is None else drawn
        on = decode_rle(value["rle"]).reshape(height, width, 4)[..., 3] > 0
        drawn[on] = sys.argv[2:].index(value["brushlabels"][0])
    np.save(sys.argv[1] + "/" + task["data"]["image"].rsplit("/")[-1].rsplit(".")[0] + ".npy", drawn)
"""
MASKS: Sequence[Array] = [mask for mask in (*ODD_MASKS, ring(40)) if (mask != UNLABELED).any()]


@pytest.mark.parametrize(
    ("format", "python", "program"),
    [
        pytest.param(LABELME, "MASKWRIGHT_LABELME", BY_LABELME, id="labelme"),
        pytest.param(LABEL_STUDIO, "MASKWRIGHT_LABEL_STUDIO", BY_LABEL_STUDIO, id="label-studio"),
    ],
)
def test_the_masks_are_the_same_there(format: MaskFormat, python: str, program: str, tmp_path: Path) -> None:
    if python not in os.environ:
        pytest.skip(f"{python} names no Python")
    names = [f"photos/image-{number}.png" for number in range(len(MASKS))]
    write(format, export_of(MASKS, records_for([mask.shape for mask in MASKS], names)), tmp_path)
    command = [os.environ[python], "-c", program, str(tmp_path), *(label.name for label in CLASSES)]
    subprocess.run(command, check=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    for number, mask in enumerate(MASKS):
        (found,) = tmp_path.rglob(f"image-{number}.npy")
        assert np.array_equal(np.load(found), mask)
