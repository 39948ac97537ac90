"""What TensorFlow says about itself does not reach the terminal."""

import logging

from core.training.quiet import load_keras


def test_functions_that_are_compiled_anew_for_each_training_are_no_reason_to_warn() -> None:
    load_keras()
    assert not logging.getLogger("tensorflow").isEnabledFor(logging.WARNING)
