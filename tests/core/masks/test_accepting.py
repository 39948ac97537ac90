"""Labels taken over from a prediction: classes like any other, and told from what a person drew."""

import numpy as np
import pytest

from core.classes import ACCEPTED, MAX_CLASSES, UNLABELED
from core.masks.change import Change
from core.masks.editor import ONLY_UNLABELED, MaskEditor
from core.masks.fill import connected_tiles
from core.masks.geometry import connected_region
from core.masks.marks import class_of, classes_of, holds, is_accepted, one_of
from core.masks.predicted import Predicted, least_confidence
from core.masks.rect import Rect
from core.masks.regions import mend_region
from core.masks.tiles import Array, Mask, uniform_tile

SIDE = 600  # three rows and columns of tiles, the last ones cut off
EVERY = np.arange(256, dtype=np.uint8)[None]


@pytest.fixture
def editor() -> MaskEditor:
    """A stroke of class 1 from left to right, in a mask that is otherwise empty."""
    editor = MaskEditor(Mask(SIDE, SIDE))
    editor.begin_stroke(1, 20)
    editor.extend_stroke([(50, 300), (550, 300)])
    editor.end_stroke()
    return editor


def all_of(value: int) -> Predicted:
    return Predicted(np.full((SIDE, SIDE), value, np.uint8))


def halves() -> Array:
    """Class 1 at the left, class 2 at the right."""
    return np.where(np.arange(SIDE) < SIDE // 2, np.uint8(1), np.uint8(2)) * np.ones((SIDE, 1), np.uint8)


def test_every_class_can_be_marked_and_is_found_again() -> None:
    ids = np.arange(MAX_CLASSES, dtype=np.uint8)[None]
    marked = ids | np.uint8(ACCEPTED)
    np.testing.assert_array_equal(classes_of(marked), ids)
    np.testing.assert_array_equal(classes_of(ids), ids)
    assert is_accepted(marked).all() and not is_accepted(ids).any()
    assert class_of(UNLABELED) == UNLABELED and not is_accepted(np.array([[UNLABELED]], np.uint8)).any()
    for value in (*range(MAX_CLASSES), UNLABELED):
        np.testing.assert_array_equal(holds(EVERY, value), classes_of(EVERY) == value)
    for wanted in (frozenset({3}), frozenset({0, 31}), frozenset({UNLABELED}), frozenset(range(256)) - {2}):
        known = np.r_[0:MAX_CLASSES, ACCEPTED : ACCEPTED + MAX_CLASSES, UNLABELED]
        np.testing.assert_array_equal(
            one_of(EVERY, wanted)[0, known], np.isin(classes_of(EVERY), list(wanted))[0, known]
        )


def test_accepting_never_changes_a_drawn_stroke(editor: MaskEditor) -> None:
    drawn = editor.mask.read_marked()
    assert editor.accept(Predicted(halves())) is not None
    kept = drawn != UNLABELED
    np.testing.assert_array_equal(editor.mask.read_marked()[kept], drawn[kept])
    np.testing.assert_array_equal(editor.mask.accepted(), ~kept)
    np.testing.assert_array_equal(editor.mask.read()[~kept], halves()[~kept])


def test_even_where_drawn_labels_may_change_those_that_are_right_stay_drawn(editor: MaskEditor) -> None:
    drawn = editor.mask.read() == 1
    editor.accept(Predicted(halves()), allowed=None)
    np.testing.assert_array_equal(editor.mask.read(), halves())
    np.testing.assert_array_equal(~editor.mask.accepted(), drawn & (halves() == 1))


def test_a_prediction_that_is_there_already_is_no_edit(editor: MaskEditor) -> None:
    said = Predicted(halves())
    assert editor.accept(said) is not None
    assert editor.accept(said) is None
    assert editor.accept(said.of_class(1), allowed=None) is None


def test_only_what_is_sure_enough_is_taken(editor: MaskEditor) -> None:
    confidence = np.full((SIDE, SIDE), 127, np.uint8)
    confidence[:100] = 128
    said = Predicted(halves(), confidence, least_confidence(0.5))
    editor.accept(said)
    assert editor.mask.accepted()[:100].all() and not editor.mask.accepted()[100:].any()
    editor.accept(said.above(least_confidence(0.49)))
    assert editor.mask.accepted()[100:200].all()


@pytest.mark.parametrize(("share", "least"), [(0.0, 0), (1.0, 255), (0.5, 128), (51 / 255, 51)])
def test_a_share_is_met_by_the_step_that_equals_it(share: float, least: int) -> None:
    assert least_confidence(share) == least


def test_one_class_can_be_accepted_alone(editor: MaskEditor) -> None:
    editor.accept(Predicted(halves()).of_class(2))
    assert set(np.unique(editor.mask.read()[editor.mask.accepted()])) == {2}
    np.testing.assert_array_equal(editor.mask.accepted()[:200], (halves() == 2)[:200])


def test_whole_tiles_of_accepted_labels_are_shared(editor: MaskEditor) -> None:
    edit = editor.accept(all_of(4))
    assert edit is not None and editor.mask.tile((0, 0)) is uniform_tile(4 | ACCEPTED)
    assert editor.mask.class_pixels() == {1: int((editor.mask.read() == 1).sum()), 4: int(editor.mask.accepted().sum())}
    assert edit.painted == 4


def test_drawing_over_accepted_labels_makes_them_drawn_in_one_edit_that_undo_takes_back(editor: MaskEditor) -> None:
    editor.accept(all_of(4))
    accepted = editor.mask.accepted()
    editor.begin_stroke(4, 15)
    editor.extend_stroke([(100, 100), (200, 100)])
    edit = editor.end_stroke()
    assert edit is not None and edit.kind == "stroke" and edit.painted == UNLABELED
    assert not editor.mask.accepted(Rect(95, 100, 105, 200)).any() and editor.mask.accepted()[50, 50]
    editor.undo()
    np.testing.assert_array_equal(editor.mask.accepted(), accepted)
    editor.undo()
    assert not editor.mask.accepted().any()
    editor.redo()
    np.testing.assert_array_equal(editor.mask.accepted(), accepted)


def test_filling_an_accepted_region_with_its_own_class_confirms_it(editor: MaskEditor) -> None:
    editor.accept(Predicted(halves()))
    edit = editor.fill((10.0, 10.0), 1)
    assert edit is not None
    left = halves() == 1
    assert not editor.mask.accepted()[left].any() and editor.mask.accepted()[:200][~left[:200]].all()
    assert editor.fill((10.0, 10.0), 1) is None, "it is drawn by now"


def test_fill_takes_drawn_and_accepted_pixels_of_a_class_as_one_region(editor: MaskEditor) -> None:
    editor.accept(Predicted(halves()))
    labels = editor.mask.read()
    rect, where = connected_region(labels, 10, 10)
    expected = labels.copy()
    expected[rect.slices][where] = 5
    editor.fill((10.0, 10.0), 5)
    np.testing.assert_array_equal(editor.mask.read(), expected)
    assert (expected[295:305, 60:560] == 5).all(), "the drawn stroke is of the same class, and hangs together with it"


def test_filling_all_of_a_class_takes_both(editor: MaskEditor) -> None:
    editor.accept(all_of(1), Rect(0, 0, 100, 100))
    before = editor.mask.read() == 1
    editor.begin_fill((300.0, 300.0), 6, everywhere=True)
    editor.end_stroke()
    np.testing.assert_array_equal(editor.mask.read() == 6, before)


def test_mending_takes_both_for_one_region(editor: MaskEditor) -> None:
    editor.accept(all_of(1), Rect(250, 0, 350, SIDE))
    change = mend_region(editor.mask, 300, 300, "grow", 5)
    assert not change.where[editor.mask.read(change.rect) == 1].any()
    editor.apply("mend", change.rect, change.where, change.values)
    assert editor.mask.value(246, 300) == 1 and not editor.mask.accepted()[246, 300]


@pytest.mark.parametrize("allowed", [frozenset(range(256)) - {4}, frozenset({0, 1, UNLABELED}), ONLY_UNLABELED])
def test_a_rule_that_protects_a_class_protects_what_was_accepted_of_it(
    editor: MaskEditor, allowed: frozenset[int]
) -> None:
    editor.accept(all_of(4))
    before = editor.mask.read_marked()
    editor.begin_stroke(2, 40, allowed=allowed)
    editor.extend_stroke([(300, 100), (300, 220)])
    assert editor.end_stroke() is None
    assert editor.fill((10.0, 10.0), 2, allowed=allowed) is None
    assert editor.accept(all_of(2), Rect(0, 0, 200, 200), allowed=allowed) is None
    change = Change(Rect(0, 0, 50, 50), np.ones((50, 50), bool), 2)
    assert change.kept_to(editor.mask, allowed).empty
    np.testing.assert_array_equal(editor.mask.read_marked(), before)


def test_a_rule_for_one_class_lets_what_was_accepted_of_it_be_painted(editor: MaskEditor) -> None:
    editor.accept(all_of(4))
    editor.begin_stroke(2, 20, allowed=frozenset({4}))
    editor.extend_stroke([(100, 100)])
    assert editor.end_stroke() is not None and editor.mask.value(100, 100) == 2


def test_clearing_leaves_what_was_accepted_of_a_locked_class(editor: MaskEditor) -> None:
    editor.accept(Predicted(halves()))
    editor.clear(locked=frozenset({2}))
    assert set(editor.mask.class_pixels()) == {2} and editor.mask.accepted().any()


def test_going_back_brings_the_marks_back(editor: MaskEditor) -> None:
    editor.accept(Predicted(halves()))
    then, marked = editor.mask.snapshot(), editor.mask.read_marked()
    editor.clear()
    assert editor.restore(then) is not None
    np.testing.assert_array_equal(editor.mask.read_marked(), marked)


@pytest.mark.parametrize("patience", [0, 10_000])
def test_a_flood_over_a_prediction_finds_what_hangs_together(patience: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.masks.fill.MANY_MIXED_TILES", patience)
    rng = np.random.default_rng(5)
    class_map = np.repeat(np.repeat(rng.integers(0, 2, (30, 30), np.uint8), 20, 0), 20, 1)
    confidence = np.repeat(np.repeat(rng.integers(0, 4, (60, 60), np.uint8), 10, 0), 10, 1)
    said = Predicted(class_map, confidence, 1)
    shown = np.where(confidence >= 1, class_map, np.uint8(UNLABELED))
    np.testing.assert_array_equal(said.read(), shown)
    for row, column in ((5, 5), (300, 305), (595, 2)):
        assert said.value(row, column) == shown[row, column]
        rect, where = connected_region(shown, row, column)
        expected, found = np.zeros(shown.shape, bool), np.zeros(shown.shape, bool)
        expected[rect.slices] = where
        for key, part in connected_tiles(said, row, column)[1].items():
            found[said.tile_rect(key).slices] = True if part is None else part
        np.testing.assert_array_equal(found, expected)
