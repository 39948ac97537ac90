"""What is amiss with labels and splits, said before somebody trusts a figure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

import cv2
import numpy as np

from core.classes import UNLABELED
from core.errors import ImageError
from core.evaluation.likeness import Prints
from core.masks.marks import is_accepted
from core.masks.tiles import Array
from core.project import Project
from core.records import ImageRecord
from core.training.dataset import FEW_PIXELS, has_drawn

LOOKING_S = 5.0
"""Time for looking at pictures whose thumbnail is not stored yet; the others wait for the next time."""
NAMED = 3
"""Pictures or pairs that a sentence names."""
MOST_COMPARED = 50
"""Pairs of nearly equal pictures whose labels are compared."""
ENOUGH_COMMON = 200
"""Pixels that must be labelled in both of them."""
MUCH_ACCEPTED = 0.2
"""Share of the labels to measure on from which it is said that they came from a model."""
MOST_ACCEPTED = 50
"""Masks that are read for that."""

UNREAD = np.zeros((16, 16, 3), np.uint8)
"""Stands for a picture that cannot be read: it shows nothing."""

About = Literal["classes", "splits", "labels"]


@dataclass(frozen=True, slots=True)
class Caution:
    sentence: str
    image_ids: tuple[int, ...] = ()
    """The pictures it is about, in the order of the sentence; none where it is about all of them."""
    about: About = "classes"


def find_cautions(
    project: Project, *, seconds: float = LOOKING_S, stop: Callable[[], bool] = lambda: False
) -> list[Caution]:
    """Look for classes with too few pixels, splits without a class, nearly equal pictures across splits, and such
    pictures with labels that contradict each other.

    Args:
        seconds: for looking at pictures that were never looked at before.
        stop: asked before each picture; True ends the looking.
    """
    labelled = [record for record in project.images() if record.labelled]
    learned = [record for record in labelled if record.split == "train"]
    kept = [record for record in labelled if record.split != "train"]
    cautions = [*_about_classes(project, learned), *_about_measuring(project, learned, kept)]
    cautions += _about_accepted(project, [r for r in kept if r.split == "val"] or learned)
    seen = _thumbnails(project, labelled, seconds, stop)
    learned, kept = ([r for r in records if r.id in seen] for records in (learned, kept))
    cautions += _across_splits(learned, kept, seen)
    cautions += _contradictions(project, learned, seen)
    if len(seen) < len(labelled):
        cautions.append(_not_all(labelled, len(seen)))
    return cautions


def _about_classes(project: Project, learned: Sequence[ImageRecord]) -> list[Caution]:
    few = [
        f"{label.name} ({pixels} pixels)"
        for label in project.classes
        if learned and (pixels := _pixels(learned, label.id)) < FEW_PIXELS
    ]
    sentence = f"Too little is labelled in training images to learn from: {', '.join(few)}. Paint more of it."
    return [Caution(sentence)] if few else []


def _about_measuring(project: Project, learned: Sequence[ImageRecord], kept: Sequence[ImageRecord]) -> list[Caution]:
    kept = [record for record in kept if record.split == "val"]
    if not kept:
        return []
    there = [label for label in project.classes if _pixels(learned, label.id)]
    missing = [label.name for label in there if not _pixels(kept, label.id)]
    few = [f"{c.name} ({n} pixels)" for c in there if 0 < (n := _pixels(kept, c.id)) < FEW_PIXELS]
    cautions = []
    if missing:
        sentence = f"No validation image has labels of {', '.join(missing)}: nothing tells how well that is learned."
        cautions.append(Caution(f"{sentence} Keep an image aside that shows it.", about="splits"))
    if few:
        sentence = f"Validation images have few labels of {', '.join(few)}: its figures mean little. Label more there."
        cautions.append(Caution(sentence, about="splits"))
    return cautions


def _about_accepted(project: Project, measured: Sequence[ImageRecord]) -> list[Caution]:
    """A model that is measured on what was accepted from it, or from one like it, looks better than it is. Images in
    which all was accepted are left out; if it is all in all of them, figures say so themselves."""
    looked_at = measured[:: len(measured) // MOST_ACCEPTED + 1]
    masks = [mask for record in looked_at if has_drawn(mask := project.load_mask(record.id))]
    values = [mask.read_marked() for mask in masks]
    labelled = sum(int((mask != UNLABELED).sum()) for mask in values)
    accepted = sum(int(is_accepted(mask).sum()) for mask in values)
    if not labelled or accepted / labelled < MUCH_ACCEPTED:
        return []
    share = f"{accepted / labelled:.0%}".replace("%", " %")
    sentence = f"{share} of the labels to measure on were accepted from predictions. If mistakes were overlooked there,"
    return [Caution(f"{sentence} figures look better than they are: mend those images well.", about="splits")]


def _pixels(records: Iterable[ImageRecord], class_id: int) -> int:
    return sum(record.class_pixels.get(class_id, 0) for record in records)


def _thumbnails(
    project: Project, records: Sequence[ImageRecord], seconds: float, stop: Callable[[], bool]
) -> dict[int, Array]:
    """By image id, as many as there is time for; a picture that cannot be read has none, and nothing to compare."""
    end, found = monotonic() + seconds, dict[int, Array]()
    for record in records:
        if stop() or monotonic() > end:
            break
        try:
            found[record.id] = project.thumbnail(record.id)
        except ImageError:
            found[record.id] = UNREAD
    return found


def _across_splits(
    learned: Sequence[ImageRecord], kept: Sequence[ImageRecord], seen: dict[int, Array]
) -> list[Caution]:
    pairs = _alike(kept, learned, seen)
    if not pairs:
        return []
    told = [f"{a.name} (kept aside) and {b.name} (for training)" for a, b in pairs]
    sentence = f"Nearly the same picture: {_some(told)}. Figures look better than they are. Use both for the same."
    return [Caution(sentence, _ids(pairs), "splits")]


def _contradictions(project: Project, learned: Sequence[ImageRecord], seen: dict[int, Array]) -> list[Caution]:
    pairs = _alike(learned, learned, seen)[:MOST_COMPARED]
    pairs = [pair for pair in pairs if _disagree(*(project.load_mask(record.id).read() for record in pair))]
    if not pairs:
        return []
    told = [f"{a.name} and {b.name}" for a, b in pairs]
    sentence = (
        f"Nearly the same picture, but most of what is labelled in both differs: {_some(told)}. Mend one of them."
    )
    return [Caution(sentence, _ids(pairs), "labels")]


def _alike(
    first: Sequence[ImageRecord], second: Sequence[ImageRecord], seen: dict[int, Array]
) -> list[tuple[ImageRecord, ImageRecord]]:
    """Pairs that are the same file or nearly the same picture; each once, and none with itself."""
    prints, others = (Prints([seen[record.id] for record in records]) for records in (first, second))
    by_hash: dict[str, list[int]] = {}
    for place, record in enumerate(second):
        by_hash.setdefault(record.sha256, []).append(place)
    places = {(a, b) for a, record in enumerate(first) for b in by_hash.get(record.sha256, ())}
    places |= set(prints.pairs_with(others))
    return [(first[a], second[b]) for a, b in sorted(places) if first is not second or a < b]


def _disagree(first: Array, second: Array) -> bool:
    """Whether most pixels that have a label in both (h, w) masks have another one; sizes may differ."""
    if first.shape != second.shape:
        second = np.asarray(cv2.resize(second, first.shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)
    common = (first != UNLABELED) & (second != UNLABELED)
    return bool(common.sum() >= ENOUGH_COMMON and (first != second)[common].mean() > 0.5)


def _some(told: Sequence[str]) -> str:
    more = f"; and {len(told) - NAMED} more" if len(told) > NAMED else ""
    return "; ".join(told[:NAMED]) + more


def _ids(pairs: Iterable[tuple[ImageRecord, ImageRecord]]) -> tuple[int, ...]:
    return tuple(record.id for pair in pairs for record in pair)


def _not_all(labelled: Sequence[ImageRecord], seen: int) -> Caution:
    sentence = f"{seen} of {len(labelled)} labelled pictures were looked at for others nearly the same; more next time."
    return Caution(sentence, about="splits")
