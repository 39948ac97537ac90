"""The panel that sets how pictures look: it speaks of the picture that is open, and announces what the hand sets."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.canvas.display import Display
from app.canvas.picture import Picture
from app.panels.display import DisplayPanel
from app.theme import Theme


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> DisplayPanel:
    panel = DisplayPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def picture(channels: int, bits: int = 8) -> Picture:
    rng = np.random.default_rng(0)
    kind = np.uint8 if bits == 8 else np.uint16
    return Picture(rng.integers(50, 200 if bits == 8 else 4000, (40, 50, channels), kind))


def test_nothing_open_nothing_to_set(panel: DisplayPanel) -> None:
    panel.show_picture(None)
    assert not panel.isEnabled()


def test_channels_are_offered_where_there_are_several(panel: DisplayPanel) -> None:
    panel.show_picture(picture(1))
    assert not panel.channels.isVisible() and not panel.colors[0].isVisible()
    panel.show_picture(picture(3))
    assert [panel.channels.itemText(n) for n in range(panel.channels.count())] == ["Colour", "Red", "Green", "Blue"]
    assert not panel.colors[0].isVisible()
    panel.show_picture(picture(6))
    assert panel.channels.count() == 7 and panel.colors[0].isVisible()


def test_a_chosen_channel_and_chosen_colours_are_announced(panel: DisplayPanel, qtbot: QtBot) -> None:
    panel.show_picture(picture(6))
    with qtbot.waitSignal(panel.changed) as said:
        panel.channels.setCurrentIndex(4)
        panel.channels.activated.emit(4)
    assert said.args == [Display(channels=(3,))]
    panel.channels.setCurrentIndex(0)
    panel.channels.activated.emit(0)
    panel.colors[0].setCurrentIndex(5)
    with qtbot.waitSignal(panel.changed) as said:
        panel.colors[0].activated.emit(5)
    assert said.args == [Display(channels=(5, 1, 2))]


def test_16_bits_begin_automatic_and_by_hand_where_that_left_off(panel: DisplayPanel, qtbot: QtBot) -> None:
    shown = picture(1, bits=16)
    panel.show_picture(shown)
    assert panel.automatic.isChecked() and not panel.dark.isEnabled()
    assert panel.dark.value() == round(shown.limits[0])
    with qtbot.waitSignal(panel.changed) as said:
        panel.automatic.click()
    display = said.args[0]
    assert display.automatic is False and display.low * 65535 == pytest.approx(shown.limits[0])
    assert panel.dark.isEnabled() and panel.bright.maximum() < 65535, "the slider stays near what the picture holds"


def test_dark_and_bright_ends_push_each_other(panel: DisplayPanel) -> None:
    panel.show_picture(picture(3))
    heard: list[Display] = []
    panel.changed.connect(heard.append)
    panel.dark.setValue(100)
    panel.bright.setValue(80)
    assert heard[-1].low < heard[-1].high == pytest.approx(80 / 255)
    panel.bright_box.setValue(255)
    panel.dark_box.setValue(255)
    assert 0 <= heard[-1].low < heard[-1].high <= 1


def test_reset_shows_the_file_as_it_is(panel: DisplayPanel) -> None:
    panel.show_picture(picture(3))
    panel.gamma.setValue(50)
    heard: list[Display] = []
    panel.changed.connect(heard.append)
    panel.reset.click()
    assert heard == [Display()] and panel.gamma.value() == 0 and panel.bright.value() == 255
