"""The device that TensorFlow found, and what would make it faster."""

import os
import shutil
import subprocess
import sys
from functools import cache
from typing import Any

from core.training.messages import DeviceFound


@cache
def find_device() -> DeviceFound:
    """Look for a graphics card, keep TensorFlow from taking all of its memory, and try it with a real step."""
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
        return DeviceFound("cpu", _processor(), _advice())
    name = _card_name(tf, cards[0])
    trouble = _try_step("GPU:0")
    if trouble:
        tf.config.set_visible_devices([], "GPU")
        return DeviceFound("cpu", _processor(), f"{name} is here but does not work with TensorFlow: {trouble}")
    return DeviceFound("gpu", name)


def _processor() -> str:
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"CPU, {threads} thread{'s' if threads != 1 else ''}"


def _card_name(tf: Any, card: Any) -> str:
    name = str(tf.config.experimental.get_device_details(card).get("device_name", "graphics card"))
    megabytes = _nvidia_smi("memory.total")
    return f"{name}, {round(int(megabytes) / 1024)} GB" if megabytes.isdecimal() else name


def _advice() -> str:
    driver = _nvidia_smi("driver_version")
    if not driver:
        return ""
    if sys.platform == "win32":
        return "TensorFlow reaches NVIDIA cards on Windows only inside WSL 2. Install Maskwright there to use yours."
    return (
        f"There is an NVIDIA card (driver {driver}) that TensorFlow cannot use yet. "
        "Install the GPU libraries: pip install 'maskwright[gpu]'."
    )


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


def _try_step(device: str) -> str:
    """Convolve and differentiate once; empty if that works, else the first line of what went wrong."""
    import tensorflow as tf

    try:
        with tf.device(device):
            x, kernel = tf.random.normal((1, 32, 32, 3)), tf.Variable(tf.random.normal((3, 3, 3, 8)))
            with tf.GradientTape() as tape:
                total = tf.reduce_sum(tf.nn.conv2d(x, kernel, 1, "SAME") ** 2)
            gradient = tape.gradient(total, kernel)
            sound = bool(tf.reduce_all(tf.math.is_finite(gradient)))
    except Exception as error:  # whatever a driver throws, the CPU is the way out
        return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
    return "" if sound else "it computes wrong numbers."
