"""What labels a run saw: those of its label revision, as the history of every mask still tells."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from core.project import Project
from core.records import ImageRecord, TrainingRun

Use = Literal["learned", "measured"]


@dataclass(frozen=True, slots=True)
class SeenImage:
    """An image with labels that a run learned from, or was measured on."""

    record: ImageRecord
    """As it is now."""
    class_pixels: Mapping[int, int]
    """Labelled pixels by class id when the run saw them."""
    learned: bool
    """False where it was kept to measure."""

    @property
    def changed(self) -> bool:
        """Whether the run saw other numbers of labelled pixels than there are now."""
        return dict(self.class_pixels) != dict(self.record.class_pixels)


@dataclass(frozen=True, slots=True)
class SeenLabels:
    run_id: int
    revision: int
    images: tuple[SeenImage, ...]
    gone: int
    """Pictures that it learned from, itself or as the run that it goes on from, and that the project has no longer."""

    @property
    def learned(self) -> tuple[SeenImage, ...]:
        """Without those that were kept to measure."""
        return tuple(image for image in self.images if image.learned)

    def use_of(self, image_id: int) -> Use | None:
        """What the labels of an image were to it; None for nothing."""
        found = next((image for image in self.images if image.record.id == image_id), None)
        return None if found is None else "learned" if found.learned else "measured"

    @property
    def class_pixels(self) -> dict[int, int]:
        """Labelled pixels that it learned from, by class id."""
        total: Counter[int] = Counter()
        for image in self.learned:
            total.update(image.class_pixels)
        return dict(total)

    @property
    def pixels(self) -> int:
        """Labelled pixels that it learned from."""
        return sum(self.class_pixels.values())


def labels_seen(project: Project, run: TrainingRun, stop: Callable[[], bool] = lambda: False) -> SeenLabels | None:
    """Look up what a run learned from and was measured on; None if stopped.

    Only masks that changed since are read. An image that was taken out of the project has taken its history along.

    Args:
        stop: asked before each image; True ends the looking.
    """
    stored = run.settings.get("learned_from")
    names = None if stored is None else set(stored)
    images, found = [], set()
    for record in project.images():
        if stop():
            return None
        name = _name_in(names, record)
        learned = record.split == "train" if names is None else bool(name)
        found.add(name)
        if learned or record.split == "val":
            pixels = _pixels_at(project, record, run.label_revision)
            images += [SeenImage(record, pixels, learned)] if pixels else []
    gone = len(names - found) if names is not None else 0
    return SeenLabels(run.id, run.label_revision, tuple(images), gone)


def _name_in(names: set[str] | None, record: ImageRecord) -> str:
    """The end of the picture's hash by which a run knows it; empty if it does not."""
    return next((name for name in names or () if record.sha256.endswith(name)), "")


def _pixels_at(project: Project, record: ImageRecord, revision: int) -> Mapping[int, int]:
    if record.revision <= revision:
        return record.class_pixels
    return project.mask_at(record.id, revision).class_pixels()
