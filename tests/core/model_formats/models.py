"""Networks with weights drawn by chance, for tests of what is exported."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core.records import ModelOrigin, TrainingRun
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.messages import TrainedModel
from core.training.network import new_network, pack_weights
from core.training.settings import TrainingSettings
from core.training.unet import SHAPES, Shape
from tests.core.training.scenes import CLASSES


def trained(inputs: Inputs, head: str = "softmax", shape: Shape = SHAPES["tiny"]) -> TrainedModel:
    import keras

    keras.utils.set_random_seed(0)
    network = new_network(shape, inputs, head_named(head), CLASSES, to_train=False)
    rng = np.random.default_rng(0)
    weights = [w + rng.normal(0, 0.1, w.shape).astype(np.float32) ** 2 for w in network.model.get_weights()]
    network.model.set_weights(weights)
    noise = rng.uniform(-1, 1, (1, 64, 64, inputs.depth)).astype(np.float32)
    logits = np.asarray(network.model(noise))  # (1, 64, 64, classes)
    spread = logits.std(axis=(0, 1, 2))
    weights[-2] /= spread if weights[-2].shape[-1] == len(CLASSES) else spread[:, None]
    weights[-1] = (weights[-1] - logits.mean(axis=(0, 1, 2))) / spread  # so that no class is certain
    settings = TrainingSettings(network="tiny", head=head).to_mapping() | network.to_mapping()
    return TrainedModel(4, settings, CLASSES, pack_weights(weights))


def origin(model: TrainedModel, *pictures: Path, project: str = "Ponds") -> ModelOrigin:
    run = TrainingRun(
        id=4,
        created_at=datetime(2026, 5, 1, tzinfo=UTC),
        seed=0,
        settings=model.settings,
        label_revision=17,
        classes=model.classes,
        device="CPU, 2 threads",
        seconds=30.0,
        metrics={"miou": 0.75, "accuracy": 0.9, "iou": {"water": 0.5}, "measured_on": "validation images"},
        curves={
            "seconds": [1.0, 15.0, 30.0],
            "loss": [1.0, 0.5, 0.25],
            "measured_seconds": [10.0, 30.0],
            "measured_miou": [0.5, 0.75],
        },
    )
    return ModelOrigin(project, run, 2, {0: 1200, 1: 34}, tuple(map(str, pictures)))
