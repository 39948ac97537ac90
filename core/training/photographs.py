"""The weights that an encoder learned on the photographs of ImageNet, from the Keras folder or from where Keras keeps
them. They do not come with the program: only a training that begins with them asks for them."""

import contextlib
import os
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import numpy.typing as npt

from core.errors import TrainingError

CONNECT_S = 10.0
"""A download that has not begun after so long is given up…"""
DOWNLOAD_S = 120.0
"""…and one that is not over after so much longer."""
SIDE = 224
"""Of the pictures they were learned on, in pixels."""

Weights = dict[str, list[npt.NDArray[np.float32]]]


def photograph_weights(alpha: float) -> Weights:
    """The weights of each layer of MobileNetV2 by its name, for channels red, green and blue from -1 to 1.

    Raises:
        TrainingError: they are not at hand and cannot be downloaded, or the file is damaged.
    """
    name = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{SIDE}_no_top.h5"
    file = Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models" / name
    at_hand, fetched = file.exists(), Weights()
    # In a thread, because looking up a name can take longer than a socket's own limit.
    thread = Thread(target=_fetch, args=(alpha, fetched), daemon=True)
    thread.start()
    thread.join(CONNECT_S)
    if at_hand or file.exists():
        thread.join(DOWNLOAD_S)
    if fetched:
        return fetched
    if at_hand or file.exists():
        raise TrainingError(
            f"The network's first weights in {file} are damaged, or still on their way. Wait a minute and train again, "
            "or delete the file and train again, or choose the network “quality”."
        )
    raise TrainingError(
        "This network begins with weights that are not on this computer, and they could not be downloaded. Connect to "
        f"the internet and train again, or put the file {name} into {file.parent}, or choose the network “quality”."
    )


def _fetch(alpha: float, into: Weights) -> None:
    """Whatever goes wrong, `into` stays empty. Progress goes to standard error: standard output is for results."""
    import keras

    with contextlib.suppress(Exception), contextlib.redirect_stdout(sys.stderr):
        made = keras.applications.MobileNetV2((SIDE, SIDE, 3), alpha, include_top=False, weights="imagenet")
        into.update({layer.name: layer.get_weights() for layer in made.layers})
