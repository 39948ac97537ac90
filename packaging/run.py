"""The README's two commands: `demo` shows the whole round on the sample, `test` checks everything.

Both set up what they need first: a virtual environment in .venv with the locked packages, and on Debian and Ubuntu
the system libraries of the window. Needs Python 3.11 with pip, and nothing else.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "maskwright.stamp"
WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")
LAUNCHER = BIN / ("maskwright.cmd" if WINDOWS else "maskwright")

AT_ONCE = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal")
"""All tests, in as many processes as there are cores, up to what 8 GB hold. Each goes through its own half in order."""

USAGE = """\
usage: python3 packaging/run.py demo           the sample: label, train, evaluate, predict, export, window
       python3 packaging/run.py test [ARG...]  the checks and the tests; arguments go to pytest, in one process
       python3 packaging/run.py setup          only what both need: .venv and the system libraries"""


def main(argv: list[str]) -> int:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return complain(f"TensorFlow does not run on Python {sys.version.split()[0]}. Use Python 3.11, 3.12 or 3.13.")
    if not argv or argv[0] not in ("demo", "test", "setup") or (argv[0] != "test" and len(argv) > 1):
        print(USAGE, file=sys.stderr)
        return 2
    code = set_up_system(tests=argv[0] == "test") or set_up_venv()
    if code or argv[0] == "setup":
        return code
    return demo() if argv[0] == "demo" else test(argv[1:])


def demo() -> int:
    return run([PYTHON, "-m", "app", "demo", "demo"])


def test(arguments: list[str]) -> int:
    """All checks, also after one failed; the exit code of the first that did."""
    checks = (
        [PYTHON, "-m", "ruff", "check", "."],
        [PYTHON, "-m", "ruff", "format", "--check", "."],
        [PYTHON, "-m", "mypy"],
        [PYTHON, "-m", "pytest", *(arguments or AT_ONCE)],
    )
    codes = []
    for command in checks:
        begun = time.monotonic()
        say("$ " + " ".join(["python", *map(str, command[1:])]))
        codes.append(run(command, QT_QPA_PLATFORM="offscreen"))
        say(f"  {'ok' if codes[-1] == 0 else 'FAILED'}, {time.monotonic() - begun:.0f} s")
    return next((code for code in codes if code), 0)


# --- set-up


def set_up_system(*, tests: bool) -> int:
    """Install the window's system libraries where that is possible, else say which are missing."""
    sys.path.insert(0, str(ROOT))
    from core.system_libraries import missing_packages

    missing = missing_packages(tests=tests)
    if not missing:
        return 0
    wanted = " ".join(missing)
    if shutil.which("apt-get") is None:
        return complain(f"The window needs system libraries, as Debian calls them: {wanted}. Install them, then again.")
    if os.geteuid() != 0:
        return complain(f"The window needs system libraries. Install them: sudo apt-get install {wanted}")
    say(f"Installing system libraries: {wanted}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], **quiet)
    if run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], **quiet):
        return complain(f"These system libraries could not be installed: {wanted}")
    return 0


def set_up_venv() -> int:
    """Make .venv with the locked packages; nothing to do if that was done for this lock."""
    if works() and STAMP.exists() and STAMP.read_text() == stamp():
        return 0
    if not works():
        say(f"Making {VENV}")
        code = make_venv()
        if code:
            return code
    say("Installing the locked packages. The first time this takes some minutes.")
    if run([*pip(), "install", "-q", "--require-hashes", "--only-binary", ":all:", "-r", LOCK]):
        return complain("The packages could not be installed. Check the network and the disk, then again.")
    link_project()
    STAMP.write_text(stamp())
    return 0


def works() -> bool:
    """Whether .venv is there and starts; one that was moved or lost its Python does not."""
    if not PYTHON.exists():
        return False
    try:
        asked = [PYTHON, "-c", "import sys; print(sys.prefix)"]
        prefix = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return False
    return Path(prefix).resolve() == VENV.resolve()


def make_venv() -> int:
    # Debian keeps ensurepip in a package of its own: without it, the pip that is there installs into .venv.
    own_pip = importlib.util.find_spec("ensurepip") is not None
    if run([sys.executable, "-m", "venv", "--clear", *([] if own_pip else ["--without-pip"]), VENV]):
        return complain("No virtual environment could be made. Install Python's venv module, then again.")
    if not own_pip and importlib.util.find_spec("pip") is None:
        return complain("pip is missing. Install it (on Debian: apt-get install python3-pip), then again.")
    return 0


def pip() -> list[object]:
    """The pip inside .venv, or the one that runs this, told to work there (pip 22.3 and newer can)."""
    own = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    told = ["--disable-pip-version-check", "--no-input"]
    return [PYTHON, "-m", "pip", *told] if own else [sys.executable, "-m", "pip", "--python", PYTHON, *told]


def link_project() -> None:
    """Make the project importable in .venv, and start it with `.venv/bin/maskwright`."""
    asked = [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    (packages / "maskwright.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    if WINDOWS:
        LAUNCHER.write_text(f'@"{PYTHON}" -P -m app %*\n', encoding="utf-8")
    else:
        LAUNCHER.write_text(f'#!/bin/sh\nexec "{PYTHON}" -P -m app "$@"\n', encoding="utf-8")
        LAUNCHER.chmod(0o755)


def stamp() -> str:
    files = (LOCK, ROOT / "pyproject.toml", Path(__file__))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()


# --- saying and running


def run(command: list[object], **environment: str) -> int:
    """Run a command in the project's root; an interrupt is its exit code too."""
    try:
        done = subprocess.run([str(c) for c in command], cwd=ROOT, env={**os.environ, **environment}, check=False)
    except KeyboardInterrupt:
        return 130
    return done.returncode


def say(text: str) -> None:
    print(text, flush=True)


def complain(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
