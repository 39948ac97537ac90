"""Windows for the journeys, closed again at the end of each."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.theme import Theme
from tests.journeys.person import Person

Sit = Callable[[], Person]


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


@pytest.fixture
def sit_down(theme: Theme) -> Iterator[Sit]:
    """Opens a window and puts a person before it; may be called again after leaving."""
    people: list[Person] = []

    def sit() -> Person:
        people.append(Person(theme))
        return people[-1]

    yield sit
    for person in people:
        person.leave()
        person.window.deleteLater()
    QApplication.processEvents()
