"""Keeps the memory of a process level that trains over and over, with calls that glibc has and others have not."""

import ctypes
import gc
import sys

M_ARENA_MAX = -8
"""What mallopt calls the number of heaps that threads share."""
ARENAS = 2
"""With as many as glibc makes, each is in pieces in the end: 10 MB more a training that nobody can use."""


def share_heaps() -> None:
    """To be called before there are threads."""
    _native("mallopt", M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Free what goes round in circles, and give the system what was freed."""
    gc.collect()
    _native("malloc_trim", 0)


def _native(name: str, *arguments: int) -> None:
    """Call a function of the C library if there is such a one."""
    if sys.platform == "linux":
        function = getattr(ctypes.CDLL(None), name, None)
        if function is not None:
            function(*arguments)
