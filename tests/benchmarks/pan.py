"""Time of a frame while panning and zooming over an 8192 × 8192 picture with mask and prediction."""

import argparse
import random
from functools import partial
from typing import Any

from PySide6.QtCore import QPointF

from tests.benchmarks.canvas import HEIGHT, WIDTH, Frame, Table, peak_mb, platform, set_table, spread

ZOOMS = (0.1, 0.2, 0.35, 0.5, 0.71, 1.0, 2.0, 4.0, 8.0)
PANS = 30


def run(args: argparse.Namespace) -> dict[str, object]:
    size = int(getattr(args, "size", None) or 8192)
    table = set_table(size)
    result: dict[str, Any] = {"size": size, "platform": platform()}
    _visit(table)  # the smaller copies of the picture are made when first looked at
    pans, zooms = _visit(table)
    result["pan"], result["zoom"], frames = spread(pans), spread(zooms), spread(pans + zooms)
    result["frame_ms_p50"], result["frame_ms_p99"] = frames["p50_ms"], frames["p99_ms"]
    result["peak_mb"] = peak_mb()
    table.view.close()
    return result


def _visit(table: Table) -> tuple[list[Frame], list[Frame]]:
    """At each zoom some pans of a hand's length, then wheel notches up and down."""
    choose = random.Random(0)
    pans: list[Frame] = []
    zooms: list[Frame] = []
    for zoom in ZOOMS:
        middle = QPointF(WIDTH / 2, HEIGHT / 2)
        table.view.zoom_to(zoom, middle)
        table.view.viewport.center_on((table.view.viewport.image_width / 2, table.view.viewport.image_height / 2))
        table.app.processEvents()
        for _ in range(PANS):
            dx, dy = choose.uniform(-40, 40), choose.uniform(-40, 40)
            pans.append(table.frame(partial(table.view.pan, dx, dy)))
        for notches in (1, 1, -1, -1, -1, 1):
            at = QPointF(choose.uniform(0, WIDTH), choose.uniform(0, HEIGHT))
            zooms.append(table.frame(partial(table.view.zoom_by, notches, at)))
    return pans, zooms
