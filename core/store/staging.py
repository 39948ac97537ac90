"""Edits made ready to be written: what takes time is done before the transaction, which then only copies."""

from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Self

import numpy as np
import numpy.typing as npt

from core.classes import UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.merge import Merge
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask, TileKey, class_pixels
from core.store.tile_codec import digest_of, pack, unpack

Digests = Mapping[TileKey, bytes]


@dataclass(frozen=True, slots=True, eq=False)
class StagedEdit:
    """An edit whose tiles lie packed in a spool."""

    image_id: int
    kind: str
    rect: Rect
    before: Digests
    after: Digests
    gained: npt.NDArray[np.int64]
    """(256,) by class, how many labelled pixels more."""


class TileSpool:
    """Packed tiles by digest, in a temporary file that the system removes with the process, however it ends."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 (closed by `close`)
        self._places: dict[bytes, tuple[int, int]] = {}
        self._end = 0

    def close(self) -> None:
        self._file.close()

    def put(self, tile: Array) -> bytes:
        """Keep a tile; returns its digest."""
        digest = digest_of(tile)
        if digest not in self._places:
            data = pack(tile)
            self._file.seek(self._end)
            self._file.write(data)
            self._places[digest] = self._end, len(data)
            self._end += len(data)
        return digest

    def packed(self, digest: bytes) -> bytes:
        start, length = self._places[digest]
        self._file.seek(start)
        return self._file.read(length)


class StagedMasks:
    """Masks that are to come into a project: decoded, merged with what is there, and packed."""

    def __init__(self, merge: Merge) -> None:
        self.merge = merge
        self.spool = TileSpool()
        self.revisions: dict[int, int] = {}
        """By image, of the mask that it was merged with."""
        self._masks: dict[int, Digests] = {}
        self._edits: dict[int, StagedEdit] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.spool.close()

    @property
    def edits(self) -> list[StagedEdit]:
        """One for each image whose mask will change."""
        return list(self._edits.values())

    def add(self, image_id: int, mask: Array, revision: int, now: Mask) -> None:
        """Take (height, width) class ids in. `now` is the image's mask at `revision`."""
        tiles = Mask.from_array(mask).tiles
        self._masks[image_id] = {key: self.spool.put(tile) for key, tile in tiles.items()}
        self._merge(image_id, mask, revision, now)

    def merge_again(self, image_id: int, revision: int, now: Mask) -> None:
        """The image was painted on since."""
        digests = self._masks[image_id]
        tiles = {key: unpack(self.spool.packed(digest)) for key, digest in digests.items()}
        self._merge(image_id, Mask(now.height, now.width, tiles).read(), revision, now)

    def _merge(self, image_id: int, mask: Array, revision: int, now: Mask) -> None:
        self.revisions[image_id] = revision
        editor = MaskEditor(now)
        edit = editor.apply("import", now.bounds, self.merge.where(mask), mask, allowed=self.merge.allowed)
        self._edits.pop(image_id, None)
        if edit is not None:
            self._edits[image_id] = self._staged(image_id, edit)

    def _staged(self, image_id: int, edit: MaskEdit) -> StagedEdit:
        gained = np.zeros(256, np.int64)
        for key, tile in edit.after.items():
            gained += class_pixels(tile) - class_pixels(edit.before[key])
        gained[UNLABELED] = 0
        before = {key: self.spool.put(tile) for key, tile in edit.before.items()}
        after = {key: self.spool.put(tile) for key, tile in edit.after.items()}
        return StagedEdit(image_id, edit.kind, edit.rect, before, after, gained)
