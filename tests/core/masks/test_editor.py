"""The editor against a plain array: whatever a person does, both hold the same labels, and undo brings them back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.classes import ACCEPTED, UNLABELED
from core.masks.editor import MaskEdit, MaskEditor
from core.masks.fill import connected_tiles
from core.masks.geometry import Point, connected_region, polygon_region, segment_region, tapered_regions
from core.masks.predicted import Predicted
from core.masks.rect import Rect
from core.masks.regions import OPERATIONS, Operation, mend_class, mend_region
from core.masks.tiles import Array, Mask, uniform_tile

HEIGHT, WIDTH = 300, 540  # two rows and three columns of tiles, the last ones cut off
BOUNDS = Rect(0, 0, HEIGHT, WIDTH)

values = st.sampled_from([0, 1, 2, UNLABELED])
rules = st.sampled_from([None, None, frozenset({UNLABELED}), frozenset({0, 1}), frozenset()])
points = st.tuples(st.floats(-30, WIDTH + 30, width=32), st.floats(-30, HEIGHT + 30, width=32))
inside = st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1))
radii = st.sampled_from([0.5, 3.0, 20.0, 130.0])


def whole(rect: Rect, where: np.ndarray) -> np.ndarray:
    out = np.zeros((HEIGHT, WIDTH), bool)
    out[rect.slices] = where
    return out


def plain(marked: Array) -> Array:
    """The classes of an array in which what was accepted is marked."""
    return np.where((marked >= ACCEPTED) & (marked != UNLABELED), marked - np.uint8(ACCEPTED), marked)


def paint(marked: Array, where: np.ndarray, new: Any, allowed: frozenset[int] | None) -> Array:
    if allowed is not None:
        where = where & np.isin(plain(marked), list(allowed))
    return np.where(where, np.uint8(new) if isinstance(new, int) else new, marked)


def accept(marked: Array, where: np.ndarray, predicted: Array, allowed: frozenset[int] | None) -> Array:
    where = where & (predicted != UNLABELED) & (predicted != plain(marked))
    return paint(marked, where, predicted | np.uint8(ACCEPTED), allowed)


def predict(seed: int) -> tuple[Array, Array]:
    """A class map of specks with gaps, and how sure it is, 0 to 255."""
    rng = np.random.default_rng(seed)
    predicted = rng.choice(np.array([0, 1, 2, UNLABELED], np.uint8), (HEIGHT, WIDTH))
    return predicted, rng.integers(0, 256, (HEIGHT, WIDTH), np.uint8)


class EditorFollowsArray(RuleBasedStateMachine):
    """Every rule does one thing to the editor and the same to an array, in which what was accepted is marked; the
    history is a list of arrays."""

    def __init__(self) -> None:
        super().__init__()
        self.editor = MaskEditor(Mask(HEIGHT, WIDTH))
        self.marked = np.full((HEIGHT, WIDTH), UNLABELED, np.uint8)
        self.before: list[Array] = []
        self.after: list[Array] = []

    @property
    def labels(self) -> Array:
        return plain(self.marked)

    def did(self, edit: MaskEdit | None, marked: Array) -> None:
        changed = np.argwhere(marked != self.marked)
        if edit is None:
            assert not len(changed)
            return
        assert len(changed)
        top, left = changed.min(0)
        bottom, right = changed.max(0) + 1
        rect = edit.rect
        assert rect.top <= top and rect.left <= left and bottom <= rect.bottom and right <= rect.right
        self.before.append(self.marked)
        self.after.clear()
        self.marked = marked

    @rule(
        value=values,
        radius=radii,
        way=st.lists(points, min_size=1, max_size=5),
        allowed=rules,
        chunk=st.integers(1, 3),
        square=st.booleans(),
    )
    def stroke(
        self, *, value: int, radius: float, way: list[Point], allowed: frozenset[int] | None, chunk: int, square: bool
    ) -> None:
        marked = self.marked
        self.editor.begin_stroke(value, radius, allowed=allowed, square=square)
        for k in range(0, len(way), chunk):
            self.editor.extend_stroke(way[k : k + chunk])
        where = np.zeros((HEIGHT, WIDTH), bool)
        for start, end in zip([way[0], *way], way, strict=False):
            where |= whole(*segment_region(start, end, radius, BOUNDS, square=square))
        # The paint rule asks what a pixel holds when the brush comes to it, so it can follow its own paint.
        self.did(self.editor.end_stroke(), paint(marked, where, value, allowed))

    @rule(value=values, way=st.lists(points, min_size=1, max_size=3), presses=st.lists(radii, min_size=3, max_size=3))
    def stroke_with_changing_pressure(self, value: int, way: list[Point], presses: list[float]) -> None:
        marked = self.marked
        self.editor.begin_stroke(value, 5.0)
        where = np.zeros((HEIGHT, WIDTH), bool)
        pressed = [presses[0], *presses]
        for start, end, old, new in zip([way[0], *way], way, pressed, pressed[1:], strict=False):
            self.editor.extend_stroke([end], radius=new)
            for rect, part in tapered_regions(start, end, (old, new), BOUNDS):
                where |= whole(rect, part)
        self.did(self.editor.end_stroke(), paint(marked, where, value, None))

    @rule(value=values, radius=radii, way=st.lists(points, min_size=1, max_size=3))
    def cancelled_stroke(self, value: int, radius: float, way: list[Point]) -> None:
        self.editor.begin_stroke(value, radius)
        self.editor.extend_stroke(way)
        self.editor.cancel_stroke()

    @rule(point=inside, value=values, allowed=rules)
    def fill(self, point: tuple[int, int], value: int, allowed: frozenset[int] | None) -> None:
        where = whole(*connected_region(self.labels, point[1], point[0]))
        self.did(self.editor.fill(point, value, allowed=allowed), paint(self.marked, where, value, allowed))

    @rule(point=inside, value=values, allowed=rules)
    def fill_all_of_a_value(self, point: tuple[int, int], value: int, allowed: frozenset[int] | None) -> None:
        where = self.labels == self.labels[point[1], point[0]]
        self.editor.begin_fill(point, value, everywhere=True, allowed=allowed)
        self.did(self.editor.end_stroke(), paint(self.marked, where, value, allowed))

    @rule(point=inside, value=values, everywhere=st.booleans())
    def fill_that_is_taken_back(self, point: tuple[int, int], value: int, everywhere: bool) -> None:
        self.editor.begin_fill(point, value, everywhere=everywhere)
        self.editor.cancel_stroke()

    @rule(seeds=st.lists(st.integers(0, 5), min_size=1, max_size=3), value=values, allowed=rules)
    def stroke_over_regions(self, seeds: list[int], value: int, allowed: frozenset[int] | None) -> None:
        self.editor.begin_stroke(value, 1, allowed=allowed)
        where = np.zeros((HEIGHT, WIDTH), bool)
        for seed in seeds:
            part = np.random.default_rng(seed).random((100, 300)) < 0.5
            rect = Rect(20 * seed, 30 * seed, 20 * seed + 100, 30 * seed + 300)
            self.editor.extend_region(rect, part)
            where |= whole(rect, part)
        self.did(self.editor.end_stroke(), paint(self.marked, where, value, allowed))

    @rule(point=inside, operation=st.sampled_from(OPERATIONS), amount=st.integers(1, 40), allowed=rules)
    def mend(self, point: tuple[int, int], operation: Operation, amount: int, allowed: frozenset[int] | None) -> None:
        value = int(self.labels[point[1], point[0]])
        region = mend_region(self.editor.mask, point[1], point[0], operation, amount)
        change = mend_class(self.editor.mask, value, operation, amount) if amount % 2 and value != UNLABELED else region
        change = change.kept_to(self.editor.mask, allowed)
        marked = self.marked.copy()
        new = change.values if isinstance(change.values, int) else change.values[change.where]
        marked[change.rect.slices][change.where] = new
        if allowed is not None:
            assert np.isin(self.labels[marked != self.marked], list(allowed)).all()
        edit = self.editor.apply("mend", change.rect, change.where, change.values, allowed=allowed)
        self.did(edit, marked)

    @rule(locked=st.sampled_from([frozenset(), frozenset({1}), frozenset({0, 2})]))
    def clear_all_but_locked_classes(self, locked: frozenset[int]) -> None:
        kept = np.isin(self.labels, list(locked))
        self.did(self.editor.clear(locked=locked), np.where(kept, self.marked, np.uint8(UNLABELED)))

    @rule(outline=st.lists(points, min_size=3, max_size=6), value=values, allowed=rules)
    def fill_polygon(self, outline: list[Point], value: int, allowed: frozenset[int] | None) -> None:
        where = whole(*polygon_region(outline, BOUNDS))
        edit = self.editor.fill_polygon(outline, value, allowed=allowed)
        self.did(edit, paint(self.marked, where, value, allowed))

    @rule(seed=st.integers(0, 5), allowed=rules, everywhere=st.booleans(), only=st.sampled_from([None, None, 1]))
    def accept(self, seed: int, allowed: frozenset[int] | None, everywhere: bool, only: int | None) -> None:
        predicted, confidence = predict(seed)
        said = Predicted(predicted, confidence, 100)
        sure = (confidence >= 100) & (only is None or predicted == only)
        rect = BOUNDS if everywhere else Rect(40, 60, 290, 400)
        where = None if everywhere else np.random.default_rng(seed).random((rect.height, rect.width)) < 0.5
        edit = self.editor.accept(said if only is None else said.of_class(only), rect, where, allowed=allowed)
        take = sure if where is None else sure & whole(rect, where)
        self.did(edit, accept(self.marked, take, predicted, allowed))

    @rule(seed=st.integers(0, 5), radius=radii, way=st.lists(points, min_size=1, max_size=4), allowed=rules)
    def accept_by_brush(self, seed: int, radius: float, way: list[Point], allowed: frozenset[int] | None) -> None:
        predicted, _ = predict(seed)
        self.editor.begin_accept(Predicted(predicted), radius, allowed=allowed)
        self.editor.extend_stroke(way)
        where = np.zeros((HEIGHT, WIDTH), bool)
        for start, end in zip([way[0], *way], way, strict=False):
            where |= whole(*segment_region(start, end, radius, BOUNDS))
        self.did(self.editor.end_stroke(), accept(self.marked, where, predicted, allowed))

    @rule()
    def clear(self) -> None:
        self.did(self.editor.clear(), np.full_like(self.marked, UNLABELED))

    @rule()
    def undo(self) -> None:
        assert self.editor.can_undo == bool(self.before)
        edit = self.editor.undo()
        assert (edit is None) == (not self.before)
        if self.before:
            self.after.append(self.marked)
            self.marked = self.before.pop()

    @rule()
    def redo(self) -> None:
        assert self.editor.can_redo == bool(self.after)
        edit = self.editor.redo()
        assert (edit is None) == (not self.after)
        if self.after:
            self.before.append(self.marked)
            self.marked = self.after.pop()

    @invariant()
    def mask_and_array_agree(self) -> None:
        mask, labels = self.editor.mask, self.labels
        np.testing.assert_array_equal(mask.read(), labels)
        np.testing.assert_array_equal(mask.accepted(), labels != self.marked)
        counts = np.bincount(labels.ravel(), minlength=256)
        assert mask.class_pixels() == {v: int(counts[v]) for v in range(UNLABELED) if counts[v]}

    @invariant()
    def padding_stays_unlabelled(self) -> None:
        mask = self.editor.mask
        for key, tile in mask.tiles.items():
            rect = mask.tile_rect(key)
            assert (tile[rect.height :] == UNLABELED).all() and (tile[:, rect.width :] == UNLABELED).all()
            assert not tile.flags.writeable


EditorFollowsArray.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestEditorFollowsArray = EditorFollowsArray.TestCase


def mazes() -> Iterator[tuple[str, Array]]:
    rng = np.random.default_rng(3)
    yield "noise", (rng.random((520, 520)) < 0.6).astype(np.uint8)
    spiral = np.zeros((600, 600), np.uint8)
    for k in range(0, 290, 4):  # walls with one gap each, the gap on alternate sides
        spiral[k : 600 - k, k] = spiral[k : 600 - k, 599 - k] = 1
        spiral[k, k : 600 - k] = spiral[599 - k, k : 600 - k] = 1
        spiral[k + 1 if k % 8 else 598 - k, k] = 0
    yield "rings", spiral
    yield "uniform", np.full((700, 300), 5, np.uint8)
    corridor = np.ones((520, 1030), np.uint8)
    for row in range(1, 520, 2):
        corridor[row, 1:1029] = 0
    for k, row in enumerate(range(2, 519, 2)):
        corridor[row, 1028 if k % 2 == 0 else 1] = 0
    yield "one long corridor", corridor


@pytest.mark.parametrize("patience", [0, 10_000])
@pytest.mark.parametrize(("name", "labels"), list(mazes()), ids=lambda v: v if isinstance(v, str) else "")
def test_a_flood_from_tile_to_tile_finds_what_a_flood_over_everything_finds(
    name: str, labels: Array, patience: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.masks.fill.MANY_MIXED_TILES", patience)
    monkeypatch.setattr("core.masks.fill.MANY_VISITS", patience)
    mask = Mask.from_array(labels)
    for row, column in [(1, 1), (300, 299), (519, 2), (255, 256)]:
        rect, where = connected_region(labels, row, column)
        expected = np.zeros(labels.shape, bool)
        expected[rect.slices] = where
        found_rect, tiles = connected_tiles(mask, row, column)
        found = np.zeros(labels.shape, bool)
        for key, part in tiles.items():
            found[mask.tile_rect(key).slices] = True if part is None else part
        np.testing.assert_array_equal(found, expected)
        assert found_rect.intersect(rect) == rect


def test_filling_a_whole_empty_mask_shares_one_tile() -> None:
    editor = MaskEditor(Mask(1024, 1024))
    edit = editor.fill((5, 5), 3)
    assert edit is not None and edit.bytes == 0
    assert all(tile is uniform_tile(3) for tile in editor.mask.tiles.values())


def test_a_snapshot_does_not_see_later_strokes() -> None:
    editor = MaskEditor(Mask(300, 300))
    editor.begin_stroke(1, 10)
    editor.extend_stroke([(50, 50)])
    editor.end_stroke()
    snapshot = editor.mask.snapshot()
    editor.begin_stroke(2, 10)
    editor.extend_stroke([(50, 50)])
    editor.end_stroke()
    assert snapshot.value(50, 50) == 1 and editor.mask.value(50, 50) == 2


def test_a_stroke_that_changes_nothing_is_no_edit() -> None:
    editor = MaskEditor(Mask(300, 300))
    editor.begin_stroke(UNLABELED, 10)
    editor.extend_stroke([(50, 50), (80, 80)])
    assert editor.end_stroke() is None
    assert not editor.can_undo


def test_undo_waits_for_the_stroke_under_way() -> None:
    editor = MaskEditor(Mask(300, 300))
    editor.fill((1, 1), 1)
    editor.begin_stroke(2, 5)
    assert editor.undo() is None
    editor.extend_stroke([(5, 5)])
    editor.end_stroke()
    assert editor.undo() is not None and editor.mask.value(5, 5) == 1


def test_saved_edits_leave_memory_and_undo_reads_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.masks.editor.RECENT_BYTES", 0)
    stored: dict[int, MaskEdit] = {}
    editor = MaskEditor(Mask(300, 300), load_edit=stored.__getitem__)
    for revision, x in ((1, 50), (2, 120)):
        editor.begin_stroke(revision, 10)
        editor.extend_stroke([(x, 50)])
        edit = editor.end_stroke()
        assert edit is not None
        stored[revision] = edit
        editor.saved(edit, revision)
    editor.undo()
    assert editor.mask.value(50, 50) == 1 and editor.mask.value(50, 120) == UNLABELED
    editor.undo()
    assert editor.mask.value(50, 50) == UNLABELED and editor.mask.value(50, 120) == UNLABELED
    editor.redo()
    assert editor.mask.value(50, 50) == 1
