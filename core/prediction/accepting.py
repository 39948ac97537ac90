"""Labels from a model for images that nobody has labelled yet: one edit an image, which can be undone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.classes import same_classes
from core.errors import ImageError
from core.images import read_image
from core.large_tiff import LARGE_PIXELS
from core.masks.editor import ONLY_UNLABELED, MaskEdit, MaskEditor
from core.masks.predicted import Predicted, least_confidence
from core.masks.tiles import Array
from core.project import Project
from core.records import ImageRecord


@dataclass(frozen=True, slots=True)
class Accepted:
    images: list[ImageRecord]
    """As they are now, those that got labels."""
    refused: list[str]
    """A sentence for each image that could not be predicted."""


def to_prelabel(records: Sequence[ImageRecord]) -> list[ImageRecord]:
    """The images to train on that have no label. What is kept aside to measure stays free of a model's word."""
    return [record for record in records if record.split == "train" and not record.labelled]


def accept_predictions(
    project: Project,
    records: Sequence[ImageRecord],
    threshold: float,
    run_id: int | None = None,
    *,
    progress: Callable[[int, ImageRecord], None] = lambda done, record: None,
) -> Accepted:
    """Take over what a run, the newest by default, predicts in these images where nothing is labelled.

    Args:
        threshold: least confidence, 0 to 1.
        progress: told how many images are through, and the next one.

    Raises:
        ProjectError: there is no such run, or its weights are gone.
    """
    from core.prediction.look import look_at
    from core.prediction.trained import predictor_from, trained_model
    from core.training.quiet import load_keras

    model = trained_model(project, run_id)
    load_keras()
    network = predictor_from(model)
    least, classes = least_confidence(threshold), same_classes(model.classes, project.classes)
    found = Accepted([], [])
    for done, record in enumerate(records):
        progress(done, record)
        try:
            path = usable_file(project, record)
            look = look_at(network, read_image(path), project.load_mask(record.id), classes=classes, accept_above=least)
        except ImageError as error:
            found.refused.append(str(error))
            continue
        if look is None or look.accepted is None:
            continue
        _, edit = edit_for(project, record.id, look.accepted)
        now = record if edit is None else project.save_edit(record.id, edit)
        project.keep_regions(now, model.run_id, look.regions)
        if edit is not None:
            found.images.append(now)
    return found


def edit_for(project: Project, image_id: int, accepted: Array) -> tuple[MaskEditor, MaskEdit | None]:
    """The image's editor with (height, width) class ids taken over where nothing is labelled; nothing is saved yet."""
    editor = project.open_editor(image_id)
    return editor, editor.accept(Predicted(accepted), allowed=ONLY_UNLABELED)


def usable_file(project: Project, record: ImageRecord) -> Path:
    """The image's file.

    Raises:
        ImageError: it is not there, is another one now, or is too large to be predicted as a whole.
    """
    state = project.file_state(record)
    if state == "missing":
        raise ImageError(f"{record.name} is missing. Put the file back, or find it anew.")
    if state == "changed":
        raise ImageError(f"{record.name} changed since it was added. Open it to decide about its labels.")
    if record.height * record.width > LARGE_PIXELS:
        raise ImageError(f"{record.name} is too large to predict as a whole. Cut out the region you need.")
    return project.image_path(record)
