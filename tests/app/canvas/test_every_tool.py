"""What holds under every tool: the paint rule, Esc, one edit a gesture, and undo and redo of anything in any order."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.canvas.tools import ToolName
from app.tooling import TOOL_NAMES
from core.classes import UNLABELED
from core.masks.rect import Rect
from core.masks.regions import OPERATIONS, Operation
from core.masks.tiles import Array
from tests.app.canvas.conftest import HEIGHT, WIDTH, Left, Painter, Right, Show, settle

LOOKING: list[ToolName] = ["picker", "pan"]
ACCEPTING: list[ToolName] = ["accept-lasso", "accept-region", "accept-brush"]
PAINTING: list[ToolName] = [name for name in TOOL_NAMES if name not in (*LOOKING, *ACCEPTING)]
CHANGING = [*PAINTING, *ACCEPTING]
FIELD = Rect(0, 0, HEIGHT, WIDTH)


def scene() -> Array:
    """A bright disc and a bright block on dark ground, with a little noise."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    image[np.hypot(x - 120, y - 150) < 70] = (170, 150, 90)
    image[80:220, 250:350] = (90, 140, 180)
    return np.asarray(image + rng.integers(0, 6, image.shape, np.uint8), np.uint8)


def labelled(painter: Painter) -> Array:
    """Stripes of three classes and of nothing, as an edit."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    labels = np.asarray(np.array([0, 1, 2, UNLABELED], np.uint8)[(x // 50 + y // 50) % 4])
    edit = painter.editor.apply("import", FIELD, np.ones((HEIGHT, WIDTH), bool), labels)
    assert edit is not None
    painter.view.refresh(edit.rect)
    return labels


def predicted() -> Array:
    """Wide stripes of two classes."""
    return np.asarray(np.array([4, 5], np.uint8)[np.mgrid[:HEIGHT, :WIDTH][1] // 80 % 2])


Use = Callable[[Painter, Qt.MouseButton], None]


def _dragged(*points: tuple[float, float]) -> Use:
    def use(painter: Painter, button: Qt.MouseButton) -> None:
        painter.drag(*points, button=button)

    return use


def _clicked(*points: tuple[float, float]) -> Use:
    def use(painter: Painter, button: Qt.MouseButton) -> None:
        for point in points:
            painter.drag(point, button=button)
            settle(painter.view)

    return use


USES: dict[str, Use] = {
    "brush": _dragged((60, 60), (300, 200)),
    "eraser": _dragged((60, 60), (300, 200)),
    "line": _dragged((60, 200), (300, 90)),
    "fill": _dragged((125, 125)),
    "wand": _dragged((120, 150)),
    "lasso": _dragged((60, 60), (300, 80), (200, 250)),
    "polygon": _clicked((60, 60), (300, 80), (200, 250)),
    "edge-lasso": _clicked((252, 82), (348, 82), (348, 218), (252, 218)),
    "rectangle": _dragged((40, 70), (310, 240)),
    "ellipse": _dragged((40, 70), (310, 240)),
    "cut-out": _dragged((40, 70), (200, 230)),
    "superpixels": _dragged((120, 150), (300, 150)),
    "mend": _dragged((125, 125)),
    "picker": _dragged((125, 125)),
    "accept-lasso": _dragged((60, 60), (300, 80), (200, 250)),
    "accept-region": _dragged((130, 30)),
    "accept-brush": _dragged((60, 60), (300, 200)),
    "pan": _dragged((60, 60), (100, 80)),
}


def use(painter: Painter, tool: ToolName, button: Qt.MouseButton = Left) -> None:
    """One whole gesture, to the yes where there is a question."""
    begin(painter, tool, button)
    QTest.keyClick(painter.view, Qt.Key.Key_Return)
    settle(painter.view)


def begin(painter: Painter, tool: ToolName, button: Qt.MouseButton = Left) -> None:
    painter.view.set_tool(tool)
    if tool == "superpixels":
        painter.rest()
        settle(painter.view)
    USES[tool](painter, button)
    settle(painter.view)


@pytest.fixture
def desk(show: Show) -> Painter:
    painter = show(scene())
    painter.view.set_active_class(3)
    painter.view.set_prediction(predicted())
    painter.view.set_option("operation", "grow")
    painter.view.set_option("distance", 9)
    return painter


@pytest.mark.parametrize("allowed", [{UNLABELED}, {0, 1, 3, UNLABELED}, {2}], ids=["unlabelled", "locked", "chosen"])
@pytest.mark.parametrize("tool", PAINTING)
def test_the_paint_rule_holds_under_every_tool(desk: Painter, tool: ToolName, allowed: set[int]) -> None:
    before = labelled(desk)
    desk.view.set_allowed(frozenset(allowed))
    use(desk, tool)
    changed = desk.labels != before
    assert np.isin(before[changed], list(allowed)).all()
    reachable = tool in ("fill", "eraser", "mend") or changed.any()
    assert reachable and len(desk.edits) == changed.any()


@pytest.mark.parametrize("tool", CHANGING)
def test_every_tool_makes_one_edit_that_undo_takes_back(desk: Painter, tool: ToolName) -> None:
    before = labelled(desk)
    use(desk, tool)
    assert len(desk.edits) == 1
    after = desk.labels
    assert (after != before).any()
    desk.editor.undo()
    np.testing.assert_array_equal(desk.labels, before)
    desk.editor.redo()
    np.testing.assert_array_equal(desk.labels, after)


@pytest.mark.parametrize("tool", [*CHANGING, *LOOKING])
def test_escape_takes_back_what_any_tool_has_begun(desk: Painter, tool: ToolName) -> None:
    before = labelled(desk)
    desk.rest()
    looks = desk.screen()
    desk.view.set_tool(tool)
    if tool in ("polygon", "edge-lasso", "cut-out", "mend"):
        begin(desk, tool)
    else:
        desk.press((60, 60))
        desk.move((200, 90))
    QTest.keyClick(desk.view, Qt.Key.Key_Escape)
    desk.release((200, 90))
    desk.view.set_tool("brush")
    desk.rest()
    np.testing.assert_array_equal(desk.labels, before)
    assert desk.edits == []
    if tool != "pan":
        assert desk.screen() == looks


@pytest.mark.parametrize("tool", LOOKING)
def test_tools_that_only_look_change_nothing(desk: Painter, tool: ToolName) -> None:
    before = labelled(desk)
    use(desk, tool)
    np.testing.assert_array_equal(desk.labels, before)
    assert desk.edits == []


@pytest.mark.parametrize("tool", [name for name in CHANGING if name not in ("mend", "eraser", "edge-lasso")])
def test_the_right_button_takes_labels_away_with_every_tool(desk: Painter, tool: ToolName) -> None:
    before = labelled(desk)
    use(desk, tool, Right)
    changed = desk.labels != before
    assert changed.any() and (desk.labels[changed] == UNLABELED).all()


@pytest.mark.parametrize("tool", CHANGING)
def test_what_any_tool_leaves_on_screen_is_what_a_fresh_look_shows(desk: Painter, tool: ToolName) -> None:
    labelled(desk)
    use(desk, tool)
    desk.view.set_tool("brush")
    desk.rest()
    step_by_step = desk.screen()
    desk.view.set_mask_opacity(0.45)  # draws everything anew
    assert desk.screen() == step_by_step


steps = st.tuples(
    st.sampled_from(CHANGING),
    st.integers(0, 3),
    st.sampled_from([None, None, frozenset({UNLABELED}), frozenset({0, 1})]),
    st.sampled_from(OPERATIONS),
    st.booleans(),
)


@given(st.lists(steps, min_size=1, max_size=6))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_tools_in_any_order_are_undone_to_the_start_and_redone_to_the_end(
    show: Show, gestures: list[tuple[ToolName, int, frozenset[int] | None, Operation, bool]]
) -> None:
    painter = show(scene())
    painter.view.set_prediction(predicted())
    states = [painter.labels]
    for tool, value, allowed, operation, erase in gestures:
        painter.view.set_active_class(value)
        painter.view.set_allowed(allowed)
        painter.view.set_option("operation", operation)
        count = len(painter.edits)
        use(painter, tool, Right if erase else Left)
        assert len(painter.edits) <= count + 1
        if len(painter.edits) > count:
            states.append(painter.labels)
    for state in reversed(states[:-1]):
        assert painter.editor.undo() is not None
        np.testing.assert_array_equal(painter.labels, state)
    assert not painter.editor.can_undo
    for state in states[1:]:
        assert painter.editor.redo() is not None
        np.testing.assert_array_equal(painter.labels, state)
    assert not painter.editor.can_redo
    painter.view.close_tools()
