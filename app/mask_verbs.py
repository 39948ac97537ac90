"""The verbs that bring masks into a project and out of it. Every function returns the exit code."""

import argparse

from app.terminal import Terminal, at_least_percent, columns
from core.errors import ImageError
from core.formats import MASK_FORMATS, mask_format, recognised_format
from core.formats.class_table import ClassTable, write_table
from core.formats.export_masks import WhichMasks
from core.formats.export_masks import export_masks as export
from core.formats.import_masks import ImportPlan, Incoming, plan_import
from core.formats.import_masks import import_masks as take_in
from core.formats.source import Source, shown
from core.masks.merge import Merge
from core.project import Project


def export_masks(args: argparse.Namespace, terminal: Terminal) -> int:
    def progress(done: int, total: int) -> None:
        terminal.progress(f"writing masks: {done} of {total}", key="masks")

    with Project.open(args.project) as project:
        written = export(
            project,
            args.out,
            mask_format(args.format),
            progress,
            which=WhichMasks(args.split, args.done),
            choices=dict(args.choose or ()),
            things=frozenset(args.thing) if args.thing else None,
        )
    for sentence in written.notes:
        terminal.warn(sentence)
    lost = (
        ""
        if written.worst_iou is None
        else f" Outlines agree with the masks to {at_least_percent(written.worst_iou)} or better (IoU)."
    )
    terminal.say(f"{written.images} mask{'' if written.images == 1 else 's'} in {args.out}.{lost}")
    terminal.result(
        {
            "files": [str(path) for path in written.masks],
            "images": written.images,
            "worst_iou": written.worst_iou,
            "notes": list(written.notes),
        }
    )
    return 0


def import_masks(args: argparse.Namespace, terminal: Terminal) -> int:
    with Source(args.path) as source:
        return _import_from(source, args, terminal)


def _import_from(source: Source, args: argparse.Namespace, terminal: Terminal) -> int:
    format = recognised_format(source) if args.format == "auto" else mask_format(args.format)
    with Project.open(args.project) as project:
        wanted = args.dry_run and args.map is not None and not args.map.exists()
        table = ClassTable(project.classes)
        if args.map is not None and not wanted:
            table = ClassTable.read(args.map, project.classes)

        def looking(count: int) -> None:
            terminal.progress(f"looking at masks: {count}", key="look")

        incoming = Incoming(source, format, table, _merge(project, args))
        plan = plan_import(project, incoming, looking)
        if wanted:
            write_table(args.map, plan.classes)
            terminal.say(f"The class table is {args.map}. Change it, and import with it.")
        changed = None if args.dry_run else _take_in(project, incoming, plan, terminal)
    for sentence in plan.left_out:
        terminal.warn(f"left out: {sentence}")
    terminal.say(_told(plan, format.name, changed))
    terminal.result(_values(plan, format.name, changed))
    return 0


def _take_in(project: Project, incoming: Incoming, plan: ImportPlan, terminal: Terminal) -> int:
    def progress(count: int) -> None:
        terminal.progress(f"importing masks: {count} of {len(plan.images)}", key="import")

    return take_in(project, incoming, plan, progress)


def _merge(project: Project, args: argparse.Namespace) -> Merge:
    ids = {c.name: c.id for c in project.classes}
    unknown = [name for name in args.only or () if name not in ids]
    if unknown:
        raise ImageError(f'The project has no class "{unknown[0]}". Its classes: {", ".join(ids)}.')
    return Merge(args.merge == "unlabelled", frozenset(ids[name] for name in args.only) if args.only else None)


def _told(plan: ImportPlan, format: str, changed: int | None) -> str:
    rows = [("in the files", "pixels", "in the project")]
    for found in plan.classes:
        to = (found.to or "unlabelled") if found.known else "? name it with --map"
        rows.append((shown(found.name), f"{found.pixels:,}", to))
    images = f"{len(plan.images)} image{'' if len(plan.images) == 1 else 's'}"
    left_out = f", {len(plan.left_out)} masks left out" if plan.left_out else ""
    pixels = f"{plan.changed:,} pixels, {plan.overwritten:,} of them labelled before"
    if changed is None:
        sentence = f"{format} masks for {images}{left_out}. They would change {pixels}."
    else:
        sentence = f"Imported {format} masks for {images}{left_out}. {changed} changed: {pixels}."
    return f"{columns(rows)}\n{sentence}" if plan.classes else sentence


def _values(plan: ImportPlan, format: str, changed: int | None) -> dict[str, object]:
    return {
        "format": format,
        "dry_run": changed is None,
        "images": [record.path for record in plan.images],
        "left_out": list(plan.left_out),
        "classes": {c.name: {"pixels": c.pixels, "to": c.to, "settled": c.known} for c in plan.classes},
        "pixels_changed": plan.changed,
        "pixels_overwritten": plan.overwritten,
        "images_changed": changed,
    }


def formats_told() -> str:
    """A line for each format, with what it offers to choose."""
    lines, width = [], max(map(len, MASK_FORMATS))
    for format in MASK_FORMATS.values():
        lines.append(f"{format.name:<{width}} {format.words}")
        lines += [f"{'':<{width}}   --choose {name}={'|'.join(values)}" for name, values in format.choices.items()]
    return "\n".join(lines)
