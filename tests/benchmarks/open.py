"""How long an 8192 × 8192 PNG takes from the file to its first frame, beside bare decoding, and the memory it needs."""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from tests.benchmarks.canvas import HEIGHT, WIDTH, PaintCounter, peak_mb, platform, wait_until

ROUNDS = 3


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--part", choices=("bare", "canvas"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> dict[str, object]:
    """Each measurement has a process of its own; the two kinds take turns."""
    if getattr(args, "part", None):
        return _bare(args.file) if args.part == "bare" else _canvas(args.file)
    size = int(getattr(args, "size", None) or 8192)
    with tempfile.TemporaryDirectory() as folder:
        project = _make_project(Path(folder), size)
        rounds = [(_child("bare", project.with_suffix(".png")), _child("canvas", project)) for _ in range(ROUNDS)]
    decode = median(bare["seconds"] for bare, _ in rounds)
    shown = median(canvas["seconds"] for _, canvas in rounds)
    return {
        "size": size,
        "platform": rounds[0][1]["platform"],
        "decode_s": round(decode, 3),
        "first_frame_s": round(shown, 3),
        "ratio_to_decode": round(shown / decode, 3),
        "peak_rss_mb": max(canvas["peak_rss_mb"] for _, canvas in rounds),
    }


def _make_project(folder: Path, size: int) -> Path:
    from core.classes import load_template
    from core.project import Project

    rng, small = np.random.default_rng(0), -(-size // 16)
    image = cv2.resize(rng.integers(0, 255, (small, small, 3), np.uint8), (size, size), interpolation=cv2.INTER_CUBIC)
    for row in range(0, size, 512):  # grain, so that it compresses like a photograph
        image[row : row + 512] += rng.integers(0, 8, image[row : row + 512].shape, np.uint8)
    picture = folder / "picture.png"
    cv2.imwrite(str(picture), image, [cv2.IMWRITE_PNG_COMPRESSION, 2])
    with Project.create(folder / "picture.maskwright", load_template("landcover")) as project:
        project.add_image(picture)
        return project.path


def _child(part: str, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks", "open", "--json", "--part", part, "--file", str(file)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result


def _bare(file: Path) -> dict[str, object]:
    start = time.perf_counter()
    image = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return {"seconds": time.perf_counter() - start}


def _canvas(file: Path) -> dict[str, object]:
    """Open the project, show its picture, and paint a stroke on it."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from app.canvas.view import CanvasView
    from app.workspace import Workspace

    app = QApplication(sys.argv[:1])
    work, view = Workspace(), CanvasView()
    view.resize(WIDTH, HEIGHT)
    view.show()
    paints = PaintCounter(view)
    view.installEventFilter(paints)
    started: list[float] = []
    work.project_opened.connect(lambda: started.append(time.perf_counter()))

    def show() -> None:
        assert work.image is not None
        view.set_image(work.image.pixels)
        view.set_classes(work.classes)
        view.set_editor(work.image.editor)

    work.image_opened.connect(show)
    view.edit_made.connect(work.save_edit)
    work.open_project(file)
    wait_until(lambda: work.image is not None)
    seen = paints.count
    wait_until(lambda: paints.count > seen)
    seconds = time.perf_counter() - started[0]
    view.zoom_to(1.0)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, left, none, QPoint(300, 300))
    for step in range(40):
        QTest.mouseMove(view, QPoint(300 + 20 * step, 300 + step * step % 97))
        app.processEvents()
    QTest.mouseRelease(view, left, none, QPoint(1100, 320))
    wait_until(lambda: work.saves.state == "saved")
    result = {"seconds": seconds, "peak_rss_mb": peak_mb(), "platform": platform()}
    view.close()
    work.close()
    return result
