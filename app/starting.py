"""Which run a training goes on from: the newest whose network fits what is to be trained now."""

from collections.abc import Iterable, Sequence

from core.classes import LabelClass
from core.errors import TrainingError
from core.project import Project
from core.records import TrainingRun
from core.training.messages import TrainedModel
from core.training.network import NOT_OURS
from core.training.settings import TrainingSettings


def fits(run: TrainingRun, settings: TrainingSettings, classes: Sequence[LabelClass]) -> bool:
    """Whether a training with these settings and classes can take a run's weights over: classes may have been added."""
    return TrainingSettings.from_mapping(run.settings).network == settings.network and len(run.classes) <= len(classes)


def last_fitting(
    runs: Iterable[TrainingRun], settings: TrainingSettings, classes: Sequence[LabelClass]
) -> TrainingRun | None:
    """The first of `runs` (newest first) that fits."""
    return next((run for run in runs if fits(run, settings, classes)), None)


def model_to_start_from(project: Project, wanted: str, settings: TrainingSettings) -> TrainedModel | None:
    """What "none", "last" or a run's number means; None to begin afresh.

    Raises:
        ProjectError: there is no such run. TrainingError: it cannot be gone on from.
    """
    if wanted == "none":
        return None
    if wanted == "last":
        run = last_fitting(project.runs(), settings, project.classes)
        return None if run is None else trained_model(project, run)
    run = project.run(int(wanted))
    if run.imported:
        raise TrainingError(NOT_OURS.format(run=run.id))
    if not fits(run, settings, project.classes):
        network = TrainingSettings.from_mapping(run.settings).network
        raise TrainingError(
            f"Run {run.id} is no start for this training: its network is {network}, and it knows "
            f"{len(run.classes)} classes. Use --network {network}, or begin with --from none."
        )
    return trained_model(project, run)


def trained_model(project: Project, run: TrainingRun) -> TrainedModel:
    """Everything that rebuilds a run's network, read from the project."""
    return TrainedModel(run.id, dict(run.settings), run.classes, project.run_weights(run.id))
