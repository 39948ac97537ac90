"""Runs as lines of text."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.figures import clock, points
from app.terminal import columns, percent, table
from core.classes import LabelClass
from core.records import IMPORTED, ExportFigures, ImageRecord, TrainingRun
from core.run_comparison import ChangedPixels, iou_of, remarks
from core.run_labels import SeenLabels

HEADS = ("run", "when", "time", "mIoU", "measured on", "network", "head", "labels", "from", "size", "note")
LONGEST = 40
KINDS_TOLD = 4
"""Of changed pixels, the most frequent."""


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def list_text(there: Sequence[TrainingRun]) -> str:
    return columns([HEADS, *(_line(run) for run in there)])


def _line(run: TrainingRun) -> tuple[str, ...]:
    settings = run.settings
    return (
        f"{run.id}{' ★' if run.starred else ''}",
        f"{run.created_at.astimezone():%Y-%m-%d %H:%M}",
        "–" if run.imported else clock(run.seconds),
        percent(run.metrics.get("miou")),
        str(run.metrics.get("measured_on", "–")),
        str(settings.get("network", "–")),
        str(settings.get("head", "–")),
        "–" if run.imported else f"revision {run.label_revision}",
        origin_text(run),
        megabytes(run.weight_bytes),
        run.note,
    )


def origin_text(run: TrainingRun) -> str:
    """What a run goes on from."""
    if run.imported:
        return "elsewhere"
    begun = run.settings.get("started_from")
    return f"run {begun}" if begun else "afresh"


def run_text(run: TrainingRun) -> str:
    rows = [*zip(HEADS, _line(run), strict=True), ("device", run.device), ("steps", str(run.metrics.get("steps", "–")))]
    told = (*HEADS, "started_from", "learned_from")
    known = run.settings[IMPORTED] if run.imported else run.settings
    plain = {n: v for n, v in known.items() if n not in told and not isinstance(v, Mapping)}
    parts = [
        table(rows),
        "what is known of the model" if run.imported else "settings",
        table([(n, str(v)) for n, v in sorted(plain.items())]),
    ]
    iou = iou_of(run)
    return "\n".join([*parts, *(["IoU", table([(n, percent(v)) for n, v in iou.items()])] if iou else [])])


def seen_text(seen: SeenLabels | None, classes: Sequence[LabelClass]) -> str:
    """What labels a run saw: in all, and of each class."""
    if seen is None:
        return ""
    names = {label.id: label.name for label in classes}
    pixels = [(names.get(value, str(value)), f"{count:,}") for value, count in sorted(seen.class_pixels.items())]
    return "\n".join(["labels it learned from", f"  {seen_line(seen)}", table(pixels)])


def seen_line(seen: SeenLabels) -> str:
    """What labels a run saw, in a line."""
    kept = len(seen.images) - len(seen.learned)
    changed = sum(image.changed for image in seen.learned)
    told = [f"{_count(len(seen.learned), 'picture')}, {seen.pixels:,} pixels at revision {seen.revision}"]
    told += [f"{kept} kept to measure"] if kept else []
    told += [f"{changed} changed since"] if changed else []
    told += [f"{seen.gone} no longer there"] if seen.gone else []
    return " · ".join(told)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def seen_values(seen: SeenLabels, classes: Sequence[LabelClass]) -> dict[str, Any]:
    """Ready for JSON: by class name what it learned from, and by picture."""
    names = {label.id: label.name for label in classes}
    return {
        "revision": seen.revision,
        "class_pixels": {names.get(value, str(value)): count for value, count in sorted(seen.class_pixels.items())},
        "images": [
            {
                "path": image.record.path,
                "learned": image.learned,
                "pixels": sum(image.class_pixels.values()),
                "changed": image.changed,
            }
            for image in seen.images
        ],
        "gone": seen.gone,
    }


def comparison_text(values: Mapping[str, Any], chosen: Sequence[TrainingRun]) -> str:
    a, b = (f"run {run.id}" for run in chosen)
    changed = [(name, _short(x), _short(y)) for name, (x, y) in values["settings"].items()]
    figures = [
        (text, percent(values["a"].get(name)), percent(values["b"].get(name)), points(values["difference"][name]))
        for name, text in (("miou", "mIoU"), ("accuracy", "accuracy"))
    ]
    figures += [(name, percent(x), percent(y), points(d)) for name, (x, y, d) in values["iou"].items()]
    parts = [columns([("settings that differ", a, b), *changed]) if changed else "The settings are the same."]
    parts.append(columns([("figures", a, b, "difference"), *figures]))
    return "\n\n".join([*parts, *remarks(*chosen)])


def changed_text(changed: ChangedPixels, record: ImageRecord, classes: Sequence[LabelClass]) -> str:
    """Where two predictions of a picture differ, in a line."""
    whole = changed.compared == record.height * record.width
    where = record.name if whole else f"what is predicted of {record.name} so far"
    if not changed.pixels:
        return f"Both runs say the same in all of {where}."
    names = {label.id: label.name for label in classes}
    kinds = [
        f"{names.get(x, str(x))} → {names.get(y, str(y))} {percent(changed.share(count))}"
        for (x, y), count in list(changed.kinds.items())[:KINDS_TOLD]
    ]
    kinds += ["…"] if len(changed.kinds) > KINDS_TOLD else []
    return f"{percent(changed.share(changed.pixels))} of {where} changed: {', '.join(kinds)}"


def checked_text(figures: ExportFigures) -> str:
    """What an export found out about its model."""
    if figures.agreement is None:
        return "Its predict.py runs it, and has given what the app predicts."
    text = f"Its classes agree with the app's to {percent(figures.agreement)} (mean IoU)."
    if figures.miou is not None:
        app, exported = map(percent, figures.miou)
        text += f" On labels that it did not learn from it reaches {exported} mIoU, in the app {app}."
    return text


def _short(value: Any) -> str:
    text = "–" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
