"""How well a network learns within a budget, by the road the program takes: add, train, evaluate."""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

from app.keeping import keep_run
from core.classes import load_template
from core.evaluation.evaluate import evaluate
from core.images import read_mask_file
from core.labels import LabelSnapshot
from core.project import Project
from core.sample import make_sample
from core.sample.labelling import label_sample
from core.training.fit import train
from core.training.quiet import load_keras
from core.training.settings import TrainingSettings


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", default="dense", choices=("dense", "scribbled20", "scribbled5"), help="with --data")
    parser.add_argument("--alone", action="store_true", help="without the pictures of the folder that have no labels")
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of training")
    parser.add_argument("--seeds", type=int, default=1, help="how many trainings, with seeds from 0")
    parser.add_argument("--network", default=TrainingSettings().network)
    parser.add_argument("--head", default=TrainingSettings().head)


def run(args: argparse.Namespace) -> dict[str, Any]:
    load_keras()
    results = []
    with tempfile.TemporaryDirectory() as folder:
        if args.data:
            path = camvid_project(Path(folder), args.data, args.labels, alone=args.alone)
        else:
            path = sample_project(Path(folder))
        with Project.open(path) as project:
            labels = project.snapshot_labels()
            if args.data:
                add_validation(project, args.data)
            for seed in range(args.seeds):
                settings = TrainingSettings(budget_s=args.budget, seed=seed, network=args.network, head=args.head)
                results.append(_one(project, labels, settings))
    common = {
        "data": str(args.data or "sample"),
        "labels": args.labels if args.data else "scribbled",
        "unlabelled": len(labels.unlabelled),
    }
    spread = {"miou": round(mean(r["miou"] for r in results), 4), "mious": [round(r["miou"], 4) for r in results]}
    return {
        **common,
        "budget_s": args.budget,
        "network": args.network,
        "head": args.head,
        **spread,
        "last": results[-1],
    }


def camvid_project(folder: Path, data: Path, labels: str, *, alone: bool = False) -> Path:
    """A project of `data`'s training images, all with masks or some with scribbles; `alone` without the others."""
    images = sorted((data / "train" / "images").glob("*.png"))
    masks = data / "train" / ("masks" if labels == "dense" else "scribbles")
    names = {image.name for image in images}
    if labels != "dense":
        names = set((data / f"{labels}.txt").read_text(encoding="utf-8").split())
    path = folder / "learn.maskwright"
    with Project.create(path, load_template("cityscapes")) as project:
        for image in images:
            if image.name in names:
                project.add_image(image, mask=read_mask_file(masks / image.name))
            elif not alone:
                project.add_image(image)
    return path


def add_validation(project: Project, data: Path) -> None:
    """The images that only score. A training never sees them, not even to choose its best weights."""
    for image in sorted((data / "val" / "images").glob("*.png")):
        project.add_image(image, split="val", mask=read_mask_file(data / "val" / "masks" / image.name))


def sample_project(folder: Path) -> Path:
    path = make_sample(folder, splits=True)
    with Project.open(path) as project:
        label_sample(project)
    return path


def _one(project: Project, labels: LabelSnapshot, settings: TrainingSettings) -> dict[str, Any]:
    begun = time.perf_counter()
    ended = train(labels, settings)
    run = keep_run(project, ended)
    trained = time.perf_counter()
    figures = evaluate(project, run.id).to_mapping()
    return {
        **figures,
        "train_s": ended.seconds,
        "steps": ended.metrics["steps"],
        "measured_on": ended.metrics["measured_on"],
        "all_of_training_s": round(trained - begun, 1),
        "evaluate_s_per_image": round((time.perf_counter() - trained) / figures["images"], 3),
    }
