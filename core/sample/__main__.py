"""`python -m core.sample FOLDER` draws the sample anew: a JPEG and a palette PNG for each scene."""

import sys
from pathlib import Path

from PIL import Image

from core.classes import load_template
from core.formats.palette_png import write_palette_png
from core.sample.scenes import RECIPES, draw_scene

JPEG_QUALITY = 90


def main(folder: Path) -> None:
    classes = load_template("landcover")
    folder.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        picture, labels = draw_scene(recipe)
        Image.fromarray(picture).save(folder / f"{recipe.name}.jpg", quality=JPEG_QUALITY, subsampling=0, optimize=True)
        write_palette_png(folder / f"{recipe.name}.png", labels, classes)
        print(recipe.name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m core.sample FOLDER")
    main(Path(sys.argv[1]))
