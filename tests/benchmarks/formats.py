"""Export and import of masks in each format, against the plainest writer and reader of it, and the memory they take.

`export` and `import` are all that a person waits for, from project to folder and from folder to project, with the look
before it; `read` is the format's own reading alone. Milliseconds are a mask's. A ratio is to the loop in
plain_formats.py, which is handed its masks for nothing, by the processor's time, so that other programs count little.
`store_read_ms` and `store_write_ms` say what the project takes of an export and an import. Memory is the most that a
process of its own held, for a quarter of the masks and for all.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from core.classes import UNLABELED
from core.formats import MASK_FORMATS
from core.formats.class_table import ClassTable
from core.formats.export_masks import WhichMasks, export_masks
from core.formats.import_masks import Incoming, import_masks, plan_import
from core.formats.mask_format import MaskFormat
from core.formats.source import Source
from core.masks.tiles import Array
from core.project import Project
from core.records import Split
from tests.benchmarks.plain_formats import Plain, plain_formats
from tests.benchmarks.plain_pictures import CLASSES, Sample

ROOT = Path(__file__).resolve().parents[2]
BLANK, LABELLED = "blank.maskwright", "labelled.maskwright"
PART: Split = "val"
"""The split of a quarter of the images."""
PLAIN = 100
"""Masks that the plain loops take; some are slow, and each mask takes them as long."""
KINDS = 16
"""Masks that are drawn; the others are these, shifted."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=1000, help="masks (1000)")
    parser.add_argument("--formats", nargs="+", choices=plain_formats(0), help="only these")
    parser.add_argument("--case", type=json.loads, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Each format has a process of its own, so that its memory is its own."""
    if args.case is not None:
        return _measure(Path(args.case["folder"]), args.case["name"], whole=args.case["whole"])
    side = args.size or 1024
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        result: dict[str, Any] = {"count": args.count, "size": side, **_make_projects(folder, args.count, side)}
        for name in args.formats or plain_formats(side):
            part, whole = (_child({"folder": made, "name": name, "whole": whole}) for whole in (False, True))
            mb = {f"{way}_mb": f"{part[f'{way}_mb']} {whole[f'{way}_mb']}" for way in ("export", "import")}
            result[name] = whole | mb
            print(name, result[name], file=sys.stderr)
        return result | {"load": round(os.getloadavg()[0], 1)}


def _child(case: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks", "formats", "--json", "--case", json.dumps(case)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    result: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return result


# --- what is measured


def _measure(folder: Path, name: str, *, whole: bool) -> dict[str, Any]:
    """Export, import and read; the plain loops too, where it is not for a part of the masks."""
    format, choices = _format_of(name)
    with tempfile.TemporaryDirectory(dir=folder) as made:
        out, plain_out, copy = (Path(made, each) for each in ("out", "plain", "copy.maskwright"))
        with Project.open(folder / LABELLED) as project:
            which = WhichMasks(None if whole else PART)
            forget_peak()
            exporting = _timed(
                lambda: export_masks(project, out, format, lambda *_: None, which=which, choices=choices).images
            )
            export_mb = peak_mb()
        shutil.copyfile(folder / BLANK, copy)
        with Project.open(copy) as project:
            forget_peak()
            importing = _timed(lambda: _take_in(project, out, format))
            import_mb = peak_mb()
        result = {"export_mb": export_mb, "import_mb": import_mb}
        if not whole:
            return result
        reading = _timed(lambda: _read(out, format, folder))
        plain_out.mkdir()
        plain = plain_formats(sample_side(folder))[name]
        plain_writing = _timed(lambda: _write_plain(plain, plain_out, folder))
        plain_reading = _timed(lambda: sum(1 for _ in plain.read(plain_out)))
    return {
        "export_ratio": exporting.ratio(plain_writing),
        "import_ratio": importing.ratio(plain_reading),
        "read_ratio": reading.ratio(plain_reading),
        "export_ms": exporting.ms,
        "import_ms": importing.ms,
        "read_ms": reading.ms,
        "plain_write_ms": plain_writing.ms,
        "plain_read_ms": plain_reading.ms,
        **result,
    }


def _format_of(case: str) -> tuple[MaskFormat, dict[str, str]]:
    """A format with its usual choices, or for "coco-polygons" with another shape."""
    if case in MASK_FORMATS:
        return MASK_FORMATS[case], {}
    name, _, shapes = case.rpartition("-")
    return MASK_FORMATS[name], {"shapes": shapes}


def _take_in(project: Project, folder: Path, format: MaskFormat) -> int:
    incoming = Incoming(Source(folder), format, ClassTable(project.classes))
    plan = plan_import(project, incoming, lambda _: None)
    assert not plan.left_out, plan.left_out[0]
    return import_masks(project, incoming, plan, lambda _: None)


def _read(folder: Path, format: MaskFormat, home: Path) -> int:
    side = sample_side(home)
    return sum(1 for found in format.read(Source(folder), CLASSES) if found.load(side, side).size)


def _write_plain(plain: Plain, folder: Path, home: Path) -> int:
    some = list(islice(samples(home), PLAIN))
    plain.write(folder, some)
    return len(some)


class Took(NamedTuple):
    """Milliseconds a mask."""

    ms: float
    busy: float
    """Of the processor."""

    def ratio(self, plain: "Took") -> float:
        return round(self.busy / plain.busy, 2)


def _timed(action: Callable[[], int]) -> Took:
    """How long an action takes, which returns of how many masks it was."""
    start, busy = time.perf_counter(), time.process_time()
    count = action()
    spent = time.perf_counter() - start, time.process_time() - busy
    return Took(*(round(seconds / count * 1e3, 2) for seconds in spent))


def peak_mb() -> int:
    """The most memory this process has held since `forget_peak`, in MB; Linux only."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


# --- what it is measured on


def _make_projects(folder: Path, count: int, side: int) -> dict[str, float]:
    """A project without labels and one with a mask for each image; how long the project takes for a mask."""
    (folder / "images").mkdir()
    np.save(folder / "kinds.npy", np.stack([draw_mask(seed, side) for seed in range(KINDS)]))
    with Project.create(folder / BLANK, CLASSES) as project:
        for number in range(count):
            path = folder / "images" / f"{number:05}.jpg"
            cv2.imwrite(str(path), np.full((side, side, 3), (number % 251, number // 251, 90), np.uint8))
            project.add_image(path, split=PART if number % 4 == 0 else "train")
    shutil.copyfile(folder / BLANK, folder / LABELLED)
    with Project.open(folder / LABELLED) as project:
        records = project.images()
        masks = ((record.id, sample.mask) for record, sample in zip(records, samples(folder), strict=True))
        writing = _timed(lambda: project.import_masks(masks))
        reading = _timed(lambda: sum(1 for record in records if project.load_mask(record.id).read().size))
    return {"store_read_ms": reading.ms, "store_write_ms": writing.ms}


def samples(folder: Path) -> Iterator[Sample]:
    """The masks of all images, in their order."""
    kinds = np.load(folder / "kinds.npy")
    for number, image in enumerate(sorted((folder / "images").iterdir())):
        yield Sample(image.stem, np.roll(kinds[number % KINDS], number // KINDS * 17, axis=1), image)


def sample_side(folder: Path) -> int:
    return int(np.load(folder / "kinds.npy", mmap_mode="r").shape[1])


def draw_mask(seed: int, side: int) -> Array:
    """Blobs of five classes that leave some pixels unlabelled, thin lines of another class and spots of the last."""
    rng = np.random.default_rng(seed)
    grow = partial(cv2.resize, dsize=(side, side), interpolation=cv2.INTER_CUBIC)
    heights = np.stack([grow(rng.normal(size=(12, 12)).astype(np.float32)) for _ in range(5)])
    rough = np.stack([grow(rng.normal(size=(90, 90)).astype(np.float32)) for _ in range(5)])
    heights = heights + rough / 25
    mask: Array = np.where(heights.max(axis=0) < 0.5, UNLABELED, heights.argmax(axis=0)).astype(np.uint8)
    for value, thick in ((5, 2), (5, 4)):
        line = (rng.random((12, 2)) * side).astype(np.int32)
        cv2.polylines(mask, [line[:, None]], False, value, thick)
    for x, y, radius in (rng.random((30, 3)) * (side, side, side / 60)).astype(int).tolist():
        cv2.circle(mask, (x, y), radius + 1, 6, -1)
    return mask
