"""An evaluation to keep and to show: one HTML file that needs no other, and two tables for spreadsheets."""

import csv
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from io import StringIO
from math import isnan
from pathlib import Path

from core.classes import LabelClass
from core.errors import MaskwrightError
from core.evaluation.cautions import Caution
from core.evaluation.figures import PICTURED, Evaluation
from core.evaluation.pictures import SCALE, calibration_picture, matrix_picture, place_picture
from core.evaluation.words import percent, place_text, title_of, totals
from core.findings import Bin, ErrorKind, Place
from core.formats.files import export_folder, in_place
from core.images import ImageArray, read_image
from core.project import Project

KINDS_SHOWN = 8
"""Of errors, those that take most pixels."""
PAGE, PER_CLASS, CONFUSION = "report.html", "per-class.csv", "confusion.csv"
FIGURES = ("IoU", "precision", "recall", "boundary F")
MEANINGS = (
    "Images in which all labels were accepted from predictions count only if there are no others. "
    "IoU: overlap of what is labelled and what is predicted. Precision: how much of what the model calls so is so. "
    "Recall: how much of it the model finds. Boundary F: how well its outline is hit, within 0.75 % of the picture's "
    "diagonal, where nothing is unlabelled so close."
)
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1e1e1e; background: #fff; max-width: 960px; margin: 32px auto; }
body { padding: 0 24px; } h1 { font-size: 24px; } h2 { font-size: 18px; margin-top: 32px; } img { max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } td, th { padding: 4px 16px 4px 0; }
td, th { text-align: right; border-bottom: 1px solid #d6d6d6; } th { font-weight: 600; color: #5c5c5c; }
td:first-child, th:first-child { text-align: left; } i { display: inline-block; width: 10px; height: 10px; }
.quiet { color: #5c5c5c; } figure { margin: 16px 0; } figcaption { color: #5c5c5c; }
"""


def write_report(
    project: Project,
    evaluation: Evaluation,
    folder: Path,
    cautions: Sequence[Caution] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """Write report.html, per-class.csv and confusion.csv; each takes its place when it is whole.

    Args:
        cautions: what is amiss with labels and splits, to be told with the figures.
        progress: told how many pictures of places are drawn, of how many.

    Returns:
        The HTML file.

    Raises:
        ExportError: the folder cannot be written.
    """
    texts = {
        PAGE: _page(project, evaluation, cautions, progress),
        PER_CLASS: _table(_per_class(evaluation)),
        CONFUSION: _table(_confusion(evaluation)),
    }
    with export_folder(folder):
        for name, text in texts.items():
            with in_place(folder / name) as part:
                # Excel takes a file without the mark for one in the computer's own old encoding.
                part.write_text(text, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8", newline="")
    return folder / PAGE


# --- tables


def _per_class(evaluation: Evaluation) -> Iterator[Sequence[object]]:
    confusion = evaluation.confusion
    yield "class", "labelled pixels", "predicted pixels", *FIGURES
    figures = (confusion.iou, confusion.precision, confusion.recall, evaluation.boundary_f)
    totals = confusion.matrix.sum(1).tolist(), confusion.matrix.sum(0).tolist()
    for label, *counts, iou, precision, recall, boundary in zip(
        evaluation.subject.classes, *totals, *(values.tolist() for values in figures), strict=True
    ):
        yield label.name, *counts, *("" if isnan(v) else round(v, 6) for v in (iou, precision, recall, boundary))


def _confusion(evaluation: Evaluation) -> Iterator[Sequence[object]]:
    names = [label.name for label in evaluation.subject.classes]
    yield "labelled as, in rows; model says, in columns", *names
    for name, row in zip(names, evaluation.confusion.matrix.tolist(), strict=True):
        yield name, *row


def _table(rows: Iterable[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


# --- the page


def _page(
    project: Project, evaluation: Evaluation, cautions: Sequence[Caution], progress: Callable[[int, int], None]
) -> str:
    title = escape(f"{project.path.stem}: {title_of(evaluation)}")
    told = [*evaluation.notes, *(caution.sentence for caution in cautions)]
    if evaluation.stopped:
        told.insert(0, "It was stopped before it had seen all images.")
    parts = [
        f"<h1>{title}</h1>",
        _figures(evaluation),
        *(f"<p>{escape(sentence)}</p>" for sentence in told),
        "<h2>What is labelled, and what the model says</h2>",
        _image(matrix_picture(evaluation), "The confusion matrix", "Each row: shares of what has this label."),
        "<h2>Class by class</h2>",
        _class_table(evaluation),
        "<h2>How sure it is, and how often it is right</h2>",
        _image(calibration_picture(evaluation.bins), "Calibration", _calibration_words(evaluation.bins)),
        "<h2>The worst places</h2>",
        '<p class="quiet">Picture, labels, and what the model says. Often the label is wrong, not the model.</p>',
        *_places(project, evaluation, progress),
    ]
    head = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
    return head + "</head><body>\n" + "\n".join(parts) + "\n</body></html>\n"


def _figures(evaluation: Evaluation) -> str:
    return f"<p>{' · '.join(f'{name} <b>{value}</b>' for name, value in totals(evaluation))}</p>"


def _class_table(evaluation: Evaluation) -> str:
    headings, *rows = _per_class(evaluation)
    lines = ["<tr>" + "".join(f"<th>{escape(str(text))}</th>" for text in headings) + "</tr>"]
    for label, (name, *values) in zip(evaluation.subject.classes, rows, strict=True):
        cells = [f'<i style="background:{escape(label.color)}"></i> {escape(str(name))}']
        cells += map(_cell, values)
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f'<table>{"".join(lines)}</table><p class="quiet">{escape(MEANINGS)}</p>'


def _cell(value: object) -> str:
    if isinstance(value, float):
        return percent(value)
    return f"{value:,}" if isinstance(value, int) else "–"


def _calibration_words(bins: Sequence[Bin]) -> str:
    few = "Bars that end on the line are right as often as they are sure; faint ones stand for few pixels."
    top = next((one for one in reversed(bins) if one.pixels), None)
    if top is None:
        return few
    return f"{few} Where it is {percent(top.confidence)} sure, it is right in {percent(top.correct)}."


def _places(project: Project, evaluation: Evaluation, progress: Callable[[int, int], None]) -> Iterator[str]:
    kinds = worst_kinds(evaluation)
    drawn = _drawn(project, evaluation, kinds, progress)
    if not kinds:
        yield "<p>None: every pixel is predicted as it is labelled.</p>"
    for kind in kinds:
        label, said = (evaluation.subject.classes[value].name for value in kind)
        pixels = int(evaluation.confusion.matrix[kind])
        yield f"<h3>Labelled {escape(label)}, model says {escape(said)}: {pixels:,} pixels</h3>"
        yield from (drawn[kind, rank] for rank in range(len(evaluation.places[kind][:PICTURED])))


def worst_kinds(evaluation: Evaluation) -> list[ErrorKind]:
    """The kinds of errors that take most pixels, most first."""
    pixels = {kind: int(evaluation.confusion.matrix[kind]) for kind in evaluation.places}
    return sorted(pixels, key=pixels.__getitem__, reverse=True)[:KINDS_SHOWN]


def _drawn(
    project: Project, evaluation: Evaluation, kinds: Sequence[ErrorKind], progress: Callable[[int, int], None]
) -> dict[tuple[ErrorKind, int], str]:
    """A figure for each of the first places by kind and rank; every image is read once."""
    wanted = [(kind, rank, p) for kind in kinds for rank, p in enumerate(evaluation.places[kind][:PICTURED])]
    drawn: dict[tuple[ErrorKind, int], str] = {}
    for image_id in dict.fromkeys(place.image_id for _, _, place in wanted):
        name, picture = _read(project, image_id)
        for kind, rank, place in wanted:
            if place.image_id == image_id:
                progress(len(drawn), len(wanted))
                text = f"{name}: {place_text(kind, place, evaluation.subject.classes)}"
                drawn[kind, rank] = _figure(place, picture, text, evaluation.subject.classes)
    return drawn


def _read(project: Project, image_id: int) -> tuple[str, ImageArray | None]:
    """The image's name and, if it can be had and is still the one that was labelled, the image."""
    try:
        record = project.image(image_id)
        usable = project.file_state(record) == "ok"
        return record.name, read_image(project.image_path(record)) if usable else None
    except MaskwrightError:
        return f"image {image_id}", None


def _figure(place: Place, picture: ImageArray | None, text: str, classes: tuple[LabelClass, ...]) -> str:
    if picture is None or place.cut is None:
        return f"<p>{escape(text)}. The image is not what it was, so there is no picture of it.</p>"
    return _image(place_picture(picture, place, place.cut, classes), text, text, 1)


def _image(png: bytes, text: str, caption: str, scale: int = SCALE) -> str:
    width = int.from_bytes(png[16:20], "big") // scale
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    image = f'<img src="{source}" width="{width}" alt="{escape(text)}">'
    return f"<figure>{image}<figcaption>{escape(caption)}</figcaption></figure>"
