"""What it takes to label one image: from a prediction that was accepted, against from nothing.

A simulated person knows the truth and works until enough of an image is right. Both ways have the same tools: outline,
thick line, fill, and writing only where nothing is labelled. The next move is always the one that sets most pixels
right for the time that it takes.

What is right up to some share is worth what it teaches: --teach trains on what each way has left behind.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import hypot, log2
from pathlib import Path
from statistics import mean
from typing import Any

import cv2
import numpy as np

from core.classes import UNLABELED
from core.images import read_image
from core.masks.editor import MaskEditor
from core.masks.geometry import Where, connected_region, polygon_region, segment_region
from core.masks.predicted import Predicted
from core.masks.rect import Rect
from core.masks.tiles import Array, Mask
from core.prediction.inference import predict_image
from core.project import Project
from core.training.fit import train
from core.training.messages import TrainedModel
from core.training.network import network_from
from core.training.quiet import load_keras
from core.training.settings import TrainingSettings
from tests.benchmarks.correct import Scene, Scenes, camvid_scenes, sample_scenes, score

BITS_PER_S = 4.5
"""Throughput of a mouse, of which ISO 9241-9 studies find 3.7 to 4.9 bits a second (Soukoreff and MacKenzie, "Towards a
standard for pointing device evaluation", 2004)."""
KEY_S = 0.28
"""An average typist's key (Card, Moran and Newell, "The keystroke-level model", 1980)."""
CLICK_S = 0.1
"""Pressing the button, by the same model."""
EASY = 12.0
"""Pixels that a click may be off where it only has to hit a region."""
OUTLINES = (1.5, 3.0, 6.0, 12.0)
"""Pixels by which the corners of an outline may be off, from careful to rough."""
SMALLEST = 12
"""Pixels that are wrong below which nobody goes there."""
LOOKED_AT = 40
"""The largest wrong parts, among which the next move is chosen."""
NEAR = 0.02
"""How far a prediction's share of right pixels may be from what was asked for."""

Place = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """One thing that a person does: points (x, y) with how far each may be off, and what it writes."""

    points: list[Place]
    slack: float
    value: int
    rect: Rect
    where: Where

    def seconds(self, pointer: Place) -> float:
        """Time on the way from where the pointer is, by Fitts's law, and for the clicks."""
        way = [pointer, *self.points]
        travel = sum(log2(1 + hypot(b[0] - a[0], b[1] - a[1]) / (2 * self.slack)) for a, b in pairwise(way))
        return travel / BITS_PER_S + CLICK_S * len(self.points)


@dataclass(slots=True)
class Effort:
    """What was done so far."""

    clicks: int = 0
    keys: int = 0
    seconds: float = 0.0
    right: float = 0.0
    """Share of the known pixels that are right."""
    pointer: Place = (0.0, 0.0)
    value: int = field(default=-1, repr=False)
    """The class that is chosen."""
    labels: Array | None = field(default=None, repr=False)
    """(h, w) what is labelled then."""

    def add(self, move: Move) -> None:
        changes = int(move.value != self.value)
        self.seconds += move.seconds(self.pointer) + KEY_S * changes
        self.clicks += len(move.points)
        self.keys += changes
        self.pointer, self.value = move.points[-1], move.value


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--images", type=int, default=6, help="that are labelled")
    parser.add_argument("--accuracy", type=float, default=0.85, help="of the predictions that are accepted")
    parser.add_argument("--until", type=float, nargs="+", default=[0.9, 0.95], help="so much of an image is right")
    parser.add_argument("--steps", type=int, default=300, help="of the training that predicts")
    parser.add_argument("--teach", type=int, default=0, help="steps of trainings on what was labelled; 0: none")
    parser.add_argument("--seeds", type=int, default=2, help="of those trainings, from 0")


def run(args: argparse.Namespace) -> dict[str, Any]:
    load_keras()
    with tempfile.TemporaryDirectory() as folder:
        scenes = camvid_scenes(args.data) if args.data else sample_scenes(Path(folder))
        predicted = _predicted(Path(folder), scenes.train, scenes.classes, args)
        chosen = sorted(predicted, key=lambda each: abs(each[2] - args.accuracy))[: args.images]
        chosen = [each for each in chosen if abs(each[2] - args.accuracy) <= NEAR]
        if not chosen:
            raise SystemExit(f"No image is predicted with an accuracy near {args.accuracy}.")
        nothing = [label(scene.truth, None, args.until) for scene, _, _ in chosen]
        accepted = [label(scene.truth, class_map, args.until) for scene, class_map, _ in chosen]
        until = {}
        for i, share in enumerate(sorted(args.until)):
            ways = {"accepted": [each[i] for each in accepted], "nothing": [each[i] for each in nothing]}
            until[str(share)] = _compared(**ways)
            if args.teach:
                until[str(share)]["teaches"] = {
                    way: _taught(scenes, [scene for scene, _, _ in chosen], efforts, args)
                    for way, efforts in ways.items()
                }
    accuracy = round(mean(right for _, _, right in chosen), 3)
    return {"data": str(args.data or "sample"), "images": len(chosen), "accuracy": accuracy, "until": until}


def _predicted(
    folder: Path, scenes: list[Scene], classes: Any, args: argparse.Namespace
) -> list[tuple[Scene, Array, float]]:
    """The images that were not trained on, with their class map and how much of it is right."""
    with Project.create(folder / "effort.maskwright", classes) as project:
        for scene in scenes:
            project.add_image(scene.path, mask=scene.labels)
        ended = train(project.snapshot_labels(), TrainingSettings(budget_s=900, max_steps=args.steps))
    network = network_from(TrainedModel(1, ended.settings, ended.classes, ended.weights))
    found = []
    for scene in scenes:
        if scene.labels is None:
            class_map = predict_image(network, read_image(scene.path))[0]
            found.append((scene, class_map, _right(class_map, scene.truth)))
    return found


def _taught(
    scenes: Scenes, chosen: Sequence[Scene], efforts: Sequence[Effort], args: argparse.Namespace
) -> list[float]:
    """mIoU on the validation images after training on nothing but what was labelled, for each seed."""
    found = []
    for seed in range(args.seeds):
        with (
            tempfile.TemporaryDirectory() as folder,
            Project.create(Path(folder) / "taught.maskwright", scenes.classes) as project,
        ):
            for scene, effort in zip(chosen, efforts, strict=True):
                project.add_image(scene.path, mask=effort.labels)
            ended = train(project.snapshot_labels(), TrainingSettings(budget_s=900, max_steps=args.teach, seed=seed))
        found.append(score(network_from(TrainedModel(1, ended.settings, ended.classes, ended.weights)), scenes))
    return found


def _right(labels: Array, truth: Array) -> float:
    known = truth != UNLABELED
    return float((labels == truth)[known].mean())


def label(truth: Array, accepted: Array | None, until: Sequence[float]) -> list[Effort]:
    """Label an image (h, w), and tell what it took to get so much of what is known of it right, for each share in
    `until`; less is right at the end where no move makes it better."""
    editor, effort, found = MaskEditor(Mask(*truth.shape)), Effort(), list[Effort]()
    if accepted is not None:
        editor.accept(Predicted(accepted), editor.mask.bounds)
        effort.keys, effort.seconds = 1, KEY_S
    for share in sorted(until):
        while (now := _right(editor.mask.read(), truth)) < share:
            move = _best(editor.mask.read(), truth, effort)
            if move is None:
                break
            editor.apply("fill", move.rect, move.where, move.value)
            effort.add(move)
        found.append(replace(effort, right=now, labels=editor.mask.read()))
    return found


def _best(labels: Array, truth: Array, effort: Effort) -> Move | None:
    """What sets most right for its time."""

    def worth(move: Move) -> float:
        part = move.rect.slices
        there = truth[part][move.where]
        gain = int((there == move.value).sum()) - int((there == labels[part][move.where]).sum())
        return gain / (move.seconds(effort.pointer) + KEY_S * (move.value != effort.value))

    moves = [(worth(move), move) for move in _moves(labels, truth)]
    value, move = max(moves, key=lambda each: each[0], default=(0.0, None))
    return move if value > 0 else None


def _moves(labels: Array, truth: Array) -> Iterator[Move]:
    wrong = (labels != truth) & (truth != UNLABELED)
    for value in np.unique(truth[wrong]).tolist():
        for of_class in (truth == value, wrong & (truth == value)):
            yield from _around(of_class, wrong, labels, value)
    yield from _fills(labels, truth, wrong)


def _around(of_class: Where, wrong: Where, labels: Array, value: int) -> Iterator[Move]:
    """Outlines and lines for the largest connected parts of a class that hold wrong pixels."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(of_class.view(np.uint8), connectivity=8)
    amounts = np.bincount(parts[wrong], minlength=count)
    amounts[0] = 0
    bounds = Rect(0, 0, *labels.shape)
    for number in np.argsort(amounts)[::-1][: LOOKED_AT // 4].tolist():
        if amounts[number] < SMALLEST:
            return
        left, top, width, height = stats[number, :4].tolist()
        part = (parts[top : top + height, left : left + width] == number).astype(np.uint8)
        outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE, offset=(left, top))
        for slack in OUTLINES:
            corners = cv2.approxPolyDP(outlines[0], slack, True)[:, 0].astype(float) + 0.5
            if len(corners) >= 3:
                yield from _both(_points(corners), slack, value, polygon_region(_points(corners), bounds), labels)
        (x, y), (w, h), angle = cv2.minAreaRect(outlines[0])
        long, thick = max(w, h), min(w, h)
        along = np.deg2rad(angle if w >= h else angle + 90)
        reach = np.array((np.cos(along), np.sin(along))) * max(0.0, long - thick) / 2
        ends = _points(np.array((x, y)) + 0.5 + np.outer((-1, 1), reach))
        radius = max(1.0, amounts[number] / max(1.0, long) / 2)
        yield from _both(ends, radius, value, segment_region(ends[0], ends[1], radius, bounds), labels)


def _both(points: list[Place], slack: float, value: int, covered: tuple[Rect, Where], labels: Array) -> Iterator[Move]:
    """Writing over everything, and only where nothing is labelled."""
    rect, where = covered
    yield Move(points, slack, value, rect, where)
    yield Move(points, slack, value, rect, where & (labels[rect.slices] == UNLABELED))


def _fills(labels: Array, truth: Array, wrong: Where) -> Iterator[Move]:
    """A click that gives a connected part of what is there now another class: the one that most of it is."""
    for before in np.unique(labels[wrong]).tolist():
        same = (labels == before).view(np.uint8)
        count, parts = cv2.connectedComponents(same, connectivity=4)
        amounts = np.bincount(parts[wrong & (labels == before)], minlength=count)
        for number in np.argsort(amounts)[::-1][:LOOKED_AT].tolist():
            if amounts[number] < SMALLEST:
                break
            counts = np.bincount(truth[(parts == number) & (truth != UNLABELED)], minlength=1)
            row, column = (int(v) for v in np.argwhere((parts == number) & wrong)[0])
            rect, where = connected_region(labels, row, column)
            yield Move([(column + 0.5, row + 0.5)], EASY, int(counts.argmax()), rect, where)


def _points(corners: Any) -> list[Place]:
    return [(float(x), float(y)) for x, y in corners]


def _compared(accepted: list[Effort], nothing: list[Effort]) -> dict[str, Any]:
    told = {"accepted": _told(accepted), "nothing": _told(nothing)}
    ratios = {
        f"{name}_ratio": round(told["accepted"][name] / told["nothing"][name], 3) for name in ("clicks", "seconds")
    }
    return {**told, **ratios}


def _told(efforts: list[Effort]) -> dict[str, float]:
    names = ("clicks", "keys", "seconds", "right")
    return {name: round(mean(getattr(effort, name) for effort in efforts), 3) for name in names}
