"""Core functions off the window's thread."""

import sys
import threading
from types import TracebackType

import pytest
from pytestqt.qtbot import QtBot

from app.job import JobQueue
from core.errors import ProjectError


def test_jobs_run_in_order_off_the_window_thread_and_answer_in_it(qtbot: QtBot) -> None:
    jobs, seen = JobQueue("test"), []

    def work(number: int) -> tuple[int, int]:
        return number, threading.get_ident()

    def done(result: tuple[int, int]) -> None:
        seen.append((*result, threading.get_ident()))

    for number in range(20):
        jobs.run(work, number, done=done)
    qtbot.waitUntil(lambda: len(seen) == 20)
    jobs.close()
    assert [number for number, _, _ in seen] == list(range(20))
    assert all(worked != threading.get_ident() and told == threading.get_ident() for _, worked, told in seen)


def test_what_a_person_can_mend_is_said(qtbot: QtBot) -> None:
    jobs = JobQueue("test")

    def fail() -> None:
        raise ProjectError("The disk is full. Make room.")

    with qtbot.waitSignal(jobs.trouble) as said:
        jobs.run(fail)
    jobs.close()
    assert said.args == ["The disk is full. Make room."]


def test_a_bug_reaches_the_crash_report(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs, caught = JobQueue("test"), []

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        caught.append(error)

    monkeypatch.setattr(sys, "excepthook", hook)
    jobs.run(lambda: 1 // 0)
    qtbot.waitUntil(lambda: bool(caught))
    jobs.close()
    assert isinstance(caught[0], ZeroDivisionError)


def test_after_closing_no_answer_comes(qtbot: QtBot) -> None:
    jobs = JobQueue("test")
    seen: list[int] = []
    jobs.run(int, done=seen.append)
    jobs.close()
    qtbot.wait(30)
    assert seen == []
