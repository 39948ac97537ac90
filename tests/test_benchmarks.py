import json
import subprocess
import sys

import pytest

from tests.benchmarks.__main__ import find_benchmarks, main


def test_benchmarks_are_listed_with_what_they_measure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {"learn", "predict", "step"} <= {line.split()[0] for line in lines}
    assert all(len(line.split()) > 3 for line in lines)


def test_listing_benchmarks_loads_none_of_them() -> None:
    code = (
        "import sys; from tests.benchmarks.__main__ import main; main([])\n"
        "heavy = {'keras', 'tensorflow', 'PySide6'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_every_benchmark_says_in_one_line_what_it_measures() -> None:
    assert all(text.endswith(".") for text in find_benchmarks().values())


@pytest.mark.slow
def test_json_is_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    main(["predict", "--size", "256", "--json"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["largest_difference"] < 1e-5
    assert figures["class_map_differs_at"] == 0
