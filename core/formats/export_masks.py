"""Masks out of a project: in any format, whole or not at all, and the same bytes for the same labels."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import ExportError
from core.formats.files import export_folder
from core.formats.mask_format import Labelled, MaskExport, MaskFormat
from core.formats.names import image_names, mask_stems
from core.masks.tiles import Array
from core.project import Project
from core.records import Split

Report = Callable[[int, int], None]
"""Told (masks written, masks in all)."""


@dataclass(frozen=True, slots=True)
class WhichMasks:
    """What of a project is exported: of the images that have a labelled pixel, those of a split, those marked done."""

    split: Split | None = None
    done_only: bool = False


@dataclass(frozen=True, slots=True)
class MasksWritten:
    masks: list[Path]
    """The files that hold masks, in the order of the images; one file may hold many."""
    images: int
    worst_iou: float | None = None
    """Where outlines were written: the least intersection over union of what they enclose with a mask."""
    notes: tuple[str, ...] = ()
    """Sentences for the person."""


EVERYTHING = WhichMasks()


def export_masks(
    project: Project,
    folder: Path,
    format: MaskFormat,
    report: Report,
    *,
    which: WhichMasks = EVERYTHING,
    choices: Mapping[str, str] | None = None,
    things: frozenset[str] | None = None,
) -> MasksWritten:
    """Write masks below `folder`. They are made beside and moved into place at the end: a failure changes nothing.

    Args:
        choices: values for some of the format's choices.
        things: names of the classes whose regions count one by one, in formats that make that difference.

    Raises:
        ExportError: nothing is labelled, a choice does not exist, or the folder cannot be written.
    """
    images = _chosen(project, which)
    unknown = (things or frozenset()) - {c.name for c in project.classes}
    if unknown:
        raise ExportError(f'The project has no class "{min(unknown)}". Check the names of the things.')
    export = MaskExport(
        project.classes, images, _Loader(project, len(images), report), _chosen_values(format, choices or {}), things
    )
    there_before = folder.is_dir()
    try:
        with (
            export_folder(folder),
            tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as beside,
        ):
            written = format.write(export, Path(beside))
            for file in sorted(path for path in Path(beside).rglob("*") if path.is_file()):
                target = folder / file.relative_to(beside)
                target.parent.mkdir(parents=True, exist_ok=True)
                file.replace(target)
            masks = [folder / path.relative_to(beside) for path in written]
    except BaseException:
        if not there_before:
            with suppress(OSError):
                folder.rmdir()  # it is empty, or stays
        raise
    return MasksWritten(masks, len(images), min(export.agreement, default=None), tuple(export.notes))


def _chosen(project: Project, which: WhichMasks) -> tuple[Labelled, ...]:
    records = project.images()
    paths = [record.path for record in records]
    labelled = [
        Labelled(record, stem, name, project.image_path(record))
        for record, stem, name in zip(records, mask_stems(paths), image_names(paths), strict=True)
        if record.labelled
    ]
    if not labelled:
        raise ExportError("No image has a labelled pixel yet, so there is no mask to export. Label one first.")
    chosen = [
        image
        for image in labelled
        if which.split in (None, image.record.split) and (image.record.done or not which.done_only)
    ]
    if not chosen:
        done = " done" if which.done_only else ""
        place = f" in {which.split}" if which.split else ""
        raise ExportError(f"No labelled image{place} is{done or ' there'}. Choose others, or export all.")
    return tuple(chosen)


def _chosen_values(format: MaskFormat, asked: Mapping[str, str]) -> dict[str, str]:
    for name, value in asked.items():
        if value not in format.choices.get(name, ()):
            offered = "; ".join(f"{key}={'|'.join(values)}" for key, values in format.choices.items())
            raise ExportError(f'{format.name} knows no "{name}={value}". It offers {offered or "no choices"}.')
    return {name: values[0] for name, values in format.choices.items()} | dict(asked)


class _Loader:
    """Reads one mask after the other, and tells how far it is."""

    def __init__(self, project: Project, total: int, report: Report) -> None:
        self._project, self._total, self._report = project, total, report
        self._begun = 0

    def __call__(self, image: Labelled) -> Array:
        self._begun += 1
        self._report(min(self._begun, self._total), self._total)
        return self._project.load_mask(image.record.id).read()
