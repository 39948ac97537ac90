import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
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
    assert figures["class_map_differs_at"] <= 3  # of equally likely classes


def test_the_plain_loops_that_formats_are_measured_on_lose_no_mask(tmp_path: Path) -> None:
    from core.formats import MASK_FORMATS
    from tests.benchmarks.formats import draw_mask
    from tests.benchmarks.plain_formats import plain_formats
    from tests.benchmarks.plain_pictures import Sample

    loops = plain_formats(96)
    assert set(MASK_FORMATS) <= set(loops)
    assert cv2.imwrite(str(tmp_path / "image.jpg"), np.zeros((96, 96, 3), np.uint8))
    masks = [draw_mask(seed, 96) for seed in (0, 1)]
    for name, loop in loops.items():
        (tmp_path / name).mkdir()
        loop.write(tmp_path / name, [Sample(str(n), mask, tmp_path / "image.jpg") for n, mask in enumerate(masks)])
        alike = [float((mask == read).mean()) for mask, read in zip(masks, loop.read(tmp_path / name), strict=True)]
        assert min(alike) == 1 or (min(alike) > 0.6 and name in ("coco-polygons", "yolo-segment")), name  # no holes


@pytest.mark.slow
def test_a_format_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    main(["formats", "--count", "8", "--size", "64", "--formats", "coco-polygons", "--json"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["count"] == 8
    assert figures["coco-polygons"]["export_ratio"] > 0
    assert figures["coco-polygons"]["read_ms"] > 0
    assert len(figures["coco-polygons"]["import_mb"].split()) == 2
