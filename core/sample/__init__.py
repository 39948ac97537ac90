"""The sample: landscapes seen from above with their true masks, drawn by this package and shipped with the project."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from core.classes import load_template
from core.errors import ProjectError
from core.images import read_mask_file
from core.masks.tiles import Array
from core.project import SUFFIX, Project
from core.records import Split
from core.sample.scenes import RECIPES

PROJECT_NAME = f"sample{SUFFIX}"


def make_sample(folder: Path, *, masks: bool = False, splits: bool = False) -> Path:
    """Copy the sample's images into `folder`/images and put them into a project beside them.

    A sample project that is there already is left as it is, labels and all.

    Args:
        masks: also bring in the true masks of every image.
        splits: set four images aside for validation; otherwise whatever somebody paints is trained on.

    Returns:
        The project file.

    Raises:
        ProjectError: the folder cannot be written.
    """
    path = folder / PROJECT_NAME
    if path.exists():
        return path
    try:
        (folder / "images").mkdir(parents=True, exist_ok=True)
        for recipe in RECIPES:
            with as_file(files("resources") / "sample" / f"{recipe.name}.jpg") as image:
                shutil.copyfile(image, folder / "images" / image.name)
    except OSError as error:
        raise ProjectError(
            f"The sample cannot be put into {folder}: {error.strerror}. Choose another folder."
        ) from None
    with Project.create(path, load_template("landcover")) as project:
        for recipe in RECIPES:
            image = folder / "images" / f"{recipe.name}.jpg"
            split: Split = recipe.split if splits else "train"
            project.add_image(image, split=split, mask=true_mask(recipe.name) if masks else None)
    return path


def true_mask(name: str) -> Array:
    """(height, width) uint8 class ids of a sample image, by the image's name without suffix."""
    with as_file(files("resources") / "sample" / f"{name}.png") as path:
        return read_mask_file(path)


def sample_names(split: Split | None = None) -> tuple[str, ...]:
    """The sample images' names without suffix."""
    return tuple(r.name for r in RECIPES if split in (None, r.split))
