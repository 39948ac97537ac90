"""How well a run does on a project's labelled images, from start to end."""

from collections.abc import Callable

from core.errors import ImageError, TrainingError
from core.evaluation.figures import Evaluation, Gathering
from core.evaluation.measure import measure_image
from core.evaluation.plan import Plan, plan_evaluation, read_labelled
from core.prediction.inference import Predictor
from core.prediction.trained import predictor_from
from core.project import Project
from core.records import ImageRecord, Split


def evaluate(
    project: Project,
    run_id: int | None = None,
    *,
    split: Split | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    stop: Callable[[], bool] = lambda: False,
) -> Evaluation:
    """Compare a run's predictions with labels that it did not learn from, image by image.

    Args:
        run_id: the newest run by default.
        split: as `plan_evaluation` takes it.
        progress: told how many images are done, of how many.
        stop: asked before each image; True ends it with the images that are done.

    Raises:
        TrainingError: there is nothing to measure on, or the run's network cannot be rebuilt.
        ProjectError: there is no such run, or its weights are gone.
    """
    plan = plan_evaluation(project, run_id, split)
    network, gathering = predictor_from(plan.model), begin(plan)
    for done, record in enumerate(plan.records):
        if stop():
            return gathering.total(stopped=True)
        progress(done, len(plan.records))
        _add(gathering, project, plan, record, network)
    progress(len(plan.records), len(plan.records))
    return gathering.total()


def begin(plan: Plan) -> Gathering:
    """Nothing yet but what is known beforehand."""
    gathering = Gathering(plan.subject)
    for sentence in plan.notes:
        gathering.note(sentence)
    return gathering


def left_out(record: ImageRecord, error: Exception) -> str:
    """What is noted of an image that could not be measured on."""
    return str(error) if record.name in str(error) else f"{record.name} was left out. {error}"


def _add(gathering: Gathering, project: Project, plan: Plan, record: ImageRecord, network: Predictor) -> None:
    try:
        cells = read_labelled(project, plan, record)
        if cells is not None:
            gathering.add(measure_image(network, cells))
    except (ImageError, TrainingError) as error:
        gathering.note(left_out(record, error))
