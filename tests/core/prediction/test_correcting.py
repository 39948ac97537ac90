"""The rounds of the benchmark of correcting, with a stand-in for the network that sees what was mended."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.classes import UNLABELED, load_template
from core.labels import LabelSnapshot
from core.masks.tiles import Array
from core.training.messages import TrainedModel, TrainingEnded
from core.training.settings import TrainingSettings
from tests.benchmarks import correct
from tests.benchmarks.__main__ import main

CLASSES = load_template("cityscapes")
HEIGHT, WIDTH = 48, 64
TRUTH = np.where(np.arange(WIDTH) < 32, 1, 2).astype(np.uint8) * np.ones((HEIGHT, 1), np.uint8)


class Learner:
    """Takes class 2 for class 3, unsure of it, until somebody labelled class 2 on enough pixels."""

    def __init__(self) -> None:
        self.trainings: list[tuple[int, LabelSnapshot, TrainedModel | None]] = []
        """Labelled pixels, labels, and what it started from."""

    def train(
        self, labels: LabelSnapshot, settings: TrainingSettings, *, start_from: TrainedModel | None = None
    ) -> TrainingEnded:
        pixels = sum(int((image.mask.read() == 2).sum()) for image in labels.images)
        self.trainings.append((pixels, labels, start_from))
        return TrainingEnded({}, settings.seed, 0, CLASSES, "CPU", 0.0, {}, {}, bytes([min(pixels // 500, 255)]))

    def predict(self, network: TrainedModel, picture: Array) -> tuple[Array, Array]:
        class_map = np.where((TRUTH == 2) & (network.weights == b"\0"), np.uint8(3), TRUTH)
        return class_map, np.where(TRUTH == 2, np.uint8(90), np.uint8(200))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder laid out like the measured one: three training images, one of them scribbled on, and one that scores."""
    scribbles = np.full_like(TRUTH, UNLABELED)
    scribbles[10:12, 5:60] = TRUTH[10:12, 5:60]
    for place in ("train/a", "train/b", "train/c", "val/d"):
        split, name = place.split("/")
        for kind, pixels in (("images", TRUTH * 40), ("masks", TRUTH), ("scribbles", scribbles)):
            (tmp_path / "data" / split / kind).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(tmp_path / "data" / split / kind / f"{name}.png"), pixels)
    (tmp_path / "data" / "scribbled5.txt").write_text("a.png\n", encoding="utf-8")
    return tmp_path / "data"


@pytest.fixture
def learner(monkeypatch: pytest.MonkeyPatch) -> Learner:
    learner = Learner()
    monkeypatch.setattr(correct, "load_keras", int)
    monkeypatch.setattr(correct, "train", learner.train)
    monkeypatch.setattr(correct, "network_from", _itself)
    monkeypatch.setattr(correct, "predict_image", learner.predict)
    return learner


def _itself(model: TrainedModel) -> TrainedModel:
    return model


def figures(data: Path, **wanted: Any) -> dict[str, Any]:
    parser = ArgumentParser()
    correct.options(parser)
    args = parser.parse_args([])
    return correct.run(Namespace(**vars(args) | {"data": data, "rounds": 2, "clicks": 2, "seeds": 1} | wanted))


def test_every_strategy_gets_as_many_clicks_and_begins_alike(data: Path, learner: Learner) -> None:
    told = figures(data)
    assert set(told["mean"]) == {"queue", "random", "paint"}
    assert all([point["clicks"] for point in curve] == [0, 2, 4] for curve in told["mean"].values())
    assert len({curve[0]["miou"] for curve in told["mean"].values()}) == 1
    assert len(learner.trainings) == 1 + 3 * 2


def test_each_round_trains_on_with_what_was_answered_and_never_sees_what_scores(data: Path, learner: Learner) -> None:
    told = figures(data, strategy="queue", pixels=400)
    (first, labels, begun), (second, later, went_on), (third, _, last) = learner.trainings
    assert begun is None and went_on is not None and last is not None
    assert (went_on.run_id, last.run_id) == (1, 2) and first < second <= third
    assert len(labels.images) == 1 and 1 < len(later.images) <= 3
    assert not any("val" in Path(image.path).parts for image in later.images)
    (curve,) = told["seeds_apart"]["queue"]
    assert curve[0]["miou"] < curve[1]["miou"] == 1 and curve[1]["pixels"] == 800
    assert curve[1]["accepted"] + curve[1]["mended"] == 2


def test_painting_asks_no_network(data: Path, learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correct, "find_regions", None)
    (curve,) = figures(data, strategy="paint")["seeds_apart"]["paint"]
    assert 0 < curve[1]["pixels"] < curve[2]["pixels"] and curve[2]["accepted"] == curve[2]["mended"] == 0


def test_the_wait_for_the_next_region_is_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The waits in a window beside it, for which a training runs, take half a minute."""
    monkeypatch.setattr("tests.benchmarks.overlay_window.run_window", lambda *_: {})
    assert main(["overlay", "--images", "20", "--json"]) == 0
    assert '"next_region_ms": ' in capsys.readouterr().out
