"""One training step against Keras's own, and against what the processor can multiply at best."""

import argparse
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any, get_args

import numpy as np

from core.classes import UNLABELED, load_template
from core.training.device import find_device
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.messages import Precision
from core.training.network import Network, new_network
from core.training.patches import Batch
from core.training.precision import computing_in
from core.training.quiet import load_keras
from core.training.settings import TrainingSettings
from core.training.sizes import BATCH, PATCH
from core.training.step import make_step
from core.training.unet import shape_named


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--network", default=TrainingSettings().network)
    text = "what both steps compute in; what the program would choose by default"
    parser.add_argument("--precision", choices=get_args(Precision), help=text)


def run(args: argparse.Namespace) -> dict[str, Any]:
    load_keras()
    settings = TrainingSettings(network=args.network)
    classes = load_template("landcover")

    precision = args.precision or find_device().precision

    def network(precision: Precision = precision) -> Network:
        with computing_in(precision):
            return new_network(shape_named(settings.network), Inputs(3), head_named(settings.head), classes)

    side, rng = args.size or PATCH, np.random.default_rng(0)
    patches = rng.random((BATCH, side, side, 3), np.float32)
    labels = rng.integers(0, 9, (BATCH, side, side)).astype(np.uint8)
    labels[labels > 6] = UNLABELED
    ours, theirs = network(), network()
    step = make_step(ours, network("float32"), settings.weight_decay)
    batch = Batch(patches, labels, np.ones(labels.shape, np.float32))
    keras_step = _train_on_batch(theirs)
    mine, keras_own = _alternately(lambda: step(batch, 1e-4, 0.01), lambda: keras_step(patches, labels))
    work = 3 * convolution_work(ours, side) * BATCH / mine  # forward, and backward to weights and to inputs
    convolved, most = convolution_rate(network("float32"), side), gemm()
    return {
        "network": settings.network,
        "precision": precision,
        "patches": f"{BATCH} x {side} x {side}",
        "step_ms": round(mine * 1e3, 1),
        "train_on_batch_ms": round(keras_own * 1e3, 1),
        "ratio_to_train_on_batch": round(keras_own / mine, 3),
        "gemm_gflops": round(most / 1e9, 1),
        "convolution_gflops": round(convolved / 1e9, 1),
        "share_of_gemm": round(convolved / most, 3),
        "whole_step_gflops": round(work / 1e9, 1),
    }


def _train_on_batch(network: Network) -> Callable[[Any, Any], object]:
    """A plain Keras step with the same loss: no clipping, no averaged weights."""
    from keras import losses, optimizers

    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=UNLABELED)
    network.model.compile(optimizers.AdamW(1e-4), loss, jit_compile=False)
    step: Callable[[Any, Any], object] = network.model.train_on_batch
    return step


def _alternately(first: Callable[[], object], second: Callable[[], object], times: int = 15) -> tuple[float, float]:
    """Median seconds of each, taken in turns so that a busy machine is as busy for both."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(times + 2):
        for action, seconds in zip((first, second), spent, strict=True):
            start = time.perf_counter()
            action()
            seconds.append(time.perf_counter() - start)
    return median(spent[0][2:]), median(spent[1][2:])


def convolution_work(network: Network, side: int) -> int:
    """Floating-point operations of all convolutions for one patch, forward."""
    return sum(_work(layer) for layer in _convolutions(network, side))


def convolution_rate(network: Network, side: int) -> float:
    """Floating-point operations a second of all convolutions by themselves, forward and backward, with a step's
    patches: what is left out is all that a step does between them."""
    import tensorflow as tf

    work = seconds = 0.0
    for number, layer in enumerate(_convolutions(network, side)):
        first = number == 0  # nobody asks for the gradient of the picture
        x, up = (tf.random.normal((BATCH, *tensor.shape[1:])) for tensor in (layer.input, layer.output))
        run = tf.function(partial(_there_and_back, layer, to_inputs=not first), jit_compile=False)
        seconds += _median_seconds(partial(run, x, up))
        work += (2 if first else 3) * _work(layer) * BATCH
    return work / seconds


def _there_and_back(layer: Any, x: Any, up: Any, *, to_inputs: bool) -> Any:
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    return y, tape.gradient(y, [layer.kernel.value, x] if to_inputs else [layer.kernel.value], up)


def _convolutions(network: Network, side: int) -> list[Any]:
    """The convolutions of a network, in their order, each with its input's and output's size for one patch."""
    import keras
    from keras import layers

    fixed = keras.Input((side, side, network.inputs.depth))
    model = keras.models.clone_model(network.model, input_tensors=fixed)
    return [layer for layer in model.layers if isinstance(layer, layers.Conv2D | layers.Conv2DTranspose)]


def _work(layer: Any) -> int:
    """Floating-point operations of a convolution for one patch, forward."""
    from keras import layers

    _, height, width, _ = (layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output).shape
    return 2 * int(height) * int(width) * int(np.prod(layer.kernel.shape))


def gemm(side: int = 2048) -> float:
    """Floating-point operations a second of a float32 matrix product."""
    import tensorflow as tf

    a = tf.random.normal((side, side))
    return 2 * side**3 / _median_seconds(lambda: tf.linalg.matmul(a, a).numpy())


def _median_seconds(action: Callable[[], object], times: int = 12) -> float:
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        spent.append(time.perf_counter() - start)
    return median(spent[3:])
