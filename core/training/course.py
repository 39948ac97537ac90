"""All that a training under way consists of, made ready from labels, settings and where it begins."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.records import Checkpoint
from core.training import warm_start
from core.training.augmentation import Augmentation
from core.training.best import Best
from core.training.checkpoint import restore_state
from core.training.dataset import Dataset, Pictures, make_dataset
from core.training.device import gpu_memory
from core.training.guesses import Guesses, few_labels
from core.training.head_start import begin_with_labels
from core.training.heads import head_named
from core.training.held_out import read_cells
from core.training.inputs import Inputs
from core.training.learned import learned_from
from core.training.measuring import Measuring
from core.training.messages import DeviceFound, Notice, Precision, Report, TrainedModel
from core.training.network import Network, new_network
from core.training.patches import Patches
from core.training.precision import computing_in
from core.training.pretrained import begin_pretrained, comes_taught
from core.training.progress import Progress, choose_rate
from core.training.scaling import choose_inputs
from core.training.settings import TrainingSettings
from core.training.sizes import Size, choose_size, choose_workers
from core.training.step import Step, make_step
from core.training.unet import Shape, shape_from, shape_named
from core.training.unlabelled import Unlabelled

OTHER_NETWORK = "Run {run} had another network or other pictures, so this training begins afresh."
NOTHING_HELD_OUT = "Run {run} learned from pixels that are now kept for measuring, so this training begins afresh."


@dataclass(slots=True)
class Course:
    """A training under way."""

    snapshot: LabelSnapshot
    settings: TrainingSettings
    dataset: Dataset
    pictures: Pictures
    upright: bool
    network: Network
    averaged: Network
    step: Step
    size: Size
    workers: int
    progress: Progress
    measuring: Measuring
    guesses: Guesses | None
    """None where labels are enough, or guesses are not wanted."""
    best: Best
    started_from: int | None
    learned_from: list[str]
    sees: bool
    """Whether it predicts something of use before the first step."""

    def patches(self) -> Patches:
        """The same ones for the same seed."""
        return Patches(
            self.dataset,
            self.pictures,
            self.network.inputs,
            Augmentation(self.upright),
            side=self.size.patch,
            multiple=self.network.shape.multiple,
            seed=self.settings.seed,
            accepted_weight=self.settings.accepted_weight,
            unlabelled=self.guesses.unlabelled if self.guesses else None,
        )


def prepare(
    snapshot: LabelSnapshot,
    settings: TrainingSettings,
    device: DeviceFound,
    *,
    start_from: TrainedModel | None = None,
    resume: Checkpoint | None = None,
    report: Callable[[Report], None] = lambda _: None,
) -> Course:
    """Make everything ready for the first step, or for the one after a checkpoint's.

    Raises:
        TrainingError: there is not enough to learn from, an image cannot be read, or the weights to begin with are
            damaged.
    """
    earlier = resume.settings if resume else start_from.settings if start_from else {}
    dataset, pictures = make_dataset(snapshot, read_cells(earlier.get("taught") or ())), Pictures()
    upright = dataset.upright if settings.scene == "auto" else settings.scene == "upright"
    upright = upright or (settings.scene == "auto" and bool(earlier.get("inputs", {}).get("rows")))
    shape, inputs = shape_named(settings.network), choose_inputs(snapshot.images, pictures, rows=upright)
    if resume is not None:
        shape, inputs = _where_it_stood(resume, snapshot)
    elif start_from is not None and (reason := _why_afresh(start_from, shape, inputs, dataset)):
        report(Notice(reason.format(run=start_from.run_id)))
        start_from = None
    elif start_from is not None:
        inputs = warm_start.continued_inputs(start_from, inputs)
    fresh = resume is None and start_from is None
    make = partial(new_network, shape, inputs, head_named(settings.head), snapshot.classes)
    pretrained = settings.pretrained and resume is None
    network, averaged = twins(make, settings.seed, start_from, pretrained=pretrained, precision=device.precision)
    unlabelled = Unlabelled(snapshot.unlabelled, pictures, len(dataset.training), resume.step if resume else 0)
    few = few_labels(dataset)
    guesses = Guesses(dataset, pictures, unlabelled) if few and settings.guesses else None
    rate = choose_rate(settings, few_labels=few and (not fresh or comes_taught(shape)))
    settings = replace(settings, learning_rate=settings.learning_rate or rate)
    step, progress = make_step(network, averaged, settings.weight_decay), Progress(settings)
    if resume is not None:
        restore_state(resume.state, network, averaged, step)
        progress.go_on_from(resume)
    gpu_bytes = gpu_memory() if device.kind == "gpu" else 0
    course = Course(
        snapshot,
        settings,
        dataset,
        pictures,
        upright,
        network,
        averaged,
        step,
        choose_size(settings, snapshot.images, shape, gpu_bytes=gpu_bytes),
        choose_workers(settings, on_gpu=device.kind == "gpu"),
        progress,
        Measuring(dataset, pictures, settings.seed),
        guesses,
        Best(),
        start_from.run_id if start_from else resume.settings.get("started_from") if resume else None,
        learned_from(snapshot, {} if fresh else earlier),
        sees=not fresh,
    )
    if fresh and settings.pretrained and settings.head_start and comes_taught(shape):
        _begin_with_labels(course)
    return course


def _begin_with_labels(course: Course) -> None:
    with course.progress.clock():
        course.sees = begin_with_labels(course.averaged, course.patches(), course.guesses, course.size.batch)
        course.network.model.set_weights(course.averaged.model.get_weights())


def twins(
    make: Callable[[], Network],
    seed: int,
    start_from: TrainedModel | None = None,
    *,
    pretrained: bool = False,
    precision: Precision = "float32",
) -> tuple[Network, Network]:
    """The network that is trained, and the one whose weights follow it and that predicts, always in float32."""
    import keras

    keras.utils.set_random_seed(seed)
    with computing_in(precision):
        network = make()
    averaged = make()
    if start_from is not None:
        warm_start.take_over(start_from, network)
    elif pretrained:
        begin_pretrained(network)
    averaged.model.set_weights(network.model.get_weights())
    return network, averaged


def _where_it_stood(resume: Checkpoint, snapshot: LabelSnapshot) -> tuple[Shape, Inputs]:
    if len(resume.classes) != len(snapshot.classes):
        raise TrainingError("There are other classes now than in the training that was cut off. Train anew.")
    return (
        shape_from(resume.settings.get("shape", {})),
        Inputs.from_mapping(resume.settings.get("inputs", {})),
    )


def _why_afresh(start_from: TrainedModel, shape: Shape, inputs: Inputs, dataset: Dataset) -> str:
    """Why a run's weights cannot be gone on from; empty if they can."""
    if not warm_start.fits(start_from, shape, inputs):
        return OTHER_NETWORK
    if dataset.measured_on == "held-out pixels" and start_from.settings.get("taught") is None:
        return NOTHING_HELD_OUT
    return ""


def settings_of(course: Course) -> dict[str, object]:
    """What a run or a checkpoint stores of a training, with what was chosen on the way filled in."""
    settings = replace(course.settings, patch=course.size.patch, batch=course.size.batch)
    taught = course.dataset.taught
    more = {
        "precision": course.network.model.dtype_policy.name,
        "taught": None if taught is None else sorted(map(list, taught)),
        "started_from": course.started_from,
        "learned_from": course.learned_from,
    }
    return settings.to_mapping() | course.averaged.to_mapping() | more
