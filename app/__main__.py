"""`maskwright`: without arguments, or with `open PROJECT`, the window; with any other verb, the command line."""

import multiprocessing
import sys
from collections.abc import Sequence
from pathlib import Path

WINDOW_VERB = "open"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the window or a verb; returns the exit status."""
    multiprocessing.freeze_support()  # in a frozen program, the training process starts here too
    words = list(sys.argv[1:] if argv is None else argv)
    if words and not (words[0] == WINDOW_VERB and len(words) == 2 and not words[1].startswith("-")):
        from app.commands import main as run_command

        return run_command(words)
    from app.start import run_window

    return run_window(Path(words[1]) if words else None)


if __name__ == "__main__":
    sys.exit(main())
