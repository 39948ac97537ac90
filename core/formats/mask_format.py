"""What a format for masks is, and what travels between it and those who write and read masks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.classes import UNLABELED, LabelClass
from core.formats.source import Source
from core.masks.tiles import Array
from core.records import ImageRecord

NAMED_UNLABELLED = frozenset({"unlabelled", "unlabeled", "void", "ignore", "ignored", "__ignore__"})
"""What other tools call pixels that count nowhere. A project's own class of such a name comes first."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An image whose mask is written."""

    record: ImageRecord
    name: str
    """Its path in the export without suffix: forward slashes, no two alike."""
    image: str
    """What label files call the image: its file name, with its folders where two images share it."""
    file: Path
    """Where the image itself lies."""


@dataclass(frozen=True, slots=True)
class MaskExport:
    """What a format writes. `masks` hands out one mask at a time, so that a project of any size fits."""

    classes: tuple[LabelClass, ...]
    images: tuple[Labelled, ...]
    load: Callable[[Labelled], Array]
    choices: Mapping[str, str] = field(default_factory=dict)
    """A value for each of the format's choices."""
    things: frozenset[str] | None = None
    """Classes whose regions are things one by one, where the person said so."""
    agreement: list[float] = field(default_factory=list)
    """Intersection over union of what was written with the mask, an entry a mask, where outlines are written."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the person."""

    def masks(self) -> Iterator[tuple[Labelled, Array]]:
        """Each image with its (height, width) uint8 class ids, 255 unlabelled."""
        for image in self.images:
            yield image, self.load(image)


@dataclass(frozen=True, slots=True, eq=False)
class FoundMask:
    """What a format found for one image. Its pixels are decoded only if the project has that image."""

    image: str
    """How the file names the image: with or without folders and suffix, forward slashes."""
    load: Callable[[int, int], Array]
    """From the image's height and width to (height, width) uint8 in the file's own numbering; 255 is unlabelled."""
    height: int | None = None
    width: int | None = None
    """In pixels, where the file tells the size; then it must be the image's."""
    names: Mapping[int, str] = field(default_factory=dict)
    """The classes of that numbering. A number that has no name stands for the project's class of that number."""


Write = Callable[[MaskExport, Path], Sequence[Path]]
"""Writes everything below an empty folder and returns the files that hold masks, in the order of the images."""

Read = Callable[[Source, Sequence[LabelClass]], Iterator[FoundMask]]
"""Reads one mask after the other; the project's classes tell colours that no file explains. Raises ImageError."""


@dataclass(frozen=True, slots=True)
class MaskFormat:
    """A way for masks to leave a project and to come into it."""

    name: str
    words: str
    """What it is, in a line."""
    write: Write
    read: Read
    recognises: Callable[[Source], bool]
    """Whether a source looks like this format; a quick look, no reading of masks."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What can be chosen about the files, by name; the first value is the usual one."""
    copies_images: bool = False
    """Whether the images themselves are written too, because readers want them in the same folder."""


def named_ids(names: Sequence[str]) -> dict[str, int]:
    """A number for each name, in the order in which names first come."""
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def without_split(name: str) -> str:
    """A path without a first folder that is a split's."""
    first, slash, rest = name.partition("/")
    return rest if slash and first in ("train", "val", "valid", "validation", "test") else name


def empty_ids(height: int, width: int) -> Array:
    return np.full((height, width), UNLABELED, np.uint8)
