"""Batches made ready in a thread of their own while the network is busy."""

import queue
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Protocol

from core.training.patches import Batch


class Patches(Protocol):
    """Whatever draws batches."""

    def batch(self, size: int) -> Batch: ...


class Prefetch:
    """`with Prefetch(patches, 4) as batches: next(batches)`. An error in the thread is raised by next()."""

    def __init__(self, patches: Patches, size: int, depth: int = 3) -> None:
        self._ready: queue.Queue[Batch | BaseException] = queue.Queue(depth)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._fill, args=(patches, size), name="patches", daemon=True)

    def __enter__(self) -> Iterator[Batch]:
        self._thread.start()
        return self._batches()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        while self._thread.is_alive():
            try:
                self._ready.get(timeout=0.05)  # make room, so that a waiting thread sees the end
            except queue.Empty:
                continue
        self._thread.join()

    def _batches(self) -> Iterator[Batch]:
        while True:
            item = self._ready.get()
            if isinstance(item, BaseException):
                raise item
            yield item

    def _fill(self, patches: Patches, size: int) -> None:
        while not self._ended.is_set():
            item: Batch | BaseException
            try:
                item = patches.batch(size)
            except BaseException as error:
                item = error
            self._ready.put(item)
            if isinstance(item, BaseException):
                return
