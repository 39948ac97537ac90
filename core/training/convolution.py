"""What the networks are made of: a convolution, normalised, then cut off below zero."""

from collections.abc import Callable
from typing import Any


def convolve(
    norm: Callable[..., Any] | None, x: Any, filters: int, *, size: int = 3, stride: int = 1, dilation: int = 1
) -> Any:
    """Without `norm`, the convolution has a bias of its own instead."""
    from keras import layers

    x = layers.Conv2D(filters, size, stride, padding="same", dilation_rate=dilation, use_bias=norm is None)(x)
    return layers.ReLU()(x if norm is None else norm(momentum=0.9)(x))
