"""How many patches of which size a step takes: by the pictures, the device and its memory."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log2

from core.labels import LabelledImage
from core.training.settings import TrainingSettings
from core.training.unet import Shape

PATCH = 256
BATCH = 4
"""What suits two cores as well as eight."""
SMALLEST_PATCH = 64
LARGEST_PATCH = 512
LARGEST_BATCH = 16
MOST_WORKERS = 8
MEMORY_SHARE = 0.4
"""Of a graphics card's memory, so that the screen and the library's own buffers keep the rest."""


@dataclass(frozen=True, slots=True)
class Size:
    patch: int
    """Side in pixels."""
    batch: int
    """Patches a step."""

    def smaller(self) -> "Size | None":
        """Half the batch, or half the patch where there is one only; None where that would be too small to learn."""
        if self.batch > 1:
            return Size(self.patch, self.batch // 2)
        return Size(self.patch // 2, 1) if self.patch >= 2 * SMALLEST_PATCH else None

    def __str__(self) -> str:
        return f"{self.batch} {'patch' if self.batch == 1 else 'patches'} of {self.patch} pixels"


def choose_size(
    settings: TrainingSettings, images: Sequence[LabelledImage], shape: Shape, *, gpu_bytes: int = 0
) -> Size:
    """The size that the settings ask for; where they leave it open, one that fits.

    Args:
        gpu_bytes: memory of the graphics card that is trained on; 0 for the CPU.
    """
    longest = max(max(image.mask.height, image.mask.width) for image in images)
    patch = settings.patch or _patch(longest, on_gpu=gpu_bytes > 0)
    patch = max(shape.multiple, ceil(patch / shape.multiple) * shape.multiple)
    return Size(patch, settings.batch or _batch(patch, shape, gpu_bytes))


def choose_workers(settings: TrainingSettings, *, on_gpu: bool) -> int:
    """Threads that prepare patches. A graphics card takes its steps quickly and leaves the processor to them; without
    one, the steps want nearly all of it."""
    cores = os.cpu_count() or 1
    chosen = min(MOST_WORKERS, cores - 2) if on_gpu else cores // 4
    return settings.workers or max(1, chosen)


def _patch(longest: int, *, on_gpu: bool) -> int:
    """No larger than what the pictures fill."""
    most = LARGEST_PATCH if on_gpu and longest >= 2 * LARGEST_PATCH else PATCH
    return max(SMALLEST_PATCH, min(most, 1 << ceil(log2(longest))))


def _batch(patch: int, shape: Shape, gpu_bytes: int) -> int:
    """As many pixels a step as the standard size has; more on a graphics card, as far as its memory goes."""
    usual = BATCH * PATCH**2 // patch**2
    if not gpu_bytes:
        return max(1, min(LARGEST_BATCH, usual))
    room = int(gpu_bytes * MEMORY_SHARE / (bytes_per_pixel(shape) * patch**2))
    return max(1, min(LARGEST_BATCH, 1 << int(log2(max(1, room)))))


def bytes_per_pixel(shape: Shape) -> float:
    """About how much memory a training step takes for each pixel that goes in, generously."""
    return 4 * shape.values_per_pixel


def out_of_memory(error: BaseException) -> bool:
    """Whether an error, of Python or of a native runtime, says that memory ran out."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "ResourceExhaustedError"
        or "RESOURCE_EXHAUSTED" in str(error)
        or "out of memory" in str(error).lower()
    )
