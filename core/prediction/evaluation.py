"""How well a run does on a project's labelled images."""

from collections.abc import Callable
from typing import Any

from core.errors import TrainingError
from core.images import read_image
from core.prediction.inference import predict_image
from core.project import Project
from core.records import ImageRecord, Split
from core.training.messages import TrainedModel
from core.training.metrics import Confusion
from core.training.network import Network, network_from


def trained_model(project: Project, run_id: int | None = None) -> TrainedModel:
    """A run of a project, the newest by default, as what rebuilds its network."""
    run = project.run(run_id)
    return TrainedModel(run.id, run.settings, run.classes, project.run_weights(run.id))


def evaluate(
    project: Project,
    run_id: int | None = None,
    *,
    split: Split = "val",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Compare a run's predictions with every labelled pixel of the images in `split`.

    Returns:
        run, split, images, pixels, miou, accuracy, iou {class: value}, from one confusion matrix. A class that is
        neither labelled nor predicted is None, and left out of the mean.

    Raises:
        TrainingError: no image of that split is labelled.
    """
    records = [record for record in project.images(split) if record.labelled]
    if not records:
        raise TrainingError(f'No image in "{split}" is labelled. Label some, or evaluate on another split.')
    model = trained_model(project, run_id)
    network = network_from(model)
    confusion = Confusion.empty(len(model.classes))
    for done, record in enumerate(records):
        progress(done, len(records))
        _add(confusion, project, network, record)
    progress(len(records), len(records))
    return {"run": model.run_id, "split": split, "images": len(records), **confusion.to_mapping(model.classes)}


def _add(confusion: Confusion, project: Project, network: Network, record: ImageRecord) -> None:
    predicted, _ = predict_image(network, read_image(project.image_path(record)))
    truth = project.load_mask(record.id).read()
    if truth.shape != predicted.shape:
        raise TrainingError(f"{record.name} no longer has the size it was labelled at. Put the labelled file back.")
    confusion.add(truth, predicted)
