"""The verb that trains. It returns the exit code."""

import argparse
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from app.keeping import cut_off_text, keep_run
from app.starting import model_to_start_from
from app.terminal import Terminal, percent, table
from app.verbs import run_values
from core.errors import TrainingError
from core.evaluation.cautions import find_cautions
from core.project import Project
from core.records import Checkpoint, TrainingRun
from core.training.messages import (
    CheckpointReached,
    Measured,
    Notice,
    Report,
    StepsDone,
    TrainedModel,
    TrainingEnded,
    TrainingStarted,
)
from core.training.settings import TrainingSettings

SETTINGS = ("budget_s", "max_steps", "seed", "network", "head", "patch", "batch", "workers", "learning_rate", "scene")
"""What of TrainingSettings can be said on the command line; what is not said is chosen."""
UNTIMED_S = 7 * 24 * 3600.0
"""Budget of a training that ends after so many steps."""


def train(args: argparse.Namespace, terminal: Terminal) -> int:
    settings = _settings(args)
    with Project.open(args.project) as project:
        resume = _cut_off(project, args.resume, terminal)
        start_from = None if resume else model_to_start_from(project, args.start_from, settings)
        _tell_beginning(terminal, start_from, resume)
        run, ended = train_project(project, settings, terminal, start_from=start_from, resume=resume)
        figures = {**run_values(run), "stopped": ended.stopped}
    miou, measured_on = percent(run.metrics.get("miou")), run.metrics.get("measured_on", "")
    terminal.say(f"Run {run.id}: mIoU {miou} on {measured_on}, after {run.seconds:.0f} s of training.")
    terminal.say(iou_table(run.metrics))
    terminal.result(figures)
    return 0


def _settings(args: argparse.Namespace) -> TrainingSettings:
    said = {name: value for name in SETTINGS if (value := getattr(args, name)) is not None}
    if "max_steps" in said:
        said.setdefault("budget_s", UNTIMED_S)
    return replace(TrainingSettings(), **said)


def _cut_off(project: Project, wanted: bool, terminal: Terminal) -> Checkpoint | None:
    """The training to go on with, if that is wanted; else only said where there is one."""
    checkpoint = project.checkpoint()
    if checkpoint is None and wanted:
        raise TrainingError(f"No training was cut off in {project.path.name}. Train without --resume.")
    if checkpoint is not None and not wanted:
        terminal.warn(f"{cut_off_text(checkpoint)} --resume would go on with it.")
    return checkpoint if wanted else None


def _tell_beginning(terminal: Terminal, start_from: TrainedModel | None, resume: Checkpoint | None) -> None:
    if resume is not None:
        terminal.warn(f"{cut_off_text(resume)} Going on with its settings, and the labels of now.")
    elif start_from is not None:
        terminal.warn(f"going on from run {start_from.run_id}")


def train_project(
    project: Project,
    settings: TrainingSettings,
    terminal: Terminal,
    *,
    start_from: TrainedModel | None = None,
    resume: Checkpoint | None = None,
) -> tuple[TrainingRun, TrainingEnded]:
    """Train on what is labelled now and store the run; on the way, where it stands is stored now and then."""
    for caution in find_cautions(project):
        if caution.about != "classes":  # of those the training itself tells
            terminal.warn(caution.sentence)
    snapshot = project.snapshot_labels()
    terminal.progress("loading TensorFlow", key="load")
    from core.training.device import find_device
    from core.training.fit import train as fit
    from core.training.quiet import load_keras

    load_keras()
    device = find_device()
    terminal.warn(f"training on {device.name}. {device.advice}".rstrip())
    for sentence in snapshot.left_out:
        terminal.warn(f"left out: {sentence}")
    report = _Reporter(terminal, project)
    with interruptible(terminal) as stop:
        ended = fit(snapshot, settings, report=report, stop=stop, start_from=start_from, resume=resume)
    return keep_run(project, ended), ended


class _Reporter:
    """Turns what training reports into progress lines, and stores where it stands."""

    def __init__(self, terminal: Terminal, project: Project) -> None:
        self._terminal = terminal
        self._project = project
        self._miou = ""

    def __call__(self, report: Report) -> None:
        match report:
            case TrainingStarted():
                text = f"{report.labelled_pixels:,} labelled pixels in {report.images} images"
                self._terminal.progress(text, key="started")
                for sentence in report.warnings:
                    self._terminal.warn(sentence)
            case StepsDone():
                text = f"step {report.step}, loss {report.loss:.3f}{self._miou}, {report.seconds_left:.0f} s left"
                self._terminal.progress(text, key="steps")
            case Measured():
                self._miou = f", mIoU {percent(report.miou)}"
            case CheckpointReached():
                self._project.save_checkpoint(report.checkpoint)
            case Notice():
                self._terminal.warn(report.text)


@contextmanager
def interruptible(terminal: Terminal) -> Iterator[Callable[[], bool]]:
    """Within, the first Ctrl+C or SIGTERM makes `stop()` true; the second one ends the program."""
    asked: list[int] = []

    def ask(number: int, frame: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        terminal.warn("stopping, and keeping what was learned; once more to leave at once")

    signals = (signal.SIGINT, signal.SIGTERM)
    try:
        before = {number: signal.signal(number, ask) for number in signals}
    except ValueError:  # not the main thread: whoever started it stops it
        before = {}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def iou_table(values: Mapping[str, Any]) -> str:
    rows = [("mIoU", percent(values.get("miou"))), ("accuracy", percent(values.get("accuracy")))]
    return table(rows + [(name, percent(v)) for name, v in values.get("iou", {}).items()])
