"""A U-Net whose way down is MobileNetV2, which begins with what was learned on the photographs of ImageNet.

Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018. The way up is the project's own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

from core.errors import TrainingError
from core.training.batch_norm import quick_batch_norm
from core.training.convolution import convolve

if TYPE_CHECKING:
    import keras

ALPHAS = (0.35, 0.5, 0.75, 1.0)
"""Shares of its full width that MobileNetV2 has weights for."""
LEVELS = ("expanded_conv_project_BN", "block_2_add", "block_5_add", "block_12_add", "block_16_project_BN")
"""The last layer that works at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture's size."""
LOOKS = (1, 1, 2, 6, 3)
"""3×3 convolutions at each of them, but for the one that reaches it."""


@dataclass(frozen=True, slots=True)
class EncoderShape:
    """All that fixes such a network but its input channels and classes."""

    filters: tuple[int, ...] = (24, 32, 64, 96)
    """Channels of the way up, from 1/2 to 1/16 of the picture's size."""
    alpha: float = 1.0
    """Width of the encoder, a share of MobileNetV2's own."""
    encoder: str = "mobilenet_v2"

    def __post_init__(self) -> None:
        known = self.encoder == "mobilenet_v2" and self.alpha in ALPHAS and len(self.filters) == len(LEVELS) - 1
        if not (known and all(type(f) is int and 1 <= f <= 2048 for f in self.filters)):
            raise TrainingError("This model's settings do not describe a network this version knows. Train again.")

    @property
    def multiple(self) -> int:
        """Height and width of what goes in must be multiples of this, in pixels.

        All levels are even then, and a strided convolution pads below and on the right only, wherever a tile begins.
        """
        return int(2 ** len(LEVELS))

    @property
    def halo(self) -> int:
        """Pixels around a region that can change its result, rounded up to `multiple`: from the logits back to them."""
        reach = 1  # the transposed convolution
        for _ in self.filters:
            reach = ceil((reach + 1) / 2)  # a convolution, then the coarser pixels under what it sees
        for looks in reversed(LOOKS):
            reach = 2 * (reach + looks) + 1  # and the strided convolution from the finer level
        return ceil(reach / self.multiple) * self.multiple

    @property
    def values_per_pixel(self) -> float:
        """Numbers that a training step keeps for each pixel that goes in, generously."""
        return 1000 * self.alpha

    def to_mapping(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "EncoderShape":
        try:
            return cls(tuple(values["filters"]), values["alpha"], values["encoder"])
        except (KeyError, TypeError):
            raise TrainingError("This model's settings are incomplete. Train again.") from None


def build_encoder_unet(shape: EncoderShape, channels: int, classes: int, *, to_train: bool) -> "keras.Model":
    """From (N, H, W, channels) float32 to (N, H, W, classes) float32 logits, with first weights drawn by chance."""
    import keras
    from keras import layers

    norm = quick_batch_norm() if to_train else layers.BatchNormalization
    pixels = keras.Input((None, None, channels), dtype="float32")
    encoder = _encoder(pixels, shape.alpha)
    *skips, x = [encoder.get_layer(name).output for name in LEVELS]
    for filters, skip in zip(reversed(shape.filters), reversed(skips), strict=True):
        below, beside = (partial(convolve, norm)(part, filters, size=1) for part in (x, skip))
        x = convolve(norm, layers.Add()([layers.UpSampling2D()(below), beside]), filters)
    logits = layers.Conv2DTranspose(classes, 4, strides=2, padding="same", dtype="float32")(x)
    return keras.Model(pixels, logits)


def _encoder(pixels: Any, alpha: float) -> "keras.Model":
    """MobileNetV2 with averages that stay as they are.

    The four or so patches of a step say less about them than a million photographs did, and a training of a minute
    would not bring them from one to the other: it would end with predictions that rest on neither.
    """
    import keras

    made = keras.applications.MobileNetV2(input_tensor=pixels, include_top=False, weights=None, alpha=alpha)
    for layer in made.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return made
