"""Teaching on generated pictures."""

from pathlib import Path

import numpy as np
import pytest

from core.classes import UNLABELED
from core.errors import TrainingError
from core.pretraining.__main__ import main
from core.pretraining.gallery import Gallery
from core.pretraining.kinds import ID, KINDS
from core.pretraining.surfaces import Floats, Surfaces
from core.pretraining.teach import HEAVIEST, PATCH, Patches, begin_with, evaluated, kind_weights, patch, taught
from core.pretraining.worlds import draw
from core.training.network import Network, unpack_weights


@pytest.fixture(scope="module")
def gallery(surfaces: Surfaces) -> Gallery:
    pictures, kinds = zip(*(draw(np.random.default_rng((2, n)), surfaces, 160) for n in range(8)), strict=True)
    return Gallery(np.stack(pictures), np.stack(kinds))


def test_patches_hold_the_kinds_of_the_picture_and_sometimes_no_row(gallery: Gallery) -> None:
    rng = np.random.default_rng(0)
    rowless = 0
    for _ in range(20):
        values, kinds = patch(gallery, 0, rng)
        assert values.shape == (PATCH, PATCH, 4)
        assert set(np.unique(kinds)) <= {*np.unique(gallery.kinds[0]), UNLABELED}
        rowless += not values[..., 3].any()
    assert 2 < rowless < 15


def test_a_batch_weighs_no_pixel_that_is_outside(gallery: Gallery) -> None:
    batch = Patches(gallery).batch(6, 0)
    assert batch.patches.shape[:3] == batch.labels.shape == batch.weights.shape
    assert (batch.weights[batch.labels == UNLABELED] == 0).all()
    assert (batch.weights[batch.labels != UNLABELED] > 0).all()


def test_rare_kinds_weigh_more_up_to_a_bound_and_absent_ones_nothing() -> None:
    kinds = np.full((1, 100, 100), ID["ground"], np.uint8)
    kinds[0, 0, 0], kinds[0, 1, :20] = ID["person"], ID["vehicle"]
    weights = kind_weights(kinds)
    assert weights[ID["person"]] > weights[ID["vehicle"]] > weights[ID["ground"]] > 0
    assert weights.max() <= HEAVIEST
    assert weights[ID["sky"]] == weights[UNLABELED] == 0


def test_going_on_takes_all_weights_but_those_of_the_last_layer_for_other_kinds() -> None:
    fresh = [
        np.zeros((3, 3), np.float32),
        np.zeros(3, np.float32),
        np.zeros((3, 9), np.float32),
        np.zeros(9, np.float32),
    ]
    start = [np.ones((3, 3), np.float16), np.ones(3, np.float16), np.ones((3, 7), np.float16)]
    begun = begin_with(start, fresh)
    assert [float(weights.max()) for weights in begun] == [1, 1, 0, 0]
    assert all(weights.dtype == np.float32 for weights in begun)
    assert begin_with([], fresh) == fresh


def test_weights_of_another_network_are_refused() -> None:
    fresh = [np.zeros((n, 3), np.float32) for n in range(1, 6)]
    with pytest.raises(TrainingError, match="another network"):
        begin_with(fresh[::-1], fresh)


@pytest.mark.slow
def test_a_short_teaching_lowers_the_loss_and_another_goes_on_where_it_ended(gallery: Gallery) -> None:
    def teach(steps: int, *start: Floats) -> Network:
        return taught("tiny", gallery, gallery, seconds=600, steps=steps, report=report, start=start)

    losses = list[float]()

    def report(line: str, network: Network) -> None:
        losses.append(float(line.split("loss ")[1].split(",", maxsplit=1)[0]))

    before = teach(1)
    learned = teach(50)
    assert losses[-1] < 0.9 * losses[0]
    right = evaluated(learned, gallery).accuracy
    assert right > evaluated(before, gallery).accuracy + 0.1
    going_on = teach(1, *learned.model.get_weights())
    assert evaluated(going_on, gallery).accuracy == pytest.approx(right, abs=0.05)


@pytest.mark.slow
def test_the_command_leaves_a_file_of_weights_that_it_can_go_on_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.pretraining.__main__.HELD_OUT", 4)  # to draw a picture takes a tenth of a second
    out = tmp_path / "networks" / "tiny.npz"
    few = ["--minutes", "0.01", "--pictures", "10", "--network", "tiny", "--out", str(out)]
    main(few)
    arrays = unpack_weights(out.read_bytes())
    assert {a.dtype for a in arrays} == {np.dtype(np.float16)}
    assert arrays[0].shape[2] == 4
    assert arrays[-1].shape == (len(KINDS),)
    assert "mIoU" in capsys.readouterr().out
    main([*few, "--start", str(out)])


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(TrainingError, match=r"nowhere\.npz"):
        main(["--start", "nowhere.npz"])
