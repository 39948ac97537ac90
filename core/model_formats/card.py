"""The card of an exported model: what it is, what it learned from, how good it is, and how to run it."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from core.model_formats.model_format import ModelFormat
from core.records import ExportFigures, ModelOrigin
from core.training.network import Network

CARD = """\
---
{license}
pipeline_tag: image-segmentation
---
# {project}, run {run}

A {network} U-Net that tells {count} classes apart, trained in Maskwright on {date}.

Licence: {licence}

## How to run it

    pip install {packages}
    python predict.py PICTURES --out masks

`predict.py` writes a mask for every picture: a PNG whose pixels are class ids, in the colours below. It needs nothing
else, and predicts large pictures in tiles, with the same result as at once. `{sample}` is an example, and
`sample-mask.png` what comes of it. `sha256sum -c SHA256SUMS` tells whether all files are as they were written.
{check}
| | |
| --- | --- |
| file | `{file}`, {megabytes} MB |
| goes in | `pixels`, (batch, height, width, {channels}) {dtype}, {content}, 0 to {top} as in the file |
{place}| comes out | (batch, height, width, {count}) float32, the probability of each class |
| size | height and width are free, in multiples of {multiple}: repeat the last row and column |
| time | {time} ms a megapixel on the computer that wrote it, on its processor with {threads} threads |

Scaling happens inside the model.

## Classes

{classes}

Labelled pixels are those that it learned from, IoU is measured on {measured_on}.

## Figures

{figures}
{curve}
## What it learned from

{images}, at revision {revision} of the labels. What it has not seen there it may get wrong: try it on pictures of
your own before you rely on it.

## Settings

{settings}
"""
PLACE = """\
| and | `place`, (batch, 2) float32: the picture's row that `pixels` begin with, and its height, filled up |
"""
UNLICENSED = (
    "not chosen yet. Say here, and in the first lines, who may use the model and for what, before you hand it on."
)
KNOWN_LICENCES = ("apache-2.0", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "gpl-3.0", "mit")
"""What model cards have a short name for; anything else is told in full."""
EIGHT_BITS = """
Weights and what goes from layer to layer are int8, with a scale for each channel of a convolution's weights, and biases
are int32. Probabilities are float32, in steps of 1/256.{place} Scales were fitted to the project's
pictures: on others, much brighter ones for instance, it may do worse. Its classes agree with those of the model that
was trained to {agreement} (mean IoU over {pixels:,} pixels of the project's pictures).{measured}
"""
PLACE_IN_STEPS = " How far down a pixel is, is worked out in int32."
MEASURED = "\nOn {pixels:,} labelled pixels that it did not learn from its mIoU is {exported}, that model's {app}."
CURVE = "\n![mIoU and loss over the training time](curve.png)\n"


def model_card(
    network: Network,
    origin: ModelOrigin,
    format: ModelFormat,
    *,
    packages: str,
    sample: str,
    figures: ExportFigures,
    curve: bool,
) -> str:
    """The text of model-card.md, in Markdown."""
    inputs, run = network.inputs, origin.run
    measured = run.metrics.get("iou", {})
    rows = [
        (label.id, _plain(label.name), f"`{label.color}`", origin.class_pixels.get(label.id), measured.get(label.name))
        for label in network.classes
    ]
    lines = [(i, name, color, "–" if n is None else f"{n:,}", percent(iou)) for i, name, color, n, iou in rows]
    settings = {n: v for n, v in run.settings.items() if v is not None and not isinstance(v, Mapping | list)}
    return CARD.format(
        license=_front_matter(origin.licence),
        licence=_plain(origin.licence) or UNLICENSED,
        project=_plain(origin.project),
        run=run.id,
        network=run.settings.get("network", "small"),
        count=len(network.classes),
        date=f"{run.created_at:%Y-%m-%d}",
        packages=packages,
        sample=sample,
        check="" if figures.agreement is None else _likeness(figures, network),
        megabytes=f"{figures.size_bytes / 1e6:.1f}",
        time=f"{figures.ms_per_megapixel:.0f}",
        threads=os.cpu_count(),
        file=format.file,
        channels=inputs.channels,
        dtype=f"uint{inputs.bits}",
        content={1: "grey", 3: "red, green, blue"}.get(inputs.channels, "channels in the order of the file"),
        top=2**inputs.bits - 1,
        place=PLACE if inputs.rows else "",
        multiple=network.shape.multiple,
        classes=_table(("id", "class", "colour", "labelled pixels", "IoU"), lines),
        measured_on=run.metrics.get("measured_on", "nothing"),
        figures=_table(("figure", "value"), _figures(run.metrics, run.seconds, run.device, network)),
        curve=CURVE if curve else "",
        images=f"{origin.images} picture{'' if origin.images == 1 else 's'}",
        revision=run.label_revision,
        settings=_table(("setting", "value"), [(n, _plain(str(v))) for n, v in sorted(settings.items())]),
    )


def _front_matter(licence: str) -> str:
    short = licence.strip().lower().replace(" ", "-")
    if short in KNOWN_LICENCES:
        return f"license: {short}"
    return f"license: other\nlicense_name: {json.dumps(licence.strip())}" if short else "license: unknown"


def percent(value: float | None) -> str:
    return "–" if value is None or not isfinite(value) else f"{100 * value:.1f} %"


def _likeness(figures: ExportFigures, network: Network) -> str:
    measured = ""
    if figures.miou is not None:
        app, exported = map(percent, figures.miou)
        measured = MEASURED.format(pixels=figures.labelled_pixels, exported=exported, app=app)
    return EIGHT_BITS.format(
        place=PLACE_IN_STEPS if network.inputs.rows else "",
        agreement=percent(figures.agreement),
        pixels=figures.pixels,
        measured=measured,
    )


def _figures(metrics: Mapping[str, Any], seconds: float, device: str, network: Network) -> list[tuple[str, str]]:
    return [
        ("mIoU", percent(metrics.get("miou"))),
        ("accuracy", percent(metrics.get("accuracy"))),
        ("measured on", str(metrics.get("measured_on", "–"))),
        ("steps", str(metrics.get("steps", "–"))),
        ("training time", f"{seconds:.0f} s on {device}"),
        ("parameters", f"{network.model.count_params():,}"),
    ]


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _plain(text: str) -> str:
    """No Markdown of its own."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>|#" else c for c in " ".join(text.split()))
