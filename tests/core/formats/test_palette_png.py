"""Masks out: they open in colour, keep their ids, and are whole or not there."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from core.classes import UNLABELED, load_template
from core.errors import ExportError
from core.formats import MASK_FORMATS, mask_format
from core.formats.export_masks import export_masks
from core.formats.names import mask_names
from core.formats.palette_png import PALETTE_PNG, write_palette_png
from core.images import read_image, read_mask_file
from core.masks.tiles import Array
from core.project import Project

CLASSES = load_template("landcover")

masks = arrays(
    np.uint8,
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    elements=st.sampled_from([*range(len(CLASSES)), UNLABELED]),
)


def quiet(done: int, total: int) -> None:
    pass


@given(mask=masks)
@example(mask=np.full((3, 5), UNLABELED, np.uint8))
@example(mask=np.zeros((1, 1), np.uint8))
def test_every_mask_comes_back_as_it_went_out(mask: Array, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("out") / "mask.png"
    write_palette_png(path, mask, CLASSES)
    assert np.array_equal(read_mask_file(path), mask)


def test_a_mask_opens_in_its_class_colours_with_black_for_unlabelled(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    write_palette_png(path, np.array([[0, 3], [6, UNLABELED]], np.uint8), CLASSES)
    with Image.open(path) as picture:
        assert picture.mode == "P"
    seen = read_image(path)
    assert [tuple(seen[y, x]) for y, x in ((0, 0), (0, 1), (1, 0))] == [CLASSES[i].rgb for i in (0, 3, 6)]
    assert tuple(seen[1, 1]) == (0, 0, 0)


def painted_project(tmp_path: Path, *names: str) -> Project:
    """A project whose images, named so, each have one painted corner."""
    project = Project.create(tmp_path / "p.maskwright", CLASSES)
    for i, name in enumerate(names):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (30, 20), (i, 90, 40)).save(file)
        mask = np.full((20, 30), UNLABELED, np.uint8)
        mask[:5, :5] = i % len(CLASSES)
        project.add_image(file, mask=mask)
    return project


def test_masks_are_named_like_their_images_and_a_legend_lies_beside_them(tmp_path: Path) -> None:
    with painted_project(tmp_path, "a/one.jpg", "a/two.tif") as project:
        written = export_masks(project, tmp_path / "out", PALETTE_PNG, quiet).masks
    assert [path.name for path in written] == ["one.png", "two.png"]
    legend = json.loads((tmp_path / "out" / "classes.json").read_text(encoding="utf-8"))
    assert legend["unlabelled"] == 255
    assert [c["name"] for c in legend["classes"]] == [c.name for c in CLASSES]


def test_images_that_share_a_name_keep_their_folders(tmp_path: Path) -> None:
    with painted_project(tmp_path, "a/photo.jpg", "b/photo.jpg", "b/other.png") as project:
        written = export_masks(project, tmp_path / "out", PALETTE_PNG, quiet).masks
    names = [path.relative_to(tmp_path / "out").as_posix() for path in written]
    assert names == ["a/photo.png", "other.png", "b/photo.png"]
    assert [int(read_mask_file(path)[0, 0]) for path in written] == [0, 2, 1]


def test_only_labelled_images_are_written(tmp_path: Path) -> None:
    with painted_project(tmp_path, "a.png") as project:
        Image.new("RGB", (8, 8)).save(tmp_path / "bare.png")
        project.add_image(tmp_path / "bare.png")
        assert [p.name for p in export_masks(project, tmp_path / "out", PALETTE_PNG, quiet).masks] == ["a.png"]


def test_an_unlabelled_project_says_that_there_is_nothing_to_export(tmp_path: Path) -> None:
    with (
        Project.create(tmp_path / "p.maskwright", CLASSES) as project,
        pytest.raises(ExportError, match="Label one first"),
    ):
        export_masks(project, tmp_path / "out", PALETTE_PNG, quiet)


def test_an_export_that_fails_half_way_leaves_the_old_file_and_no_scraps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mask.png"
    write_palette_png(path, np.zeros((4, 4), np.uint8), CLASSES)

    def full_disk(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:9])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_palette_png(path, np.ones((4, 4), np.uint8), CLASSES)
    assert (read_mask_file(path) == 0).all()
    assert [p.name for p in tmp_path.iterdir()] == ["mask.png"]


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with painted_project(tmp_path, "a.png") as project, pytest.raises(ExportError, match="choose another folder"):
        export_masks(project, tmp_path / "taken", PALETTE_PNG, quiet)


paths = st.lists(
    st.tuples(
        st.sampled_from(["", "../", "a/", "a/b/", "/far/", "C:/"]),
        st.sampled_from(["photo", "Photo", "photo-jpg", "photo-2", "photo.v2", "äé"]),
        st.sampled_from([".jpg", ".png", ".tif"]),
    ).map("".join),
    unique=True,
    max_size=20,
)


@given(images=paths)
def test_no_two_masks_share_a_file_and_none_leaves_the_folder(images: list[str]) -> None:
    names = mask_names(images)
    assert len({name.lower() for name in names}) == len(images)
    for name in names:
        assert name.endswith(".png")
        assert not name.startswith("/")
        assert ".." not in name.split("/")


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(ExportError, match="png"):
        mask_format("crayon")
    assert mask_format("png") is MASK_FORMATS["png"]
