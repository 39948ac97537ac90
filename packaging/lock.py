"""Writes requirements.lock: exact versions with hashes, for every platform and Python. Needs uv."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
COMMAND = (
    "uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes "
    "--no-emit-index-url --no-header --no-annotate --quiet --output-file requirements.lock"
)


def main(arguments: list[str]) -> int:
    """Resolve anew; arguments go to uv, such as --upgrade."""
    code = subprocess.run([*COMMAND.split(), *arguments], cwd=ROOT, check=False).returncode
    named = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if "://" in line]
    if named:
        print(f"The lock names a host: {named[0]}", file=sys.stderr)
    return code or bool(named)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
