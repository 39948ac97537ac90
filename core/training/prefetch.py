"""Batches made ready in threads of their own while the network is busy."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

from core.training.patches import Batch

AHEAD = 2
"""Batches that wait ready for each thread that prepares one."""


class Patches(Protocol):
    """Whatever draws batches, in any thread."""

    def batch(self, size: int, number: int) -> Batch: ...


class Prefetch:
    """`with Prefetch(patches, 4) as batches: next(batches)`. They come in the order of their numbers, however many
    threads prepare them; an error in a thread is raised by next()."""

    def __init__(self, patches: Patches, size: int, first: int = 0, workers: int = 1) -> None:
        """first: number of the first batch."""
        self._patches, self._size, self._number = patches, size, first
        self._threads = ThreadPoolExecutor(workers, "patches")
        self._ready: deque[Future[Batch]] = deque()
        self._ahead = workers * (1 + AHEAD)

    def __enter__(self) -> Iterator[Batch]:
        return self._batches()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    def _batches(self) -> Iterator[Batch]:
        while True:
            while len(self._ready) < self._ahead:
                self._ready.append(self._threads.submit(self._patches.batch, self._size, self._number))
                self._number += 1
            yield self._ready.popleft().result()
