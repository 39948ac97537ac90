"""Training on Keras's other backend. A process has one backend for good, so these tests run again in their own."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="the extra jax is not installed"),
    pytest.mark.skipif(os.environ.get("KERAS_BACKEND") == "jax", reason="all tests run on JAX as it is"),
]
ROOT = Path(__file__).parents[3]
START = """
import sys
import pytest
from core.training.quiet import load_keras
load_keras()
import keras
from core.training.device import find_device
assert keras.backend.backend() == "jax" and "jax" in find_device().name
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


def test_training_and_the_heads_do_on_jax_what_they_do_on_tensorflow(tmp_path: Path) -> None:
    folder = "tests/core/training"
    again = (
        f"{folder}/test_fit.py::test_a_few_scribbles_teach_what_a_new_picture_shows",
        f"{folder}/test_fit.py::test_a_loss_that_is_no_number_changes_no_weight",
        f"{folder}/test_heads.py",
        f"{folder}/test_head_layers.py",
        f"--deselect={folder}/test_head_layers.py::test_a_channels_first_model_learns_from_labels_seven_rows_columns",
    )
    ran = subprocess.run(
        [sys.executable, "-c", START, f"--basetemp={tmp_path / 'jax'}", *again],
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
