"""What the window and the worker process say to each other. Plain values: they cross a pipe by pickle.

Requests go to the worker, reports come back. Importing this brings in neither Keras nor Qt.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.classes import LabelClass
from core.findings import ImageFigures
from core.labels import LabelSnapshot
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask
from core.records import Checkpoint, ExportFigures, ModelOrigin
from core.regions import RegionTable
from core.training.dataset import LabelledCells
from core.training.head_figures import HeadResult
from core.training.settings import TrainingSettings

Precision = Literal["float32", "mixed_bfloat16"]
"""Names of Keras's dtype policies."""

# --- requests


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """All that rebuilds a trained network: a run's settings, classes and weights."""

    run_id: int
    settings: Mapping[str, Any]
    """As stored with the run: TrainingSettings and the architecture ("channels", "network"…)."""
    classes: tuple[LabelClass, ...]
    weights: bytes


@dataclass(frozen=True, slots=True)
class Train:
    snapshot: LabelSnapshot
    settings: TrainingSettings
    start_from: TrainedModel | None = None
    """Go on from this run's weights, while labels grow; None begins afresh."""
    resume: Checkpoint | None = None
    """Go on where a training stood that was cut off: its settings count then, and the labels of now."""


@dataclass(frozen=True, slots=True)
class CompareHeads:
    """Train every head `seeds` times and measure them; StopTraining ends it with what is there."""

    snapshot: LabelSnapshot
    settings: TrainingSettings
    """budget_s is for each training; head, seed and learning rate are chosen by the comparison."""
    seeds: int


@dataclass(frozen=True, slots=True)
class StopTraining:
    """End the training under way after the running step, keeping what was learned so far."""


@dataclass(frozen=True, slots=True)
class LoadModel:
    """The model that the following Predict requests use."""

    model: TrainedModel


@dataclass(frozen=True, slots=True)
class Predict:
    """Predict an image with the model last loaded."""

    image_id: int
    path: str
    preview: bool = False
    """While training: use what has been learned so far instead. The answer's run_id is then 0."""
    region: Rect | None = None
    """Only this part of the picture; None for all of it."""
    step: int = 1
    """Look only at every so many pixels each way, as if the picture were that much smaller: quick and rough."""


@dataclass(frozen=True, slots=True)
class ReadPicture:
    """Read a picture that will be asked for in a moment; there is no answer."""

    path: str


@dataclass(frozen=True, slots=True)
class LookAt:
    """Look at an image with the model last loaded, for what it proposes there. Every other request goes first."""

    image_id: int
    path: str
    labels: Mask
    classes: frozenset[int]
    """Ids that mean now what they meant to the model."""
    accept_above: int | None = None
    """Tell also what may be accepted: where the confidence is at least this, in 1/255."""


@dataclass(frozen=True, slots=True)
class MeasureImage:
    """Compare what the model last loaded says of an image with its labels."""

    cells: LabelledCells
    """Those of its labels that count; at least one."""


@dataclass(frozen=True, slots=True)
class ExportModel:
    model: TrainedModel
    origin: ModelOrigin
    format: str
    folder: str
    held_out: tuple[LabelledCells, ...] = ()
    """Labels to measure formats on that cannot be exact."""


@dataclass(frozen=True, slots=True)
class StopExport:
    """End the export that was asked for last, soon; a Failed answers it. Nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Request = (
    Train
    | CompareHeads
    | StopTraining
    | LoadModel
    | Predict
    | ReadPicture
    | LookAt
    | MeasureImage
    | ExportModel
    | StopExport
    | Quit
)

# --- reports


@dataclass(frozen=True, slots=True)
class DeviceFound:
    kind: str
    """ "gpu" or "cpu"."""
    name: str
    """For a person: "NVIDIA RTX 4060, 8 GB" or "CPU, 8 threads"."""
    advice: str = ""
    """What would make it faster, where there is no GPU."""
    precision: Precision = "float32"
    """What it trains with in the least time."""


@dataclass(frozen=True, slots=True)
class TrainingStarted:
    images: int
    labelled_pixels: int
    measured_on: str
    """What the figures will be measured on: "validation images", "held-out pixels" or "training pixels"."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepsDone:
    """Sent about twice a second while training."""

    step: int
    seconds: float
    seconds_left: float
    loss: float
    """Mean loss since the last report."""
    learning_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class CheckpointReached:
    """Sent about every half minute while training; what stores it keeps the newest one."""

    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class Notice:
    """Something changed on the way, such as a smaller batch after memory ran out; the training goes on."""

    text: str
    """One sentence for a person."""


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life from a training that has nothing to tell for long; a Worker keeps it to itself."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Sent after each measuring pass."""

    seconds: float
    miou: float
    accuracy: float
    iou: Mapping[str, float]
    """By class name; NaN where a class has no pixel to measure on."""


@dataclass(frozen=True, slots=True)
class TrainingEnded:
    """What Project.add_run stores, field by field."""

    settings: Mapping[str, Any]
    seed: int
    label_revision: int
    classes: tuple[LabelClass, ...]
    device: str
    seconds: float
    metrics: Mapping[str, Any]
    curves: Mapping[str, list[float]]
    weights: bytes = field(repr=False)
    stopped: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PredictionReady:
    image_id: int
    run_id: int
    """0 for a preview of the training under way."""
    class_map: Array
    """(height, width) uint8 class ids."""
    confidence: Array
    """(height, width) uint8: the winning class's probability in 1/255."""
    region: Rect | None = None
    """The part of the picture that they are of; None for all of it."""
    entropy: Array | None = None
    """(height, width) uint8: entropy over the classes in 1/255 of the most there can be; None where it is not known."""
    step: int = 1
    """As asked for: the arrays are by so much smaller than the region, rounded up."""


@dataclass(frozen=True, slots=True, eq=False)
class LookedAt:
    image_id: int
    run_id: int
    regions: RegionTable | None
    """None where it gave way to something longer: ask again."""
    accepted: Array | None = None
    """(height, width) class ids that may be accepted, UNLABELED elsewhere, where that was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class ImageMeasured:
    image_id: int
    figures: ImageFigures | None
    """None where the image cannot be read, or is not what was labelled."""
    problem: str = ""
    """Why, in one sentence for a person."""


@dataclass(frozen=True, slots=True)
class HeadProgress:
    """Sent about twice a second while heads are compared."""

    doing: str
    """For a person: "Softmax: training 2 of 3"."""
    done: float
    """Share of the comparison that is over, 0 to 1."""
    seconds_left: float
    heads: tuple[HeadResult, ...]
    """Those with at least one measured training."""


@dataclass(frozen=True, slots=True)
class HeadsCompared:
    heads: tuple[HeadResult, ...]
    """Those with at least one measured training; all four, unless it was stopped."""
    measured_on: str
    rates_chosen_on: str
    """ "held-out pixels" or "training pixels", of the training images either way."""
    classes: int
    seeds: int
    """As asked for."""
    budget_s: float
    seconds: float
    """All that it took."""
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class ExportProgress:
    doing: str
    """For a person: "writing the model"."""


@dataclass(frozen=True, slots=True)
class ModelExported:
    folder: str
    figures: ExportFigures


@dataclass(frozen=True, slots=True)
class Failed:
    """The request came to nothing; the worker is ready for the next one."""

    request: str
    """ "train", "compare", "predict", "look", "measure" or "export"."""
    message: str
    """One sentence for a person."""
    trace: str = ""
    """The traceback where it is a bug, for the report."""


Report = (
    DeviceFound
    | TrainingStarted
    | StepsDone
    | CheckpointReached
    | Notice
    | Alive
    | Measured
    | TrainingEnded
    | PredictionReady
    | LookedAt
    | ImageMeasured
    | HeadProgress
    | HeadsCompared
    | ExportProgress
    | ModelExported
    | Failed
)
