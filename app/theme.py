"""Colours, spacing and type of the whole window: neutral greys, one accent, dark or light as the system is."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from PySide6.QtCore import QDir, QObject, Qt, QTemporaryDir, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

SPACE = 4
"""All spacing is a multiple of this many pixels."""


@dataclass(frozen=True, slots=True)
class Tones:
    """The colours of one scheme, as hexadecimal."""

    surround: str
    panel: str
    raised: str
    hover: str
    line: str
    edge: str
    """Outlines of controls: at least 3:1 against the panel."""
    text: str
    muted: str
    faint: str
    """Text of what cannot be used now."""
    accent: str
    accent_hover: str
    accent_text: str
    problem: str


DARK = Tones(
    surround="#1b1b1b",
    panel="#242424",
    raised="#2e2e2e",
    hover="#383838",
    line="#353535",
    edge="#757575",
    text="#e6e6e6",
    muted="#9a9a9a",
    faint="#6a6a6a",
    accent="#5aa2f0",
    accent_hover="#74b2f5",
    accent_text="#0d1a28",
    problem="#f0a35a",
)
LIGHT = Tones(
    surround="#c9c9c9",
    panel="#f2f2f2",
    raised="#ffffff",
    hover="#e2e2e2",
    line="#d6d6d6",
    edge="#858585",
    text="#1e1e1e",
    muted="#5c5c5c",
    faint="#9d9d9d",
    accent="#1c68bd",
    accent_hover="#15559d",
    accent_text="#ffffff",
    problem="#a24f00",
)


_in_use = [DARK]


def tones() -> Tones:
    """The scheme in use."""
    return _in_use[0]


class Theme(QObject):
    """Dresses the application, and again whenever the system turns dark or light."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._chosen = Qt.ColorScheme.Unknown
        self._folder = QTemporaryDir()
        QDir.setSearchPaths("scheme", [self._folder.path()])
        app.setStyle("Fusion")
        app.setFont(_with_tabular_figures(app.font()))
        app.styleHints().colorSchemeChanged.connect(self.dress)
        self.dress()

    @Slot()
    def dress(self) -> None:
        chosen = self._chosen if self._chosen != Qt.ColorScheme.Unknown else self._app.styleHints().colorScheme()
        _in_use[0] = scheme = LIGHT if chosen == Qt.ColorScheme.Light else DARK
        self._write_icons(scheme)
        self._app.setPalette(_palette(scheme))
        template = (files("resources") / "window.qss").read_text(encoding="utf-8")
        self._app.setStyleSheet(_filled(template, scheme))
        self.changed.emit()

    def _write_icons(self, scheme: Tones) -> None:
        """Style sheets take pictures from files only: write those they need in the scheme's colours."""
        for name, color in (("chevron", scheme.muted), ("check", scheme.text)):
            svg = (files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
            Path(self._folder.filePath(f"{name}.svg")).write_text(svg.replace("currentColor", color), encoding="utf-8")

    def choose(self, scheme: Qt.ColorScheme) -> None:
        """Dark or light for good; Unknown follows the system."""
        self._chosen = scheme
        self._app.styleHints().setColorScheme(scheme)  # so that window frames follow, where the system lets them
        self.dress()


def caption_font(font: QFont) -> QFont:
    """`font` one size smaller, for captions."""
    small = QFont(font)
    small.setPointSizeF(font.pointSizeF() * 0.88)
    return small


def _with_tabular_figures(font: QFont) -> QFont:
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _filled(template: str, scheme: Tones) -> str:
    # Longest name first, so that @accent does not eat the start of @accent_hover.
    for name in sorted(scheme.__slots__, key=len, reverse=True):
        template = template.replace(f"@{name}", getattr(scheme, name))
    return template


def _palette(scheme: Tones) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: scheme.panel,
        role.WindowText: scheme.text,
        role.Base: scheme.raised,
        role.AlternateBase: scheme.panel,
        role.Text: scheme.text,
        role.Button: scheme.raised,
        role.ButtonText: scheme.text,
        role.ToolTipBase: scheme.raised,
        role.ToolTipText: scheme.text,
        role.PlaceholderText: scheme.muted,
        role.Highlight: scheme.accent,
        role.HighlightedText: scheme.accent_text,
        role.Accent: scheme.accent,
        role.Link: scheme.accent,
        role.Mid: scheme.edge,
        role.Dark: scheme.surround,
        role.BrightText: scheme.accent_text,
    }
    palette = QPalette()
    for key, value in colors.items():
        palette.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, key, QColor(scheme.faint))
    return palette
