"""Training with numbers of half the bits, where that is quicker."""

from pathlib import Path

import keras
import numpy as np
import pytest

from core.training import precision
from core.training.device import processor_precision
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.network import Network, new_network
from core.training.precision import computing_in, noise, quicker_precision
from core.training.step import make_step
from core.training.unet import shape_named
from tests.core.training.scenes import CLASSES


def tiny() -> Network:
    return new_network(shape_named("tiny"), Inputs(3), head_named("softmax"), CLASSES)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="chosen for TensorFlow only")
def test_half_the_bits_learn_as_well_and_leave_weights_and_logits_whole() -> None:
    keras.utils.set_random_seed(0)
    with computing_in("mixed_bfloat16"):
        trained = tiny()
    averaged, batch = tiny(), noise(2, 64)
    step = make_step(trained, averaged, 0.0)
    losses = [step(batch, 1e-2, 0.5) for _ in range(12)]
    assert losses[-1] < losses[0] * 0.8
    assert trained.model.layers[1].compute_dtype == "bfloat16"
    assert keras.backend.standardize_dtype(trained.model.output.dtype) == "float32"
    assert {w.dtype for w in trained.model.weights} == {"float32"}
    assert averaged.model.layers[1].compute_dtype == "float32"
    logits = [np.asarray(n.model(batch.patches, training=False), np.float32) for n in (trained, averaged)]
    assert np.abs(logits[0] - logits[1]).max() < 1.0


@pytest.mark.parametrize(
    ("flags", "chosen"),
    [("fpu avx512f amx_bf16 amx_tile", "mixed_bfloat16"), ("fpu avx2 avx512_bf16", "float32"), (None, "float32")],
)
def test_a_processor_computes_with_half_the_bits_only_if_it_has_units_for_them(
    tmp_path: Path, flags: str | None, chosen: str
) -> None:
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n", encoding="ascii")
    assert processor_precision(tmp_path / "cpuinfo") == chosen


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="chosen for TensorFlow only")
@pytest.mark.parametrize(("half_s", "chosen"), [(0.05, "mixed_bfloat16"), (0.09, "float32"), (None, "float32")])
def test_a_graphics_card_is_timed_with_both_and_one_that_fails_keeps_whole_numbers(
    monkeypatch: pytest.MonkeyPatch, half_s: float | None, chosen: str
) -> None:
    def seconds(name: str) -> float:
        if name == "float32":
            return 0.1
        if half_s is None:
            raise RuntimeError("no such kernel")
        return half_s

    monkeypatch.setattr(precision, "_step_seconds", seconds)
    assert quicker_precision("CPU:0") == chosen
