"""Rows to the frozen records that leave the store, and back."""

import json
from datetime import UTC
from typing import cast

from core.classes import classes_from_json
from core.records import ImageRecord, Split, TrainingRun
from core.store.tables import ImageRow, RunRow


def image_record(row: ImageRow) -> ImageRecord:
    return ImageRecord(
        id=row.id,
        path=row.path,
        sha256=row.sha256,
        height=row.height,
        width=row.width,
        channels=row.channels,
        bits=row.bits,
        split=cast(Split, row.split),
        revision=row.revision,
        class_pixels={p.class_id: p.pixels for p in row.pixels if p.pixels},
        done=row.done,
    )


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
    )
