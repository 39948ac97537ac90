import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.masks.rect import Rect
from core.prediction import inference
from core.prediction.inference import predict_image, predict_planes, probabilities
from core.prediction.tiling import Tiling
from core.training.encoder import EncoderShape
from core.training.heads import head_named
from core.training.inputs import Inputs
from core.training.network import Network, new_network
from core.training.unet import UNetShape
from tests.core.training.scenes import CLASSES

SHAPE = UNetShape((6, 8, 10), strided=2, dilations=(2,))


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "rows"])
def network(request: pytest.FixtureRequest) -> Network:
    import keras

    keras.utils.set_random_seed(3)
    made = new_network(SHAPE, Inputs(3, rows=request.param), head_named("softmax"), CLASSES)
    rng = np.random.default_rng(0)
    for weight in made.model.weights:
        if "variance" not in weight.path:
            weight.assign(np.asarray(weight) + rng.normal(0, 0.2, weight.shape))
    return made


PICTURE = np.random.default_rng(0).integers(0, 256, (350, 413, 3)).astype(np.uint8)


def whole(network: Network, picture: np.ndarray = PICTURE) -> np.ndarray:
    ((_, likely),) = probabilities(network, picture, side=10**6)
    return likely


def test_tiles_give_what_the_whole_picture_gives(network: Network) -> None:
    expected = whole(network)
    seen = np.zeros(PICTURE.shape[:2], int)
    for tile, likely in probabilities(network, PICTURE, side=64):
        np.testing.assert_allclose(likely, expected[tile.inner.slices], atol=1e-5)
        seen[tile.inner.slices] += 1
    assert (seen == 1).all()
    assert expected.std() > 0.05  # a network that says the same everywhere would prove nothing


def test_tiles_of_a_network_with_an_encoder_give_what_the_whole_picture_gives() -> None:
    import keras

    keras.utils.set_random_seed(3)
    network = new_network(EncoderShape((8, 8, 8, 8), alpha=0.35), Inputs(3), head_named("softmax"), CLASSES)
    rng = np.random.default_rng(0)
    for weight in network.model.weights:
        if "beta" in weight.path:
            weight.assign(rng.normal(0, 0.5, weight.shape))
    picture = rng.integers(0, 256, (128, 1301, 3)).astype(np.uint8)
    expected = whole(network, picture)
    parts = list(probabilities(network, picture, side=64))
    assert max(tile.outer.width for tile, _ in parts) < 1301  # or nothing would be cut
    for tile, likely in parts:
        np.testing.assert_allclose(likely, expected[tile.inner.slices], atol=1e-5)
    assert expected.std() > 0.05


def test_the_class_map_is_the_same_however_it_is_cut(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    class_map, confidence = predict_image(network, PICTURE)
    likely = whole(network)
    np.testing.assert_array_equal(class_map, likely.argmax(-1))
    np.testing.assert_allclose(confidence, likely.max(-1) * 255, atol=0.51)
    monkeypatch.setattr(inference, "TILE_SIDE", 96)
    again, sure = predict_image(network, PICTURE)
    np.testing.assert_array_equal(again, class_map)
    np.testing.assert_allclose(sure, confidence, atol=1)


def test_entropy_is_a_share_of_the_most_there_can_be(network: Network) -> None:
    likely = whole(network).astype(np.float64)
    expected = -(likely * np.log(likely)).sum(-1) / np.log(len(CLASSES))
    found = predict_planes(network, PICTURE)
    np.testing.assert_allclose(found.entropy, expected * 255, atol=0.52)
    np.testing.assert_array_equal(found.class_map, predict_image(network, PICTURE)[0])
    assert expected.min() > 0 and expected.max() < 1 and found.entropy.std() > 1


def test_a_region_is_cut_from_the_whole_result(network: Network) -> None:
    region = Rect(101, 37, 170, 413)
    expected, _ = predict_image(network, PICTURE)
    class_map, confidence = predict_image(network, PICTURE, region=region)
    np.testing.assert_array_equal(class_map, expected[region.slices])
    assert confidence.shape == class_map.shape


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (17, 5)])
def test_pictures_smaller_than_a_coarse_pixel_are_predicted(network: Network, size: tuple[int, int]) -> None:
    class_map, confidence = predict_image(network, PICTURE[: size[0], : size[1]])
    assert class_map.shape == confidence.shape == size
    assert class_map.max() < len(CLASSES)


def test_grey_pictures_fit_a_colour_network_and_the_other_way_round(network: Network) -> None:
    grey = np.repeat(PICTURE[..., :1], 3, axis=2)
    np.testing.assert_array_equal(predict_image(network, grey[..., :1])[0], predict_image(network, grey)[0])
    one = new_network(SHAPE, Inputs(1), head_named("softmax"), CLASSES)
    np.testing.assert_array_equal(predict_image(one, grey)[0], predict_image(one, grey[..., :1])[0])


def test_prediction_can_be_stopped(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "TILE_SIDE", 64)
    asked = iter([False, True])
    _, confidence = predict_image(network, PICTURE, stop=lambda: next(asked))
    assert (confidence[:64, :64] > 0).all() and not confidence[64:].any()


@given(st.integers(1, 400), st.integers(1, 400), st.sampled_from([1, 8, 16]), st.integers(0, 5), st.integers(1, 300))
def test_tiles_cover_every_pixel_once_and_begin_on_multiples(
    height: int, width: int, multiple: int, halos: int, side: int
) -> None:
    tiling = Tiling(height, width, multiple, halos * multiple)
    seen = np.zeros((height, width), int)
    for tile in tiling.tiles(side):
        seen[tile.inner.slices] += 1
        assert all(
            edge % multiple == 0 for edge in (tile.outer.top, tile.outer.left, tile.outer.bottom, tile.outer.right)
        )
        assert tile.outer == tile.outer.intersect(tiling.padded)
        assert tile.inner == tile.inner.intersect(tile.outer)
    assert (seen == 1).all()
