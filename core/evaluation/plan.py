"""What of a project a run is measured on: images that were set aside, or pixels that it never learned from."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.classes import LabelClass
from core.errors import ImageError, TrainingError
from core.evaluation.figures import Subject
from core.labels import LabelledImage
from core.prediction.trained import trained_model
from core.project import Project
from core.records import ImageRecord, Split, TrainingRun
from core.run_comparison import renamed_classes
from core.training.dataset import ALL_ACCEPTED, LabelledCells, find_cells, has_drawn
from core.training.held_out import Cell, cell_names, is_held_out, read_cells
from core.training.learned import DIGITS
from core.training.messages import TrainedModel

NOTHING_KEPT = (
    "There is nothing to measure run {run} on: no labelled image is set aside, and the run learned from all labels. "
    "Keep an image aside for validation and label some of it."
)
NOTHING_LABELLED = 'No image in "{split}" is labelled. Label some, or evaluate on another split.'
MEASURED_ON = {"train": "training images", "val": "validation images", "test": "test images"}


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    subject: Subject
    model: TrainedModel
    records: tuple[ImageRecord, ...]
    """The images to look at, one after another."""
    notes: tuple[str, ...]
    """What is known beforehand that a reader of the figures should know."""
    taught: frozenset[Cell] | None = None
    """Where only pixels count that were kept for measuring: those of them that the run learned from all the same."""
    drawn_only: bool = False
    """Whether images are left out in which all labels were accepted, as they are if there are others."""


def plan_evaluation(project: Project, run_id: int | None = None, split: Split | None = None) -> Plan:
    """Choose what a run, the newest by default, is measured on.

    Args:
        split: of which all labelled pixels count, but for images where all was accepted from predictions, if there are
            others. By default those of the validation images or, where none of them is labelled, the pixels of the
            training images that were kept for measuring.

    Raises:
        TrainingError: there is nothing to measure on.
        ProjectError: there is no such run, or its weights are gone.
    """
    run = project.run(run_id)
    records = _labelled(project, split or "val")
    if split is not None and not records:
        raise TrainingError(NOTHING_LABELLED.format(split=split))
    held_out = not records
    if held_out:
        records, split = _labelled(project, "train"), "train"
    measured_on = "held-out pixels" if held_out else MEASURED_ON[split or "val"]
    classes, notes = _classes(project, run, records)
    if not held_out and split != "train":
        notes += _known(run, records)
    subject = Subject(run.id, split or "val", measured_on, project.revision, classes)
    plan = Plan(subject, trained_model(project, run.id), tuple(records), tuple(notes))
    return _drawn(project, _never_learned_from(project, run, plan) if held_out else plan)


def read_labelled(project: Project, plan: Plan, record: ImageRecord) -> LabelledCells | None:
    """The cells of an image to measure on, with its labels of now; None if it has none.

    Raises:
        ImageError: its file is gone, or is not the one that was labelled.
    """
    state = project.file_state(record)
    if state != "ok":
        raise ImageError(f"{record.name} is {state}, so it was left out. Put the labelled file back.")
    cells = _cells(project, plan, record)
    return cells if len(cells.places) else None


def _labelled(project: Project, split: Split) -> list[ImageRecord]:
    return [record for record in project.images(split) if record.labelled]


def _never_learned_from(project: Project, run: TrainingRun, plan: Plan) -> Plan:
    """The same for pixels that were kept for measuring; there must be some."""
    stored = run.settings.get("taught")
    if stored is not None:
        plan = replace(plan, taught=read_cells(stored))
        if _has_labels(project, plan):
            return plan
    raise TrainingError(NOTHING_KEPT.format(run=run.id))


def _drawn(project: Project, plan: Plan) -> Plan:
    """The same for images in which something was drawn; if there are none, with a word about what it is measured on."""
    drawn = replace(plan, drawn_only=True)
    return drawn if _has_labels(project, drawn) else replace(plan, notes=(*plan.notes, ALL_ACCEPTED))


def _has_labels(project: Project, plan: Plan) -> bool:
    return any(len(_cells(project, plan, record).places) for record in plan.records)


def _cells(project: Project, plan: Plan, record: ImageRecord) -> LabelledCells:
    path, mask = str(project.image_path(record)), project.load_mask(record.id)
    image = LabelledImage(record.id, path, record.sha256, record.channels, record.split, mask)
    cells = find_cells(image, len(plan.subject.classes))
    if plan.drawn_only and not has_drawn(mask):
        return _only(cells, np.zeros(len(cells.places), np.bool_))
    return cells if plan.taught is None else _kept(cells, plan.taught)


def _kept(cells: LabelledCells, taught: frozenset[Cell]) -> LabelledCells:
    """Those that are for measuring, and were not needed to learn from."""
    sha256 = cells.image.sha256
    known = np.array([name in taught for name in cell_names(sha256, cells.places)], np.bool_)
    return _only(cells, is_held_out(sha256, cells.places) & ~known)


def _only(cells: LabelledCells, kept: npt.NDArray[np.bool_]) -> LabelledCells:
    return replace(cells, places=cells.places[kept], counts=cells.counts[kept])


def _known(run: TrainingRun, records: list[ImageRecord]) -> list[str]:
    learned = set(run.settings.get("learned_from") or ())
    names = [record.name for record in records if record.sha256[-DIGITS:] in learned]
    if not names:
        return []
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [
        f"Run {run.id} learned from {', '.join(names[:3])}{more}, so its figures there are too good. Train afresh, now "
        "that it is set aside."
    ]


def _classes(
    project: Project, run: TrainingRun, records: list[ImageRecord]
) -> tuple[tuple[LabelClass, ...], list[str]]:
    """The project's classes, with what the run knows beyond them, and what changed since it was trained."""
    now, then = project.classes, run.classes
    notes = renamed_classes(run, now)
    unknown = [c.name for c in now[len(then) :] if any(r.class_pixels.get(c.id) for r in records)]
    if unknown:
        notes.append(
            f"Run {run.id} does not know {', '.join(unknown)}, which came later: it is wrong there. Train again."
        )
    return (*now, *then[len(now) :]), notes
