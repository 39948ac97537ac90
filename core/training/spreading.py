"""From strokes to what lies around them: how likely each part of a picture belongs with the strokes of each class.

The picture is cut into pieces of like colour. From a stroke to a piece it is as far as the colours change on the best
way between them (the geodesic distance; Bai and Sapiro, "A Geodesic Framework for Fast Interactive Image and Video
Segmentation and Matting", 2007): near across an even wall, far over an edge.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra

from core.classes import UNLABELED
from core.masks.rect import Rect
from core.masks.tiles import Array
from core.training.inputs import Floats, Picture

MOST_PIXELS = 2**18
"""Larger pictures are looked at smaller."""
PIECE = 8
"""Pixels between the middles of pieces."""
STRIDE = 1.0
"""What a way costs from piece to piece where the colour stays the same, in levels of CIELAB (0 to 255)."""
BESIDE = 2.0
"""Distances below this are as good as none."""
FALL = 3.0
"""The odds fall with the distance to this power."""
UNKNOWN = 60.0
"""What is farther than this from every stroke is rather something else: nobody paints every class in every picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """The odds of each class everywhere in one picture."""

    pieces: npt.NDArray[np.int32]
    """(h, w) numbers of pieces, smaller than the picture where that is large."""
    odds: Floats
    """(pieces, classes), each row sums to 1."""
    height: int
    width: int
    """Of the picture."""

    def within(self, rect: Rect) -> Floats:
        """(rect.height, rect.width, classes) of a part of the picture."""
        odds: Floats = self.odds[self._pieces_in(rect)]
        return odds

    def sure(self, probability: float) -> Array:
        """(height, width) class ids, UNLABELED where no class is as likely as that."""
        best = self.odds.argmax(1).astype(np.uint8)
        best[self.odds.max(1) < probability] = UNLABELED
        class_map: Array = best[self._pieces_in(Rect(0, 0, self.height, self.width))]
        return class_map

    def _pieces_in(self, rect: Rect) -> npt.NDArray[np.int32]:
        rows = np.arange(rect.top, rect.bottom) * self.pieces.shape[0] // self.height
        columns = np.arange(rect.left, rect.right) * self.pieces.shape[1] // self.width
        return self.pieces[np.ix_(rows, columns)]


def spread_labels(picture: Picture, labels: Array, classes: int) -> Spread:
    """Spread (H, W) labels over a picture (H, W, C)."""
    small = _as_lab(picture)
    pieces, count = _cut(small)
    rows, columns = (np.arange(n) * pieces.shape[axis] // n for axis, n in enumerate(labels.shape))
    of_pixel = pieces[np.ix_(rows, columns)]
    ways = _ways(small, pieces, count)
    away = np.full((count, classes), np.inf)
    for value in range(classes):
        strokes = np.unique(of_pixel[labels == value])
        if len(strokes):
            away[:, value] = dijkstra(ways, directed=False, indices=strokes, min_only=True)
    odds = (away + BESIDE) ** -FALL + (UNKNOWN + BESIDE) ** -FALL / classes
    odds /= odds.sum(1, keepdims=True)
    return Spread(pieces, odds.astype(np.float32), *labels.shape)


def _as_lab(picture: Picture) -> Array:
    """(h, w, 3) uint8 in CIELAB, of at most MOST_PIXELS: grey, or the first three channels."""
    share = min(1.0, (MOST_PIXELS / (picture.shape[0] * picture.shape[1])) ** 0.5)
    small = cv2.resize(picture[..., :3], None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    small = small.reshape(*small.shape[:2], -1)
    if small.shape[2] != 3:
        small = np.repeat(small[..., :1], 3, axis=2)
    if small.dtype != np.uint8:
        low, high = np.percentile(small, (0.5, 99.5))
        small = (np.clip((small - low) / max(1.0, high - low), 0, 1) * 255).astype(np.uint8)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0)
    return cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.uint8, copy=False)


def _cut(lab: Array) -> tuple[npt.NDArray[np.int32], int]:
    """Number of the piece of each pixel, and how many there are: watersheds between seeds on a grid."""
    framed = cv2.copyMakeBorder(lab, 1, 1, 1, 1, cv2.BORDER_REPLICATE)  # watershed gives the rim to nobody
    seeds: npt.NDArray[np.int32] = np.zeros(framed.shape[:2], np.int32)
    rows, columns = (np.arange(1 + min(PIECE // 2, n - 1), n + 1, PIECE) for n in lab.shape[:2])
    count = len(rows) * len(columns)
    seeds[np.ix_(rows, columns)] = np.arange(1, count + 1).reshape(len(rows), len(columns))
    cv2.watershed(framed, seeds)
    seeds = seeds[1:-1, 1:-1]
    ridges = seeds <= 0
    _, nearest = cv2.distanceTransformWithLabels(
        ridges.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    number = np.zeros(nearest.max() + 1, np.int32)
    number[nearest[~ridges]] = seeds[~ridges]
    return number[nearest] - 1, count


def _ways(lab: Array, pieces: npt.NDArray[np.int32], count: int) -> csr_matrix:
    """(count, count): what it costs from each piece to its neighbours."""
    flat = pieces.ravel()
    sizes = np.maximum(np.bincount(flat, minlength=count), 1)
    colors = np.stack([np.bincount(flat, lab[..., c].ravel(), count) / sizes for c in range(3)], axis=1)
    beside = [(pieces[:, :-1], pieces[:, 1:]), (pieces[:-1], pieces[1:])]
    pairs = np.concatenate([np.stack([a[a != b], b[a != b]], axis=1) for a, b in beside])
    ends = np.unique(np.sort(pairs, axis=1), axis=0)
    cost = np.linalg.norm(colors[ends[:, 0]] - colors[ends[:, 1]], axis=1) + STRIDE
    return coo_matrix((cost, (ends[:, 0], ends[:, 1])), shape=(count, count)).tocsr()
