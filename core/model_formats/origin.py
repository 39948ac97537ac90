"""Looks up where a run comes from, for what is exported with its model."""

from core.project import Project
from core.records import ImageRecord, ModelOrigin
from core.run_labels import labels_seen

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
    )


def _examples(project: Project) -> list[ImageRecord]:
    """Those first that the model did not learn from."""
    records = [record for record in project.images() if record.height * record.width <= LARGEST]
    return sorted(records, key=lambda record: record.split == "train")[:CANDIDATES]
