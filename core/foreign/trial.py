"""Trying a model from elsewhere in a process of its own: it may crash, hang or ask for all memory there is."""

import hashlib
import multiprocessing
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

from core.errors import MaskwrightError, ModelError
from core.foreign.opened import open_foreign
from core.foreign.recognise import Recognised, Wanted, first_picture, recognise
from core.training.service import NICENESS

PATIENCE_S = 120.0
"""For loading TensorFlow, the model and one run."""
MEMORY_SHARE, LEAST_MEMORY = 0.75, 2**32
"""Of the computer's memory, the most that a model may ask for where the system can be told, but at least so many bytes:
libraries ask for more than they use."""
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Trial:
    """What the process is asked."""

    format: str
    path: Path
    name: str
    wanted: Wanted
    pictures: tuple[str, ...]


def try_model(trial: Trial, *, stop: Callable[[], bool] = lambda: False, patience_s: float = PATIENCE_S) -> Recognised:
    """Open a model, run it once, and tell how it is used.

    Raises:
        ModelError: it cannot be used, it crashed or took too long, or `stop` ended it.
    """
    with tempfile.TemporaryDirectory(prefix="maskwright-", ignore_cleanup_errors=True) as room:
        answer = _asked(trial, room, stop, patience_s)
    if isinstance(answer, str):
        raise ModelError(answer)
    return answer


def _asked(trial: Trial, room: str, stop: Callable[[], bool], patience_s: float) -> Recognised | str:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, trial, room), name="maskwright-trial", daemon=True)
    process.start()
    theirs.close()
    try:
        return _wait(ours, trial.name, stop, patience_s)
    finally:
        process.kill()
        process.join()
        ours.close()


def _wait(connection: Connection, name: str, stop: Callable[[], bool], patience_s: float) -> Recognised | str:
    end = monotonic() + patience_s
    while not connection.poll(LOOK_S):
        if stop():
            return f"{name} was not imported: stopped."
        if monotonic() > end:
            return f"{name} did not answer within {patience_s:.0f} seconds, so it is not imported."
    try:
        answer: Recognised | str = connection.recv()
    except (EOFError, OSError):
        return (
            f"{name} crashed when it was tried, perhaps for lack of memory, so it is not imported. Your project is as "
            "it was."
        )
    return answer


def _answer(connection: Connection, trial: Trial, room: str) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)  # what native runtimes write there is for nobody
    tempfile.tempdir = room  # what it leaves behind when it is ended goes with it
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    _limit_memory()
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    try:
        picture = first_picture(trial.pictures)
        data = trial.path.read_bytes()
        opened = open_foreign(trial.format, data, trial.name)
        found = recognise(opened, trial.format, trial.name, trial.wanted, picture)
        facts = replace(found.facts, sha256=hashlib.sha256(data).hexdigest())
        answer: Recognised | str = replace(found, facts=facts)
    except MemoryError:
        answer = f"{trial.name} needs more memory than there is. Choose a smaller model."
    except (MaskwrightError, OSError) as error:
        answer = str(error)
    connection.send(answer)
    connection.close()
    os._exit(0)  # whatever the model left running


def _limit_memory() -> None:
    """Where the system knows limits. If memory runs out all the same, this process is to go first."""
    try:
        import resource
    except ImportError:
        return
    with suppress(OSError, ValueError):
        there = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        most = max(int(MEMORY_SHARE * there), LEAST_MEMORY)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
