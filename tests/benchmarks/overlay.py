"""How long one waits for a prediction, for a region to be accepted, and for the next one of 10,000 images' queue."""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from core.prediction.queue import RegionQueue
from core.prediction.regions import MOST, SIDE
from core.regions import REGION, RegionTable

ANSWERS = 200


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--images", type=int, default=10_000)


def run(args: argparse.Namespace) -> dict[str, Any]:
    from tests.benchmarks.overlay_window import run_window  # Qt only where it is needed

    with tempfile.TemporaryDirectory() as folder:
        return run_window(args.data, Path(folder)) | _queue(args)


def _queue(args: argparse.Namespace) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    tables = [_regions(rng) for _ in range(args.images)]
    queue = RegionQueue()
    start = time.perf_counter()
    for image_id, table in enumerate(tables, 1):
        queue.put(image_id, 1, table)
    filled = time.perf_counter() - start
    spent = [_answered(queue, number) for number in range(min(ANSWERS, queue.left))]
    return {
        "images": args.images,
        "regions": args.images * MOST,
        "fill_s": round(filled, 3),
        "next_region_ms": round(median(spent), 2),
        "next_region_ms_most": round(max(spent), 2),
    }


def _answered(queue: RegionQueue, number: int) -> float:
    """Milliseconds to answer a region and to have the next one."""
    region = queue.next()
    assert region is not None
    start = time.perf_counter()
    (queue.skip if number % 5 == 0 else queue.done)(region)
    queue.next()
    return (time.perf_counter() - start) * 1e3


def _regions(rng: np.random.Generator) -> RegionTable:
    """As many regions as an image may have, anywhere in 4096 × 4096 pixels."""
    table = np.zeros(MOST, REGION)
    table["top"], table["left"] = rng.integers(0, 4096 - SIDE, (2, MOST))
    table["bottom"], table["right"] = table["top"] + SIDE, table["left"] + SIDE
    table["row"], table["column"] = table["top"] + SIDE // 2, table["left"] + SIDE // 2
    table["pixels"], table["class_id"] = rng.integers(64, SIDE**2, MOST), rng.integers(0, 7, MOST)
    table["confidence"] = rng.uniform(0.3, 1, MOST)
    return table
