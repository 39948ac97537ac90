"""Core functions off the window's thread, one after another, with the result brought back to it."""

import logging
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.errors import MaskwrightError

log = logging.getLogger(__name__)

Done = Callable[[Any], None]
Failed = Callable[[Exception], None]


class JobQueue(QObject):
    """A thread of its own that runs plain functions in order. Callbacks run in the window's thread."""

    trouble = Signal(str)
    """One sentence, for a job that failed with something a person can mend and that has no callback for it."""
    _returned = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._closed = False
        self._returned.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self, function: Callable[..., Any], *args: Any, done: Done | None = None, failed: Failed | None = None
    ) -> Future[Any]:
        """Call `function(*args)` after the jobs before it, then `done(result)` or `failed(error)`."""
        future = self._executor.submit(function, *args)
        future.add_done_callback(_Delivery(self, done, failed))
        return future

    def close(self) -> None:
        """Wait for the jobs under way. Their callbacks are not called any more."""
        self._closed = True
        self._executor.shutdown(wait=True)

    @Slot(object)
    def _deliver(self, delivery: "_Delivery") -> None:
        if self._closed or delivery.future is None or delivery.future.cancelled():
            return
        error = delivery.future.exception()
        if error is None:
            if delivery.done is not None:
                delivery.done(delivery.future.result())
        elif delivery.failed is not None and isinstance(error, Exception):
            delivery.failed(error)
        else:
            self.report(error)

    def report(self, error: BaseException) -> None:
        """Say what a person can mend; hand everything else to the crash report."""
        if isinstance(error, MaskwrightError):
            log.warning("%s", error)
            self.trouble.emit(str(error))
        else:
            sys.excepthook(type(error), error, error.__traceback__)


class _Delivery:
    """A job's result on its way to the window's thread."""

    def __init__(self, queue: JobQueue, done: Done | None, failed: Failed | None) -> None:
        self._queue = queue
        self.done = done
        self.failed = failed
        self.future: Future[Any] | None = None

    def __call__(self, future: Future[Any]) -> None:
        self.future = future
        if not self._queue._closed:
            self._queue._returned.emit(self)
