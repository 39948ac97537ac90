"""A window in a process of its own that can be killed: paints stroke after stroke and tells what it shows as saved.

python -m tests.journeys.painter FOLDER
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.theme import Theme
from tests.journeys.person import Person


def main(folder: Path) -> None:
    app = QApplication([])
    person = Person(Theme(app))
    person.drop(folder)
    person.sees_picture("picture-1.png")
    rng = np.random.default_rng(0)
    while True:
        person.press(Qt.Key(Qt.Key.Key_1 + int(rng.integers(7))))
        start, end = rng.integers(5, 150, 2), rng.integers(5, 150, 2)
        person.paint([(float(start[0]), float(start[1])), (float(end[0]), float(end[1]))])
        person.sees_saved()
        print(hashlib.sha256(person.labels.tobytes()).hexdigest(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
