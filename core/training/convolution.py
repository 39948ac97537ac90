"""What the networks are made of: a convolution, normalised, then cut off below zero."""

from collections.abc import Callable
from typing import Any


def convolve(
    norm: Callable[..., Any], x: Any, filters: int, *, size: int = 3, stride: int = 1, dilation: int = 1
) -> Any:
    from keras import layers

    x = layers.Conv2D(filters, size, stride, padding="same", dilation_rate=dilation, use_bias=False)(x)
    return layers.ReLU()(norm(momentum=0.9)(x))
