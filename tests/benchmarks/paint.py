"""Time from a brush step to its finished frame on an 8192 × 8192 picture, and the memory that takes."""

import argparse
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent

from tests.benchmarks.canvas import HEIGHT, WIDTH, Frame, Table, peak_mb, platform, set_table, spread

STEPS = 300


def run(args: argparse.Namespace) -> dict[str, object]:
    size = int(getattr(args, "size", None) or 8192)
    table = set_table(size)
    table.view.zoom_to(1.0)
    result: dict[str, Any] = {"size": size, "platform": platform()}
    for diameter in (40, 1000):
        result[f"brush_{diameter}"] = spread(_walk(table, diameter))
    small, large = result["brush_40"], result["brush_1000"]
    result["step_to_frame_ms_p50"], result["step_to_frame_ms_p99"] = small["p50_ms"], small["p99_ms"]
    result["large_brush_ms_p99"] = large["p99_ms"]
    table.view.fit()
    result["brush_1000_whole_picture"] = spread(_walk(table, 1000))
    table.view.zoom_to(1.0)
    table.view.set_brush_size(1000)
    result["hover_1000"] = spread(_walk(table, 1000, press=False))
    result["peak_mb"] = peak_mb()
    table.view.close()
    return result


def _walk(table: Table, diameter: int, *, press: bool = True) -> list[Frame]:
    """A stroke that wanders as a hand does, some 12 pixels a step."""
    table.view.set_brush_size(diameter)
    steps = np.random.default_rng(1).normal(0, 12, (STEPS, 2))
    points = np.clip(np.cumsum(steps, 0) + np.array([WIDTH / 2, HEIGHT / 2]), 0, (WIDTH - 1, HEIGHT - 1))
    move, down, up = QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease
    if not press:
        return [table.frame(partial(table.mouse, move, *p, held=False)) for p in points]
    table.mouse(down, *points[0])
    frames = [table.frame(partial(table.mouse, move, *p)) for p in points[1:]]
    table.mouse(up, *points[-1])
    return frames
