"""What is written for Hugging Face, read by the library that its users train with."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.formats.hugging_face import HUGGING_FACE
from core.formats.hugging_face_parquet import HUGGING_FACE_PARQUET
from core.records import Split
from tests.core.formats.rounds import export_of, records_for, ring, write

NAMES = ["a/one.jpg", "b/two.jpg"]
SPLITS: list[Split] = ["train", "val"]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], Any]:
    """load_dataset, which keeps what it makes in the test's folder and asks nobody else."""
    monkeypatch.setitem(os.environ, "HF_HOME", str(tmp_path / "home"))
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    datasets.disable_progress_bars()
    return lambda kind, folder: datasets.load_dataset(kind, data_dir=str(folder), cache_dir=str(tmp_path / "cache"))


@pytest.mark.parametrize(("format", "kind"), [(HUGGING_FACE, "imagefolder"), (HUGGING_FACE_PARQUET, "parquet")])
def test_splits_images_and_masks_are_what_load_dataset_gives(load: Any, format: Any, kind: str, tmp_path: Path) -> None:
    masks = [ring(), np.array([[0, 1, 255], [6, 2, 255]], np.uint8)]
    records = records_for([mask.shape for mask in masks], NAMES, SPLITS)
    out = tmp_path / "out"
    out.mkdir()
    write(format, export_of(masks, records), out)
    found = load(kind, out / "data" if kind == "parquet" else out)
    assert set(found) == {"train", "validation"}
    for split, mask in zip(("train", "validation"), masks, strict=True):
        (row,) = found[split]
        assert np.array_equal(np.asarray(row["mask"]), mask), "palette masks give class ids"
        assert row["image"].size == mask.shape[::-1]
