"""The app's own icons, drawn in the text colour at hand."""

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

SIDE = 20
"""Icons are drawn on a grid of this many pixels."""


@cache
def _source(name: str) -> str:
    return (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def draw_icon(name: str, color: QColor, scale: float = 1.0) -> QPixmap:
    """One icon as a pixmap of SIDE · scale pixels."""
    pixmap = QPixmap(round(SIDE * scale), round(SIDE * scale))
    pixmap.fill(Qt.GlobalColor.transparent)
    svg = _source(name).replace("currentColor", color.name())
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> QIcon:
    """An icon in the colour that the palette now gives to `role`, sharp on every screen."""
    palette = QApplication.palette()
    result = QIcon()
    active, mode = QPalette.ColorGroup.Active, QIcon.Mode
    states = {mode.Normal: active, mode.Selected: active, mode.Disabled: QPalette.ColorGroup.Disabled}
    for state, group in states.items():
        for scale in (1.0, 2.0):
            result.addPixmap(draw_icon(name, palette.color(group, role), scale), state)
    return result
