"""What TensorFlow says about itself does not reach the terminal."""

import subprocess
import sys

PROGRAM = """
import logging
from core.training.quiet import load_keras
load_keras()
logging.getLogger("tensorflow").warning("a function was compiled anew")
"""


def test_functions_that_are_compiled_anew_for_each_training_are_no_reason_to_warn() -> None:
    """In a process of its own: others may have said how much TensorFlow tells."""
    ran = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("", "")
