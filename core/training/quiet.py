"""Loading Keras and TensorFlow without the lines they print about themselves."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def load_keras() -> None:
    """Import Keras and its backend. What they print on the way is lost; what they raise is not."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if "keras" in sys.modules:
        return
    with _silenced_stderr():
        import keras

        keras.config.disable_traceback_filtering()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of functions that are made anew, as in each run


@contextmanager
def _silenced_stderr() -> Iterator[None]:
    """Send file descriptor 2 nowhere: the native runtime writes to it before it can be told not to."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)
