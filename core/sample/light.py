"""Sun, haze and the camera: from colour and height to the picture."""

import cv2
import numpy as np
import numpy.typing as npt

from core.sample.scene import OVERSAMPLING, Field, Labels, Scene, noise

SUN = np.array([-0.50, -0.55, 0.67], np.float32)
"""Where the light comes from, (x, y, up): high in the north-west."""
SHADE = np.array([0.47, 0.53, 0.66], np.float32)
"""What is left of red, green and blue in the shade: the sky's blue light."""


def photograph(scene: Scene) -> tuple[npt.NDArray[np.uint8], Labels]:
    """(h, w, 3) RGB picture and (h, w) labels at the shipped size."""
    lit = scene.color * _facing(scene.height)[..., None]
    shadow = _shadow(scene.height)[..., None]
    lit = lit * (1 - shadow + shadow * SHADE)
    height, width = scene.shape
    size = width // OVERSAMPLING, height // OVERSAMPLING
    small = np.asarray(cv2.resize(lit, size, interpolation=cv2.INTER_AREA), np.float32)
    return _develop(scene, small), shrink_labels(scene.labels)


def shrink_labels(labels: Labels) -> Labels:
    """Each shipped pixel takes the class most of its drawn pixels have; the lower id where they tie."""
    votes = [
        cv2.resize(
            (labels == c).astype(np.float32),
            None,
            fx=1 / OVERSAMPLING,
            fy=1 / OVERSAMPLING,
            interpolation=cv2.INTER_AREA,
        )
        for c in range(7)
    ]
    return np.asarray(np.argmax(np.stack(votes), axis=0), np.uint8)


def _facing(height: Field) -> Field:
    """(H, W) how much each slope is turned to the sun, 1 for level ground."""
    smooth = cv2.GaussianBlur(height, (0, 0), 0.9)
    dy, dx = np.gradient(smooth)
    facing = (-dx * SUN[0] - dy * SUN[1] + SUN[2]) / np.sqrt(dx**2 + dy**2 + 1) / SUN[2]
    return np.asarray(0.42 + 0.58 * np.clip(facing, 0, 1.55), np.float32)


def _shadow(height: Field) -> Field:
    """(H, W) 0 in the sun to 1 in the shade: walk towards the sun and look whether something stands above."""
    shade = np.zeros(height.shape, np.float32)
    flat = float(np.hypot(SUN[0], SUN[1]))
    for step in range(1, 30):
        dx, dy = SUN[0] / flat * step, SUN[1] / flat * step
        move = np.array([[1, 0, -dx], [0, 1, -dy]], np.float32)
        there = cv2.warpAffine(height, move, (height.shape[1], height.shape[0]), borderMode=cv2.BORDER_REPLICATE)
        above = there - height - step * (SUN[2] / flat)
        shade = np.maximum(shade, np.clip(above * 0.8, 0, 1))
    return np.asarray(cv2.GaussianBlur(shade, (0, 0), 1.1), np.float32)


def _develop(scene: Scene, picture: Field) -> npt.NDArray[np.uint8]:
    """Haze, a little contrast, the lens and the sensor's noise."""
    rng, shape = scene.rng, (picture.shape[0], picture.shape[1])
    cloud = 1 + 0.05 * noise(rng, shape, 220, 2)
    picture = picture * cloud[..., None]
    picture = picture * 0.93 + np.array([0.045, 0.052, 0.064], np.float32)
    blurred = np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.float32)
    picture = picture + 0.35 * (picture - blurred)
    grain = rng.normal(0, 0.010, (*shape, 1)) + rng.normal(0, 0.005, (*shape, 3))
    return np.asarray(np.clip((picture + grain) * 255 + 0.5, 0, 255), np.uint8)
