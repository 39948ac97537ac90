"""The device that TensorFlow found, and what would make it faster."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from core.training.messages import DeviceFound, Precision

UNKNOWN_MEMORY = 4 * 2**30
"""What a graphics card is taken to have where nobody says."""

_found: list[DeviceFound] = []
"""What was found, once it was looked for."""


def find_device() -> DeviceFound:
    """Look for a graphics card, keep TensorFlow from taking all of its memory, and try it with a real step; once."""
    if not _found:
        _found.append(_find())
    return _found[-1]


def leave_gpu() -> DeviceFound:
    """Do everything that follows in this thread on the CPU, for a graphics card that failed."""
    import tensorflow as tf

    card = find_device().name
    tf.device("CPU:0").__enter__()  # for good: what a failed driver still holds is never touched again
    advice = f"{card} failed while training. Update its driver, then start again."
    _found.append(DeviceFound("cpu", _processor(), advice))
    return _found[-1]


def has_failed(error: Exception) -> bool:
    """Whether an error that ended a training came out of the runtime, as a failing graphics card's does."""
    import tensorflow as tf

    return isinstance(error, tf.errors.OpError | RuntimeError)


def gpu_memory() -> int:
    """Bytes of the first card's memory that are free."""
    megabytes = _nvidia_smi("memory.free")
    return int(megabytes) * 2**20 if megabytes.isdecimal() else UNKNOWN_MEMORY


def _find() -> DeviceFound:
    import keras

    if keras.backend.backend() != "tensorflow":
        return DeviceFound("cpu", f"{keras.backend.backend()} backend")
    import tensorflow as tf

    cards = tf.config.list_physical_devices("GPU")
    for card in cards:
        try:
            tf.config.experimental.set_memory_growth(card, True)
        except RuntimeError:  # TensorFlow was in use before: its memory stays as it is
            break
    if not cards:
        return DeviceFound("cpu", _processor(), _advice(), processor_precision())
    name = _card_name(tf, cards[0])
    trouble = try_step("GPU:0")
    if trouble:
        tf.config.set_visible_devices([], "GPU")
        return DeviceFound("cpu", _processor(), f"{name} is here but does not work with TensorFlow: {trouble}")
    from core.training.precision import quicker_precision

    return DeviceFound("gpu", name, precision=quicker_precision("GPU:0"))


def _processor() -> str:
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"CPU, {threads} thread{'s' if threads != 1 else ''}"


def processor_precision(cpuinfo: Path = Path("/proc/cpuinfo")) -> Precision:
    """Half the bits where the processor has units for that (AMX: a step of the quick network took 0.72 of its time).

    Without them TensorFlow converts back and forth, and it is slower.
    """
    try:
        flags = cpuinfo.read_text(encoding="ascii", errors="replace")
    except OSError:
        return "float32"
    return "mixed_bfloat16" if "amx_bf16" in flags.split() else "float32"


def _card_name(tf: Any, card: Any) -> str:
    """Such as "NVIDIA RTX 4060, 8 GB, driver 550.54"."""
    parts = [str(tf.config.experimental.get_device_details(card).get("device_name", "graphics card"))]
    megabytes, driver = _nvidia_smi("memory.total"), _nvidia_smi("driver_version")
    if megabytes.isdecimal():
        parts.append(f"{round(int(megabytes) / 1024)} GB")
    if driver:
        parts.append(f"driver {driver}")
    return ", ".join(parts)


def _advice() -> str:
    """Why there is no graphics card to train on, where that can be mended."""
    driver = _nvidia_smi("driver_version")
    if not driver:
        return ""
    card = f"{_nvidia_smi('name')} (driver {driver})"
    if sys.platform == "win32":
        return f"TensorFlow reaches {card} on Windows only inside WSL 2. Install Maskwright there to use it."
    return f"TensorFlow cannot use {card} yet. Install the GPU libraries: pip install 'maskwright[gpu]'."


def _nvidia_smi(field: str) -> str:
    """One field of the first card by NVIDIA's own tool; empty where there is neither."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ""
    command = [tool, f"--query-gpu={field}", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.splitlines()[0].strip() if answer.strip() else ""


def try_step(device: str) -> str:
    """Train the quick network by one small step; empty if that works, else the first line of what went wrong."""
    import tensorflow as tf

    from core.training.precision import noise, small_step

    try:
        with tf.device(device):
            loss = small_step()(noise(1, 64), 1e-3, 0.5)
    except Exception as error:  # whatever a driver throws, the CPU is the way out
        return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    return "" if np.isfinite(loss) else "it computes wrong numbers."
