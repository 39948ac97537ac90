"""Where next: what is asked first, what is not asked twice, and what a newer run changes."""

from collections import Counter

import pytest

from core.masks.rect import Rect
from core.prediction.queue import RegionQueue
from core.prediction.regions import MOST
from core.regions import Region, table_of


def region(image_id: int = 1, place: int = 0, class_id: int = 0, pixels: int = 400, sure: float = 0.5) -> Region:
    top = 30 * place
    return Region(image_id, Rect(top, 0, top + 20, 20), (top + 10, 10), class_id, pixels, sure)


def queue_of(*regions: Region, run_id: int = 1) -> RegionQueue:
    queue = RegionQueue()
    put(queue, *regions, run_id=run_id)
    return queue


def put(queue: RegionQueue, *regions: Region, run_id: int = 1) -> None:
    for image_id in {r.image_id for r in regions}:
        queue.put(image_id, run_id, table_of(r for r in regions if r.image_id == image_id))


def asked(queue: RegionQueue, times: int) -> list[Region]:
    """What comes while everything is accepted."""
    found = []
    for _ in range(times):
        here = queue.next()
        assert here is not None
        queue.done(here)
        found.append(here)
    return found


def test_doubt_and_area_decide_what_is_asked_first() -> None:
    sure, doubtful = region(1, sure=0.875), region(2, sure=0.375)
    large = region(3, sure=0.375, pixels=40_000)
    assert queue_of(sure, doubtful, large).next() == large
    assert [r.image_id for r in asked(queue_of(sure, doubtful, large), 3)] == [3, 2, 1]


def test_the_same_region_is_asked_until_it_is_answered_and_never_again_after() -> None:
    queue = queue_of(region(1), region(2, sure=0.7))
    assert queue.next() == queue.next() and queue.left == 2
    first, second = asked(queue, 2)
    assert first.image_id != second.image_id
    assert queue.next() is None and queue.left == 0


def test_a_skipped_region_comes_again_after_all_others() -> None:
    queue = queue_of(region(1, 0, sure=0.1), *(region(2, n, sure=0.99) for n in range(20)))
    first = queue.next()
    assert first is not None and first.image_id == 1
    queue.skip(first)
    assert queue.left == 21
    assert {r.image_id for r in asked(queue, 20)} == {2}
    assert queue.next() == first


def test_an_answer_that_is_taken_back_is_asked_as_if_it_never_had_been() -> None:
    queue = queue_of(region(1, 0, sure=0.1), region(1, 1), region(2, 0))
    fresh = queue_of(region(1, 0, sure=0.1), region(1, 1), region(2, 0))
    first = queue.next()
    assert first is not None
    queue.done(first)
    queue.again(first)
    assert queue.left == 3 and asked(queue, 3) == asked(fresh, 3)
    queue.again(region(9))  # of an image that is not known


def test_what_is_gone_is_not_asked_until_it_is_proposed_again() -> None:
    queue = queue_of(region(1, 0), region(1, 1))
    queue.gone(region(1, 0))
    assert queue.left == 1
    queue.skip(region(1, 0))
    assert queue.left == 1, "what is gone cannot be answered"
    put(queue, region(1, 0), region(1, 1))
    assert queue.left == 2


def test_what_comes_next_is_known_ahead() -> None:
    queue = queue_of(*(region(image_id, n, sure=0.4 + 0.1 * image_id) for image_id in (1, 2, 3) for n in range(3)))
    for _ in range(3):
        here = queue.next()
        assert here is not None
        ahead = queue.next(after=here)
        assert queue.next() == here, "looking ahead changes nothing"
        queue.done(here)
        assert queue.next() == ahead
    assert queue_of(region(1)).next(after=region(1)) is None


def test_which_run_an_image_was_last_predicted_by() -> None:
    queue = queue_of(region(1), run_id=4)
    assert queue.run_of(1) == 4 and queue.run_of(2) == 0


def test_questions_are_spread_over_images() -> None:
    doubtful = [region(1, n, sure=0.4) for n in range(10)]
    others = [region(image_id, sure=0.5) for image_id in (2, 3, 4)]
    assert {r.image_id for r in asked(queue_of(*doubtful, *others), 7)} == {1, 2, 3, 4}


def test_questions_are_spread_over_classes() -> None:
    common = [region(image_id, class_id=0, sure=0.40) for image_id in range(1, 20)]
    rare = [region(image_id, class_id=5, sure=0.45) for image_id in range(30, 35)]
    counts = Counter(r.class_id for r in asked(queue_of(*common, *rare), 8))
    assert counts[5] >= 3 and counts[0] >= 3


def test_an_image_that_is_predicted_again_by_the_same_run_does_not_ask_again_what_was_answered() -> None:
    regions = [region(1, n) for n in range(3)]
    queue = queue_of(*regions)
    queue.done(regions[0])
    queue.skip(regions[1])
    put(queue, *regions)
    assert queue.left == 2
    assert [r.seed for r in asked(queue, 2)] == [regions[2].seed, regions[1].seed]


def test_a_newer_run_asks_anew_and_an_older_one_that_comes_late_changes_nothing() -> None:
    queue = queue_of(region(1, 0), region(1, 1), run_id=4)
    asked(queue, 2)
    put(queue, region(1, 0, class_id=2), run_id=5)
    put(queue, region(1, 3), region(1, 4), run_id=4)
    here = queue.next()
    assert here is not None and here.class_id == 2 and queue.left == 1


def test_the_newest_run_is_asked_first_where_doubt_is_alike() -> None:
    queue = queue_of(region(1, sure=0.45), run_id=1)
    put(queue, region(2, sure=0.5), run_id=2)
    assert [r.image_id for r in asked(queue, 2)] == [2, 1]


def test_a_removed_image_is_no_longer_asked_and_the_others_still_are() -> None:
    queue = queue_of(*(region(image_id) for image_id in (1, 2, 3)))
    queue.drop(1)
    queue.drop(1)
    queue.drop(99)
    assert queue.left == 2
    assert {r.image_id for r in asked(queue, 2)} == {2, 3}
    put(queue, region(1))
    assert [r.image_id for r in asked(queue, 1)] == [1]


def test_answers_about_images_that_are_gone_do_no_harm() -> None:
    queue = queue_of(region(1))
    queue.drop(1)
    queue.done(region(1))
    queue.skip(region(1))
    assert queue.next() is None


def test_sureness_is_the_mean_over_the_pixels_that_are_left() -> None:
    queue = queue_of(region(1, pixels=300, sure=0.5), region(2, pixels=100, sure=0.9))
    assert queue.sureness == pytest.approx(0.6)
    queue.done(region(1))
    assert queue.sureness == pytest.approx(0.9)
    queue.done(region(2))
    assert queue.sureness == 1


def test_more_images_than_it_has_room_for_and_more_regions_than_an_image_may_have() -> None:
    queue = queue_of(*(region(image_id, n) for image_id in range(200) for n in range(3)))
    assert queue.left == 600
    queue.put(1, 1, table_of(region(1, n) for n in range(MOST + 5)))
    assert queue.left == 597 + MOST
