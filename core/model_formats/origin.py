"""Looks up where a run comes from, for what is exported with its model."""

from collections.abc import Iterable
from contextlib import suppress

from core.errors import ImageError, TrainingError
from core.evaluation.plan import plan_evaluation, read_labelled
from core.project import Project
from core.records import ImageRecord, ModelOrigin
from core.run_labels import SeenLabels, labels_seen
from core.training.dataset import LabelledCells

CANDIDATES = 10
"""Pictures among which an example is looked for."""
LARGEST = 5e7
"""Pixels of a picture that is decoded for an example."""


def model_origin(project: Project, run_id: int | None = None, licence: str = "") -> ModelOrigin:
    """Of a run, the newest by default."""
    run = project.run(run_id)
    seen = labels_seen(project, run)
    return ModelOrigin(
        project=project.path.stem,
        run=run,
        images=len(seen.learned) if seen else 0,
        class_pixels=seen.class_pixels if seen else {},
        pictures=tuple(str(project.image_path(record)) for record in _examples(project)),
        licence=licence,
        learned_from=_learned_from(project, seen),
    )


def held_out_labels(project: Project, run_id: int) -> tuple[LabelledCells, ...]:
    """Labels that a run did not learn from, of pictures that can be read; not all, where they are many or large."""
    try:
        plan = plan_evaluation(project, run_id)
    except TrainingError:
        return ()  # there are none
    found = []
    for record in _small_enough(plan.records):
        with suppress(ImageError):
            cells = read_labelled(project, plan, record)
            found += [] if cells is None else [cells]
        if len(found) == CANDIDATES:
            break
    return tuple(found)


def _learned_from(project: Project, seen: SeenLabels | None) -> tuple[str, ...]:
    learned = {image.record.id for image in seen.learned} if seen else set()
    records = _small_enough(project.images())
    records.sort(key=lambda record: (record.id not in learned, record.split != "train"))
    return tuple(str(project.image_path(record)) for record in records)


def _examples(project: Project) -> list[ImageRecord]:
    """Those first that the model did not learn from."""
    return sorted(_small_enough(project.images()), key=lambda record: record.split == "train")[:CANDIDATES]


def _small_enough(records: Iterable[ImageRecord]) -> list[ImageRecord]:
    return [record for record in records if record.height * record.width <= LARGEST]
