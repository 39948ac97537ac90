"""The curve of a training as a picture, on white, for the card of an exported model."""

from collections.abc import Mapping, Sequence
from math import isfinite

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 960, 480, 96
TEXT, MUTED, LINE, IOU, LOSS = "#1e1e1e", "#5c5c5c", "#d6d6d6", "#1c68bd", "#b0602a"
FONT_SIZE = 22
PARTS = 4
"""Of the height, told apart by lines."""

Points = list[tuple[float, float]]
"""(seconds of training, value)."""


def curve_picture(curves: Mapping[str, Sequence[float]]) -> Image.Image | None:
    """mIoU and loss over the training time; None where nothing was kept of them.

    Args:
        curves: lists by name, as TrainingRun keeps them.
    """
    iou = _points(curves, "measured_seconds", "measured_miou")
    loss = _points(curves, "seconds", "loss")
    longest = max((seconds for seconds, _ in iou + loss), default=0.0)
    if longest <= 0:
        return None
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(FONT_SIZE)
    highest = max((value for _, value in loss), default=1.0) or 1.0
    for part in range(PARTS + 1):
        share = part / PARTS
        y = _y(share)
        draw.line((MARGIN, y, WIDTH - MARGIN, y), LINE, 2)
        draw.text((MARGIN - 12, y), f"{100 * share:.0f} %", IOU, font, "rm")
        draw.text((WIDTH - MARGIN + 12, y), f"{highest * share:.2g}", LOSS, font, "lm")
    draw.text((MARGIN, MARGIN - 48), "mIoU", IOU, font, "lm")
    draw.text((WIDTH - MARGIN, MARGIN - 48), "loss", LOSS, font, "rm")
    draw.text((WIDTH // 2, HEIGHT - MARGIN + 48), f"seconds of training, 0 to {longest:.0f}", MUTED, font, "mm")
    for points, top, color in ((loss, highest, LOSS), (iou, 1.0, IOU)):
        line = [(_x(seconds / longest), _y(value / top)) for seconds, value in points]
        draw.line(line, color, 4, joint="curve")
        for x, y in line if len(line) == 1 else ():
            draw.ellipse((x - 6, y - 6, x + 6, y + 6), color)
    return picture


def _points(curves: Mapping[str, Sequence[float]], times: str, values: str) -> Points:
    pairs = zip(curves.get(times, ()), curves.get(values, ()), strict=False)
    return [(seconds, value) for seconds, value in pairs if value is not None and isfinite(value)]


def _x(share: float) -> float:
    return MARGIN + share * (WIDTH - 2 * MARGIN)


def _y(share: float) -> float:
    return HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN)
