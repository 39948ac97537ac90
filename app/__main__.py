"""`maskwright`: without arguments the window, with a verb the command line (whose `open` is the window too)."""

import multiprocessing
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window or a verb; returns the exit status."""
    multiprocessing.freeze_support()  # in a frozen program, the training process starts here too
    words = list(sys.argv[1:] if argv is None else argv)
    if words:
        from app.commands import main as run_command

        return run_command(words)
    from app.start import run_window

    return run_window()


if __name__ == "__main__":
    sys.exit(main())
