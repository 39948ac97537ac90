"""Kills a painting, storing or training program at random moments, and looks for what was lost."""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import MaskwrightError
from core.project import Project
from core.sample import make_sample
from tests.benchmarks.crash_painter import digest

ROOT = Path(__file__).resolve().parents[2]
MODES = ("store", "window", "store", "window", "training")
"""In turn: through the core alone, by mouse in the window, and by mouse in a window that trains."""
PATIENCE_S = 90.0


@dataclass(slots=True)
class Findings:
    kills: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    lost_edits: int = 0
    lost_runs: int = 0
    failed_opens: int = 0
    integrity_failures: int = 0
    failed_undos: int = 0
    killed_before_ready: int = 0
    trouble: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Told:
    """What the painter said before it died."""

    edits: list[tuple[int, int, str]] = field(default_factory=list)
    """(image, revision, digest of the mask after it)."""
    runs: list[tuple[int, str]] = field(default_factory=list)
    ready: bool = False


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=50, help="how often to kill (50)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and strokes (0)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    found = Findings()
    rng = np.random.default_rng(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = _small_project(Path(folder))
        for number in range(args.kills):
            mode = MODES[number % len(MODES)]
            told = paint_until_killed(mode, path, rng, folder)
            found.kills[mode] = found.kills.get(mode, 0) + 1
            found.killed_before_ready += not told.ready
            examine(path, told, found)
            print(f"kill {number + 1} ({mode}): {len(told.edits)} edits, {len(told.runs)} runs", file=sys.stderr)
    return {
        "kills": sum(found.kills.values()),
        "kills_by_mode": found.kills,
        "killed_before_ready": found.killed_before_ready,
        "acknowledged": found.acknowledged,
        "lost_edits": found.lost_edits,
        "lost_runs": found.lost_runs,
        "failed_opens": found.failed_opens,
        "integrity_failures": found.integrity_failures,
        "failed_undos": found.failed_undos,
        "trouble": "; ".join(found.trouble),
    }


def _small_project(folder: Path) -> Path:
    """The sample, cut down to three images, one of them labelled whole so that there is something to learn."""
    path = make_sample(folder / "sample", masks=True)
    with Project.open(path) as project:
        for record in project.images():
            if record.name not in ("mill.jpg", "lakeside.jpg", "ford.jpg"):
                project.remove_image(record.id)
    return path


def paint_until_killed(mode: str, path: Path, rng: np.random.Generator, home: str) -> Told:
    """Start a painter, and kill it some time after it began to paint; now and then already while it opens."""
    told = Told()
    command = [sys.executable, "-m", "tests.benchmarks.crash_painter", mode, str(path), str(rng.integers(2**31))]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MASKWRIGHT_HOME": home}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as painter:
        listening = threading.Thread(target=_listen, args=(painter, told))
        listening.start()
        if rng.random() < 0.1:
            time.sleep(rng.uniform(0.05, 1.5))
        else:
            _wait_until_ready(painter, told)
            time.sleep(rng.uniform(0.02, 7.0 if mode == "training" else 1.5))
        if painter.poll() is not None:
            assert painter.stderr is not None
            raise RuntimeError(f"the {mode} painter ended by itself:\n{painter.stderr.read()[-2000:]}")
        painter.kill()
        listening.join()
    return told


def _listen(painter: "subprocess.Popen[str]", told: Told) -> None:
    assert painter.stdout is not None
    for line in painter.stdout:
        if not line.endswith("\n"):
            return  # cut off by the kill: not told
        values = json.loads(line)
        if "revision" in values:
            told.edits.append((values["image"], values["revision"], values["digest"]))
        elif "run" in values:
            told.runs.append((values["run"], values["digest"]))
        else:
            told.ready = True


def _wait_until_ready(painter: "subprocess.Popen[str]", told: Told) -> None:
    end = time.monotonic() + PATIENCE_S
    while not told.ready and painter.poll() is None and time.monotonic() < end:
        time.sleep(0.01)


def examine(path: Path, told: Told, found: Findings) -> None:
    """Open what the killed process left behind and compare it with what it had told."""
    found.acknowledged += len(told.edits) + len(told.runs)
    try:
        with Project.open(path) as project:
            faults = project.faults()
            found.integrity_failures += bool(faults)
            found.trouble += faults
            found.lost_edits += sum(not _is_kept(project, *edit) for edit in told.edits)
            found.lost_edits += _changed_since(project, told)
            for run_id, wanted in told.runs:
                found.lost_runs += hashlib.sha256(project.run_weights(run_id)).hexdigest() != wanted
            found.failed_undos += sum(not _undo_works(project, r.id) for r in project.images())
    except MaskwrightError as error:
        found.failed_opens += 1
        found.trouble.append(str(error))


def _is_kept(project: Project, image: int, revision: int, wanted: str) -> bool:
    """Whether the mask at a revision is the one that was seen."""
    return digest(project.mask_at(image, revision)) == wanted


def _changed_since(project: Project, told: Told) -> int:
    """Images whose current mask is not the last that was told; one edit more may have reached the disk untold."""
    last = {image: (revision, wanted) for image, revision, wanted in told.edits}
    return sum(
        (project.image(image).revision == revision and digest(project.load_mask(image)) != wanted)
        or project.image(image).revision < revision
        for image, (revision, wanted) in last.items()
    )


def _undo_works(project: Project, image: int) -> bool:
    """Whether the last edit can be taken back and brought again, and both are saved."""
    editor = project.open_editor(image)
    before = digest(editor.mask)
    for step in (editor.undo, editor.redo):
        edit = step()
        if edit is None:
            return not editor.can_undo
        project.save_edit(image, edit)
        if digest(project.load_mask(image)) != digest(editor.mask):
            return False
    return digest(editor.mask) == before
