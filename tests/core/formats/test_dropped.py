"""Pictures or masks: what is meant by files that come without a word."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.formats import MASK_FORMATS
from core.formats.dropped import kind_of
from core.formats.export_masks import export_masks
from core.project import Project
from tests.core.formats.rounds import CLASSES

SIZE = (64, 48)
CATEGORIES = ("flat", "construction", "object", "nature", "sky", "human", "vehicle")
"""All that Cityscapes knows."""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "p.maskwright", CLASSES) as project:
        save_photos(tmp_path / "photos", "a", "b")
        for path in sorted((tmp_path / "photos").iterdir()):
            project.add_image(path)
        mask = np.zeros((SIZE[1], SIZE[0]), np.uint8)
        mask[:, 20:] = 3
        project.import_masks([(record.id, mask) for record in project.images()])
        yield project


def save_photos(folder: Path, *names: str, mode: str = "RGB") -> None:
    folder.mkdir()
    for number, name in enumerate(names):
        noise = np.random.default_rng(number).integers(0, 255, (SIZE[1], SIZE[0], 3), np.uint8)
        Image.fromarray(noise).convert(mode).save(folder / f"{name}.png")


@pytest.mark.parametrize("format", MASK_FORMATS)
def test_masks_of_the_projects_images_are_masks(project: Project, tmp_path: Path, format: str) -> None:
    if format == "cityscapes":
        project.set_classes([replace(label, name=name) for label, name in zip(CLASSES, CATEGORIES, strict=True)])
    export_masks(project, tmp_path / "out", MASK_FORMATS[format], lambda *_: None)
    assert kind_of(tmp_path / "out", project) == "masks"


@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_other_pictures_are_pictures_in_whatever_colours(project: Project, tmp_path: Path, mode: str) -> None:
    save_photos(tmp_path / "more", "c", "d", mode=mode)
    assert kind_of(tmp_path / "more", project) == "pictures"
    assert kind_of(tmp_path / "more/c.png", project) == "pictures"


def test_the_projects_own_pictures_are_pictures(project: Project, tmp_path: Path) -> None:
    assert kind_of(tmp_path / "photos", project) == "pictures"


def test_colour_photos_that_share_their_names_with_others_are_no_masks(project: Project, tmp_path: Path) -> None:
    save_photos(tmp_path / "another day", "a", "b")
    assert kind_of(tmp_path / "another day", project) == "pictures"


def test_what_is_neither_is_said(project: Project, tmp_path: Path) -> None:
    (tmp_path / "letter.rtf").write_text("Dear all")
    with pytest.raises(ImageError, match="neither pictures nor masks"):
        kind_of(tmp_path / "letter.rtf", project)
    with pytest.raises(ImageError, match="There is nothing at"):
        kind_of(tmp_path / "gone", project)
