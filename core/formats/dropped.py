"""What files are that somebody hands over without a word: pictures for a project, or masks for its pictures."""

from itertools import islice
from pathlib import Path
from typing import Literal

from core.errors import ImageError
from core.formats import recognised_format
from core.formats.names import ImageFinder
from core.formats.palette_png import COLOR_PNG, LEGEND
from core.formats.source import Source, shown
from core.images import SUFFIXES
from core.project import Project

Kind = Literal["pictures", "masks"]
MASKS_OR_PICTURES = frozenset({"png", "grey-png", "color-png", "napari", "ilastik", "ome-tiff", "geotiff"})
"""Formats whose files could be pictures just as well."""
ENOUGH = 200
"""So many masks are asked whether they belong to an image."""


def kind_of(path: Path, project: Project) -> Kind:
    """What a file or folder holds. Where it could be both, masks are named like images that lie elsewhere.

    Raises:
        ImageError: neither, or it cannot be read.
    """
    with Source(path) as source:
        pictures = source.files(*SUFFIXES)
        try:
            masks = _are_masks(source, pictures, project)
        except ImageError:
            masks = False
    if masks:
        return "masks"
    if not pictures or (path.is_file() and path.suffix.lower() not in SUFFIXES):
        raise ImageError(f"There are neither pictures nor masks in {shown(path.name)} that can be read.")
    return "pictures"


def _are_masks(source: Source, pictures: list[Path], project: Project) -> bool:
    format = recognised_format(source)
    if not pictures:
        return True
    if format is COLOR_PNG and not source.files(LEGEND):
        return False
    if format.name in MASKS_OR_PICTURES and _hold_images(pictures, project):
        return False
    finder = ImageFinder(project.images())
    some = islice(format.read(source, project.classes), ENOUGH)
    return any(not isinstance(finder.find(found.image), str) for found in some)


def _hold_images(files: list[Path], project: Project) -> bool:
    """Whether the project's own images are among the files."""
    return not {project.image_path(record).resolve() for record in project.images()}.isdisjoint(files)
