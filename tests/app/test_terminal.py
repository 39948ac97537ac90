"""What a command says, and where."""

import io
import json

import pytest

from app.terminal import Terminal, at_least_percent, percent, table


class Screen(io.StringIO):
    """A standard error that a person watches."""

    def isatty(self) -> bool:
        return True


def test_on_a_screen_progress_is_one_line_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    terminal = Terminal()
    for step in range(5):
        terminal.progress(f"step {step}", key="steps")
    terminal.end_progress()
    text = screen.getvalue()
    assert "\n" not in text
    assert text.count("\r") == 7
    assert text.endswith("\r")
    assert text.rstrip("\r ").endswith("step 4")


def test_in_a_log_progress_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    terminal = Terminal()
    for step in range(100):
        now[0] = step / 4
        terminal.progress(f"step {step}", key="steps")
    terminal.progress("measuring", key="measure")
    assert capsys.readouterr().err.splitlines() == ["step 0", "step 40", "step 80", "measuring"]


def test_json_is_the_only_thing_on_standard_output_and_knows_no_nan(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(as_json=True)
    terminal.say("for people")
    terminal.result({"iou": {"water": float("nan"), "forest": 0.5}, "steps": (1, 2)})
    assert json.loads(capsys.readouterr().out) == {"iou": {"water": None, "forest": 0.5}, "steps": [1, 2]}


def test_people_get_no_json(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.say("for people")
    terminal.result({"a": 1})
    assert capsys.readouterr().out == "for people\n"


def test_tables_are_aligned_and_unknown_shares_are_a_dash() -> None:
    assert table([("water", percent(0.5)), ("bare ground", percent(None))]) == "  water        50.0 %\n  bare ground  –"
    assert percent(float("nan")) == "–"


@pytest.mark.parametrize(
    ("worst", "told"), [(0.98765, "98.7 %"), (0.9999, "99.9 %"), (0.999, "99.9 %"), (1.0, "100.0 %"), (0.0, "0.0 %")]
)
def test_what_is_promised_as_or_better_is_never_rounded_up(worst: float, told: str) -> None:
    assert at_least_percent(worst) == told
