"""A 30,000 × 30,000 TIFF, in tiles and in strips: how soon it is there, how it paints, and the memory it takes."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.canvas import HEIGHT, WIDTH, Frame, PaintCounter, Table, peak_mb, platform, spread, wait_until

ZOOMS = (0.03, 0.1, 0.3, 0.7, 1.0, 4.0)
STROKES, STEPS = 6, 30


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> dict[str, object]:
    """Each layout has a process of its own, so that its memory is its own."""
    if getattr(args, "file", None):
        return _measure(args.file)
    size = int(getattr(args, "size", None) or 30_000)
    kinds: dict[str, dict[str, Any]] = {"tiles": {"tile": (256, 256)}, "strips": {"rowsperstrip": 64}}
    found: dict[str, Any] = {}
    for name, layout in kinds.items():
        with tempfile.TemporaryDirectory() as folder:
            found[name] = _child(_make_project(Path(folder), size, layout))
    worst = {
        key: max(part[key] for part in found.values()) for key in ("open_s", "step_to_frame_ms_p99", "peak_rss_mb")
    }
    pan = max(part["pan_ms_p99"] for part in found.values())
    return {"size": size, "platform": found["tiles"]["platform"], **worst, "pan_ms_p99": pan, **found}


def _make_project(folder: Path, size: int, layout: dict[str, Any]) -> Path:
    """A colour picture, written band by band."""
    import tifffile

    from core.classes import load_template
    from core.project import Project

    picture = folder / "picture.tif"
    side = layout.get("tile", (layout.get("rowsperstrip"),))[0]
    tifffile.imwrite(
        picture, _pieces(size, side, tiled="tile" in layout), shape=(size, size, 3), dtype=np.uint8, photometric="rgb",
        planarconfig="contig", **layout,
    )  # fmt: skip
    with Project.create(folder / "huge.maskwright", load_template("landcover")) as project:
        project.add_image(picture)
        return project.path


def _pieces(size: int, side: int, *, tiled: bool) -> Any:
    rng = np.random.default_rng(0)
    grain = rng.integers(0, 60, (side, 2 * size, 3), np.uint8)
    for row in range(-(-size // side)):
        for column in range(-(-size // side) if tiled else 1):
            wide, start = (side if tiled else size), int(rng.integers(0, size))
            tint = np.array([row * 3 % 190, column * 5 % 190, (row + column) % 190], np.uint8)
            high = side if tiled else min(side, size - row * side)
            yield grain[:high, start : start + wide] + tint


def _child(project: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks", "huge", "--json", "--file", str(project)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result


def _measure(project: Path) -> dict[str, object]:
    from PySide6.QtWidgets import QApplication

    from app.canvas.view import CanvasView
    from app.workspace import Workspace

    app = QApplication(sys.argv[:1])
    work, view = Workspace(), CanvasView()
    view.resize(WIDTH, HEIGHT)
    view.set_overview(True)
    view.show()
    paints = PaintCounter(view)
    view.installEventFilter(paints)
    view.edit_made.connect(work.save_edit)
    start = time.perf_counter()
    work.open_project(project)
    wait_until(lambda: work.image is not None)
    assert work.image is not None
    view.set_image(work.image.pixels)
    view.set_classes(work.classes)
    view.set_editor(work.image.editor)
    seen = paints.count
    wait_until(lambda: paints.count > seen)
    open_s = time.perf_counter() - start
    table = Table(app, view, work.image.editor, paints)
    pans, steps = _look_around(table), _paint(table)
    wait_until(lambda: work.saves.state == "saved")
    result = {
        "platform": platform(),
        "open_s": round(open_s, 3),
        "pan_ms_p50": spread(pans)["p50_ms"],
        "pan_ms_p99": spread(pans)["p99_ms"],
        "step_to_frame_ms_p50": spread(steps)["p50_ms"],
        "step_to_frame_ms_p99": spread(steps)["p99_ms"],
        "peak_rss_mb": peak_mb(),
    }
    view.set_image(None)
    view.close()
    work.close_project()
    work.close()
    return result


def _look_around(table: Table) -> list[Frame]:
    choose, frames = random.Random(0), []
    size = table.view.viewport.image_width
    for zoom in ZOOMS:
        table.view.zoom_to(zoom)
        for _ in range(4):
            table.view.look_at((choose.uniform(0.1, 0.9) * size, choose.uniform(0.1, 0.9) * size))
            table.app.processEvents()
            frames += [
                table.frame(partial(table.view.pan, choose.uniform(-60, 60), choose.uniform(-60, 60)))
                for _ in range(12)
            ]
    return frames


def _paint(table: Table) -> list[Frame]:
    from PySide6.QtCore import QEvent

    choose, frames = random.Random(0), []
    for stroke in range(STROKES):
        table.view.zoom_to(ZOOMS[-1 - stroke % 4])
        table.view.set_brush_size(40)
        table.app.processEvents()
        x, y = WIDTH / 2, HEIGHT / 2
        table.mouse(QEvent.Type.MouseButtonPress, x, y)
        for _ in range(STEPS):
            x, y = x + choose.uniform(-9, 9), y + choose.uniform(-9, 9)
            frames.append(table.frame(partial(table.mouse, QEvent.Type.MouseMove, x, y)))
        table.mouse(QEvent.Type.MouseButtonRelease, x, y)
    return frames
