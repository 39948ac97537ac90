"""A run of a project, ready to predict with."""

from core.project import Project
from core.training.messages import TrainedModel


def trained_model(project: Project, run_id: int | None = None) -> TrainedModel:
    """A run of a project, the newest by default, as what rebuilds its network."""
    run = project.run(run_id)
    return TrainedModel(run.id, run.settings, run.classes, project.run_weights(run.id))
