"""From a training that ended, or was cut off, to what the project keeps of it."""

from app.figures import clock
from core.project import Project
from core.records import Checkpoint, TrainingRun
from core.training.messages import TrainingEnded
from core.training.settings import TrainingSettings


def keep_run(project: Project, ended: TrainingEnded) -> TrainingRun:
    """Store what a training came to; ProjectError if it cannot be written."""
    return project.add_run(
        seed=ended.seed,
        settings=ended.settings,
        label_revision=ended.label_revision,
        classes=ended.classes,
        device=ended.device,
        seconds=ended.seconds,
        metrics=ended.metrics,
        curves=ended.curves,
        weights=ended.weights,
    )


def cut_off_text(checkpoint: Checkpoint) -> str:
    """How far a training came that did not end: "A training was cut off at 0:42 of 5:00."."""
    settings = TrainingSettings.from_mapping(checkpoint.settings)
    if settings.max_steps:
        return f"A training was cut off at step {checkpoint.step} of {settings.max_steps}."
    return f"A training was cut off at {clock(checkpoint.seconds)} of {clock(settings.budget_s)}."
