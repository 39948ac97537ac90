"""One-hot arrays: read by NumPy alone, in both orders."""

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.classes import UNLABELED
from core.errors import ImageError
from core.formats.one_hot import ONE_HOT
from tests.core.formats.rounds import CLASSES, export_of, read, records_for, ring, write


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("order", ["first", "last"])
@pytest.mark.parametrize("files", ["npz", "npy"])
def test_planes_have_the_order_and_type_that_was_chosen(files: str, order: str, dtype: str, tmp_path: Path) -> None:
    mask = ring()[:, :-1]
    export = export_of([mask], records_for([mask.shape]), choices={"files": files, "order": order, "type": dtype})
    (path,) = write(ONE_HOT, export, tmp_path)
    if files == "npz":
        loaded = np.load(path)
        planes, labelled = loaded["onehot"], loaded["labelled"]
    else:
        planes, labelled = np.load(path), np.load(tmp_path / "labelled" / path.name)
    assert planes.shape == ((7, 12, 11) if order == "first" else (12, 11, 7))
    assert planes.dtype == dtype
    axis = 0 if order == "first" else -1
    assert np.array_equal(labelled == 1, mask != UNLABELED)
    assert np.array_equal(planes.sum(axis=axis), labelled)
    assert np.array_equal(planes.argmax(axis=axis)[labelled == 1], mask[mask != UNLABELED])


def test_a_cube_of_planes_is_read_in_the_order_that_fits(tmp_path: Path) -> None:
    mask = np.diag(np.full(7, 3, np.uint8)) + np.where(np.eye(7), 0, UNLABELED).astype(np.uint8)
    mask[1, 1] = 1
    for order in ("first", "last"):
        export = export_of([mask], records_for([mask.shape]), choices={"order": order})
        write(ONE_HOT, export, tmp_path)
        assert np.array_equal(read(ONE_HOT, tmp_path, records_for([mask.shape]))[1], mask)


def test_planes_of_others_need_no_legend(tmp_path: Path) -> None:
    planes = np.zeros((3, 4, 5))
    planes[1, :2] = 1
    np.save(tmp_path / "image 0.npy", planes)
    found = read(ONE_HOT, tmp_path, records_for([(4, 5)]))[1]
    assert (found[:2] == 1).all()
    assert (found[2:] == UNLABELED).all()
    assert len(CLASSES) > 3


@pytest.mark.parametrize(
    ("planes", "what"),
    [
        (np.full((7, 4, 5), 0.5), "not one-hot"),
        (np.ones((7, 4, 5), np.uint8), "not one-hot"),
        (np.full((7, 4, 5), np.nan), "not one-hot"),
        (np.zeros((7, 5, 4)), "classes × 4 × 5"),
        (np.zeros((4, 5)), "classes × 4 × 5"),
        (np.zeros((7, 4, 5), np.complex64), "no planes for an image"),
    ],
)
def test_what_is_not_one_hot_is_refused(planes: npt.NDArray[Any], what: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "image 0.npz", onehot=planes)
    with pytest.raises(ImageError, match=what):
        read(ONE_HOT, tmp_path, records_for([(4, 5)]))


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "image 0.npy", np.array([[[{}]]], dtype=object), allow_pickle=True)
    with pytest.raises(ImageError, match="no planes for an image"):
        read(ONE_HOT, tmp_path, records_for([(4, 5)]))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": (7, 4, 5)})
    with zipfile.ZipFile(tmp_path / "image 0.npz", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("onehot.npy", head.getvalue() + bytes(50_000_000))
    with pytest.raises(ImageError, match="does not hold what its header says"):
        read(ONE_HOT, tmp_path, records_for([(4, 5)]))
