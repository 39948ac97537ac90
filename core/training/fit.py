"""Training from start to end, as one plain function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from math import cos, isfinite, pi
from time import perf_counter

import numpy as np

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.training.augmentation import Augmentation
from core.training.dataset import Dataset, make_dataset
from core.training.device import find_device
from core.training.heads import head_named
from core.training.inputs import Floats
from core.training.measuring import Measuring
from core.training.messages import Measured, Report, StepsDone, TrainingEnded, TrainingStarted
from core.training.metrics import Confusion
from core.training.network import Network, new_network, pack_weights
from core.training.patches import Batch, Patches, Prefetch
from core.training.scaling import choose_inputs
from core.training.settings import TrainingSettings
from core.training.step import Step, make_step
from core.training.unet import shape_named

REPORT_S = 0.5
WARM_UP = 0.1
"""Share of the training in which the learning rate rises."""
MEASURE_AT = (0.1, 0.3, 0.6)
"""Shares of the training after which a first impression is measured."""
UNSOUND_STEPS = 20
"""Steps in a row without a finite loss after which training is given up."""

Between = Callable[[Network], None]


@dataclass(slots=True)
class _Progress:
    """Where the training under way stands."""

    settings: TrainingSettings
    step: int = 0
    seconds: float = 0.0
    unsound: int = 0
    losses: list[float] = field(default_factory=list)
    """Since the last report."""
    curves: dict[str, list[float]] = field(
        default_factory=lambda: {"seconds": [], "step": [], "loss": [], "learning_rate": []}
    )

    @property
    def done(self) -> float:
        """Share of the training that is over, 0 to 1."""
        by_time = self.seconds / self.settings.budget_s
        by_steps = self.step / self.settings.max_steps if self.settings.max_steps else 0.0
        return min(1.0, max(by_time, by_steps))

    @property
    def learning_rate(self) -> float:
        """Up in a line, then down along a cosine to nothing."""
        if self.done < WARM_UP:
            return self.settings.learning_rate * max(0.05, self.done / WARM_UP)
        return self.settings.learning_rate * (1 + cos(pi * (self.done - WARM_UP) / (1 - WARM_UP))) / 2

    @property
    def follow(self) -> float:
        """How far the averaged weights go towards the newest: the average spans the last tenth of all steps so far."""
        return max(0.01, 1 / (1 + self.step / 10))


def train(
    snapshot: LabelSnapshot,
    settings: TrainingSettings,
    *,
    report: Callable[[Report], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    between: Between = lambda _: None,
) -> TrainingEnded:
    """Train a network on the labels of a snapshot.

    Args:
        report: told how it goes: TrainingStarted, then StepsDone and Measured.
        stop: asked before every step; True ends the training with what was learned so far.
        between: called after every step with the averaged network, which it may predict with.

    Raises:
        TrainingError: there is not enough to learn from, an image cannot be read, or the loss did not stay finite.
    """
    dataset = make_dataset(snapshot, settings.seed)
    upright = dataset.upright if settings.scene == "auto" else settings.scene == "upright"
    shape, head = shape_named(settings.network), head_named(settings.head)
    inputs = choose_inputs(snapshot.images, rows=upright)
    device = find_device()
    network, averaged = _twins(partial(new_network, shape, inputs, head, snapshot.classes), settings.seed)
    patches = Patches(
        dataset, inputs, Augmentation(upright), side=settings.patch, multiple=shape.multiple, seed=settings.seed
    )
    step = make_step(network, averaged, _class_weights(dataset), settings.weight_decay)
    measuring = Measuring(dataset, settings.seed)
    report(_started(dataset))
    progress = _Progress(settings)
    with Prefetch(patches, settings.batch) as batches:
        while progress.done < 1 and not stop():
            _advance(progress, step, batches, report)
            between(averaged)
            if measuring.due(progress.done, MEASURE_AT):
                report(_measured(progress.seconds, measuring.glance(averaged), dataset))
    confusion = measuring.full(averaged)
    report(_measured(progress.seconds, confusion, dataset))
    return TrainingEnded(
        settings=settings.to_mapping() | averaged.to_mapping(),
        seed=settings.seed,
        label_revision=snapshot.revision,
        classes=snapshot.classes,
        device=device.name,
        seconds=round(progress.seconds, 3),
        metrics=confusion.to_mapping(snapshot.classes) | {"measured_on": dataset.measured_on, "steps": progress.step},
        curves=progress.curves,
        weights=pack_weights(averaged.model.get_weights()),
        stopped=progress.done < 1,
    )


def _twins(make: Callable[[], Network], seed: int) -> tuple[Network, Network]:
    """The network that is trained, and the one whose weights follow it."""
    import keras

    keras.utils.set_random_seed(seed)
    network, averaged = make(), make()
    averaged.model.set_weights(network.model.get_weights())
    return network, averaged


def _advance(progress: _Progress, step: Step, batches: Iterator[Batch], report: Callable[[Report], None]) -> None:
    """One step, counted, checked and, twice a second, reported."""
    begun = perf_counter()
    rate = progress.learning_rate
    loss = step(*next(batches), rate, progress.follow)
    progress.unsound = 0 if isfinite(loss) else progress.unsound + 1
    if progress.unsound >= UNSOUND_STEPS:
        raise TrainingError("Training went astray: the loss is no longer a number. Train again with another seed.")
    if isfinite(loss):
        progress.losses.append(loss)
    progress.step += 1
    progress.seconds += perf_counter() - begun
    curves = progress.curves
    if progress.losses and (not curves["seconds"] or progress.seconds - curves["seconds"][-1] >= REPORT_S):
        mean = float(np.mean(progress.losses))
        for name, value in (
            ("seconds", progress.seconds),
            ("step", float(progress.step)),
            ("loss", mean),
            ("learning_rate", rate),
        ):
            curves[name].append(round(value, 6))
        progress.losses.clear()
        left = (1 - progress.done) * progress.seconds / max(progress.done, 1e-6)
        report(StepsDone(progress.step, progress.seconds, left, mean, rate))


def _class_weights(dataset: Dataset) -> Floats:
    """Loss weights by class, rare ones a little heavier: share^-1/4, at most three times the mean."""
    share = dataset.class_pixels / dataset.class_pixels.sum()
    weights = np.where(share > 0, np.maximum(share, 1e-6) ** -0.25, 0)
    weights /= weights[share > 0].mean()
    return np.minimum(weights, 3).astype(np.float32)


def _started(dataset: Dataset) -> TrainingStarted:
    return TrainingStarted(
        images=len(dataset.training),
        labelled_pixels=int(dataset.class_pixels.sum()),
        measured_on=dataset.measured_on,
        warnings=dataset.warnings,
    )


def _measured(seconds: float, confusion: Confusion, dataset: Dataset) -> Measured:
    iou = {c.name: float(v) for c, v in zip(dataset.classes, confusion.iou, strict=True)}
    return Measured(seconds, confusion.miou, confusion.accuracy, iou)
