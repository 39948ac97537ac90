"""The heaps of a process that trains: few, so that they are not in pieces in the end."""

import subprocess
import sys

import pytest

HEAPS = """
import ctypes, sys, threading
from core.training.heap import give_back, share_heaps

library = ctypes.CDLL(None)
if sys.argv[1] == "shared":
    share_heaps()
together = threading.Barrier(8)

def take() -> None:
    together.wait()
    for _ in range(2000):
        library.free(ctypes.c_void_p(library.malloc(5000)))
    together.wait()

library.malloc.restype = ctypes.c_void_p
threads = [threading.Thread(target=take) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
give_back()
library.fopen.restype = ctypes.c_void_p
told = library.fopen(sys.argv[2].encode(), b"w")
library.malloc_info(0, ctypes.c_void_p(told))
library.fclose(ctypes.c_void_p(told))
print(open(sys.argv[2]).read().count("<heap "))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc has these calls")
def test_threads_share_two_heaps(tmp_path: object) -> None:
    def heaps(how: str) -> int:
        command = [sys.executable, "-c", HEAPS, how, f"{tmp_path}/heaps.xml"]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert heaps("shared") <= 2 < heaps("as glibc makes them")
