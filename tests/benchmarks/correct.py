"""How many clicks of correction bring how much: regions from the queue, random regions, or painting.

Begins with a few scribbled images. In each round a simulated person answers what is proposed, and the network trains
on from where it was. The images that score are never seen by a training.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from core.classes import LabelClass, load_template
from core.images import read_image, read_mask_file
from core.labels import LabelSnapshot
from core.masks.editor import MaskEditor
from core.masks.tiles import Array, Mask
from core.prediction.inference import predict_image
from core.prediction.queue import RegionQueue
from core.prediction.regions import MOST, find_regions
from core.project import Project
from core.regions import RegionTable, region_in
from core.sample import make_sample, sample_names, true_mask
from core.sample.labelling import scribble
from core.training.fit import train
from core.training.messages import TrainedModel
from core.training.metrics import Confusion
from core.training.network import Network, network_from
from core.training.quiet import load_keras
from core.training.settings import TrainingSettings
from tests.benchmarks.annotator import Annotator

STRATEGIES = ("queue", "random", "paint")
SCRIBBLED = 2
"""Images of the sample that have labels in the beginning."""
ALL = 10**6
"""Regions an image, for what chooses among all of them."""

Point = dict[str, Any]
"""One round: clicks, pixels, miou, and what became of the clicks."""


@dataclass(frozen=True, slots=True)
class Scene:
    path: Path
    truth: Array
    """(h, w) class ids."""
    labels: Array | None = None
    """(h, w) what is labelled in the beginning."""


@dataclass(frozen=True, slots=True)
class Scenes:
    classes: tuple[LabelClass, ...]
    train: list[Scene]
    val: list[Scene]


@dataclass(frozen=True, slots=True)
class Bench:
    """What all rounds share."""

    folder: Path
    scenes: Scenes
    args: argparse.Namespace


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strategy", default="all", choices=(*STRATEGIES, "all"))
    parser.add_argument("--rounds", type=int, default=5, help="of correcting and training")
    parser.add_argument("--clicks", type=int, default=40, help="of each round")
    parser.add_argument("--pixels", type=int, default=2000, help="that one click labels at most")
    parser.add_argument("--budget", type=float, default=30.0, help="seconds of training a round, and before the first")
    parser.add_argument("--steps", type=int, default=0, help="steps of each training at most; 0: as the budget allows")
    parser.add_argument("--seeds", type=int, default=3, help="how many times, with seeds from 0")
    parser.add_argument("--network", default=TrainingSettings().network)


def run(args: argparse.Namespace) -> dict[str, Any]:
    load_keras()
    strategies = STRATEGIES if args.strategy == "all" else (args.strategy,)
    curves: dict[str, list[list[Point]]] = {name: [] for name in strategies}
    with tempfile.TemporaryDirectory() as folder:
        scenes = camvid_scenes(args.data) if args.data else sample_scenes(Path(folder))
        bench = Bench(Path(folder), scenes, args)
        for seed in range(args.seeds):
            first = _first(bench, seed)
            for name in strategies:
                curves[name].append(_correct(bench, seed, name, first))
    asked = {key: getattr(args, key) for key in ("rounds", "clicks", "pixels", "budget", "steps", "seeds", "network")}
    means = {name: _mean_curve(found) for name, found in curves.items()}
    ratio = {"queue_to_random_clicks": clicks_ratio(means["queue"], means["random"])} if len(means) > 1 else {}
    return {"data": str(args.data or "sample"), **asked, **ratio, "mean": means, "seeds_apart": curves}


# --- what there is to label


def camvid_scenes(data: Path) -> Scenes:
    """All training images of a folder laid out like camvid7; the five that are scribbled on begin."""
    begun = (data / "scribbled5.txt").read_text(encoding="utf-8").split()
    scribbles = {name: read_mask_file(data / "train" / "scribbles" / name) for name in begun}
    return Scenes(
        load_template("cityscapes"),
        [Scene(*each, scribbles.get(each[0].name)) for each in _pairs(data / "train")],
        [Scene(*each) for each in _pairs(data / "val")],
    )


def _pairs(folder: Path) -> list[tuple[Path, Array]]:
    images = sorted((folder / "images").glob("*.png"))
    return [(image, read_mask_file(folder / "masks" / image.name)) for image in images]


def sample_scenes(folder: Path) -> Scenes:
    """The sample's images, with scribbles on the first ones."""
    make_sample(folder)
    scenes = {
        split: [Scene(folder / "images" / f"{name}.jpg", true_mask(name)) for name in sample_names(split)]
        for split in ("train", "val")
    }
    begun = [Scene(scene.path, scene.truth, _scribbled(scene.truth)) for scene in scenes["train"][:SCRIBBLED]]
    return Scenes(load_template("landcover"), begun + scenes["train"][SCRIBBLED:], scenes["val"])


def _scribbled(truth: Array) -> Array:
    editor = MaskEditor(Mask(*truth.shape))
    scribble(editor, truth, np.random.default_rng(0))
    return editor.mask.read()


# --- rounds


def _first(bench: Bench, seed: int) -> tuple[TrainedModel, Point]:
    """What all strategies begin with: a training on the first labels, and how good it is."""
    with Project.create(bench.folder / f"first{seed}.maskwright", bench.scenes.classes) as project:
        _add_images(project, bench.scenes)
        model = _trained(project.snapshot_labels(), bench.args, seed, None)
    return model, {"clicks": 0, "pixels": 0, "miou": score(network_from(model), bench.scenes)}


def _correct(bench: Bench, seed: int, strategy: str, first: tuple[TrainedModel, Point]) -> list[Point]:
    """One curve: rounds of clicks and training with one strategy."""
    args, (model, begin) = bench.args, first
    points, rng, queue = [begin], np.random.default_rng(seed), RegionQueue()
    with Project.create(bench.folder / f"{strategy}{seed}.maskwright", bench.scenes.classes) as project:
        truths = _add_images(project, bench.scenes)
        annotator = Annotator(project, truths, args.pixels)
        for number in range(1, args.rounds + 1):
            match strategy:
                case "queue":
                    _answer_queue(project, annotator, queue, model, args.clicks)
                case "random":
                    _answer_random(project, annotator, rng, model, args.clicks)
                case _:
                    for _ in range(args.clicks):
                        annotator.paint(rng)
            model = _trained(project.snapshot_labels(), args, seed, model)
            points.append(_point(number * args.clicks, annotator, score(network_from(model), bench.scenes)))
    return points


def _point(clicks: int, annotator: Annotator, miou: float) -> Point:
    told = {name: getattr(annotator, name) for name in ("pixels", "accepted", "mended", "skipped")}
    return {"clicks": clicks, "miou": miou, **told}


def _answer_queue(project: Project, annotator: Annotator, queue: RegionQueue, model: TrainedModel, clicks: int) -> None:
    predicted = _predicted(project, annotator, model, MOST)
    for image_id, (_, table) in predicted.items():
        queue.put(image_id, model.run_id, table)
    for _ in range(clicks):
        region = queue.next()
        if region is None:
            return
        known = annotator.answer(region, predicted[region.image_id][0])
        (queue.done if known else queue.skip)(region)


def _answer_random(
    project: Project, annotator: Annotator, rng: np.random.Generator, model: TrainedModel, clicks: int
) -> None:
    predicted = _predicted(project, annotator, model, ALL)
    regions = [region_in(image_id, row) for image_id, (_, table) in predicted.items() for row in table]
    for at in rng.permutation(len(regions))[:clicks].tolist():
        annotator.answer(regions[at], predicted[regions[at].image_id][0])


def _predicted(
    project: Project, annotator: Annotator, model: TrainedModel, most: int
) -> dict[int, tuple[Array, RegionTable]]:
    """Class map and regions of every image."""
    network, found = network_from(model), {}
    for record in project.images():
        class_map, confidence = predict_image(network, read_image(project.image_path(record)))
        found[record.id] = class_map, find_regions(class_map, confidence, annotator.labels(record.id), most=most)
    return found


def _add_images(project: Project, scenes: Scenes) -> dict[int, Array]:
    """Put the training images into a project; their truth by number."""
    return {project.add_image(scene.path, mask=scene.labels).id: scene.truth for scene in scenes.train}


def _trained(
    labels: LabelSnapshot, args: argparse.Namespace, seed: int, start_from: TrainedModel | None
) -> TrainedModel:
    settings = TrainingSettings(budget_s=args.budget, seed=seed, network=args.network, max_steps=args.steps)
    ended = train(labels, settings, start_from=start_from)
    run_id = start_from.run_id + 1 if start_from else 1
    return TrainedModel(run_id, ended.settings, ended.classes, ended.weights)


def score(network: Network, scenes: Scenes) -> float:
    """mIoU over all validation images."""
    confusion = Confusion.empty(len(scenes.classes))
    for scene in scenes.val:
        confusion.add(scene.truth, predict_image(network, read_image(scene.path))[0])
    return round(confusion.miou, 4)


# --- figures


def _mean_curve(curves: Sequence[Sequence[Point]]) -> list[Point]:
    """Clicks, and the mean over the seeds of pixels and mIoU."""
    return [
        {
            "clicks": points[0]["clicks"],
            "pixels": round(mean(point["pixels"] for point in points)),
            "miou": round(mean(point["miou"] for point in points), 4),
        }
        for points in zip(*curves, strict=True)
    ]


def clicks_ratio(ours: Sequence[Point], theirs: Sequence[Point]) -> float | None:
    """Clicks that `ours` needs, against `theirs`, for the best mIoU that both reach; None if that needs none."""
    target = min(max(point["miou"] for point in curve) for curve in (ours, theirs))
    needed = clicks_for(theirs, target)
    return round(clicks_for(ours, target) / needed, 3) if needed else None


def clicks_for(curve: Sequence[Point], target: float) -> float:
    """Clicks at which a curve first reaches a mIoU that it does reach, on straight lines between its points."""
    reached = int(np.argmax([point["miou"] >= target for point in curve]))
    if reached == 0:
        return float(curve[0]["clicks"])
    before, after = curve[reached - 1], curve[reached]
    share = (target - before["miou"]) / (after["miou"] - before["miou"])
    return float(before["clicks"] + share * (after["clicks"] - before["clicks"]))
