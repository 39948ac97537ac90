"""Training from start to end, as one plain function."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from core.errors import MaskwrightError, TrainingError
from core.labels import LabelSnapshot
from core.records import Checkpoint
from core.training import device as devices
from core.training.best import Best
from core.training.checkpoint import EVERY_S, Checkpoints, take_best, take_state
from core.training.course import Course, prepare, settings_of
from core.training.dataset import Dataset
from core.training.measuring import Glance
from core.training.messages import (
    Alive,
    DeviceFound,
    Measured,
    Notice,
    Report,
    TrainedModel,
    TrainingEnded,
    TrainingStarted,
)
from core.training.metrics import Confusion
from core.training.network import Network, pack_weights
from core.training.patches import Batch
from core.training.prefetch import Prefetch
from core.training.progress import Marks
from core.training.settings import TrainingSettings
from core.training.sizes import out_of_memory

MEASURE_S = 20.0
"""Training time from one measure on the way to the next, at least…"""
MEASURES = 20
"""…and at most so many of them."""
FIRST_MEASURE = 0.1
GUESS_AT = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
"""Shares of the training after which the network guesses anew at what nobody has labelled."""
STOP_S = 1.0
"""Who presses Stop waits this long at most for a last look at how good the network is, and for one region more."""

Between = Callable[[Network], None]


@dataclass(slots=True)
class _Handles:
    """How a training is watched and ended."""

    report: Callable[[Report], None]
    stop: Callable[[], bool]
    between: Between
    checkpoints: Checkpoints

    def beat(self) -> None:
        self.report(Alive())


def train(
    snapshot: LabelSnapshot,
    settings: TrainingSettings,
    *,
    report: Callable[[Report], None] = lambda _: None,
    stop: Callable[[], bool] = lambda: False,
    between: Between = lambda _: None,
    start_from: TrainedModel | None = None,
    resume: Checkpoint | None = None,
    checkpoint_s: float = EVERY_S,
) -> TrainingEnded:
    """Train a network on the labels of a snapshot.

    With `max_steps`, the same seed gives the same figures on the same computer's CPU. By time alone it does not: how
    many steps fit into a minute is never quite the same.

    Args:
        report: told how it goes: TrainingStarted, then StepsDone and Measured, now and then a CheckpointReached (from
            a thread of its own) or a Notice.
        stop: asked before every step; True ends the training with what was learned so far.
        between: called after every step with the averaged network, which it may predict with.
        start_from: begin with this run's weights, as far as they fit.
        resume: go on where this training stood; `settings` counts for nothing then.
        checkpoint_s: seconds from one checkpoint to the next.

    Raises:
        TrainingError: there is not enough to learn from, an image cannot be read, the loss did not stay finite, or it
            was stopped before the first step.
    """
    if resume is not None:
        settings = TrainingSettings.from_mapping(resume.settings)
    device = devices.find_device()
    handles = _Handles(report, stop, between, Checkpoints(report, checkpoint_s))
    course = _ready(snapshot, settings, device, handles, start_from=start_from, resume=resume)
    report(_started(course.dataset))
    try:
        return _trained(course, device, handles)
    except Exception as error:
        if device.kind != "gpu" or isinstance(error, MaskwrightError) or not devices.has_failed(error):
            raise
        device = devices.leave_gpu()
        report(Notice(f"The graphics card failed. The training goes on on the {device.name}, from where it stood."))
        newest = handles.checkpoints.newest or resume
        course = _ready(snapshot, settings, device, handles, start_from=start_from, resume=newest)
        return _trained(course, device, handles)


def _ready(
    snapshot: LabelSnapshot,
    settings: TrainingSettings,
    device: DeviceFound,
    handles: _Handles,
    *,
    start_from: TrainedModel | None,
    resume: Checkpoint | None,
) -> Course:
    """What `prepare` makes, with the best weights of before a crash."""
    if resume is None:
        return prepare(snapshot, settings, device, start_from=start_from, report=handles.report)
    course = prepare(snapshot, settings, device, resume=resume, report=handles.report)
    if course.dataset.measured_on != "training pixels":
        course.best = _best_again(course, take_best(resume.state, course.averaged), handles)
    return course


def _best_again(course: Course, best: Best, handles: _Handles) -> Best:
    """The best so far, measured anew where there are other labels to measure on than before."""
    if best.glance is None or course.measuring.fits(best.glance):
        return best
    newest = course.averaged.model.get_weights()
    course.averaged.model.set_weights(best.weights)
    glance = course.measuring.glance(course.averaged, handles.stop)
    course.averaged.model.set_weights(newest)
    return Best(glance, best.weights, best.seconds)


def _trained(course: Course, device: DeviceFound, handles: _Handles) -> TrainingEnded:
    try:
        early = _learn(course, handles)
    finally:
        handles.checkpoints.finish()
    if not course.progress.step:
        raise TrainingError("Training was stopped before anything was learned. No run was kept.")
    stopped = course.progress.done < 1 and not early
    confusion, more = _conclude(course, handles, stopped=stopped)
    if early:
        more["ended_early"] = True
    return TrainingEnded(
        settings=settings_of(course),
        seed=course.settings.seed,
        label_revision=course.snapshot.revision,
        classes=course.snapshot.classes,
        device=device.name,
        seconds=round(course.progress.seconds, 3),
        metrics=confusion.to_mapping(course.snapshot.classes) | more,
        curves=course.progress.curves,
        weights=pack_weights(course.averaged.model.get_weights()),
        stopped=stopped,
    )


def _learn(course: Course, handles: _Handles) -> bool:
    """Step after step to the end; True if there was no use in going on to it."""
    marks = _measure_at(course.settings), Marks(GUESS_AT if course.settings.guesses else ())
    while course.progress.done < 1 and not handles.stop():
        size = course.size
        with Prefetch(course.patches(), size.batch, course.progress.step, course.workers) as batches:
            while course.progress.done < 1 and course.size is size and not handles.stop():
                _go_on(course, handles, batches, marks)
                if course.best.settled:
                    handles.report(Notice("Nothing was learned any more for a while, so the training ends early."))
                    return True
    return False


def _measure_at(settings: TrainingSettings) -> Marks:
    every = max(1 / MEASURES, MEASURE_S / settings.budget_s)
    return Marks([FIRST_MEASURE, *np.arange(every, 1, every)[: MEASURES - 1]])


def _go_on(course: Course, handles: _Handles, batches: Iterator[Batch], marks: tuple[Marks, Marks]) -> None:
    """One step, and what is due after it."""
    progress, (measure_now, guess_now) = course.progress, marks
    with progress.clock():
        if guess_now.passed(progress.done):
            course.guesses.renew(course.averaged, handles.stop)
        _advance(course, handles, batches)
    progress.tell(handles.report)
    handles.between(course.averaged)
    if handles.checkpoints.due:
        state = take_state(course.network, course.averaged, course.step) | course.best.to_state()
        handles.checkpoints.take(_where(course), state)
    if measure_now.passed(progress.done):
        _look(course, handles)


def _advance(course: Course, handles: _Handles, batches: Iterator[Batch]) -> None:
    """One step; where memory runs out, a smaller size for the next one."""
    progress = course.progress
    try:
        loss = course.step(course.guesses.complete(next(batches)), progress.learning_rate, progress.follow)
    except Exception as error:
        if not out_of_memory(error):
            raise
        smaller = course.size.smaller()
        if smaller is None:
            raise TrainingError(
                "There is not enough memory to train. Choose a smaller network, then try again."
            ) from error
        course.size = smaller
        handles.report(Notice(f"Memory ran out. The training goes on with {smaller} a step."))
        return
    progress.count(loss)
    course.best.hear(loss)


def _look(course: Course, handles: _Handles) -> None:
    """Measure on the way, keep the weights if they are the best so far."""
    glance = course.measuring.glance(course.averaged, handles.stop)
    if course.measuring.complete(glance):
        _add(course, glance)
        if course.dataset.measured_on != "training pixels":
            course.best.offer(glance, course.averaged.model.get_weights(), course.progress.seconds)
    handles.report(_measured(course, glance.total()))


def _conclude(course: Course, handles: _Handles, *, stopped: bool) -> tuple[Confusion, dict[str, Any]]:
    """Measure the last weights or, where those on the way were better, go back to them."""
    end = perf_counter() + STOP_S
    glance = course.measuring.glance(course.averaged, lambda: stopped and perf_counter() > end)
    if course.measuring.complete(glance):
        _add(course, glance)
    more: dict[str, Any] = {"measured_on": course.dataset.measured_on, "steps": course.progress.step}
    if course.best.beats(glance):
        assert course.best.glance is not None
        course.averaged.model.set_weights(course.best.weights)
        glance, more["best_at_s"] = course.best.glance, round(course.best.seconds, 3)
    # Who pressed Stop does not want to wait for all of the validation images.
    short = stopped or course.measuring.is_all(glance)
    confusion = glance.total() if short else course.measuring.full(course.averaged, handles.beat)
    handles.report(_measured(course, confusion))
    return confusion, more


def _add(course: Course, glance: Glance) -> None:
    """Add to the curves what a glance saw of the classes that have pixels there."""
    total = glance.total()
    there = total.matrix.sum(1) > 0
    iou = {f"iou/{c.name}": float(total.iou[c.id]) for c in course.dataset.classes if there[c.id]}
    course.progress.add_measured({"miou": total.miou} | iou)


def _where(course: Course) -> Checkpoint:
    """Where it stands, still without its state."""
    progress = course.progress
    return Checkpoint(
        settings_of(course),
        course.snapshot.classes,
        course.snapshot.revision,
        progress.step,
        progress.seconds,
        {name: list(values) for name, values in progress.curves.items()},
        b"",
    )


def _started(dataset: Dataset) -> TrainingStarted:
    return TrainingStarted(
        images=len(dataset.training),
        labelled_pixels=int(dataset.class_pixels.sum()),
        measured_on=dataset.measured_on,
        warnings=dataset.warnings,
    )


def _measured(course: Course, confusion: Confusion) -> Measured:
    iou: Mapping[str, float] = {c.name: float(v) for c, v in zip(course.dataset.classes, confusion.iou, strict=True)}
    return Measured(course.progress.seconds, confusion.miou, confusion.accuracy, iou)
