"""The one road that changes a mask: every stroke, fill, accept, import, undo and redo ends in a MaskEdit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.classes import ACCEPTED, UNLABELED
from core.masks.fill import connected_tiles, equal_tiles
from core.masks.geometry import Point, Where, polygon_region, segment_region, swept_regions, tapered_regions
from core.masks.marks import one_of
from core.masks.predicted import Predicted, acceptable
from core.masks.rect import EMPTY, Rect
from core.masks.tiles import TILE, Array, Mask, TileKey, class_pixels, frozen_tile, uniform_tile

EditKind = Literal["stroke", "erase", "fill", "mend", "accept", "import", "clear", "restore", "undo", "redo"]

ONLY_UNLABELED = frozenset({UNLABELED})
"""The paint rule under which every label stays."""

RECENT_BYTES = 64 * 2**20
"""Tiles of saved edits kept in memory for a quick undo; older ones are read back from the project."""

SMALL_RADIUS = 64
"""Pixels. Up to here painting over what the step before has painted is quicker than finding what is new."""


@dataclass(frozen=True, eq=False)
class MaskEdit:
    """One undoable change of a mask: the tiles it touched, before and after."""

    kind: EditKind
    before: Mapping[TileKey, Array]
    after: Mapping[TileKey, Array]
    rect: Rect
    """Covers every changed pixel."""

    @property
    def painted(self) -> int:
        """The class that all newly labelled pixels got; UNLABELED where there are none or several classes."""
        gained = np.zeros(256, np.int64)
        for key, after in self.after.items():
            gained += class_pixels(after) - class_pixels(self.before[key])
        grown = np.flatnonzero(gained[:UNLABELED] > 0)
        return int(grown[0]) if len(grown) == 1 else UNLABELED

    def reversed(self, kind: EditKind) -> "MaskEdit":
        return MaskEdit(kind, self.after, self.before, self.rect)

    @property
    def bytes(self) -> int:
        """Memory that its tiles take, leaving out the shared uniform ones."""
        return sum(t.nbytes for t in (*self.before.values(), *self.after.values()) if not _is_uniform(t))


class _Step:
    """An edit in the history: in memory, saved under a revision, or both."""

    __slots__ = ("edit", "revision")

    def __init__(self, edit: MaskEdit | None, revision: int | None) -> None:
        self.edit = edit
        self.revision = revision


@dataclass(slots=True)
class _Open:
    """The stroke or other edit under way."""

    kind: EditKind
    value: int
    radius: float
    allowed: frozenset[int] | None
    before: dict[TileKey, Array]
    written: dict[TileKey, Array]
    rect: Rect
    square: bool = False
    said: Predicted | None = None
    """What is taken over, instead of writing `value`."""
    last: Point | None = None
    last_radius: float = 0.0


class MaskEditor:
    """Changes a mask, edit by edit, and takes the changes back.

    The mask on screen is `mask`, always current, also in the middle of a stroke. `load_edit` reads an edit of
    an earlier session back by its revision.
    """

    def __init__(
        self,
        mask: Mask,
        undo: Sequence[int] = (),
        redo: Sequence[int] = (),
        load_edit: Callable[[int], MaskEdit] | None = None,
    ) -> None:
        self.mask = mask
        self._undo = [_Step(None, revision) for revision in undo]
        self._redo = [_Step(None, revision) for revision in redo]
        self._load_edit = load_edit
        self._open: _Open | None = None

    # --- strokes

    @property
    def in_stroke(self) -> bool:
        return self._open is not None

    def begin_stroke(
        self, value: int, radius: float, *, allowed: frozenset[int] | None = None, square: bool = False
    ) -> None:
        """Start a stroke that writes `value` (UNLABELED erases) with a round brush of `radius` pixels, or a square one.

        `allowed` is the paint rule: the values that may be painted over, anything by default.
        """
        if self._open is not None:
            raise RuntimeError("a stroke is already under way")
        kind: EditKind = "erase" if value == UNLABELED else "stroke"
        self._open = _Open(kind, value, radius, allowed, {}, {}, EMPTY, square)

    def begin_accept(
        self, said: Predicted, radius: float = 0.0, *, allowed: frozenset[int] | None, square: bool = False
    ) -> None:
        """Start a stroke that takes over what a prediction says under it, marked as accepted. A pixel that has the
        predicted class already stays as it is."""
        if self._open is not None:
            raise RuntimeError("a stroke is already under way")
        self._open = _Open("accept", UNLABELED, radius, allowed, {}, {}, EMPTY, square, said)

    def extend_stroke(self, points: Sequence[Point], *, radius: float | None = None) -> Rect:
        """Paint through `points`, (x, y) in image pixels, and return the rectangle to repaint.

        `radius` is for a pen that presses more or less; by default the brush keeps the one it began with.
        """
        stroke = self._stroke()
        radius = radius or stroke.radius
        dirty = EMPTY
        for point in points:
            for rect, where in self._new_regions(stroke, point, radius):
                dirty = dirty.unite(self._paint(stroke, rect, where))
            stroke.last, stroke.last_radius = point, radius
        return dirty

    def _new_regions(self, stroke: _Open, point: Point, radius: float) -> list[tuple[Rect, Where]]:
        """What the brush covers on its way to `point`, but for what it has painted already."""
        bounds, square = self.mask.bounds, stroke.square
        if stroke.last is None:
            return [segment_region(point, point, radius, bounds, square=square)]
        if stroke.last_radius == radius and radius <= SMALL_RADIUS:
            return [segment_region(stroke.last, point, radius, bounds, square=square)]
        if stroke.last_radius == radius:
            return swept_regions(stroke.last, point, radius, bounds, square=square)
        return tapered_regions(stroke.last, point, (stroke.last_radius, radius), bounds, square=square)

    def extend_region(self, rect: Rect, where: Where) -> Rect:
        """Add pixels to the stroke under way, `where` (h, w) is True in `rect`, and return what to repaint."""
        return self._paint(self._stroke(), rect, where)

    def end_stroke(self) -> MaskEdit | None:
        """Finish the stroke; None if it changed nothing."""
        stroke, self._open = self._stroke(), None
        return self._finish(stroke)

    def cancel_stroke(self) -> Rect:
        """Take the stroke under way back and return the rectangle to repaint."""
        stroke, self._open = self._stroke(), None
        self.mask.put(stroke.before)
        return stroke.rect

    # --- whole edits

    def apply(
        self,
        kind: EditKind,
        rect: Rect,
        where: Where,
        values: Array | int,
        *,
        allowed: frozenset[int] | None = None,
    ) -> MaskEdit | None:
        """Write `values` (one, or (h, w)) into `rect` where `where` (h, w) is True; None if nothing changed."""
        opened = self._begin(kind, allowed)
        self._write(opened, rect, where, values)
        return self._finish(opened)

    def fill(self, point: Point, value: int, *, allowed: frozenset[int] | None = None) -> MaskEdit | None:
        """Give the connected region of equal value around `point` (x, y) another value."""
        self.begin_fill(point, value, allowed=allowed)
        return self.end_stroke()

    def begin_fill(
        self, point: Point, value: int, *, everywhere: bool = False, allowed: frozenset[int] | None = None
    ) -> Rect:
        """Fill as `fill` does, or all pixels of that value `everywhere`, and leave it open: end_stroke keeps it,
        cancel_stroke takes it back. Returns the rectangle to repaint."""
        row, column = int(point[1]), int(point[0])
        old = self.mask.value(row, column)
        opened = self._open = self._begin("fill", None)
        if old == value == UNLABELED or (allowed is not None and old not in allowed):
            return EMPTY  # with its own class, a region that was accepted is confirmed
        rect, tiles = equal_tiles(self.mask, old) if everywhere else connected_tiles(self.mask, row, column)
        for key, where in tiles.items():
            if where is None and self._is_whole(key):
                self._replace(opened, key, uniform_tile(value))
            else:
                part = self.mask.tile_rect(key)
                inside = np.ones((part.height, part.width), np.bool_) if where is None else where
                np.copyto(self._writable(opened, key)[: part.height, : part.width], np.uint8(value), where=inside)
        opened.rect = rect
        return rect

    def fill_polygon(
        self, points: Sequence[Point], value: int, *, allowed: frozenset[int] | None = None
    ) -> MaskEdit | None:
        """Fill the inside of a closed outline of (x, y) points."""
        rect, where = polygon_region(points, self.mask.bounds)
        return self.apply("fill", rect, where, value, allowed=allowed)

    def accept(
        self,
        said: Predicted,
        rect: Rect | None = None,
        where: Where | None = None,
        *,
        allowed: frozenset[int] | None = ONLY_UNLABELED,
    ) -> MaskEdit | None:
        """Take a prediction over in `rect` where `where` (h, w) is True, everywhere by default; marked as accepted.

        What is labelled wins, unless `allowed` names more.
        """
        self.begin_accept(said, allowed=allowed)
        self._accept(self._stroke(), said, rect or self.mask.bounds, where)
        return self.end_stroke()

    def clear(self, *, locked: frozenset[int] = frozenset()) -> MaskEdit | None:
        """Take every label away, but those of locked classes."""
        bounds = self.mask.bounds
        allowed = frozenset(range(256)) - locked if locked else None
        return self.apply("clear", bounds, np.ones((bounds.height, bounds.width), np.bool_), UNLABELED, allowed=allowed)

    def restore(self, mask: Mask) -> MaskEdit | None:
        """Make the mask what it was at some earlier time, as one edit; None if it is that already."""
        if (mask.height, mask.width) != (self.mask.height, self.mask.width):
            raise ValueError("a mask of another size")
        opened = self._begin("restore", None)
        for key in {*self.mask.tiles, *mask.tiles}:
            if not _same(self.mask.tile(key), mask.tile(key)):
                self._replace(opened, key, mask.tile(key))
                opened.rect = opened.rect.unite(self.mask.tile_rect(key))
        return self._finish(opened)

    # --- history

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    def undo(self) -> MaskEdit | None:
        """Take the last edit back. The result is an edit too, saved by the same road."""
        if self._open is not None or not self._undo:
            return None
        step = self._undo.pop()
        self._redo.append(step)
        return self._replay(self._edit_of(step).reversed("undo"))

    def redo(self) -> MaskEdit | None:
        if self._open is not None or not self._redo:
            return None
        step = self._redo.pop()
        self._undo.append(step)
        edit = self._edit_of(step)
        return self._replay(MaskEdit("redo", edit.before, edit.after, edit.rect))

    def saved(self, edit: MaskEdit, revision: int) -> None:
        """Note that `edit` is on disk under `revision`; old saved edits then leave memory."""
        budget = RECENT_BYTES
        for step in (*reversed(self._undo), *self._redo):
            if step.edit is edit:
                step.revision = revision
            if step.edit is not None:
                budget -= step.edit.bytes
                if budget < 0 and step.revision is not None and self._load_edit is not None:
                    step.edit = None

    def not_read(self, steps: int = 4) -> list[int]:
        """The revisions among the next few steps of undo and redo that are not in memory."""
        near = (*reversed(self._undo[-steps:]), *reversed(self._redo[-steps:]))
        return [step.revision for step in near if step.edit is None and step.revision is not None]

    def take_read(self, edits: Mapping[int, MaskEdit]) -> None:
        """Keep saved edits, by revision, for an undo or redo to come."""
        for step in (*self._undo, *self._redo):
            if step.edit is None and step.revision is not None:
                step.edit = edits.get(step.revision)

    # --- inside

    def _begin(self, kind: EditKind, allowed: frozenset[int] | None) -> _Open:
        if self._open is not None:
            raise RuntimeError("a stroke is under way")
        return _Open(kind, UNLABELED, 0, allowed, {}, {}, EMPTY)

    def _stroke(self) -> _Open:
        if self._open is None:
            raise RuntimeError("no stroke is under way")
        return self._open

    def _paint(self, stroke: _Open, rect: Rect, where: Where) -> Rect:
        if stroke.said is not None:
            return self._accept(stroke, stroke.said, rect, where)
        return self._write(stroke, rect, where, stroke.value)

    def _accept(self, opened: _Open, said: Predicted, rect: Rect, where: Where | None) -> Rect:
        for key in self.mask.keys_in(rect):
            tile = self.mask.tile_rect(key)
            part = tile.intersect(rect)
            inside, predicted = part.within(tile), said.read_marked(part)
            here = acceptable(self.mask.tile(key)[inside], predicted, opened.allowed)
            if where is not None:
                here &= where[part.within(rect)]
            if here.any():
                predicted |= np.uint8(ACCEPTED)
                np.copyto(self._writable(opened, key)[inside], predicted, where=here)
        opened.rect = opened.rect.unite(rect)
        return rect

    def _write(self, opened: _Open, rect: Rect, where: Where, values: Array | int) -> Rect:
        for key in self.mask.keys_in(rect):
            part = self.mask.tile_rect(key).intersect(rect)
            here = where[part.within(rect)]
            if not here.any():
                continue
            tile_slices = part.within(self.mask.tile_rect(key))
            if opened.allowed is not None:
                here = here & one_of(self.mask.tile(key)[tile_slices], opened.allowed)
                if not here.any():
                    continue
            new = values if isinstance(values, int) else values[part.within(rect)]
            np.copyto(self._writable(opened, key)[tile_slices], np.asarray(new, np.uint8), where=here)
        opened.rect = opened.rect.unite(rect)
        return rect

    def _writable(self, opened: _Open, key: TileKey) -> Array:
        if key not in opened.written:
            self._replace(opened, key, self.mask.tile(key).copy())
        return opened.written[key]

    def _replace(self, opened: _Open, key: TileKey, tile: Array) -> None:
        opened.before[key] = self.mask.tile(key)
        opened.written[key] = tile
        self.mask.put({key: tile})

    def _is_whole(self, key: TileKey) -> bool:
        """Whether all of a tile lies inside the mask."""
        rect = self.mask.tile_rect(key)
        return rect.height == TILE and rect.width == TILE

    def _finish(self, opened: _Open) -> MaskEdit | None:
        after = {key: frozen_tile(tile) if tile.flags.writeable else tile for key, tile in opened.written.items()}
        self.mask.put(after)
        changed = [key for key, tile in after.items() if not _same(tile, opened.before[key])]
        if not changed:
            self.mask.put(opened.before)
            return None
        edit = MaskEdit(
            opened.kind, {k: opened.before[k] for k in changed}, {k: after[k] for k in changed}, opened.rect
        )
        self._undo.append(_Step(edit, None))
        self._redo.clear()
        return edit

    def _replay(self, edit: MaskEdit) -> MaskEdit:
        self.mask.put(edit.after)
        return edit

    def _edit_of(self, step: _Step) -> MaskEdit:
        if step.edit is None:
            if self._load_edit is None or step.revision is None:
                raise RuntimeError("an edit is neither in memory nor saved")
            step.edit = self._load_edit(step.revision)
        return step.edit


def _is_uniform(tile: npt.NDArray[np.uint8]) -> bool:
    return tile is uniform_tile(int(tile[0, 0]))


def _same(one: Array, other: Array) -> bool:
    if _is_uniform(one) and _is_uniform(other):
        return one is other
    return np.array_equal(one, other)
