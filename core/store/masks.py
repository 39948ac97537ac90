"""Masks and their revisions as rows. Each function works inside the session's transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from core.classes import UNLABELED
from core.masks.editor import MaskEdit
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask, TileKey, class_pixels
from core.records import Revision
from core.store.tables import ClassPixelsRow, ImageRow, MaskTileRow, RevisionRow, RevisionTileRow, TileDataRow
from core.store.tile_codec import digest_of, pack, unpack

_AT_ONCE = 5000
"""Values in one IN list; SQLite takes 32,766."""


def write_revision(session: Session, image: ImageRow, edit: MaskEdit) -> int:
    """Add the edit as a revision, make it the current mask, and return its number."""
    before = {key: digest_of(tile) for key, tile in edit.before.items()}
    after = {key: digest_of(tile) for key, tile in edit.after.items()}
    contents = {before[key]: tile for key, tile in edit.before.items()}
    _write_tiles(session, contents | {after[key]: tile for key, tile in edit.after.items()})
    rect = edit.rect
    revision = RevisionRow(
        image_id=image.id, kind=edit.kind, top=rect.top, left=rect.left, bottom=rect.bottom, right=rect.right,
        created_at=datetime.now(UTC).replace(tzinfo=None),
    )  # fmt: skip
    session.add(revision)
    session.flush()
    session.execute(
        insert(RevisionTileRow),
        [
            {"revision_id": revision.id, "row": r, "column": c, "before": before[r, c], "after": after[r, c]}
            for r, c in after
        ],
    )
    session.execute(
        insert(MaskTileRow).prefix_with("OR REPLACE"),
        [{"image_id": image.id, "row": r, "column": c, "digest": digest} for (r, c), digest in after.items()],
    )
    _count(image, edit)
    image.revision = revision.id
    return revision.id


def read_mask(session: Session, image: ImageRow) -> Mask:
    rows = session.execute(
        select(MaskTileRow.row, MaskTileRow.column, MaskTileRow.digest).where(MaskTileRow.image_id == image.id)
    )
    return Mask(image.height, image.width, _tiles(session, {(r, c): digest for r, c, digest in rows}))


def read_mask_at(session: Session, image: ImageRow, revision: int) -> Mask:
    """The mask as it was when `revision` had just been saved."""
    newest = (
        select(RevisionTileRow.row, RevisionTileRow.column, func.max(RevisionTileRow.revision_id).label("id"))
        .join(RevisionRow, RevisionRow.id == RevisionTileRow.revision_id)
        .where(RevisionRow.image_id == image.id, RevisionRow.id <= revision)
        .group_by(RevisionTileRow.row, RevisionTileRow.column)
        .subquery()
    )
    rows = session.execute(
        select(RevisionTileRow.row, RevisionTileRow.column, RevisionTileRow.after).join(
            newest,
            (RevisionTileRow.revision_id == newest.c.id)
            & (RevisionTileRow.row == newest.c.row)
            & (RevisionTileRow.column == newest.c.column),
        )
    )
    return Mask(image.height, image.width, _tiles(session, {(r, c): digest for r, c, digest in rows}))


def read_revisions(session: Session, image_id: int) -> list[Revision]:
    """Every change of the image's mask, newest first."""
    rows = session.execute(
        select(RevisionRow.id, RevisionRow.kind, RevisionRow.created_at)
        .where(RevisionRow.image_id == image_id)
        .order_by(RevisionRow.id.desc())
    )
    return [Revision(number, kind, made.replace(tzinfo=UTC)) for number, kind, made in rows]


def read_edit(session: Session, revision: int) -> MaskEdit:
    """A saved edit with its tiles."""
    row = session.get_one(RevisionRow, revision)
    tiles = session.execute(
        select(RevisionTileRow.row, RevisionTileRow.column, RevisionTileRow.before, RevisionTileRow.after).where(
            RevisionTileRow.revision_id == revision
        )
    ).all()
    before = _tiles(session, {(r, c): digest for r, c, digest, _ in tiles})
    after = _tiles(session, {(r, c): digest for r, c, _, digest in tiles})
    return MaskEdit(row.kind, before, after, Rect(row.top, row.left, row.bottom, row.right))  # type: ignore[arg-type]


def read_history(session: Session, image_id: int) -> tuple[list[int], list[int]]:
    """The revisions that undo and redo would take, each list with the next one last."""
    undo: list[int] = []
    redo: list[int] = []
    rows = session.execute(
        select(RevisionRow.id, RevisionRow.kind).where(RevisionRow.image_id == image_id).order_by(RevisionRow.id)
    )
    for revision, kind in rows:
        if kind == "undo":
            redo.append(undo.pop())
        elif kind == "redo":
            undo.append(redo.pop())
        else:
            undo.append(revision)
            redo.clear()
    return undo, redo


def _write_tiles(session: Session, tiles: Mapping[bytes, Array]) -> None:
    """Store the tiles, by digest, that the file does not hold yet."""
    wanted = dict(tiles)
    digests = list(wanted)
    for start in range(0, len(digests), _AT_ONCE):
        part = digests[start : start + _AT_ONCE]
        for known in session.scalars(select(TileDataRow.digest).where(TileDataRow.digest.in_(part))):
            del wanted[known]
    if wanted:
        session.execute(
            insert(TileDataRow), [{"digest": digest, "data": pack(tile)} for digest, tile in wanted.items()]
        )


def _tiles(session: Session, digests: Mapping[TileKey, bytes]) -> dict[TileKey, Array]:
    unique = list(set(digests.values()))
    contents: dict[bytes, Array] = {}
    for start in range(0, len(unique), _AT_ONCE):
        part = unique[start : start + _AT_ONCE]
        for digest, data in session.execute(
            select(TileDataRow.digest, TileDataRow.data).where(TileDataRow.digest.in_(part))
        ):
            contents[digest] = unpack(data)
    return {key: contents[digest] for key, digest in digests.items()}


def _count(image: ImageRow, edit: MaskEdit) -> None:
    """Bring the image's pixels by class level with the edit."""
    change = np.zeros(256, np.int64)
    for key, tile in edit.after.items():
        change += class_pixels(tile) - class_pixels(edit.before[key])
    change[UNLABELED] = 0
    rows = {row.class_id: row for row in image.pixels}
    for class_id in map(int, np.flatnonzero(change)):
        if class_id not in rows:
            rows[class_id] = ClassPixelsRow(class_id=class_id, pixels=0)
            image.pixels.append(rows[class_id])
        rows[class_id].pixels += int(change[class_id])
