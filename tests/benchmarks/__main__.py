"""Run one benchmark, or list them.

python -m tests.benchmarks                    what there is
python -m tests.benchmarks NAME [--data DIR]  a table for people
python -m tests.benchmarks NAME --json        one JSON object as the last line
"""

import argparse
import ast
import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def find_benchmarks() -> dict[str, str]:
    """Benchmarks by name, with the first line of what they say about themselves. Imports none of them."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            found[file.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main(argv: Sequence[str] | None = None) -> int:
    benchmarks = find_benchmarks()
    parser = argparse.ArgumentParser(prog="tests.benchmarks", add_help=False, allow_abbrev=False)
    parser.add_argument("name", nargs="?", choices=benchmarks)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--data", type=Path, help="a folder laid out like camvid7; without it the sample is used")
    parser.add_argument("--size", type=int, help="side of the picture in pixels, where that can be chosen")
    name = parser.parse_known_args(argv)[0].name
    if name is None:
        for each, text in benchmarks.items():
            print(f"{each:10} {text}")
        return 0
    module = importlib.import_module(f"tests.benchmarks.{name}")
    if hasattr(module, "options"):
        module.options(parser)
    args = parser.parse_args(argv)
    result = module.run(args)
    if args.json:
        print(json.dumps(result), flush=True)
    else:
        print_table(result)
    return 0


def print_table(result: Mapping[str, Any], indent: int = 0) -> None:
    for key, value in result.items():
        if isinstance(value, Mapping):
            print(f"{'':{indent}}{key}")
            print_table(value, indent + 2)
        else:
            print(f"{'':{indent}}{key:{34 - indent}} {value}")


if __name__ == "__main__":
    raise SystemExit(main())
