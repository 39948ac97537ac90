"""Regions worth a look: what is asked, what is not, and that their pixels are found again."""

import numpy as np
import pytest

from core.classes import UNLABELED
from core.prediction import regions as looked_for
from core.prediction.regions import SIDE, SPECK, find_regions, region_pixels
from core.regions import Region, RegionTable, region_in, table_of


def empty(
    height: int = 120, width: int = 160, value: int = UNLABELED
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((height, width), value, np.uint8)


def found(table: RegionTable) -> list[Region]:
    return [region_in(7, row) for row in table]


def test_each_connected_part_of_a_class_is_a_region_with_its_area_and_how_sure_the_model_is() -> None:
    class_map, confidence = empty(), empty(value=255)
    class_map[10:30, 20:50], confidence[10:30, 20:50] = 3, 51
    class_map[60:80, 20:50], confidence[60:80, 20:50] = 3, 204
    first, second = found(find_regions(class_map, confidence, empty()))
    assert (first.image_id, first.rect, first.class_id, first.pixels) == (7, (10, 20, 30, 50), 3, 600)
    assert first.confidence == pytest.approx(0.2)
    assert second.rect == (60, 20, 80, 50) and second.confidence == pytest.approx(0.8)


def test_what_is_labelled_is_not_asked() -> None:
    class_map, labels = empty(value=2), empty()
    labels[:, 40:] = 5
    (only,) = found(find_regions(class_map, empty(value=100), labels))
    assert only.rect == (0, 0, 120, 40)
    assert len(find_regions(class_map, empty(value=100), empty(value=5))) == 0


def test_specks_are_not_worth_a_question() -> None:
    class_map = empty()
    class_map[5, 0 : SPECK - 1] = 1
    class_map[50, 0:SPECK] = 2
    assert [r.class_id for r in found(find_regions(class_map, empty(value=9), empty()))] == [2]


def test_a_large_region_is_cut_so_that_each_fits_a_screen_and_nothing_gets_lost() -> None:
    class_map, labels = empty(600, 700, value=4), empty(600, 700)
    class_map[100:110, 300:340] = 1  # small, across a line of the grid's neighbour
    table = find_regions(class_map, empty(600, 700, value=80), labels)
    assert table["pixels"].sum() == class_map.size
    assert max((table["bottom"] - table["top"]).max(), (table["right"] - table["left"]).max()) <= SIDE
    assert [r.rect for r in found(table) if r.class_id == 1] == [(100, 300, 110, 340)]


def test_the_one_with_most_to_gain_comes_first_and_the_rest_is_left_out() -> None:
    class_map, confidence = empty(), empty()
    for number, sure in enumerate((250, 20, 130)):
        part = np.s_[number * 40 : number * 40 + 20, 0:40]
        class_map[part], confidence[part] = number, sure
    assert [r.class_id for r in found(find_regions(class_map, confidence, empty(), most=2))] == [1, 2]


@pytest.mark.parametrize("block", [SIDE, looked_for.BLOCK])
def test_the_pixels_of_every_region_are_found_again(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(looked_for, "BLOCK", block)
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 3, (33, 44)).astype(np.uint8)
    class_map = np.kron(coarse, np.ones((16, 16), np.uint8))
    confidence = rng.integers(0, 256, class_map.shape).astype(np.uint8)
    labels = empty(*class_map.shape)
    labels[100:140, 60:400] = 1
    seen = np.zeros(class_map.shape, np.bool_)
    for region in found(find_regions(class_map, confidence, labels, most=10_000)):
        rect, where = region_pixels(class_map, labels, region)
        assert where.sum() == region.pixels and (class_map[rect.slices][where] == region.class_id).all()
        assert all(rim.any() for rim in (where[0], where[-1], where[:, 0], where[:, -1]))  # the rectangle is tight
        assert confidence[rect.slices][where].mean() / 255 == pytest.approx(region.confidence, abs=1e-5)
        assert not (seen[rect.slices] & where).any()
        seen[rect.slices] |= where
    assert (seen == (labels == UNLABELED)).all()


def test_a_region_whose_seed_is_labelled_by_now_has_no_pixels_left() -> None:
    class_map, labels = empty(value=2), empty()
    (region,) = found(find_regions(class_map, empty(value=100), labels))
    labels[region.seed] = 0
    assert not region_pixels(class_map, labels, region)[1].any()


def test_the_seed_lies_deep_inside() -> None:
    class_map = empty()
    class_map[10:14, 0:100] = 1  # a thin arm…
    class_map[10:60, 100:150] = 1  # …and a thick body
    (region,) = found(find_regions(class_map, empty(value=9), empty()))
    row, column = region.seed
    assert 30 <= row <= 40 and 120 <= column <= 130


def test_regions_go_into_a_table_and_come_back() -> None:
    class_map = np.repeat(np.arange(3, dtype=np.uint8), 40)[:, None] * np.ones((1, 160), np.uint8)
    regions = found(find_regions(class_map, empty(value=77), empty()))
    assert found(table_of(regions)) == regions and len(regions) == 3
