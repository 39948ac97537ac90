"""Masks and their revisions as rows. Each function works inside the session's transaction."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.orm import Session

from core.classes import UNLABELED
from core.masks.editor import MaskEdit
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask, TileKey, class_pixels
from core.records import Revision
from core.store.staging import StagedEdit
from core.store.tables import ClassPixelsRow, ImageRow, MaskTileRow, RevisionRow, RevisionTileRow, TileDataRow
from core.store.tile_codec import digest_of, pack, unpack

_AT_ONCE = 5000
"""Values in one IN list; SQLite takes 32,766."""
_TILES_AT_ONCE = 200
"""In memory, on their way into the file: a few megabytes."""


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
    _write_tile_rows(session, revision, before, after)
    _count(image, edit)
    image.revision = revision.id
    return revision.id


def write_staged(session: Session, edits: Sequence[StagedEdit], packed: Callable[[bytes], bytes]) -> None:
    """Add edits that are ready, each as a revision.

    Args:
        packed: a tile's bytes by its digest.
    """
    digests = dict.fromkeys(digest for edit in edits for digest in (*edit.before.values(), *edit.after.values()))
    for part in _parts(_unknown(session, digests), _TILES_AT_ONCE):
        session.execute(insert(TileDataRow), [{"digest": digest, "data": packed(digest)} for digest in part])
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        RevisionRow(
            image_id=edit.image_id, kind=edit.kind, top=edit.rect.top, left=edit.rect.left, bottom=edit.rect.bottom,
            right=edit.rect.right, created_at=now,
        )
        for edit in edits
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    for row, edit in zip(rows, edits, strict=True):
        _write_tile_rows(session, row, edit.before, edit.after)
    pixels = [
        {"image_id": edit.image_id, "class_id": int(class_id), "pixels": int(edit.gained[class_id])}
        for edit in edits
        for class_id in np.flatnonzero(edit.gained)
    ]
    if pixels:
        count = upsert(ClassPixelsRow)
        more = {"pixels": ClassPixelsRow.pixels + count.excluded.pixels}
        session.execute(count.on_conflict_do_update(index_elements=["image_id", "class_id"], set_=more), pixels)
    if rows:
        session.execute(update(ImageRow), [{"id": row.image_id, "revision": row.id} for row in rows])


def changed_since(session: Session, revisions: Mapping[int, int]) -> list[int]:
    """The images whose mask is not any more at the revision given for it, or that are gone."""
    now = {image_id: revision for image_id, revision in session.execute(select(ImageRow.id, ImageRow.revision))}
    return [image_id for image_id, revision in revisions.items() if now.get(image_id) != revision]


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
    unknown = _unknown(session, tiles)
    if unknown:
        session.execute(insert(TileDataRow), [{"digest": digest, "data": pack(tiles[digest])} for digest in unknown])


def _unknown(session: Session, digests: Iterable[bytes]) -> list[bytes]:
    """Those of the tiles that the file does not hold yet."""
    wanted = dict.fromkeys(digests)
    for part in _parts(list(wanted), _AT_ONCE):
        for known in session.scalars(select(TileDataRow.digest).where(TileDataRow.digest.in_(part))):
            del wanted[known]
    return list(wanted)


def _parts(values: list[bytes], size: int) -> Iterator[list[bytes]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _write_tile_rows(
    session: Session, revision: RevisionRow, before: Mapping[TileKey, bytes], after: Mapping[TileKey, bytes]
) -> None:
    session.execute(
        insert(RevisionTileRow),
        [
            {"revision_id": revision.id, "row": r, "column": c, "before": before[r, c], "after": after[r, c]}
            for r, c in after
        ],
    )
    session.execute(
        insert(MaskTileRow).prefix_with("OR REPLACE"),
        [{"image_id": revision.image_id, "row": r, "column": c, "digest": digest} for (r, c), digest in after.items()],
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
