"""What leaves the store: plain, frozen values that any thread may keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.classes import LabelClass

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")

IMPORTED = "imported"
"""The network of a run that was not trained here, and the name in its settings of what is known of its model."""


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """A picture in a project."""

    id: int
    path: str
    """Relative to the project file's folder where possible, with forward slashes."""
    sha256: str
    height: int
    width: int
    channels: int
    bits: int
    """8 or 16."""
    split: Split
    revision: int
    """The project-wide number of the last change to this image's mask; 0 if there was none."""
    done: bool = False
    class_pixels: Mapping[int, int] = field(default_factory=dict)
    """Labelled pixels by class id."""

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def labelled(self) -> int:
        return sum(self.class_pixels.values())

    @property
    def coverage(self) -> float:
        """Share of labelled pixels, 0 to 1."""
        return self.labelled / (self.height * self.width)


@dataclass(frozen=True, slots=True)
class Revision:
    """One saved change of an image's mask."""

    id: int
    kind: str
    """An EditKind of core.masks.editor; a newer program may know more of them."""
    created_at: datetime
    """With its time zone, UTC."""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One training, with everything needed to repeat it (the weights are fetched apart)."""

    id: int
    created_at: datetime
    seed: int
    settings: Mapping[str, Any]
    """TrainingSettings as a plain mapping; core.training.settings reads it back."""
    label_revision: int
    classes: tuple[LabelClass, ...]
    device: str
    seconds: float
    metrics: Mapping[str, Any]
    """For one: miou, accuracy, iou {class name: value}, measured_on ("validation images", "held-out pixels"…)."""
    curves: Mapping[str, list[float]]
    """Lists by name. What every report tells: "seconds", "step", "loss", "learning_rate", all equally long. What was
    measured on the way, always on the same pixels: "measured_seconds", "measured_miou" and, for each class with a
    pixel among them, "measured_iou/<class name>", all equally long too; older runs have none of these. Seconds of
    training time are the x-values of both."""
    note: str = ""
    weight_bytes: int = 0
    starred: bool = False
    """It is worth keeping, and cannot be deleted before its star is gone."""

    @property
    def imported(self) -> bool:
        """Whether its model was made elsewhere: it predicts, and there is no training to tell of."""
        return IMPORTED in self.settings


@dataclass(frozen=True, slots=True)
class ModelOrigin:
    """Where a model that is exported comes from."""

    project: str
    run: TrainingRun
    images: int
    """How many it learned from."""
    class_pixels: Mapping[int, int]
    """Labelled pixels that it learned from, by class id."""
    pictures: tuple[str, ...]
    """Files that an example may be taken from, the most fitting first."""
    licence: str = ""
    """Who may use it and for what, as a person wrote it."""
    learned_from: tuple[str, ...] = ()
    """Files of pictures like those that it is for: those that it learned from, then others."""


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """What was found out about an exported model; one that cannot give the app's predictions is compared with them."""

    ms_per_megapixel: float
    """On this computer's processor."""
    size_bytes: int = 0
    agreement: float | None = None
    """Mean IoU of its class maps with the app's, 0 to 1; None where it gives the app's own probabilities."""
    pixels: int = 0
    """That were compared."""
    miou: tuple[float, float] | None = None
    """Of the app's model and of the exported one, on labels that they did not learn from; None without any."""
    labelled_pixels: int = 0


@dataclass(frozen=True, slots=True)
class FileRoom:
    """What a project file takes on the disk, in bytes."""

    size: int
    free: int
    """Of these, what deleted things left behind: it is used again, and not given back to the disk."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Where a training stood, so that it can go on after a crash. A project keeps the newest one."""

    settings: Mapping[str, Any]
    """As a run's: TrainingSettings and the architecture."""
    classes: tuple[LabelClass, ...]
    label_revision: int
    step: int
    seconds: float
    """Training time so far."""
    curves: Mapping[str, list[float]]
    """As a run's."""
    state: bytes = field(repr=False)
    """Weights, averaged weights, best weights and the optimiser's memory, as core.training.checkpoint packs them."""
