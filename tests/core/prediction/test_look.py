"""A look at an image: what is proposed there, what may be accepted, and when it ends early."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED
from core.errors import ImageError
from core.masks.tiles import Mask
from core.prediction import look as looking
from core.prediction.accepting import accept_predictions, to_prelabel
from core.prediction.inference import predict_image
from core.prediction.look import look_at
from core.prediction.trained import trained_model
from core.project import Project
from core.training.network import Network, network_from
from tests.core.evaluation.scenes import add_run, add_scene
from tests.core.training.scenes import CLASSES, scene

PICTURE = scene(3)[0]
ALL = frozenset(range(3))
EMPTY = np.full(PICTURE.shape[:2], UNLABELED, np.uint8)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three scenes to train on, the first labelled on top, one to measure on, and a run that knows nothing."""
    project = Project.create(tmp_path / "p.maskwright", CLASSES)
    top = EMPTY.copy()
    top[:40] = 1
    for seed, split in ((1, "train"), (2, "train"), (3, "train"), (4, "val")):
        add_scene(project, seed, top if seed == 1 else EMPTY, split=split)  # type: ignore[arg-type]
    add_run(project)
    return project


@pytest.fixture
def network(project: Project) -> Network:
    return network_from(trained_model(project))


def test_regions_lie_where_nothing_is_labelled_or_accepted(network: Network) -> None:
    labels = EMPTY.copy()
    labels[:50] = 2
    whole, confidence = predict_image(network, PICTURE)
    look = look_at(network, PICTURE, Mask.from_array(labels), classes=ALL)
    assert look is not None and look.accepted is None
    assert len(look.regions) and look.regions["top"].min() >= 50
    middle = int(np.median(confidence))
    sure = look_at(network, PICTURE, Mask.from_array(labels), classes=ALL, accept_above=middle)
    assert sure is not None and sure.accepted is not None
    expected = (labels == UNLABELED) & (confidence >= middle)
    np.testing.assert_array_equal(sure.accepted, np.where(expected, whole, UNLABELED))
    assert sure.regions["pixels"].sum() <= ((labels == UNLABELED) & ~expected).sum()


def test_what_it_says_of_classes_that_are_no_more_counts_as_nothing(network: Network) -> None:
    look = look_at(network, PICTURE, Mask.from_array(EMPTY), classes=frozenset({0}), accept_above=0)
    assert look is not None and look.accepted is not None
    assert set(np.unique(look.accepted)) <= {0, UNLABELED} and set(look.regions["class_id"]) <= {0}


def test_it_ends_between_two_parts_where_something_else_waits(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SIDE", 64)
    asked = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 2

    assert look_at(network, PICTURE, Mask.from_array(EMPTY), classes=ALL, stop=stop) is None
    assert len(asked) <= 5, "it did not go on to the end"


def test_labels_of_another_size_are_refused_with_a_sentence(network: Network) -> None:
    with pytest.raises(ImageError, match="another picture now: 120 × 96 pixels instead of 10 × 20"):
        look_at(network, PICTURE, Mask(20, 10), classes=ALL)


def test_predictions_become_labels_in_images_without_any_and_undo_takes_them_back(project: Project) -> None:
    chosen = to_prelabel(project.images())
    assert [record.id for record in chosen] == [2, 3]
    told = []
    accepted = accept_predictions(project, chosen, 0.0, progress=lambda done, record: told.append((done, record.id)))
    assert told == [(0, 2), (1, 3)] and not accepted.refused
    assert [record.coverage for record in accepted.images] == [1.0, 1.0]
    assert project.regions_known(1) == {2, 3}
    editor = project.open_editor(2)
    assert editor.mask.accepted().all()
    editor.undo()
    assert not editor.mask.class_pixels()
    assert accept_predictions(project, project.images(), 1.0).images == [], "nothing is that sure"
    first = accept_predictions(project, [project.image(1)], 0.0).images[0]
    assert not project.load_mask(first.id).accepted()[:40].any(), "what was drawn stays drawn"
    assert project.load_mask(first.id).accepted()[40:].all()
    project.close()


def test_an_image_that_is_gone_is_left_out_and_said(project: Project) -> None:
    Path(project.image_path(project.image(2))).unlink()
    accepted = accept_predictions(project, to_prelabel(project.images()), 0.0)
    assert [record.id for record in accepted.images] == [3]
    assert accepted.refused == ["scene2.png is missing. Put the file back, or find it anew."]
    project.close()


def test_a_class_that_means_something_else_now_is_not_accepted(project: Project) -> None:
    project.set_classes([CLASSES[0], replace(CLASSES[1], name="lava"), CLASSES[2]])
    accept_predictions(project, to_prelabel(project.images()), 0.0)
    assert 1 not in project.load_mask(2).class_pixels()
    project.close()
