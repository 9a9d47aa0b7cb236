"""A catalogue photo changed as shoppers' photos differ from it. Pillow and NumPy only, the same for the same generator.

New background, rotation, scale, aspect, shift, perspective, mirror, light, white balance, hidden parts, the frame of a
screen, noise, blur, hard JPEG. No change of hue: colour is a signal. Products are cut out as for the photos an
evaluation asks with; all else is drawn by other code than those, so a network has not learned how they are drawn.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from recommendations.embedders.preprocessing import WHITE
from recommendations.evaluation.cut_out import cut_out

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Augmentation:
    """How far and how often a view departs from its photo. Chances are per view; 0 everywhere changes nothing."""

    background: float = 0.6
    beside: float = 0.4
    degrees: float = 22.0
    scale: tuple[float, float] = (0.6, 2.2)
    aspect: float = 0.13
    shift: float = 0.18
    perspective: float = 0.08
    flip: float = 0.5
    brightness: tuple[float, float] = (0.55, 1.3)
    contrast: tuple[float, float] = (0.7, 1.3)
    white_balance: float = 0.1
    side_light: float = 0.3
    blur: float = 0.25
    noise: float = 0.3
    erase: float = 0.3
    frame: float = 0.15
    narrow: float = 0.35
    jpeg: float = 0.15

    def view(
        self, photo: Image.Image, size: int, draw: np.random.Generator, other: Image.Image | None = None
    ) -> NDArray[np.uint8]:
        """Return one changed view: uint8 (size, size, 3), RGB.

        Args:
            photo: RGB, a product on a plain ground; one without is changed as a whole.
            size: side of the square the network sees, in pixels.
            draw: where every choice comes from.
            other: another photo that may serve as clutter behind the product.
        """
        coefficients = self._warp(photo.size, size, draw)
        # What is outside the photo is as its ground is.
        product = cut_out(photo).transform(
            (size, size), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=(*WHITE, 0)
        )
        ground = _background(size, draw, other) if draw.random() < self.background else None
        if ground is not None and other is not None and draw.random() < self.beside:
            ground = _laid_on(_another(other, size, draw), ground)
        pixels = _laid_on(product, ground)
        if draw.random() < self.erase:
            pixels = _erase(pixels, draw)
        pixels = self._light(pixels, draw)
        if draw.random() < self.frame:
            pixels = _framed(pixels, draw)
        elif draw.random() < self.narrow:
            pixels = _narrowed(pixels, draw)
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

    def _light(self, pixels: Pixels, draw: np.random.Generator) -> Pixels:
        balance = draw.uniform(1 - self.white_balance, 1 + self.white_balance, 3)
        gain = draw.uniform(*self.brightness) * balance
        contrast = draw.uniform(*self.contrast)
        mean = pixels.mean()
        lit: Pixels = ((pixels - mean) * np.float32(contrast) + mean) * gain.astype(np.float32)
        # Lighter on one side than on the other.
        way, far = draw.uniform(0, 2 * np.pi), draw.uniform(0, self.side_light)
        place = np.linspace(-far, far, len(pixels))
        shade = 1 + np.cos(way) * place[None, :] + np.sin(way) * place[:, None]
        shaded: Pixels = lit * shade[..., None].astype(np.float32)
        return shaded


def _background(size: int, draw: np.random.Generator, other: Image.Image | None) -> Pixels:
    """Return what may be behind a product: a colour, a gradient, rough patches, things, or a part of another photo."""
    kind = draw.integers(5)
    if kind == 0:
        return np.broadcast_to(draw.uniform(0, 255, 3).astype(np.float32), (size, size, 3))
    if kind == 1:
        ground = _grown(draw.uniform(0, 255, (2, 2, 3)), size, draw)
    elif kind == 2:
        cells = int(draw.integers(3, 14))
        ground = _grown(draw.uniform(0, 255, 3) + draw.normal(0, 45, (cells, cells, 3)), size, draw)
    elif kind == 3 or other is None:
        ground = _things(size, draw)
    else:
        width, height = other.size
        part = draw.uniform(0.3, 0.8)
        left, top = draw.uniform(0, 1 - part, 2)
        box = (left * width, top * height, (left + part) * width, (top + part) * height)
        ground = other.resize((size, size), Image.Resampling.BILINEAR, box=box)
    if draw.random() < 0.5:  # out of focus
        ground = ground.filter(ImageFilter.GaussianBlur(draw.uniform(0.5, 3) * size / 80))
    pixels = np.asarray(ground, np.float32)
    mean = pixels.mean(axis=(0, 1))
    flat: Pixels = (mean + draw.uniform(0.2, 1) * (pixels - mean)).astype(np.float32)
    return flat


def _another(other: Image.Image, size: int, draw: np.random.Generator) -> Image.Image:
    """Return another product (RGBA), wherever it may be in the view: what its wearer has on as well, or a shelf."""
    long = max(8, round(size * draw.uniform(0.5, 1.8)))
    cut = cut_out(other)
    width, height = (max(1, round(side * long / max(cut.size))) for side in cut.size)
    left, top = (round(place * size) for place in draw.uniform(-0.6, 0.9, 2))
    whole = Image.new("RGBA", (size, size), (*WHITE, 0))
    whole.paste(cut.resize((width, height), Image.Resampling.BICUBIC), (left, top))
    return whole


def _grown(colours: NDArray[np.float64], size: int, draw: np.random.Generator) -> Image.Image:
    """Return few pixels as a square of many, smoothly or as tiles."""
    smooth = Image.Resampling.BILINEAR if draw.random() < 0.7 else Image.Resampling.NEAREST
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8)).resize((size, size), smooth)


def _things(size: int, draw: np.random.Generator) -> Image.Image:
    """Return shapes of all colours on one, or stripes of a few."""
    ground = Image.new("RGB", (size, size), _colour(draw))
    pen = ImageDraw.Draw(ground)
    if draw.random() < 0.4:
        step, colours = draw.uniform(0.03, 0.25) * size, [_colour(draw) for _ in range(3)]
        slope = draw.uniform(-1, 1) * size
        for n, at in enumerate(np.arange(-size, 2 * size, step)):
            pen.line((at, 0, at + slope, size), fill=colours[n % 3], width=max(1, round(draw.uniform(0.2, 1) * step)))
        return ground.rotate(90) if draw.random() < 0.5 else ground
    for _ in range(int(draw.integers(4, 30))):
        width, height = draw.uniform(0.05, 0.5, 2) * size
        x, y = draw.uniform(-0.1, 1, 2) * size
        shape = pen.ellipse if draw.random() < 0.4 else pen.rectangle
        shape((x, y, x + width, y + height), fill=_colour(draw))
    return ground


def _colour(draw: np.random.Generator) -> tuple[int, int, int]:
    r, g, b = draw.integers(0, 256, 3).tolist()
    return r, g, b


def _laid_on(product: Image.Image, ground: Pixels | None) -> Pixels:
    """Return a product cut out (RGBA) on this ground, on white where there is none."""
    pixels = np.asarray(product, np.float32)
    opaque = pixels[..., 3:] / 255
    below = np.full_like(pixels[..., :3], 255) if ground is None else ground
    laid: Pixels = (pixels[..., :3] * opaque + (1 - opaque) * below).astype(np.float32)
    return laid


def _framed(pixels: Pixels, draw: np.random.Generator) -> Pixels:
    """Return the view as a part of a screen: bars above and below, perhaps at the sides, with print and a button."""
    size = len(pixels)
    wide = round(size * draw.uniform(0.6, 1))
    above, below = (draw.uniform(0.02, 0.14, 2) * size).astype(int).tolist()
    dark = draw.random() < 0.4
    paper, ink = draw.uniform(0, 40) if dark else draw.uniform(225, 255), 230 if dark else 40
    screen = Image.new("RGB", (wide, size), (int(paper),) * 3)
    pen = ImageDraw.Draw(screen)
    for top, tall in ((0, above), (size - below, below)):
        for _ in range(int(draw.integers(0, 4))):
            left, right = np.sort(draw.uniform(0, wide, 2))
            y, thick = top + draw.uniform(0.1, 0.7) * tall, max(1, draw.uniform(0.1, 0.5) * tall)
            pen.rectangle((left, y, right, y + thick), fill=(ink,) * 3 if draw.random() < 0.7 else _colour(draw))
    margin = int(draw.uniform(0, 0.06) * wide) if draw.random() < 0.5 else 0
    tall = size - above - below
    # The middle of the view, in the shape that is left.
    part = (size - size * (wide - 2 * margin) / max(tall, wide - 2 * margin)) / 2
    box = (part, 0, size - part, size)
    inner = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    screen.paste(inner.resize((wide - 2 * margin, tall), Image.Resampling.BILINEAR, box=box), (margin, above))
    whole = Image.new("RGB", (size, size), WHITE)
    whole.paste(screen, ((size - wide) // 2, 0))
    return np.asarray(whole, np.float32)


def _narrowed(pixels: Pixels, draw: np.random.Generator) -> Pixels:
    """Return a part of the view that is no square, white beside it, as photos that are none are served."""
    size = len(pixels)
    wide = round(size * draw.uniform(0.4, 0.95))
    left = (size - wide) // 2
    narrowed = np.full_like(pixels, 255)
    upright = draw.random() < 0.75
    part = (slice(None), slice(left, left + wide)) if upright else (slice(left, left + wide), slice(None))
    narrowed[part] = pixels[part]
    return narrowed


def _erase(pixels: Pixels, draw: np.random.Generator) -> Pixels:
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
