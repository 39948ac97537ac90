"""What is on the screen now: kept, so that a stroke redraws what it touched and a pan only what came into sight."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage, QPainter

from app.canvas.overlay import Film, Overlay
from app.canvas.picture import Picture, Screen
from app.canvas.shows import Side
from app.canvas.viewport import Viewport
from core.masks.rect import Rect

WORTH_A_THREAD = 250_000
"""Device pixels from which on the picture is drawn beside the film, not before it."""
MANY = 12
"""Beyond so many waiting rectangles, one around all of them costs less."""


class Frame:
    """The picture and the film over it, composed for one viewport."""

    def __init__(self, view: Viewport, overlay: Overlay) -> None:
        self.picture: Picture | None = None
        self.side: Side = "all"
        """What the film shows, but for a curtain."""
        self._curtain: int | None = None
        self.view = view
        self._overlay = overlay
        self._screen: Screen = np.zeros((1, 1, 4), np.uint8)
        self._film: Film = np.zeros((1, 1), np.uint32)
        self._spare_screen, self._spare_film = self._screen.copy(), self._film.copy()
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="picture")
        self._drawn_at: tuple[float, int, int, int, int] | None = None
        self._stale_picture: list[Rect] = []
        self._arrived: list[Rect] = []
        self._stale_film: list[Rect] = []
        """Counted from the picture's corner, so that they stay right while the view pans."""

    def expire(self) -> None:
        """Draw everything anew when next shown."""
        self._drawn_at = None

    def expire_picture(self, region: Rect) -> None:
        """Draw the picture anew in `region`, device pixels: more of it is known."""
        self._arrived.append(moved(region, -self.view.top, -self.view.left))

    def expire_film(self, region: Rect | None = None) -> None:
        """Draw the film anew in `region`, device pixels, or everywhere."""
        self._stale_film.append(moved(region or self.view.bounds, -self.view.top, -self.view.left))

    @property
    def curtain(self) -> int | None:
        """The device column that parts the labels from the prediction at its right; None while there is no curtain."""
        return self._curtain

    def hang(self, curtain: int | None) -> Rect:
        """Put the curtain at a device column, or take it away; returns what is to be shown anew, device pixels."""
        before, self._curtain = self._curtain, curtain
        region = self.view.bounds
        if before is not None and curtain is not None:
            region = Rect(0, min(before, curtain), region.bottom, max(before, curtain)).intersect(region)
        if not region.empty:
            self.expire_film(region)
        return region

    def draw(self, painter: QPainter, region: Rect, surround: QColor) -> None:
        """Bring the frame up to date and draw `region` of it with a painter that counts device pixels."""
        inside = region.intersect(self.view.image_rect) if self.picture is not None else Rect(0, 0, 0, 0)
        for rest in around(region, inside):
            painter.fillRect(rest.left, rest.top, rest.width, rest.height, surround)
        if inside.empty:
            return
        self._update()
        picture = as_image(self._screen, QImage.Format.Format_RGB32)
        film = as_image(self._film, QImage.Format.Format_ARGB32_Premultiplied)
        for image in (picture, film):
            painter.drawImage(inside.left, inside.top, image, inside.left, inside.top, inside.width, inside.height)

    def drawn_in(self, view: Viewport, surround: QColor) -> QImage:
        """Picture and film in another viewport, as an image of its own."""
        whole = QImage(view.width, view.height, QImage.Format.Format_RGB32)
        whole.fill(surround)
        inside = view.image_rect
        if self.picture is None or inside.empty:
            return whole
        screen = np.empty((inside.height, inside.width, 4), np.uint8)
        film = np.empty((inside.height, inside.width), np.uint32)
        self.picture.paint(view, inside, screen)
        self._overlay.paint(view, inside, film)
        painter = QPainter(whole)
        painter.drawImage(inside.left, inside.top, as_image(screen, QImage.Format.Format_RGB32))
        painter.drawImage(inside.left, inside.top, as_image(film, QImage.Format.Format_ARGB32_Premultiplied))
        painter.end()
        return whole

    def _update(self) -> None:
        view = self.view
        now = (view.zoom, view.width, view.height, view.left, view.top)
        if now != self._drawn_at:
            self._follow(now)
        self._stale_picture += [moved(region, view.top, view.left) for region in self._arrived]
        pictures = few(self._stale_picture, view.image_rect)
        films = few([moved(region, view.top, view.left) for region in self._stale_film], view.image_rect)
        if sum(region.height * region.width for region in pictures) > WORTH_A_THREAD:
            painted = self._helper.submit(self._paint_pictures, pictures)
            self._paint_films(films)
            painted.result()
        else:
            self._paint_pictures(pictures)
            self._paint_films(films)
        self._stale_picture, self._stale_film, self._arrived = [], [], []

    def _follow(self, now: tuple[float, int, int, int, int]) -> None:
        """Shift what is drawn already where the view only moved; expire what cannot be reused."""
        before, self._drawn_at = self._drawn_at, now
        bounds = self.view.bounds
        if self._screen.shape[:2] != (bounds.height, bounds.width):
            self._resize(bounds)
            exposed = [bounds]
        elif before is not None and before[:3] == now[:3]:
            kept = self._shift(now[4] - before[4], now[3] - before[3])
            exposed = around(bounds, kept)
        else:
            exposed = [bounds]
        self._stale_picture += exposed
        for region in exposed if self._curtain is None else [bounds]:  # the curtain stays where it is
            self.expire_film(region)

    def _resize(self, bounds: Rect) -> None:
        self._screen = np.zeros((bounds.height, bounds.width, 4), np.uint8)
        self._film = np.zeros((bounds.height, bounds.width), np.uint32)
        self._spare_screen, self._spare_film = np.empty_like(self._screen), np.empty_like(self._film)

    def _shift(self, down: int, right: int) -> Rect:
        """Move both layers and return the rectangle that is still good."""
        bounds = self.view.bounds
        target = moved(bounds, down, right).intersect(bounds)
        if target.empty:
            return target
        source = moved(target, -down, -right)
        self._spare_screen[target.slices] = self._screen[source.slices]
        self._spare_film[target.slices] = self._film[source.slices]
        self._screen, self._spare_screen = self._spare_screen, self._screen
        self._film, self._spare_film = self._spare_film, self._film
        return target

    def _paint_pictures(self, regions: list[Rect]) -> None:
        if self.picture is None:
            return
        for region in regions:
            part = np.empty((region.height, region.width, 4), np.uint8)
            self.picture.paint(self.view, region, part)
            self._screen[region.slices] = part

    def _paint_films(self, regions: list[Rect]) -> None:
        for region in regions:
            for part, side in self._sides(region):
                self._overlay.paint(self.view, part, self._film[part.slices], side)

    def _sides(self, region: Rect) -> list[tuple[Rect, Side]]:
        if self._curtain is None:
            return [(region, self.side)]
        middle = min(max(region.left, self._curtain), region.right)
        left, right = region._replace(right=middle), region._replace(left=middle)
        sides: list[tuple[Rect, Side]] = [(left, "labels"), (right, "prediction")]
        return [(part, side) for part, side in sides if not part.empty]


def moved(rect: Rect, down: int, right: int) -> Rect:
    return Rect(rect.top + down, rect.left + right, rect.bottom + down, rect.right + right)


def few(regions: list[Rect], bounds: Rect) -> list[Rect]:
    """The regions inside `bounds`; one around them all where they are many or mostly overlap."""
    inside = [part for region in regions if not (part := region.intersect(bounds)).empty]
    if len(inside) < 2:
        return inside
    whole = inside[0]
    for region in inside[1:]:
        whole = whole.unite(region)
    apart = sum(r.height * r.width for r in inside)
    return [whole] if len(inside) > MANY or apart >= whole.height * whole.width else inside


def around(outer: Rect, inner: Rect) -> list[Rect]:
    """Up to four rectangles that make up `outer` without `inner`, which lies inside it."""
    if inner.empty:
        return [] if outer.empty else [outer]
    parts = (
        Rect(outer.top, outer.left, inner.top, outer.right),
        Rect(inner.bottom, outer.left, outer.bottom, outer.right),
        Rect(inner.top, outer.left, inner.bottom, inner.left),
        Rect(inner.top, inner.right, inner.bottom, outer.right),
    )
    return [part for part in parts if not part.empty]


def as_image(array: npt.NDArray[np.generic], kind: QImage.Format) -> QImage:
    """A QImage over an array's own memory; the array must outlive it."""
    return QImage(array.data, array.shape[1], array.shape[0], array.strides[0], kind)
