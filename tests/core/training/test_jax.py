"""Training on Keras's other backend. A process has one backend for good, so each story runs in its own."""

import importlib.util
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="the extra jax is not installed"),
    pytest.mark.skipif(os.environ.get("KERAS_BACKEND") == "jax", reason="all tests run on JAX as it is"),
]
ROOT = Path(__file__).parents[3]


def run_on_jax(code: str, folder: Path) -> None:
    """Run Python with KERAS_BACKEND=jax; what it raises fails the test with its words."""
    start = "from core.training.quiet import load_keras\nload_keras()\nimport keras\n"
    start += "assert keras.backend.backend() == 'jax'\n"
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(
        [sys.executable, "-c", start + textwrap.dedent(code)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_scribbles_teach_what_a_new_picture_shows(tmp_path: Path) -> None:
    run_on_jax(
        """
        from pathlib import Path
        from core.prediction.inference import predict_image
        from core.training.fit import train
        from core.training.messages import TrainedModel
        from core.training.network import network_from
        from core.training.settings import TrainingSettings
        from tests.core.training.scenes import labelled, scene, scribbles, snapshot

        data = snapshot(*(labelled(Path(), seed, scribbles(scene(seed)[1], seed)) for seed in (1, 2, 3)))
        settings = TrainingSettings(budget_s=3600, max_steps=60, network="tiny", patch=64, learning_rate=1e-2)
        ended = train(data, settings)
        network = network_from(TrainedModel(1, ended.settings, ended.classes, ended.weights))
        picture, truth = scene(99)
        right = (predict_image(network, picture)[0] == truth).mean()
        assert right > 0.9, right
        assert "jax" in ended.device
        """,
        tmp_path,
    )


def test_a_loss_that_is_no_number_changes_no_weight(tmp_path: Path) -> None:
    run_on_jax(
        """
        import numpy as np
        from core.training.heads import head_named
        from core.training.inputs import Inputs
        from core.training.network import new_network
        from core.training.patches import Batch
        from core.training.step import make_step
        from core.training.unet import SHAPES
        from tests.core.training.scenes import CLASSES

        network, averaged = (new_network(SHAPES["tiny"], Inputs(3), head_named("sigmoid"), CLASSES) for _ in range(2))
        step = make_step(network, averaged, 0.02)
        square = (1, 32, 32)
        labels, weights = np.zeros(square, np.uint8), np.ones(square, np.float32)
        before = network.model.get_weights()
        assert np.isnan(step(Batch(np.full((*square, 3), np.nan, np.float32), labels, weights), 1e-3, 0.1))
        assert all(np.array_equal(a, b) for a, b in zip(before, network.model.get_weights()))
        assert np.isfinite(step(Batch(np.zeros((*square, 3), np.float32), labels, weights), 1e-3, 1.0))
        assert not all(np.array_equal(a, b) for a, b in zip(before, network.model.get_weights()))
        for ours, theirs in zip(network.model.get_weights(), averaged.model.get_weights()):
            np.testing.assert_allclose(ours, theirs, atol=1e-6)
        """,
        tmp_path,
    )


def test_the_heads_agree_on_jax_as_well(tmp_path: Path) -> None:
    places = [str(ROOT / "tests/core/training" / name) for name in ("test_heads.py", "test_head_layers.py")]
    run_on_jax(
        f"import pytest; assert pytest.main(['-q', '-p', 'no:cacheprovider', '-m', 'not slow', *{places!r}]) == 0",
        tmp_path,
    )
