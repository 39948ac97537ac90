"""Names of exported files, and the images that are meant by the names in other people's files."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from core.formats.source import image_name
from core.images import SUFFIXES
from core.records import ImageRecord


def mask_names(images: Sequence[str]) -> list[str]:
    """A relative .png path for each image path: its name, with its folders where two images share a name.

    No two are alike, also where the file system does not tell upper from lower case.
    """
    return [f"{name}.png" for name in mask_stems(images)]


def mask_stems(images: Sequence[str]) -> list[str]:
    """As mask_names, without the suffix."""
    stems = Counter(PurePosixPath(image).stem.lower() for image in images)
    names: list[str] = []
    taken: set[str] = set()
    for image in images:
        path = PurePosixPath(image)
        name = path.stem if stems[path.stem.lower()] == 1 else "/".join(_plain_parts(path.with_suffix("")))
        if name.lower() in taken:  # photo.jpg beside photo.tif: only the suffix tells them apart
            name += f"-{path.suffix.lstrip('.')}"
        while name.lower() in taken:
            name += "-2"
        taken.add(name.lower())
        names.append(name)
    return names


def image_names(images: Sequence[str]) -> list[str]:
    """What label files call each image: its file name, with its folders where two images share it."""
    shared = Counter(PurePosixPath(image).name.lower() for image in images)
    paths = [PurePosixPath(image) for image in images]
    return [p.name if shared[p.name.lower()] == 1 else "/".join(_plain_parts(p)) for p in paths]


CITYSCAPES = "_leftImg8bit"
"""Cityscapes ends the names of images with it, and not those of labels."""


class ImageFinder:
    """Finds the project's image that a label file speaks of."""

    def __init__(self, records: Sequence[ImageRecord]) -> None:
        self._exported = {
            stem.lower(): record for stem, record in zip(mask_stems([r.path for r in records]), records, strict=True)
        }
        self._by_name = _grouped(records, lambda path: path.name)
        self._by_stem = _grouped(records, lambda path: path.stem.removesuffix(CITYSCAPES))

    def find(self, text: str) -> ImageRecord | str:
        """The image, or what is wrong in a few words.

        A name with an image's suffix means the file of that name, else any that differs in its suffix only. Folders
        count where several images share a name.
        """
        path = PurePosixPath(image_name(text).lower())
        if path.suffix in SUFFIXES:
            found = self._by_name.get(path.name) or self._by_stem.get(path.stem, [])
            path = path.with_suffix("")
        elif str(path) in self._exported:
            return self._exported[str(path)]
        else:
            found = self._by_stem.get(path.name, [])
        if not found:
            return "the project has no image of that name"
        return _closest(found, path) or "several images have that name: tell them apart by their folders"


def _grouped(records: Sequence[ImageRecord], key: Callable[[PurePosixPath], str]) -> dict[str, list[ImageRecord]]:
    groups: dict[str, list[ImageRecord]] = defaultdict(list)
    for record in records:
        groups[key(PurePosixPath(record.path)).lower()].append(record)
    return groups


def _closest(records: Sequence[ImageRecord], path: PurePosixPath) -> ImageRecord | None:
    """The only image that shares most folders with a path, from its name upwards."""
    if len(records) == 1:
        return records[0]
    wanted = path.parent.parts[::-1]

    def shared(record: ImageRecord) -> int:
        own = PurePosixPath(record.path.lower()).parent.parts[::-1]
        pairs = zip(wanted, own, strict=False)
        return next((count for count, (a, b) in enumerate(pairs) if a != b), min(len(wanted), len(own)))

    best = max(map(shared, records))
    closest = [record for record in records if shared(record) == best]
    return closest[0] if len(closest) == 1 else None


def _plain_parts(path: PurePosixPath) -> tuple[str, ...]:
    """Folders and name, without what leads out of the export folder."""
    return tuple(p for p in path.parts if p not in ("..", "/") and not p.endswith(":"))
