"""The verbs that make, fill and examine a project. Every function returns the exit code."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.terminal import Terminal, percent, table
from core.classes import load_template
from core.doctor import examine
from core.errors import ImageError, MaskwrightError, ProjectError
from core.formats.mask_files import read_mask_for
from core.images import SUFFIXES, find_images
from core.project import SUFFIX, Project
from core.records import SPLITS, TrainingRun


def project_path(text: str) -> Path:
    """A project's path; the suffix may be left out."""
    path = Path(text)
    return path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)


def new(args: argparse.Namespace, terminal: Terminal) -> int:
    with Project.create(args.project, load_template(args.template)) as project:
        names = [c.name for c in project.classes]
        terminal.say(f"{project.path} is ready, with the classes {', '.join(names)}.")
        terminal.result({"project": str(project.path), "classes": names})
    return 0


def add(args: argparse.Namespace, terminal: Terminal) -> int:
    if args.masks is not None and not args.masks.is_dir():
        raise ImageError(f"There is no folder {args.masks}. Check the path given with --masks.")
    with Project.open(args.project) as project:
        before = {record.id for record in project.images()}
        added: set[int] = set()
        refused: list[str] = []
        places = [p for p in _image_places(args.paths) if args.masks is None or not _is_mask(*p, args.masks)]
        for count, (path, root) in enumerate(places, 1):
            terminal.progress(f"adding {count} of {len(places)}: {path.name}", key="add")
            try:
                mask = read_mask_for(path, args.masks, root) if args.masks else None
                added.add(project.add_image(path, split=args.split, mask=mask).id)
            except ImageError as error:
                refused.append(str(error))
            except ProjectError as error:
                raise ProjectError(f"{error} {len(added)} of {len(places)} images were added before.") from error
        _tell_added(terminal, len(added - before), len(added & before), refused)
        terminal.result({"added": len(added - before), "there_before": len(added & before), "refused": refused})
    return 1 if refused else 0


def _image_places(paths: list[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Each image file with the folder it was found in."""
    for path in paths:
        if not path.is_dir():
            yield path, None
            continue
        found = find_images(path)
        if not found:
            raise ImageError(f"There is no image in {path}. Add PNG, JPEG, TIFF, BMP or WebP files.")
        for image in found:
            yield image, path


def _is_mask(path: Path, root: Path | None, masks: Path) -> bool:
    """Whether a file that was found in `root` is a mask there, and not an image."""
    if root is None:
        return False
    if path.is_relative_to(masks) and not root.is_relative_to(masks):
        return True
    others = [path.with_suffix(s) for s in SUFFIXES if s != ".png"]
    return path.parent == masks and path.suffix == ".png" and any(other.exists() for other in others)


def _tell_added(terminal: Terminal, added: int, before: int, refused: list[str]) -> None:
    for sentence in refused:
        terminal.warn(f"maskwright: {sentence}")
    there = f", {before} were there before" if before else ""
    left_out = f", {len(refused)} left out" if refused else ""
    terminal.say(f"Added {added} image{'' if added == 1 else 's'}{there}{left_out}.")


def info(args: argparse.Namespace, terminal: Terminal) -> int:
    with Project.open(args.project) as project:
        images, runs = project.images(), project.runs()
        pixels = sum(record.height * record.width for record in images)
        shares = {c.name: sum(r.class_pixels.get(c.id, 0) for r in images) for c in project.classes}
        bad = {r.path: project.file_state(r) for r in images}
        values = {
            "project": str(project.path),
            "revision": project.revision,
            "images": {split: sum(r.split == split for r in images) for split in SPLITS},
            "labelled_images": sum(r.labelled > 0 for r in images),
            "coverage": sum(shares.values()) / pixels if pixels else 0.0,
            "class_pixels": shares,
            "not_as_labelled": {path: state for path, state in bad.items() if state != "ok"},
            "runs": [run_values(run) for run in runs],
        }
    terminal.say(_info_text(values, runs))
    terminal.result(values)
    return 0


def _info_text(values: dict[str, Any], runs: list[TrainingRun]) -> str:
    total = sum(values["class_pixels"].values())
    lines = [
        f"{values['project']}, revision {values['revision']}",
        "images: " + ", ".join(f"{n} {split}" for split, n in values["images"].items()),
        f"labelled: {values['labelled_images']} images, {percent(values['coverage'])} of all pixels",
        table([(n, percent(p / total if total else None)) for n, p in values["class_pixels"].items()]),
    ]
    lines += [f"{path} is {state}" for path, state in values["not_as_labelled"].items()]
    lines += [f"run {r.id}: mIoU {percent(r.metrics.get('miou'))}, {r.seconds:.0f} s on {r.device}" for r in runs]
    return "\n".join(lines)


def run_values(run: TrainingRun) -> dict[str, Any]:
    return {
        "run": run.id,
        "created_at": run.created_at.isoformat(),
        "seed": run.seed,
        "label_revision": run.label_revision,
        "seconds": run.seconds,
        "device": run.device,
        "network": run.settings.get("network"),
        "head": run.settings.get("head"),
        "started_from": run.settings.get("started_from"),
        "weight_bytes": run.weight_bytes,
        "note": run.note,
        "starred": run.starred,
        **run.metrics,
    }


def doctor(args: argparse.Namespace, terminal: Terminal) -> int:
    findings = []
    for finding in examine(args.project):
        findings.append(finding)
        terminal.say(f"{'ok ' if finding.ok else 'see'}  {finding.name:<9} {finding.sentence}")
    terminal.result({f.name: {"ok": f.ok, "sentence": f.sentence} for f in findings})
    if not all(f.ok for f in findings if f.name != "device"):
        raise MaskwrightError("something needs your attention, see above.")
    return 0
