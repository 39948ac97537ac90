"""Writes the golden images of test_images.py with Pillow, which is not the decoder under test.

python -m tests.core.make_golden
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

GOLDEN = Path(__file__).parent / "golden"


def picture() -> npt.NDArray[np.uint8]:
    """(8, 12, 3) RGB: every pixel differs, so that a swap of axes or channels shows."""
    rows, columns = np.mgrid[0:8, 0:12]
    return np.stack([rows * 30, columns * 20, rows * 12 + columns], -1).astype(np.uint8)


def deep() -> npt.NDArray[np.uint16]:
    """(8, 12) grey, 16 bit."""
    rows, columns = np.mgrid[0:8, 0:12]
    return np.asarray(rows * 8000 + columns * 700, np.uint16)


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    color = Image.fromarray(picture())
    turned = Image.Exif()
    turned[274] = 6  # orientation: the camera was held upright
    for name in ("color.png", "color.tif", "color.bmp"):
        color.save(GOLDEN / name)
    color.save(GOLDEN / "color.webp", lossless=True)
    color.convert("L").save(GOLDEN / "grey.png")
    color.convert("RGBA").save(GOLDEN / "alpha.png")
    color.quantize(96).save(GOLDEN / "palette.png")
    color.save(GOLDEN / "turned.png", exif=turned)
    color.save(GOLDEN / "turned.tif", exif=turned)
    color.save(GOLDEN / "photo.jpg", quality=100, subsampling=0, exif=turned)
    Image.fromarray(deep()).save(GOLDEN / "deep.png")
    Image.fromarray(deep()).save(GOLDEN / "deep.tif")


if __name__ == "__main__":
    main()
