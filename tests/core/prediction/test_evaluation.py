from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED
from core.errors import TrainingError
from core.images import read_image
from core.prediction.evaluation import evaluate, trained_model
from core.prediction.inference import predict_image
from core.project import Project
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.metrics import Confusion
from core.training.network import network_from, new_network, pack_weights
from core.training.settings import TrainingSettings
from core.training.unet import SHAPES
from tests.core.training.scenes import CLASSES, labelled, scene, scribbles


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Two labelled validation images, one training image, and a run with weights that mean nothing."""
    import keras

    keras.utils.set_random_seed(1)
    with Project.create(tmp_path / "p.maskwright", CLASSES) as made:
        for seed in (1, 2, 3):
            image = labelled(tmp_path, seed)
            mask = scribbles(scene(seed)[1], seed)
            made.add_image(Path(image.path), split="train" if seed == 3 else "val", mask=mask)
        network = new_network(SHAPES["tiny"], Inputs(3), head_named("softmax"), CLASSES)
        made.add_run(
            seed=0,
            settings=TrainingSettings(network="tiny").to_mapping() | network.to_mapping(),
            label_revision=1,
            classes=CLASSES,
            device="CPU",
            seconds=1.0,
            metrics={},
            curves={},
            weights=pack_weights(network.model.get_weights()),
        )
        yield made


def test_figures_are_counted_over_every_labelled_pixel(project: Project) -> None:
    figures = evaluate(project)
    network = network_from(trained_model(project))
    truth, predicted = [], []
    for record in project.images("val"):
        mask = project.load_mask(record.id).read()
        class_map, _ = predict_image(network, read_image(project.image_path(record)))
        truth.append(mask[mask != UNLABELED])
        predicted.append(class_map[mask != UNLABELED])
    t, p = np.concatenate(truth), np.concatenate(predicted)
    assert figures["run"] == 1 and figures["split"] == "val" and figures["images"] == 2
    assert figures["pixels"] == len(t)
    assert figures["accuracy"] == pytest.approx((t == p).mean(), abs=1e-6)
    for c in CLASSES:
        union = ((t == c.id) | (p == c.id)).sum()
        assert figures["iou"][c.name] == pytest.approx(((t == c.id) & (p == c.id)).sum() / union, abs=1e-6)
    assert figures["miou"] == pytest.approx(np.mean(list(figures["iou"].values())), abs=1e-5)


def test_a_split_without_labels_is_a_sentence(project: Project) -> None:
    with pytest.raises(TrainingError, match='No image in "test" is labelled'):
        evaluate(project, split="test")


def test_a_class_that_never_occurs_is_left_out_of_the_mean() -> None:
    confusion = Confusion.empty(3)
    confusion.add(np.array([[0, 0, 1, UNLABELED]], np.uint8), np.array([[0, 1, 1, 2]], np.uint8))
    figures = confusion.to_mapping(CLASSES)
    assert figures == {
        "pixels": 3,
        "miou": 0.5,
        "accuracy": round(2 / 3, 6),
        "iou": {"ground": 0.5, "water": 0.5, "leaf": None},
    }
