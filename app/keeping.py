"""From a training that ended to a run of the project."""

from core.project import Project
from core.records import TrainingRun
from core.training.messages import TrainingEnded


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
