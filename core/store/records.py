"""Rows to the frozen records that leave the store, and back."""

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.classes import classes_from_json, classes_to_json
from core.records import Checkpoint, ImageRecord, Split, TrainingRun
from core.store.tables import CheckpointRow, ClassPixelsRow, ImageRow, RunRow

_COLUMNS = tuple(field.name for field in fields(ImageRecord) if field.name != "class_pixels")


def image_record(row: ImageRow) -> ImageRecord:
    columns = (getattr(row, name) for name in _COLUMNS)
    return _record(columns, {p.class_id: p.pixels for p in row.pixels if p.pixels})


def read_image_records(session: Session, split: Split | None) -> list[ImageRecord]:
    """All images in the order of their paths, as plain columns: row objects take ten times as long."""
    images = select(*(getattr(ImageRow, name) for name in _COLUMNS)).order_by(ImageRow.path)
    if split is not None:
        images = images.where(ImageRow.split == split)
    pixels: dict[int, dict[int, int]] = {}
    counts = select(ClassPixelsRow.image_id, ClassPixelsRow.class_id, ClassPixelsRow.pixels)
    for image_id, class_id, count in session.execute(counts.where(ClassPixelsRow.pixels > 0)):
        pixels.setdefault(image_id, {})[class_id] = count
    return [_record(row, pixels.get(row[0], {})) for row in session.execute(images)]


def _record(columns: Iterable[Any], class_pixels: dict[int, int]) -> ImageRecord:
    return ImageRecord(*columns, class_pixels)  # type: ignore[call-arg]  # the columns are its fields, in order


def run_record(row: RunRow) -> TrainingRun:
    return TrainingRun(
        id=row.id,
        created_at=row.created_at.replace(tzinfo=UTC),
        seed=row.seed,
        settings=json.loads(row.settings),
        label_revision=row.label_revision,
        classes=classes_from_json(row.classes),
        device=row.device,
        seconds=row.seconds,
        metrics=json.loads(row.metrics),
        curves=json.loads(row.curves),
        note=row.note,
        weight_bytes=row.weight_bytes,
        starred=row.starred,
    )


def checkpoint_row(checkpoint: Checkpoint) -> CheckpointRow:
    """The one row that a project keeps, number 1."""
    return CheckpointRow(
        id=1,
        settings=json.dumps(checkpoint.settings),
        classes=classes_to_json(checkpoint.classes),
        label_revision=checkpoint.label_revision,
        step=checkpoint.step,
        seconds=checkpoint.seconds,
        curves=json.dumps(checkpoint.curves),
        state=checkpoint.state,
    )


def checkpoint_record(row: CheckpointRow) -> Checkpoint:
    return Checkpoint(
        settings=json.loads(row.settings),
        classes=classes_from_json(row.classes),
        label_revision=row.label_revision,
        step=row.step,
        seconds=row.seconds,
        curves=json.loads(row.curves),
        state=row.state,
    )
