"""A catalogue photo changed as shoppers' photos differ from it. Pillow and NumPy only, the same for the same generator.

The recipe of the bundled weights: new background, rotation, scale, aspect, shift, perspective, mirror, light, white
balance, blur, noise, hidden parts, hard JPEG. No change of hue: colour is a signal.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

#: A pixel whose darkest channel is above this belongs to the white a product photo stands on.
NEAR_WHITE = 232


@dataclass(frozen=True)
class Augmentation:
    """How far and how often a view departs from its photo. Chances are per view; 0 everywhere changes nothing."""

    background: float = 0.45
    degrees: float = 22.0
    scale: tuple[float, float] = (0.6, 1.2)
    aspect: float = 0.13
    shift: float = 0.12
    perspective: float = 0.08
    flip: float = 0.5
    brightness: tuple[float, float] = (0.65, 1.3)
    contrast: tuple[float, float] = (0.7, 1.3)
    white_balance: float = 0.08
    blur: float = 0.25
    noise: float = 0.3
    erase: float = 0.25
    jpeg: float = 0.15

    def view(
        self, photo: Image.Image, size: int, draw: np.random.Generator, other: Image.Image | None = None
    ) -> NDArray[np.uint8]:
        """Return one changed view: uint8 (size, size, 3), RGB.

        Args:
            photo: RGB, a product on (near-)white.
            size: side of the square the network sees, in pixels.
            draw: where every choice comes from.
            other: another photo that may serve as clutter behind the product.
        """
        coefficients = self._warp(photo.size, size, draw)
        warped = photo.transform(
            (size, size), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=(255,) * 3
        )
        pixels = np.asarray(warped, np.float32)
        if draw.random() < self.background:
            pixels = _on_background(pixels, _background(size, draw, other))
        if draw.random() < self.erase:
            pixels = _erase(pixels, draw)
        pixels = self._light(pixels, draw)
        if draw.random() < self.noise:
            pixels = pixels + draw.normal(0, draw.uniform(2, 12), pixels.shape).astype(np.float32)
        view = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        if draw.random() < self.blur:
            view = view.filter(ImageFilter.GaussianBlur(draw.uniform(0.3, 1.0) * size / 80))
        if draw.random() < self.jpeg:
            view = _recompressed(view, int(draw.integers(30, 70)))
        return np.asarray(view)

    def _warp(self, photo: tuple[int, int], size: int, draw: np.random.Generator) -> tuple[float, ...]:
        """Return the eight numbers that take a point of the view to its point of the photo."""
        angle = np.deg2rad(draw.uniform(-self.degrees, self.degrees))
        # scale > 1 is a closer look. The photo's longer side fills the view at 1.
        zoom = max(photo) / size / np.exp(draw.uniform(*np.log(self.scale)))
        stretch = np.exp(draw.uniform(-self.aspect, self.aspect) / 2)
        mirror = -1.0 if draw.random() < self.flip else 1.0
        cos, sin = np.cos(angle), np.sin(angle)
        matrix = zoom * np.array([[mirror * stretch], [1 / stretch]]) * np.array([[cos, -sin], [sin, cos]])
        tilt = draw.uniform(-self.perspective, self.perspective, 2) / size
        away = draw.uniform(-self.shift, self.shift, 2) * max(photo)
        half = size / 2
        # Around the middle of the view: x' = (A (x - h)) / (1 + t (x - h)) + c, written out for Pillow.
        centre = np.array(photo) / 2 + away
        below = 1 - tilt @ [half, half]
        rows = matrix + np.outer(centre, tilt)
        constant = centre * below - matrix @ [half, half]
        return tuple(float(v) for v in (*rows[0], constant[0], *rows[1], constant[1], *tilt) / below)

    def _light(self, pixels: NDArray[np.float32], draw: np.random.Generator) -> NDArray[np.float32]:
        balance = draw.uniform(1 - self.white_balance, 1 + self.white_balance, 3)
        gain = draw.uniform(*self.brightness) * balance
        contrast = draw.uniform(*self.contrast)
        mean = pixels.mean()
        lit: NDArray[np.float32] = ((pixels - mean) * np.float32(contrast) + mean) * gain.astype(np.float32)
        return lit


def _background(size: int, draw: np.random.Generator, other: Image.Image | None) -> NDArray[np.float32]:
    """Return what may be behind a product: a colour, a gradient, rough patches, or a part of another photo."""
    kind = draw.integers(4)
    if kind == 0:
        return np.broadcast_to(draw.uniform(0, 255, 3).astype(np.float32), (size, size, 3))
    if kind == 1:
        corners = draw.uniform(0, 255, (2, 2, 3)).astype(np.uint8)
    elif kind == 2 or other is None:
        cells = int(draw.integers(3, 14))
        corners = np.clip(draw.uniform(0, 255, 3) + draw.normal(0, 45, (cells, cells, 3)), 0, 255).astype(np.uint8)
    else:
        width, height = other.size
        part = draw.uniform(0.3, 0.8)
        left, top = draw.uniform(0, 1 - part, 2)
        box = (left * width, top * height, (left + part) * width, (top + part) * height)
        return np.asarray(other.resize((size, size), Image.Resampling.BILINEAR, box=box), np.float32)
    smooth = Image.Resampling.BILINEAR if draw.random() < 0.7 else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(corners).resize((size, size), smooth), np.float32)


def _on_background(pixels: NDArray[np.float32], background: NDArray[np.float32]) -> NDArray[np.float32]:
    white = np.clip((pixels.min(axis=2, keepdims=True) - (NEAR_WHITE - 14)) / 14, 0, 1)
    mixed: NDArray[np.float32] = pixels * (1 - white) + background * white
    return mixed


def _erase(pixels: NDArray[np.float32], draw: np.random.Generator) -> NDArray[np.float32]:
    """Hide a rectangle, as a hand or another thing in front does."""
    size = pixels.shape[0]
    width, height = (draw.uniform(0.1, 0.4, 2) * size).astype(int)
    left, top = int(draw.integers(0, size - width)), int(draw.integers(0, size - height))
    pixels = pixels.copy()
    pixels[top : top + height, left : left + width] = draw.uniform(0, 255, 3)
    return pixels


def _recompressed(view: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    view.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")
