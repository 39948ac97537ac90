"""Training from start to end, as one plain function."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from core.errors import MaskwrightError, TrainingError
from core.labels import LabelSnapshot
from core.records import Checkpoint
from core.training import device as devices
from core.training import judging
from core.training.checkpoint import EVERY_S, Checkpoints, take_best, take_state
from core.training.course import Course, prepare, settings_of
from core.training.dataset import Dataset
from core.training.learned import AFRESH, CANNOT_GO_ON, knows_validation
from core.training.messages import (
    DeviceFound,
    Notice,
    Report,
    TrainedModel,
    TrainingEnded,
    TrainingStarted,
)
from core.training.mixing import mixed
from core.training.network import Network, pack_weights
from core.training.patches import Batch
from core.training.prefetch import Prefetch
from core.training.progress import Marks
from core.training.settings import TrainingSettings
from core.training.sizes import out_of_memory
from core.training.sound import sound
from core.training.unlabelled import FIRST_STEP

MEASURE_S = 20.0
"""Training time from one measure on the way to the next, at least…"""
MEASURES = 20
"""…and at most so many of them."""
FIRST_MEASURE = 0.1
GUESS_AT = (0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
"""Shares of the training after which the network guesses anew at what nobody has labelled."""

Between = Callable[[Network], None]


@dataclass(slots=True)
class _Handles:
    """How a training is watched and ended."""

    report: Callable[[Report], None]
    stop: Callable[[], bool]
    between: Between
    checkpoints: Checkpoints


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
        between: called after every step with the averaged network, which it may predict with; before the first one too
            where that network already predicts something of use.
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
    """What `prepare` makes, with the best weights of before a crash, and steps that leave no trace if not sound."""
    if resume is not None:
        course = _where_it_stood(snapshot, settings, device, handles, resume)
    else:
        if start_from is not None and knows_validation(snapshot, start_from.settings):
            handles.report(Notice(AFRESH.format(run=start_from.run_id)))
            start_from = None
        course = prepare(snapshot, settings, device, start_from=start_from, report=handles.report)
    course.step = sound(course.step, course.network, course.averaged)
    return course


def _where_it_stood(
    snapshot: LabelSnapshot, settings: TrainingSettings, device: DeviceFound, handles: _Handles, resume: Checkpoint
) -> Course:
    """As it was at a checkpoint; TrainingError if it learned from what is measured on now."""
    if knows_validation(snapshot, resume.settings):
        raise TrainingError(CANNOT_GO_ON)
    course = prepare(snapshot, settings, device, resume=resume, report=handles.report)
    if course.dataset.measured_on == "held-out pixels" and resume.settings.get("taught") is None:
        raise TrainingError(CANNOT_GO_ON)  # nothing was held out then
    judging.take_up(course, take_best(resume.state, course.averaged), handles.stop)
    return course


def _trained(course: Course, device: DeviceFound, handles: _Handles) -> TrainingEnded:
    if course.sees:
        handles.between(course.averaged)  # a first look, before the first step is compiled
    try:
        early = _learn(course, handles)
    finally:
        handles.checkpoints.finish()
    if not course.progress.step:
        raise TrainingError("Training was stopped before anything was learned. No run was kept.")
    stopped = course.progress.done < 1 and not early
    confusion, more = judging.conclude(course, handles.report, handles.stop)
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
    marks = _measure_at(course.settings), Marks(GUESS_AT)
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
        if course.guesses is not None:
            if guess_now.passed(progress.done):
                course.guesses.renew(course.averaged, handles.stop)
            course.guesses.unlabelled.look(course.averaged, progress.step, handles.stop)
        _advance(course, handles, batches)
    progress.tell(handles.report)
    handles.between(course.averaged)
    if handles.checkpoints.due:
        state = take_state(course.network, course.averaged, course.step) | course.best.to_state()
        handles.checkpoints.take(_where(course), state)
    if measure_now.passed(progress.done):
        judging.look(course, handles.report, handles.stop)


def _advance(course: Course, handles: _Handles, batches: Iterator[Batch]) -> None:
    """One step; where memory runs out, a smaller size for the next one."""
    progress = course.progress
    try:
        batch = next(batches)
        if course.guesses is not None:
            batch = course.guesses.complete(batch)
            if progress.step >= FIRST_STEP:
                batch = mixed(batch, course.settings.seed, progress.step)
        loss = course.step(batch, progress.learning_rate, progress.follow)
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
