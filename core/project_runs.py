"""What a project keeps of its trainings: finished runs, what they propose to look at, and where the one under way
stands."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, and_, delete, select, text
from sqlalchemy.orm import Session

from core.classes import LabelClass, classes_to_json
from core.errors import ProjectError
from core.records import Checkpoint, FileRoom, ImageRecord, TrainingRun
from core.regions import REGION, RegionTable
from core.store.records import checkpoint_record, checkpoint_row, run_record
from core.store.tables import CheckpointRow, ImageRegionsRow, ImageRow, RunRow, WeightsRow

STARRED = "Run {run} is starred, so it is kept. Take its star away to delete it."


class ProjectRuns:
    """The part of Project that stores trainings."""

    path: Path

    def _transaction(self) -> AbstractContextManager[Session]:
        raise NotImplementedError

    # --- runs

    def add_run(
        self,
        *,
        seed: int,
        settings: Mapping[str, Any],
        label_revision: int,
        classes: Sequence[LabelClass],
        device: str,
        seconds: float,
        metrics: Mapping[str, Any],
        curves: Mapping[str, list[float]],
        weights: bytes,
        note: str = "",
        trained: bool = True,
    ) -> TrainingRun:
        """Store a finished training with its weights; the checkpoint it leaves behind goes.

        Args:
            trained: False for a model from elsewhere, which ends no training.
        """
        with self._transaction() as session:
            row = RunRow(
                created_at=datetime.now(UTC).replace(tzinfo=None),
                seed=seed,
                settings=json.dumps(settings),
                label_revision=label_revision,
                classes=classes_to_json(classes),
                device=device,
                seconds=seconds,
                metrics=json.dumps(metrics),
                curves=json.dumps(curves),
                note=note,
                weight_bytes=len(weights),
            )
            session.add(row)
            session.flush()
            session.add(WeightsRow(run_id=row.id, data=weights))
            if trained:
                session.execute(delete(CheckpointRow))
            return run_record(row)

    def runs(self) -> list[TrainingRun]:
        """Newest first."""
        with self._transaction() as session:
            return [run_record(row) for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()))]

    def run(self, run_id: int | None = None) -> TrainingRun:
        """One run, the newest by default."""
        with self._transaction() as session:
            return run_record(self._run_row(session, run_id))

    def run_weights(self, run_id: int) -> bytes:
        with self._transaction() as session:
            data = session.scalar(select(WeightsRow.data).where(WeightsRow.run_id == run_id))
            if data is None:
                raise ProjectError(f"The weights of run {run_id} are gone. Train again, or use another run.")
            return data

    def note_run(self, run_id: int, note: str) -> TrainingRun:
        """Write a person's own words to a run, in place of what stood there."""
        with self._transaction() as session:
            row = self._run_row(session, run_id)
            row.note = note
            return run_record(row)

    def star_run(self, run_id: int, starred: bool) -> TrainingRun:
        """Mark a run as worth keeping, or take the mark away."""
        with self._transaction() as session:
            row = self._run_row(session, run_id)
            row.starred = starred
            return run_record(row)

    def delete_runs(self, run_ids: Sequence[int]) -> None:
        """Remove runs with their weights and what they propose to look at. The file keeps its size: see `room`.

        Raises:
            ProjectError: one of them is starred or does not exist; then all of them stay.
        """
        with self._transaction() as session:
            for run_id in run_ids:
                if self._run_row(session, run_id).starred:
                    raise ProjectError(STARRED.format(run=run_id))
            session.execute(delete(RunRow).where(RunRow.id.in_(run_ids)))

    def room(self) -> FileRoom:
        """What the file takes, and how much of it is free for what comes next."""
        with self._transaction() as session:
            pages, free, page = (
                int(session.scalar(text(f"PRAGMA {name}")) or 0)
                for name in ("page_count", "freelist_count", "page_size")
            )
        return FileRoom(pages * page, free * page)

    def _run_row(self, session: Session, run_id: int | None) -> RunRow:
        """A run's row, that of the newest by default."""
        query = select(RunRow).order_by(RunRow.id.desc()).limit(1)
        row = session.scalar(query if run_id is None else query.where(RunRow.id == run_id))
        if row is None:
            missing = "Nothing is trained yet" if run_id is None else f"There is no run {run_id}"
            raise ProjectError(f"{missing} in {self.path.name}. Train first.")
        return row

    # --- what runs propose to look at

    def keep_regions(self, record: ImageRecord, run_id: int, regions: RegionTable) -> None:
        """Store an image's regions by a run, in place of what older runs said. `record` is the image as predicted.

        Nothing happens where a newer run has spoken, or where the image or the run is gone by now: predicting takes
        a while, and people go on working.
        """
        with self._transaction() as session:
            last = session.scalar(select(ImageRegionsRow.run_id).where(ImageRegionsRow.image_id == record.id))
            image = session.scalar(select(ImageRow.id).where(ImageRow.id == record.id))
            run = session.scalar(select(RunRow.id).where(RunRow.id == run_id))
            if image is None or run is None or (last is not None and last > run_id):
                return
            session.merge(
                ImageRegionsRow(
                    image_id=record.id,
                    run_id=run_id,
                    revision=record.revision,
                    sha256=record.sha256,
                    regions=regions.tobytes(),
                )
            )

    def regions_known(self, run_id: int) -> set[int]:
        """The images that need not be predicted again by a run: neither their file nor their mask has changed."""
        with self._transaction() as session:
            return set(session.scalars(select(ImageRegionsRow.image_id).join(ImageRow, _up_to_date(run_id))))

    def regions(self, run_id: int) -> dict[int, RegionTable]:
        """The regions of all these images, by image."""
        with self._transaction() as session:
            rows = session.execute(
                select(ImageRegionsRow.image_id, ImageRegionsRow.regions).join(ImageRow, _up_to_date(run_id))
            )
            return {image_id: np.frombuffer(data, REGION) for image_id, data in rows}

    # --- the training under way

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep where the training under way stands; the one before goes."""
        with self._transaction() as session:
            session.merge(checkpoint_row(checkpoint))

    def checkpoint(self) -> Checkpoint | None:
        """Where a training stood that never became a run; None if there is none."""
        with self._transaction() as session:
            row = session.scalar(select(CheckpointRow))
            return checkpoint_record(row) if row is not None else None

    def drop_checkpoint(self) -> None:
        with self._transaction() as session:
            session.execute(delete(CheckpointRow))


def _up_to_date(run_id: int) -> ColumnElement[bool]:
    """Whether regions are a run's, of an image as it is now."""
    return and_(
        ImageRegionsRow.run_id == run_id,
        ImageRow.id == ImageRegionsRow.image_id,
        ImageRow.revision == ImageRegionsRow.revision,
        ImageRow.sha256 == ImageRegionsRow.sha256,
    )
