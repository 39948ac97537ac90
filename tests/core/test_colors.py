"""Colours that keep apart for everybody."""

import numpy as np
import pytest

from core.classes import MAX_CLASSES, load_template, template_names
from core.colors import SIGHTS, ciede2000, distances, lab_under, next_color, worst_pair

ENOUGH = 10.0

# From the supplementary test data of Sharma, Wu and Dalal (2005): two L*a*b* colours and their difference.
PUBLISHED = (
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.1848, -84.8006), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0010), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (61, -5, 29), 22.8977),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
)


@pytest.mark.parametrize(("one", "other", "published"), PUBLISHED)
def test_the_difference_is_the_published_one(
    one: tuple[float, ...], other: tuple[float, ...], published: float
) -> None:
    ours = ciede2000(np.array(one, np.float64), np.array(other, np.float64))
    assert float(ours) == pytest.approx(published, abs=1e-4)


def test_greys_look_the_same_to_every_eye() -> None:
    greys = ["#333333", "#808080", "#cccccc"]
    for sight in SIGHTS.values():
        np.testing.assert_allclose(lab_under(greys, sight), lab_under(greys, SIGHTS["normal"]), atol=0.05)


def test_red_and_green_of_one_lightness_are_confused_by_deutans_only() -> None:
    pair = ["#b25b3c", "#7e7a3c"]
    apart = {name: float(ciede2000(lab_under(pair[:1], s), lab_under(pair[1:], s))[0]) for name, s in SIGHTS.items()}
    assert apart["normal"] > 20
    assert apart["deutan"] < 8


@pytest.mark.parametrize("name", template_names())
def test_every_template_can_be_told_apart_by_everybody(name: str) -> None:
    apart, one, other = worst_pair([label.color for label in load_template(name)])
    assert apart >= ENOUGH, f"{one} and {other}"


@pytest.mark.parametrize("name", template_names())
def test_classes_added_to_a_template_keep_apart_as_well(name: str) -> None:
    colors = [label.color for label in load_template(name)]
    for _ in range(4):
        colors.append(next_color(colors))
    assert worst_pair(colors)[0] >= ENOUGH


def test_all_classes_a_project_can_have_get_colours_of_their_own() -> None:
    colors: list[str] = []
    while len(colors) < MAX_CLASSES:
        colors.append(next_color(colors))
    assert worst_pair(colors)[0] > 5
    assert (distances(colors, ["#000000", "#ffffff", "#808080"]).min(axis=1) > 5).all()
