"""Many generated pictures, drawn by several processes into files that only this run uses."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from core.pretraining.surfaces import Bytes, Surfaces
from core.pretraining.worlds import draw

SIDE = 320
CHUNK = 20
"""Pictures that a process draws before it reports."""


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    pictures: Bytes
    """(n, side, side, 3)"""
    kinds: Bytes
    """(n, side, side): numbers of KINDS, or 255."""

    def __len__(self) -> int:
        return len(self.kinds)


@contextmanager
def drawn(count: int, seed: int, report: Callable[[int], None], processes: int = 0) -> Iterator[Gallery]:
    """Pictures that are gone after the `with`; the same seed draws the same ones.

    Args:
        report: told how many are ready.
        processes: 0 for one per processor.
    """
    processes = processes or min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2, 16)
    spawn = multiprocessing.get_context("spawn")
    # On Windows files that are still mapped stay behind, for the system to clear away.
    with tempfile.TemporaryDirectory(prefix="maskwright-", ignore_cleanup_errors=True) as folder:
        gallery = _open(Path(folder), count, "w+")
        with ProcessPoolExecutor(processes, spawn, _begin, (Path(folder), count, seed)) as pool:
            for done, _ in enumerate(pool.map(_draw, range(0, count, CHUNK)), 1):
                report(min(count, done * CHUNK))
        yield gallery


def _open(folder: Path, count: int, mode: Literal["r+", "w+"]) -> Gallery:
    def array(name: str, *depth: int) -> Bytes:
        return np.memmap(folder / name, np.uint8, mode, shape=(count, SIDE, SIDE, *depth))

    return Gallery(array("pictures", 3), array("kinds"))


# --- in the processes that draw

_drawing: tuple[Gallery, Surfaces, int]


def _begin(folder: Path, count: int, seed: int) -> None:
    global _drawing  # noqa: PLW0603  (what a process draws with is made once)
    cv2.setNumThreads(1)
    _drawing = _open(folder, count, "r+"), Surfaces(seed), seed


def _draw(start: int) -> None:
    gallery, surfaces, seed = _drawing
    for number in range(start, min(start + CHUNK, len(gallery))):
        rng = np.random.default_rng((seed, number))
        gallery.pictures[number], gallery.kinds[number] = draw(rng, surfaces, SIDE)
