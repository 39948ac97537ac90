"""The process that trains and predicts, seen from the window's side.

Requests are answered one after the other, but Predict and StopTraining also while a training is under way. The
process ends with its parent, however that ends. Importing this brings in neither Keras nor Qt.
"""

import multiprocessing
import threading
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic

from core.training.messages import (
    Alive,
    CompareHeads,
    ExportModel,
    Failed,
    HeadsCompared,
    ImageMeasured,
    LoadModel,
    LookAt,
    LookedAt,
    MeasureImage,
    ModelExported,
    Predict,
    PredictionReady,
    Quit,
    Report,
    Request,
    Train,
    TrainingEnded,
)
from core.training.service import serve

DIED = (
    "The training process ended unexpectedly, perhaps for lack of memory. Your labels are safe. "
    "Close other programs or choose a smaller network, then try again."
)
HANGS = (
    "The training process gave no sign of life for {minutes:.0f} minutes and was ended. Your labels are safe. "
    "Try again; if it happens again, choose a smaller network or start the computer anew."
)
SILENCE_S = 180.0
"""Seconds without a report, with requests under way, after which the process is taken to hang."""
LONGEST_POLL_S = 5.0
"""No wait counts for more: a computer that slept has not been waiting."""

ANSWERS: dict[type, str] = {
    TrainingEnded: "train",
    HeadsCompared: "compare",
    PredictionReady: "predict",
    LookedAt: "look",
    ImageMeasured: "measure",
    ModelExported: "export",
}
"""The request that each kind of report completes."""
ASKED: dict[type, str] = {
    Train: "train",
    CompareHeads: "compare",
    Predict: "predict",
    LookAt: "look",
    MeasureImage: "measure",
    ExportModel: "export",
}
"""What the answer to each kind of request is called; the others have none."""


class Worker:
    """A handle on the worker process. `send` and `receive` may be called from different threads."""

    def __init__(self, silence_s: float = SILENCE_S) -> None:
        """A process that owes an answer and says nothing for `silence_s` seconds is ended."""
        self._silence_s, self._silent, self._polled = silence_s, 0.0, monotonic()
        self._context = multiprocessing.get_context("spawn")
        self._lock = threading.Lock()
        self._process: multiprocessing.process.BaseProcess | None = None
        self._connection: Connection | None = None
        self._waiting: list[str] = []
        """What the process still owes an answer: "train", "compare", "predict", "look", "measure", "export"."""
        self._own_reports: deque[Report] = deque()
        self._model: LoadModel | None = None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process if it is not running; it loads TensorFlow while others go on."""
        with self._lock:
            self._start()

    def send(self, request: Request) -> None:
        """Hand over a request; a process that died is started again, with the model it had loaded."""
        with self._lock:
            self._start()
            if isinstance(request, LoadModel):
                self._model = request
            kind = ASKED.get(type(request), "")
            if kind:
                self._waiting.append(kind)
            self._silent = 0.0
            try:
                assert self._connection is not None
                self._connection.send(request)
            except OSError:
                self._bury()

    def receive(self, timeout: float = 0.0) -> Report | None:
        """The next report, waiting up to `timeout` seconds for it; None if there is none.

        If the process died or hangs with requests under way, each of them is answered by a Failed.
        """
        with self._lock:
            if self._own_reports:
                return self._own_reports.popleft()
            connection = self._connection
        if connection is None:
            return None
        try:
            if not connection.poll(timeout):
                return self._look_after(connection)
            report: Report = connection.recv()
        except (OSError, EOFError):
            with self._lock:
                if connection is self._connection:
                    self._bury()
                return self._own_reports.popleft() if self._own_reports else None
        with self._lock:
            self._silent, self._polled = 0.0, monotonic()
            kind = _answers(report)
            if kind in self._waiting:
                self._waiting.remove(kind)
        return None if isinstance(report, Alive) else report

    def _look_after(self, connection: Connection) -> Report | None:
        """After a poll that brought nothing: end a process that hangs."""
        with self._lock:
            now = monotonic()
            self._silent += min(now - self._polled, LONGEST_POLL_S)
            self._polled = now
            if connection is not self._connection:
                return None
            if self._waiting and self._silent >= self._silence_s:
                self._bury(HANGS.format(minutes=max(1, self._silence_s / 60)))
                return self._own_reports.popleft()
            return None

    def close(self, timeout: float = 3.0) -> None:
        """End the process, politely first."""
        with self._lock:
            if self._connection is not None and self.alive:
                with suppress(OSError):
                    self._connection.send(Quit())
                assert self._process is not None
                self._process.join(timeout)
            self._waiting.clear()
            self._bury()

    def kill(self) -> None:
        """End the process at once; what was under way is answered by Failed."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def _start(self) -> None:
        if self.alive:
            return
        self._bury()
        self._connection, theirs = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(theirs,), name="maskwright-worker", daemon=True)
        self._process.start()
        self._silent = 0.0
        theirs.close()  # only the child holds its end, so that each side sees the other's death
        if self._model is not None:
            self._connection.send(self._model)

    def _bury(self, reason: str = DIED) -> None:
        """Forget a process that is gone, or no use any more, and answer for it."""
        if self._process is not None:
            if self._process.is_alive():
                self._process.kill()
            self._process.join()
        if self._connection is not None:
            self._connection.close()
        self._own_reports.extend(Failed(kind, reason) for kind in self._waiting)
        self._waiting.clear()
        self._process = self._connection = None


def _answers(report: Report) -> str:
    """Which request a report completes."""
    return report.request if isinstance(report, Failed) else ANSWERS.get(type(report), "")
