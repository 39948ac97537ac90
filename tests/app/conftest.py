"""The application's own look, put on once for all tests of the app."""

import pytest
from PySide6.QtWidgets import QApplication

from app.theme import Theme


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)
