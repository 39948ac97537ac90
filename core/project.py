"""Project: the single door to everything that is saved."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from math import ceil
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, Literal, Self

import cv2
import numpy as np
from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from core.classes import UNLABELED, LabelClass, check_classes
from core.errors import ImageError, ProjectError
from core.images import FileFacts, decode_image, file_facts, file_hash, file_stamp, file_thumbnail
from core.labels import LabelledImage, LabelSnapshot
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.merge import REPLACE, Merge
from core.masks.tiles import Array, Mask
from core.project_runs import ProjectRuns
from core.records import ImageRecord, Revision, Split
from core.store import masks as mask_rows
from core.store.engine import create_file, open_file, sentence_for
from core.store.records import image_record, read_image_records
from core.store.staging import StagedMasks
from core.store.tables import ClassPixelsRow, ClassRow, ImageRow, ThumbnailRow, ViewStateRow

__all__ = ["Project", "StagedMasks"]

FileState = Literal["ok", "missing", "changed"]

SUFFIX = ".maskwright"
UNLABELLED = 200
"""So many pictures without labels come with a snapshot of the labels at most."""


class Project(ProjectRuns):
    """One `.maskwright` file. Any thread may call it; calls take turns. One process has it open at a time.

    Every method raises ProjectError, one sentence for a person, where the file cannot be read or written; what
    was saved before stays as it was.
    """

    def __init__(self, path: Path, engine: Engine) -> None:
        """Use `create` or `open`."""
        self.path = path
        self._engine: Engine | None = engine
        self._turn = RLock()
        self._classes = self._read_classes()

    @classmethod
    def create(cls, path: Path, classes: Sequence[LabelClass]) -> Self:
        """Make a new project file; refuses to overwrite an existing one."""
        checked = check_classes(classes)
        project = cls(path.absolute(), create_file(path.absolute()))
        project.set_classes(checked)
        return project

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a project, migrating an older one. Refuses foreign files, newer ones, and one open elsewhere."""
        return cls(path.absolute(), open_file(path.absolute()))

    def close(self) -> None:
        """Fold everything into the one file and let go of it. Closing twice is fine."""
        with self._turn:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        """One turn and one transaction: all of it is on disk at the end, or none."""
        with self._turn:
            if self._engine is None:
                raise ProjectError(f"{self.path.name} is closed. Open it again.")
            try:
                with Session(self._engine) as session, session.begin():
                    yield session
            except DatabaseError as error:
                raise sentence_for(error, self.path) from error

    # --- classes

    @property
    def classes(self) -> tuple[LabelClass, ...]:
        return self._classes

    def set_classes(self, classes: Sequence[LabelClass]) -> None:
        """Rename or recolour classes, add some at the end, or drop from the end what was never painted."""
        checked = check_classes(classes)
        with self._transaction() as session:
            # A row stays when its last pixel goes: undo, redo and history may still bring such pixels back.
            used = session.execute(
                select(ClassPixelsRow.class_id, func.sum(ClassPixelsRow.pixels))
                .where(ClassPixelsRow.class_id >= len(checked))
                .group_by(ClassPixelsRow.class_id)
            ).first()
            if used is not None:
                raise ProjectError(_still_used(self._classes[used[0]].name, used[1]))
            session.execute(delete(ClassRow))
            session.add_all([ClassRow(id=c.id, name=c.name, color=c.color) for c in checked])
        self._classes = checked

    def _read_classes(self) -> tuple[LabelClass, ...]:
        with self._transaction() as session:
            rows = session.scalars(select(ClassRow).order_by(ClassRow.id))
            return tuple(LabelClass(row.id, row.name, row.color) for row in rows)

    # --- images

    def add_image(self, path: Path, *, split: Split = "train", mask: Array | None = None) -> ImageRecord:
        """Decode and add an image; a file that is in the project already keeps its record.

        Args:
            mask: (height, width) uint8 class ids, 255 unlabelled. It becomes one edit that can be undone.

        Raises:
            ImageError: the image cannot be used, or the mask does not fit it.
        """
        path = path.absolute()
        stored = self._stored_path(path)
        with self._transaction() as session:
            row = self._find(session, stored) or _take_over(
                ImageRow(path=stored, split=split, done=False), file_facts(path)
            )
            if mask is not None:
                self._check_mask(row, mask)
            session.add(row)
            session.flush()
            if mask is not None:
                self._import_mask(session, row, mask)
            return image_record(row)

    def remove_image(self, image_id: int) -> None:
        """Take an image and its labels out of the project; the image file stays."""
        with self._transaction() as session:
            session.delete(self._row(session, image_id))

    def images(self, split: Split | None = None) -> list[ImageRecord]:
        """All images, in the order of their paths."""
        with self._transaction() as session:
            return read_image_records(session, split)

    def image(self, image_id: int) -> ImageRecord:
        with self._transaction() as session:
            return image_record(self._row(session, image_id))

    def image_path(self, record: ImageRecord) -> Path:
        """Absolute path of the image file."""
        return Path(os.path.normpath(self.path.parent / record.path))

    def file_state(self, record: ImageRecord) -> FileState:
        """Whether the file is there, and still the one that was labelled."""
        path = self.image_path(record)
        try:
            stat = path.stat()
        except OSError:
            return "missing"
        with self._transaction() as session:
            row = self._row(session, record.id)
            if (row.file_size, row.file_time_ns) == (stat.st_size, stat.st_mtime_ns):
                return "ok"
            sha256 = row.sha256
        return "ok" if file_hash(path) == sha256 else "changed"

    def relocate_image(self, image_id: int, path: Path) -> ImageRecord:
        """Point an image at its moved file; ImageError if that file is another picture."""
        path = path.absolute()
        stored = self._stored_path(path)
        facts = file_facts(path)
        with self._transaction() as session:
            row, other = self._row(session, image_id), self._find(session, stored)
            if facts.sha256 != row.sha256:
                raise ImageError(
                    f"{path.name} is another picture than the one that was labelled. Choose the moved file."
                )
            if other is not None and other.id != image_id:
                raise ImageError(f"{path.name} is in the project already. Remove one of the two.")
            row.path = stored
            return image_record(_take_over(row, facts))

    def adopt_changed_image(self, image_id: int) -> ImageRecord:
        """Keep the labels for a file whose content changed; ImageError if its size in pixels differs now."""
        record = self.image(image_id)
        facts = file_facts(self.image_path(record))
        if (facts.height, facts.width) != (record.height, record.width):
            raise ImageError(
                f"{record.name} is {facts.width} × {facts.height} pixels now, and its labels are for "
                f"{record.width} × {record.height}. Put the old file back, or add the new one under another name."
            )
        with self._transaction() as session:
            session.execute(delete(ThumbnailRow).where(ThumbnailRow.image_id == image_id))
            return image_record(_take_over(self._row(session, image_id), facts))

    def set_split(self, image_id: int, split: Split) -> ImageRecord:
        with self._transaction() as session:
            row = self._row(session, image_id)
            row.split = split
            return image_record(row)

    def set_done(self, image_id: int, done: bool) -> ImageRecord:
        with self._transaction() as session:
            row = self._row(session, image_id)
            row.done = done
            return image_record(row)

    def thumbnail(self, image_id: int) -> Array:
        """(h, w, 3) uint8 RGB, images.THUMBNAIL pixels on its longer side; made once, then stored."""
        with self._transaction() as session:
            jpeg = session.scalar(select(ThumbnailRow.jpeg).where(ThumbnailRow.image_id == image_id))
            record = image_record(self._row(session, image_id))
        if jpeg is None:
            small = file_thumbnail(self.image_path(record))
            jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))[1].tobytes()
            with self._transaction() as session:
                session.merge(ThumbnailRow(image_id=image_id, jpeg=jpeg))
        return decode_image(jpeg, record.name).astype(np.uint8, copy=False)

    # --- masks

    @property
    def revision(self) -> int:
        """The number of the newest change of any mask; 0 if there was none."""
        with self._transaction() as session:
            return session.scalar(select(func.max(ImageRow.revision))) or 0

    def load_mask(self, image_id: int) -> Mask:
        with self._transaction() as session:
            return mask_rows.read_mask(session, self._row(session, image_id))

    def open_editor(self, image_id: int) -> MaskEditor:
        """The image's mask with its whole history, ready to edit; undo reaches back over restarts."""
        with self._transaction() as session:
            mask = mask_rows.read_mask(session, self._row(session, image_id))
            undo, redo = mask_rows.read_history(session, image_id)
        return MaskEditor(mask, undo, redo, self._load_edit)

    def save_edit(self, image_id: int, edit: MaskEdit) -> ImageRecord:
        """Write one edit in one transaction. When this returns, it is on disk; the record holds its revision."""
        with self._transaction() as session:
            row = self._row(session, image_id)
            mask_rows.write_revision(session, row, edit)
            return image_record(row)

    def import_masks(self, masks: Iterable[tuple[int, Array]], merge: Merge = REPLACE) -> int:
        """Take in masks, (image id, (height, width) uint8 class ids), one edit an image: all of them, or none.

        Returns:
            How many images' masks were changed.

        Raises:
            ImageError: a mask does not fit its image. That, and whatever `masks` raises, leaves everything as it was.
        """
        with self.stage_masks(masks, merge) as staged:
            return len(self.take_staged(staged))

    def stage_masks(self, masks: Iterable[tuple[int, Array]], merge: Merge = REPLACE) -> StagedMasks:
        """Get masks, each of another image, ready to be taken in: read, merged and packed into a temporary file.

        That changes nothing, and others have their turn in between. Raises as `import_masks`.
        """
        staged = StagedMasks(merge)
        try:
            for image_id, mask in masks:
                self._check_mask(self.image(image_id), mask)
                staged.add(image_id, mask, *self._mask_now(image_id))
        except BaseException:
            staged.close()
            raise
        return staged

    def take_staged(self, staged: StagedMasks) -> list[int]:
        """Take in what is ready, in one short transaction. What was painted in between is merged with.

        Returns:
            The ids of the images whose masks were changed.
        """
        while True:
            with self._transaction() as session:
                late = mask_rows.changed_since(session, staged.revisions)
                if not late:
                    edits = staged.edits
                    if any(edit.gained[len(self.classes) :].any() for edit in edits):
                        raise ImageError("A class was taken away while masks were read. Import them again.")
                    mask_rows.write_staged(session, edits, staged.spool.packed)
                    return [edit.image_id for edit in edits]
            for image_id in late:
                staged.merge_again(image_id, *self._mask_now(image_id))

    def _mask_now(self, image_id: int) -> tuple[int, Mask]:
        with self._transaction() as session:
            row = self._row(session, image_id)
            return row.revision, mask_rows.read_mask(session, row)

    def mask_at(self, image_id: int, revision: int) -> Mask:
        """The mask as it was at a revision."""
        with self._transaction() as session:
            return mask_rows.read_mask_at(session, self._row(session, image_id), revision)

    def revisions(self, image_id: int) -> list[Revision]:
        """Every saved change of the image's mask, newest first."""
        with self._transaction() as session:
            return mask_rows.read_revisions(session, image_id)

    def read_edits(self, revisions: Sequence[int]) -> dict[int, MaskEdit]:
        """Saved edits by revision, for undo steps to come."""
        return {revision: self._load_edit(revision) for revision in revisions}

    def snapshot_labels(self) -> LabelSnapshot:
        """What training sees: the training and validation images with a labelled pixel, as they are now.

        Images whose file is missing or changed are left out, and named in `left_out` if they are labelled. Training
        images without labels come along too, at most UNLABELLED of them, from all over the project.
        """
        records = self.images()
        labelled = [r for r in records if r.labelled and r.split != "test"]
        others = [r for r in records if not r.labelled and r.split == "train"]
        others = others[:: ceil(len(others) / UNLABELLED) or 1]
        stamps = {r.id: file_stamp(self.image_path(r)) for r in (*labelled, *others)}  # what changes later has another
        states = {r.id: self.file_state(r) for r in (*labelled, *others)}
        with self._turn:
            return LabelSnapshot(
                revision=self.revision,
                classes=self.classes,
                images=tuple(self._labelled_image(r, stamps[r.id]) for r in labelled if states[r.id] == "ok"),
                left_out=tuple(f"{r.name} is {states[r.id]}" for r in labelled if states[r.id] != "ok"),
                unlabelled=tuple(self._labelled_image(r, stamps[r.id]) for r in others if states[r.id] == "ok"),
            )

    def _labelled_image(self, record: ImageRecord, stamp: tuple[int, int] | None) -> LabelledImage:
        path, mask = str(self.image_path(record)), self.load_mask(record.id)
        return LabelledImage(record.id, path, record.sha256, record.channels, record.split, mask, stamp)

    def _load_edit(self, revision: int) -> MaskEdit:
        with self._transaction() as session:
            return mask_rows.read_edit(session, revision)

    # --- what the window remembers

    def view_state(self) -> dict[str, Any]:
        with self._transaction() as session:
            return {row.name: json.loads(row.value) for row in session.scalars(select(ViewStateRow))}

    def save_view_state(self, state: Mapping[str, Any]) -> None:
        with self._transaction() as session:
            for name, value in state.items():
                session.merge(ViewStateRow(name=name, value=json.dumps(value)))

    # --- health

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file; an empty list is good."""
        with self._transaction() as session:
            found = list(session.scalars(text("PRAGMA integrity_check")))
            keys = session.execute(text("PRAGMA foreign_key_check")).all()
        return [line for line in found if line != "ok"] + [f"{row[0]} refers to a missing {row[2]} row" for row in keys]

    # --- inside

    def _row(self, session: Session, image_id: int) -> ImageRow:
        row = session.get(ImageRow, image_id)
        if row is None:
            raise ProjectError(f"There is no image {image_id} in {self.path.name}. It may have been removed.")
        return row

    def _find(self, session: Session, stored: str) -> ImageRow | None:
        return session.scalar(select(ImageRow).where(ImageRow.path == stored))

    def _stored_path(self, path: Path) -> str:
        try:
            return Path(os.path.relpath(path, self.path.parent)).as_posix()
        except ValueError:  # another drive
            return path.as_posix()

    def _check_mask(self, row: ImageRow | ImageRecord, mask: Array) -> None:
        name = row.path.rsplit("/", 1)[-1]
        if mask.shape != (row.height, row.width):
            shape = " × ".join(map(str, mask.shape[::-1]))
            raise ImageError(
                f"The mask of {name} is {shape} pixels, the image {row.width} × {row.height}. Export it in full size."
            )
        strange = sorted(set(np.unique(mask).tolist()) - {c.id for c in self.classes} - {UNLABELED})
        if strange:
            raise ImageError(
                f"The mask of {name} holds the value {strange[0]}, but the classes go from 0 to "
                f"{len(self.classes) - 1} (255 is unlabelled). Add classes, or mend the mask."
            )

    def _import_mask(self, session: Session, row: ImageRow, mask: Array) -> None:
        editor = MaskEditor(mask_rows.read_mask(session, row))
        edit = editor.apply("import", editor.mask.bounds, REPLACE.where(mask), mask)
        if edit is not None:
            mask_rows.write_revision(session, row, edit)


def _still_used(name: str, pixels: int) -> str:
    if pixels:
        return f'Some pixels are labelled "{name}". Relabel them and rename the class, or keep it.'
    return f'Undo could bring back pixels labelled "{name}", so it stays. Rename it to use it for something else.'


def _take_over(row: ImageRow, facts: FileFacts) -> ImageRow:
    """Let `row` say what its file is like now."""
    for name, value in asdict(facts).items():
        setattr(row, name, value)
    return row
