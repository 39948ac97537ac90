"""Masks as palette PNG: they open in colour everywhere, and every pixel is a class id."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from PIL import Image

from core.classes import UNLABELED, LabelClass, palette
from core.errors import ExportError
from core.formats.files import export_folder, in_place
from core.masks.tiles import Array
from core.project import Project

LEGEND = "classes.json"


def export_palette_png(project: Project, folder: Path, report: Callable[[int, int], None]) -> list[Path]:
    """Write the mask of every labelled image below `folder`, with a legend beside them.

    Returns:
        The mask files, in the order of the images.

    Raises:
        ExportError: nothing is labelled, or the folder cannot be written.
    """
    labelled = [record for record in project.images() if record.labelled]
    if not labelled:
        raise ExportError("No image has a labelled pixel yet, so there is no mask to export. Label one first.")
    paths = [folder / name for name in mask_names([record.path for record in labelled])]
    with export_folder(folder):
        for count, (record, path) in enumerate(zip(labelled, paths, strict=True), 1):
            write_palette_png(path, project.load_mask(record.id).read(), project.classes)
            report(count, len(labelled))
        write_legend(folder, project.classes)
    return paths


def write_palette_png(path: Path, mask: Array, classes: Sequence[LabelClass]) -> None:
    """Write (height, width) uint8 class ids. The file appears whole, checked by reading it back, or not at all."""
    picture = Image.fromarray(mask).convert("L")
    picture.putpalette(palette(classes).tobytes())
    path.parent.mkdir(parents=True, exist_ok=True)
    with in_place(path) as part:
        picture.save(part, "PNG", optimize=True)
        with Image.open(part) as written:
            if written.mode != "P" or written.tobytes() != mask.tobytes():
                raise ExportError(f"{path.name} did not come out as it should. Check the disk and export again.")


def write_legend(folder: Path, classes: Sequence[LabelClass]) -> Path:
    """Write which id is which class, in which colour."""
    legend = {
        "classes": [{"id": c.id, "name": c.name, "color": c.color} for c in classes],
        "unlabelled": UNLABELED,
    }
    with in_place(folder / LEGEND) as part:
        part.write_text(json.dumps(legend, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / LEGEND


def mask_names(images: Sequence[str]) -> list[str]:
    """A relative .png path for each image path: its name, with its folders where two images share a name.

    No two are alike, also where the file system does not tell upper from lower case.
    """
    stems = Counter(PurePosixPath(image).stem.lower() for image in images)
    names: list[str] = []
    taken: set[str] = set()
    for image in images:
        path = PurePosixPath(image)
        name = path.stem if stems[path.stem.lower()] == 1 else "/".join(_plain_parts(path))
        if name.lower() in taken:  # photo.jpg beside photo.tif: only the suffix tells them apart
            name += f"-{path.suffix.lstrip('.')}"
        while name.lower() in taken:
            name += "-2"
        taken.add(name.lower())
        names.append(f"{name}.png")
    return names


def _plain_parts(path: PurePosixPath) -> tuple[str, ...]:
    """Folders and name without suffix, without what leads out of the export folder."""
    return tuple(p for p in path.with_suffix("").parts if p not in ("..", "/") and not p.endswith(":"))
