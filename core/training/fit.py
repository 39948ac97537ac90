"""Training from start to end, as one plain function."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import cos, isfinite, pi
from time import perf_counter

import numpy as np

from core.errors import TrainingError
from core.labels import LabelSnapshot
from core.training.augmentation import Augmentation
from core.training.dataset import Dataset, Pictures, make_dataset
from core.training.device import find_device
from core.training.guesses import Guesses
from core.training.heads import head_named
from core.training.measuring import Measuring
from core.training.messages import Measured, Report, StepsDone, TrainingEnded, TrainingStarted
from core.training.metrics import Confusion
from core.training.network import Network, new_network, pack_weights
from core.training.patches import Batch, Patches
from core.training.prefetch import Prefetch
from core.training.scaling import choose_inputs
from core.training.settings import TrainingSettings
from core.training.step import Step, make_step
from core.training.unet import shape_named

REPORT_S = 0.5
WARM_UP = 0.1
"""Share of the training in which the learning rate rises."""
MEASURE_AT = (0.1, 0.3, 0.6)
"""Shares of the training after which a first impression is measured."""
GUESS_AT = (0.6, 0.8)
"""Shares of the training after which the network guesses anew at what nobody has labelled."""
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

    @contextmanager
    def clock(self) -> Iterator[None]:
        """What is done inside counts as training time."""
        begun = perf_counter()
        yield
        self.seconds += perf_counter() - begun


class Marks:
    """Shares of the training that are passed once each."""

    def __init__(self, marks: Sequence[float]) -> None:
        self._left = sorted(marks)

    def passed(self, done: float) -> bool:
        """Whether a mark was passed since the last time, and the training is not over."""
        before = len(self._left)
        self._left = [mark for mark in self._left if mark > done]
        return len(self._left) < before and done < 1


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
        TrainingError: there is not enough to learn from, an image cannot be read, the loss did not stay finite, or it
            was stopped before the first step.
    """
    dataset, pictures = make_dataset(snapshot), Pictures()
    upright = dataset.upright if settings.scene == "auto" else settings.scene == "upright"
    shape, head = shape_named(settings.network), head_named(settings.head)
    inputs = choose_inputs(snapshot.images, pictures, rows=upright)
    device = find_device()
    network, averaged = _twins(partial(new_network, shape, inputs, head, snapshot.classes), settings.seed)
    augmentation, seed = Augmentation(upright), settings.seed
    patches = Patches(dataset, pictures, inputs, augmentation, side=settings.patch, multiple=shape.multiple, seed=seed)
    measuring, guesses = Measuring(dataset, pictures, seed), Guesses(dataset, pictures)
    step = make_step(network, averaged, settings.weight_decay)
    report(_started(dataset))
    progress = _Progress(settings)
    measure_now, guess_now = Marks(MEASURE_AT), Marks(GUESS_AT if settings.guesses else ())
    with Prefetch(patches, settings.batch) as batches:
        while progress.done < 1 and not stop():
            with progress.clock():
                if guess_now.passed(progress.done):
                    guesses.renew(averaged)
                _advance(progress, step, guesses.complete(next(batches)))
            _tell(progress, report)
            between(averaged)
            if measure_now.passed(progress.done):
                report(_measured(progress.seconds, measuring.glance(averaged), dataset))
    if not progress.step:
        raise TrainingError("Training was stopped before anything was learned. No run was kept.")
    # Who pressed Stop does not want to wait for all of the validation images.
    confusion = measuring.full(averaged) if progress.done >= 1 else measuring.glance(averaged)
    report(_measured(progress.seconds, confusion, dataset))
    return _ended(
        snapshot,
        settings,
        averaged,
        progress=progress,
        confusion=confusion,
        measured_on=dataset.measured_on,
        device=device.name,
    )


def _ended(
    snapshot: LabelSnapshot,
    settings: TrainingSettings,
    averaged: Network,
    *,
    progress: _Progress,
    confusion: Confusion,
    measured_on: str,
    device: str,
) -> TrainingEnded:
    return TrainingEnded(
        settings=settings.to_mapping() | averaged.to_mapping(),
        seed=settings.seed,
        label_revision=snapshot.revision,
        classes=snapshot.classes,
        device=device,
        seconds=round(progress.seconds, 3),
        metrics=confusion.to_mapping(snapshot.classes) | {"measured_on": measured_on, "steps": progress.step},
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


def _advance(progress: _Progress, step: Step, batch: Batch) -> None:
    """One step, counted and checked."""
    loss = step(batch, progress.learning_rate, progress.follow)
    progress.unsound = 0 if isfinite(loss) else progress.unsound + 1
    if progress.unsound >= UNSOUND_STEPS:
        raise TrainingError("Training went astray: the loss is no longer a number. Train again with another seed.")
    if isfinite(loss):
        progress.losses.append(loss)
    progress.step += 1


def _tell(progress: _Progress, report: Callable[[Report], None]) -> None:
    """Add to the curves and report, twice a second."""
    curves = progress.curves
    if not progress.losses or (curves["seconds"] and progress.seconds - curves["seconds"][-1] < REPORT_S):
        return
    now = {"seconds": progress.seconds, "step": float(progress.step), "loss": float(np.mean(progress.losses))}
    for name, value in (now | {"learning_rate": progress.learning_rate}).items():
        curves[name].append(round(value, 6))
    progress.losses.clear()
    left = (1 - progress.done) * progress.seconds / max(progress.done, 1e-6)
    report(StepsDone(progress.step, progress.seconds, left, now["loss"], progress.learning_rate))


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
