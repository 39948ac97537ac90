"""Masks into a project: looked at first, then taken over in one transaction, all of them or none."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.errors import ImageError
from core.formats.class_table import ClassFound, ClassTable
from core.formats.mask_format import FoundMask, MaskFormat
from core.formats.names import ImageFinder
from core.formats.source import Source, shown
from core.masks.merge import REPLACE, Merge
from core.masks.tiles import Array
from core.project import Project, StagedMasks
from core.records import ImageRecord

Report = Callable[[int], None]
"""Told how many masks have been looked at or taken over."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Masks that are to come into a project."""

    source: Source
    format: MaskFormat
    table: ClassTable
    merge: Merge = REPLACE


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do."""

    images: tuple[ImageRecord, ...]
    """Those that a mask was found for."""
    left_out: tuple[str, ...]
    """A sentence for each mask that is not taken, and why."""
    classes: tuple[ClassFound, ...]
    changed: int
    """Pixels that would get another label."""
    overwritten: int
    """Of these, the ones that are labelled now."""

    @property
    def unknown(self) -> list[str]:
        return [found.name for found in self.classes if not found.known]


def plan_import(project: Project, incoming: Incoming, report: Report) -> ImportPlan:
    """Read everything and change nothing.

    Raises:
        ImageError: a file is damaged or not of that format.
    """
    records = project.images()
    images: list[ImageRecord] = []
    left_out: list[str] = []
    pixels: Counter[str] = Counter()
    changed = overwritten = 0
    for record, found, ids in matched_masks(records, incoming.source, incoming.format, project.classes, left_out):
        new = _mapped(ids, found, incoming.table, pixels)
        old = project.load_mask(record.id).read()
        changes = incoming.merge.changes(old, new)
        changed += int(changes.sum())
        overwritten += int((changes & (old != UNLABELED)).sum())
        images.append(record)
        report(len(images))
    if not images and not left_out:
        raise ImageError(f"No mask was found in {shown(str(incoming.source.path))}. Check the path and the format.")
    classes = tuple(incoming.table.found(name, count) for name, count in sorted(pixels.items()))
    return ImportPlan(tuple(images), tuple(left_out), classes, changed, overwritten)


def import_masks(project: Project, incoming: Incoming, plan: ImportPlan, report: Report) -> int:
    """Do what was planned, in one transaction, each image's mask as one edit that can be undone.

    Returns:
        How many images' masks were changed.

    Raises:
        ImageError: no image was found, a class is not settled, or a file is damaged. Nothing is changed then.
    """
    with stage_import(project, incoming, plan, report) as staged:
        return len(project.take_staged(staged))


def stage_import(project: Project, incoming: Incoming, plan: ImportPlan, report: Report) -> StagedMasks:
    """Read what was planned and get it ready for `Project.take_staged`; changes nothing. Raises as `import_masks`."""
    if not plan.images:
        raise ImageError(f"None of the masks can be taken: {plan.left_out[0]}")
    if plan.unknown:
        raise ImageError(_unsettled(plan.unknown))
    return project.stage_masks(_counted(project, incoming, report), incoming.merge)


def _counted(project: Project, incoming: Incoming, report: Report) -> Iterator[tuple[int, Array]]:
    table = incoming.table
    masks = matched_masks(project.images(), incoming.source, incoming.format, project.classes, [])
    pixels: Counter[str] = Counter()
    for count, (record, found, ids) in enumerate(masks, 1):
        mask = _mapped(ids, found, table, pixels)
        unknown = [name for name in pixels if not table.found(name, 0).known]
        if unknown:
            raise ImageError(_unsettled(unknown))
        yield record.id, mask
        report(count)


def matched_masks(
    records: Sequence[ImageRecord],
    source: Source,
    format: MaskFormat,
    classes: Sequence[LabelClass],
    left_out: list[str],
) -> Iterator[tuple[ImageRecord, FoundMask, Array]]:
    """The masks that belong to an image, decoded one by one; for the others a sentence is added to `left_out`."""
    finder = ImageFinder(records)
    taken: set[int] = set()
    for found in format.read(source, classes):
        record = finder.find(found.image)
        name = shown(found.image)
        if isinstance(record, str):
            left_out.append(f"{name}: {record}.")
        elif record.id in taken:
            left_out.append(f"{name}: a mask before it is for the same image, {record.path}.")
        elif (found.height or record.height, found.width or record.width) != (record.height, record.width):
            left_out.append(
                f"{name}: it is {found.width} × {found.height} pixels, the image {record.width} × {record.height}."
            )
        else:
            taken.add(record.id)
            yield record, found, found.load(record.height, record.width)


def _mapped(ids: Array, found: FoundMask, table: ClassTable, pixels: "Counter[str]") -> Array:
    """(height, width) in the project's classes; what is not settled is unlabelled. Counts pixels by class name."""
    counts = np.bincount(ids.ravel(), minlength=256)
    lut = np.full(256, UNLABELED, np.uint8)
    for value in np.flatnonzero(counts[:UNLABELED]):
        name = found.names.get(int(value), str(value))
        pixels[name] += int(counts[value])
        lut[value] = table.class_id(name)
    return lut[ids]


def _unsettled(names: Sequence[str]) -> str:
    listed = ", ".join(f'"{shown(name)}"' for name in names[:10]) + (" and others" if len(names) > 10 else "")
    return (
        f"The project has no class {listed}. Say in a class table what becomes of them: a class of the project, or "
        "null for unlabelled. Nothing was imported."
    )
