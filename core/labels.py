"""What training sees of a project: the labels at one revision, free of the database, fit to cross a process."""

from dataclasses import dataclass

from core.classes import LabelClass
from core.masks.tiles import Mask
from core.records import Split


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """An image file and the mask that belongs to it."""

    image_id: int
    path: str
    """Absolute."""
    sha256: str
    channels: int
    split: Split
    mask: Mask
    stamp: tuple[int, int] | None = None
    """The file's core.images.file_stamp when it was last seen to be the one that was labelled."""


@dataclass(frozen=True, slots=True)
class LabelSnapshot:
    """Every image with at least one labelled pixel, as labelled at `revision`."""

    revision: int
    classes: tuple[LabelClass, ...]
    images: tuple[LabelledImage, ...]
    left_out: tuple[str, ...] = ()
    """Labelled images that cannot be used, a few words each: "photo.png is missing"."""
    unlabelled: tuple[LabelledImage, ...] = ()
    """Training images without a labelled pixel, not all of them where there are many."""
