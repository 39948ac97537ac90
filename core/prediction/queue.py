"""Where next: the regions of all images of a project, in the order in which an answer is worth most.

Every round of a dialogue between a person and a model asks anew (active learning; Settles, "Active Learning
Literature Survey", 2009): by doubt and area, and spread, because answers to like questions teach the same.
"""

import numpy as np

from core.prediction.regions import MOST, gain
from core.regions import REGION, Region, RegionTable, region_in

SAME_IMAGE = 0.7
"""What a region is worth, for each that was asked in its image, against one in an image that was not."""
SAME_CLASS = 0.9
"""The same for each that was asked of its class, against the class that was asked least."""
STALE = 0.5
"""What the word of an older run is worth against that of the newest."""
SKIPPED = 1e-7
"""Behind all that were not skipped, whatever they are worth."""
MOST_IMAGE, MOST_CLASS, MOST_SKIPS = 8, 10, 3
"""So many times at most it counts that something was asked."""

Columns = np.ndarray[tuple[int], np.dtype[np.intp]]
Place = tuple[int, int, int]
"""Seed and class of a region, by which it is known when its image is predicted again."""


class RegionQueue:
    """The regions that are left to ask. For one thread; every call takes a few milliseconds at most."""

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}
        self._images = np.empty(0, np.int64)
        self._table = np.empty((0, MOST), REGION)
        self._runs = np.zeros(0, np.int64)
        self._asked = np.zeros(0, np.int64)  # of each image, since its run
        self._gain = np.zeros((0, MOST), np.float32)  # 0 where there is no region
        self._class_ids = np.zeros((0, MOST), np.uint8)
        self._asked_of_class = np.zeros(256, np.int64)  # since the newest run
        self._newest = 0
        self._answers: dict[int, dict[Place, float]] = {}

    def put(self, image_id: int, run_id: int, regions: RegionTable) -> None:
        """Replace an image's regions, at most MOST; those of a run that is older than the known ones' are ignored.

        What was answered of the same run stays answered: an answer is a new mask, so the image is predicted again.
        """
        slot = self._slot(image_id)
        if run_id < self._runs[slot]:
            return
        if run_id > self._runs[slot]:
            self._answers.pop(image_id, None)
            self._asked[slot], self._runs[slot] = 0, run_id
        if run_id > self._newest:
            self._asked_of_class[:], self._newest = 0, run_id
        regions = regions[:MOST]
        used = np.s_[slot, : len(regions)]
        self._gain[slot], self._table[slot] = 0, np.zeros(MOST, REGION)
        self._table[used], self._class_ids[used] = regions, regions["class_id"]
        self._gain[used] = gain(regions["pixels"], regions["confidence"])
        for place, worth in self._answers.get(image_id, {}).items():
            self._gain[slot, self._columns(slot, place)] *= worth

    def drop(self, image_id: int) -> None:
        """Forget an image."""
        self._answers.pop(image_id, None)
        slot = self._slots.pop(image_id, None)
        if slot is None:
            return
        last = len(self._slots)  # it moves to where the gap is
        if slot != last:
            self._slots[int(self._images[last])] = slot
            for rows in self._by_image():
                rows[slot] = rows[last]
        self._runs[last] = self._asked[last] = self._gain[last] = 0

    def run_of(self, image_id: int) -> int:
        """The run that an image's regions come from; 0 where nothing is known of it."""
        slot = self._slots.get(image_id)
        return 0 if slot is None else int(self._runs[slot])

    def next(self, *, after: Region | None = None) -> Region | None:
        """The region to ask now, the same until it is answered or others come; None if nothing is left.

        With `after`, what will most likely be asked when that region is answered.
        """
        used = len(self._slots)
        worth = SAME_IMAGE ** np.minimum(self._asked[:used], MOST_IMAGE)  # (images,)
        worth *= np.where(self._runs[:used] < self._newest, STALE, 1)
        gains = self._gain[:used] * worth.astype(np.float32)[:, None]  # (images, MOST)
        gains *= self._worth_of_classes()[self._class_ids[:used]]
        if after is not None and after.image_id in self._slots:
            slot = self._slots[after.image_id]
            gains[slot] *= SAME_IMAGE
            gains[slot, self._columns(slot, _place(after))] = 0
        if not gains.any():
            return None
        slot, column = divmod(int(gains.argmax()), MOST)
        return region_in(int(self._images[slot]), self._table[slot, column])

    def done(self, region: Region) -> None:
        """It was accepted or mended: it is not asked again."""
        self._answer(region, 0.0)

    def skip(self, region: Region) -> None:
        """It is asked again when all others have been, or by a newer run."""
        self._answer(region, SKIPPED)

    def again(self, region: Region) -> None:
        """Its answer was taken back: it is asked as if it never had been."""
        slot = self._slots.get(region.image_id)
        if slot is None:
            return
        place = _place(region)
        self._answers.get(region.image_id, {}).pop(place, None)
        self._weigh(slot, self._columns(slot, place, answered=True), 1.0)
        self._asked[slot] = max(0, self._asked[slot] - 1)
        self._asked_of_class[region.class_id] = max(0, self._asked_of_class[region.class_id] - 1)

    def gone(self, region: Region) -> None:
        """It is not there any more: it is not asked unless its image's regions are put again, and it is among them."""
        slot = self._slots.get(region.image_id)
        if slot is not None:
            self._gain[slot, self._columns(slot, _place(region))] = 0

    @property
    def left(self) -> int:
        """How many regions are not answered yet, with the skipped ones."""
        return int(np.count_nonzero(self._gain))

    @property
    def sureness(self) -> float:
        """Mean confidence over the pixels of all regions that are left, 0 to 1; 1 if none is."""
        pixels = np.where(self._gain > 0, self._table["pixels"], 0)  # (images, MOST)
        total = int(pixels.sum())
        return float((pixels * self._table["confidence"]).sum() / total) if total else 1.0

    def _answer(self, region: Region, worth: float) -> None:
        slot = self._slots.get(region.image_id)
        if slot is None:
            return
        place = _place(region)
        answers = self._answers.setdefault(region.image_id, {})
        answers[place] = max(answers.get(place, 1.0) * worth, SKIPPED**MOST_SKIPS if worth else 0.0)
        self._weigh(slot, self._columns(slot, place), answers[place])
        self._asked[slot] += 1
        self._asked_of_class[region.class_id] += 1

    def _weigh(self, slot: int, columns: Columns, worth: float) -> None:
        rows = self._table[slot, columns]
        self._gain[slot, columns] = gain(rows["pixels"], rows["confidence"]) * np.float32(worth)

    def _columns(self, slot: int, place: Place, *, answered: bool = False) -> Columns:
        """Where in its image a region is, if it is there: among those that wait, and with the `answered` ones."""
        row = self._table[slot]
        there = row["pixels"] > 0 if answered else self._gain[slot] > 0
        for name, value in zip(("row", "column", "class_id"), place, strict=True):
            there &= row[name] == value
        return np.flatnonzero(there)

    def _worth_of_classes(self) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """(256,) against the class that was asked least, of those that are waiting."""
        waiting = np.bincount(self._class_ids[self._gain > 0], minlength=256) > 0
        least = self._asked_of_class[waiting].min() if waiting.any() else 0
        ahead = np.clip(self._asked_of_class - least, 0, MOST_CLASS)
        return (SAME_CLASS**ahead).astype(np.float32)

    def _slot(self, image_id: int) -> int:
        slot = self._slots.setdefault(image_id, len(self._slots))
        if slot == len(self._images):
            self._grow()
        self._images[slot] = image_id
        return slot

    def _by_image(self) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.generic]], ...]:
        return self._images, self._table, self._runs, self._asked, self._gain, self._class_ids

    def _grow(self) -> None:
        """Room for twice as many images."""
        more = max(64, len(self._images))
        self._images, self._table, self._runs, self._asked, self._gain, self._class_ids = (
            np.concatenate([rows, np.zeros((more, *rows.shape[1:]), rows.dtype)]) for rows in self._by_image()
        )


def _place(region: Region) -> Place:
    return (*region.seed, region.class_id)
