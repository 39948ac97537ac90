"""What pictures of one kind become for a network of another."""

import numpy as np
import pytest

from core.errors import TrainingError
from core.training.inputs import Inputs


def test_as_many_channels_as_the_model_takes_go_in_as_they_are() -> None:
    picture = np.arange(24, dtype=np.uint8).reshape(2, 2, 6) * 10
    scaled = Inputs(6).scale(picture)
    assert scaled.shape == (2, 2, 6)
    assert np.allclose((scaled + 1) * 127.5, picture, atol=1e-3)


def test_grey_fills_every_channel_and_colour_becomes_grey() -> None:
    assert Inputs(5).scale(np.full((1, 1, 1), 255, np.uint8)).tolist() == [[[1.0] * 5]]
    assert Inputs(1).scale(np.full((1, 1, 3), 255, np.uint8)) == pytest.approx(1.0)


@pytest.mark.parametrize(("model", "picture"), [(3, 5), (5, 3), (1, 4)])
def test_channels_that_do_not_match_are_said(model: int, picture: int) -> None:
    with pytest.raises(TrainingError, match=f"{picture} channels where the model takes {model}"):
        Inputs(model).scale(np.zeros((2, 2, picture), np.uint8))
