"""What a project keeps of its trainings: finished runs, and where the one under way stands."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.classes import LabelClass, classes_to_json
from core.errors import ProjectError
from core.records import Checkpoint, TrainingRun
from core.store.records import checkpoint_record, checkpoint_row, run_record
from core.store.tables import CheckpointRow, RunRow, WeightsRow


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
    ) -> TrainingRun:
        """Store a finished training with its weights; the checkpoint it leaves behind goes."""
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
                note="",
                weight_bytes=len(weights),
            )
            session.add(row)
            session.flush()
            session.add(WeightsRow(run_id=row.id, data=weights))
            session.execute(delete(CheckpointRow))
            return run_record(row)

    def runs(self) -> list[TrainingRun]:
        """Newest first."""
        with self._transaction() as session:
            return [run_record(row) for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()))]

    def run(self, run_id: int | None = None) -> TrainingRun:
        """One run, the newest by default."""
        with self._transaction() as session:
            query = select(RunRow).order_by(RunRow.id.desc()).limit(1)
            row = session.scalar(query if run_id is None else query.where(RunRow.id == run_id))
            if row is None:
                missing = "Nothing is trained yet" if run_id is None else f"There is no run {run_id}"
                raise ProjectError(f"{missing} in {self.path.name}. Train first.")
            return run_record(row)

    def run_weights(self, run_id: int) -> bytes:
        with self._transaction() as session:
            data = session.scalar(select(WeightsRow.data).where(WeightsRow.run_id == run_id))
            if data is None:
                raise ProjectError(f"The weights of run {run_id} are gone. Train again, or use another run.")
            return data

    def delete_run(self, run_id: int) -> None:
        with self._transaction() as session:
            session.execute(delete(RunRow).where(RunRow.id == run_id))

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
