"""What lies behind a product in a shopper's photo: floors, walls, covers, tables full of things."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recommendations.evaluation.drawing import (
    Size,
    between,
    blended,
    colour,
    ellipse,
    fractal,
    gradient,
    grainy,
)

#: Contrast that is left: a background is further away, in less light and out of focus.
CONTRAST = (0.2, 0.55)
#: Where more goes wrong besides.
GENTLE = (0.08, 0.25)


def clutter(size: Size, draw: np.random.Generator, contrast: tuple[float, float] = CONTRAST) -> Image.Image:
    """Return a background of one of six kinds, out of focus, unevenly lit."""
    kinds = (_boards, _carpet, _cover, _room, _things, _leaves)
    ground = kinds[draw.integers(len(kinds))](size, draw)
    ground = ground.filter(ImageFilter.GaussianBlur(max(size) * draw.uniform(0.005, 0.016)))
    pixels = np.asarray(ground, np.float64)
    mean = pixels.mean(axis=(0, 1))
    pixels = mean + draw.uniform(*contrast) * (pixels - mean)
    # Rooms are lighter than what stands in them, as a rule.
    pixels += draw.uniform(0.1, 0.5) * (255 - pixels)
    light = 0.75 + 0.4 * gradient(size, draw.uniform(0, 2 * np.pi))
    lit = Image.fromarray((pixels * light[..., None]).clip(0, 255).astype(np.uint8))
    return grainy(lit, draw, 3)


def _boards(size: Size, draw: np.random.Generator) -> Image.Image:
    """A floor of boards or tiles, turned any way."""
    side = round(1.5 * max(size))
    wood = colour(draw, 90, 220, grey=0.6)
    image = blended(fractal(draw, (side, side), coarsest=8), between(wood, (40, 25, 10), 0.25), wood)
    pen = ImageDraw.Draw(image)
    step, dark = side / draw.uniform(5, 14), between(wood, (0, 0, 0), 0.55)
    for n in range(int(side / step) + 1):
        pen.line((0, n * step, side, n * step), fill=dark, width=max(1, side // 220))
        for _ in range(2):
            x = draw.uniform(0, side)
            pen.line((x, n * step, x, (n + 1) * step), fill=dark, width=max(1, side // 220))
    return _middle(image.rotate(draw.uniform(0, 180), Image.Resampling.BILINEAR), size)


def _carpet(size: Size, draw: np.random.Generator) -> Image.Image:
    """A carpet or a towel: fine noise over coarse."""
    a, b, c = (colour(draw, 30, 230, grey=0.4) for _ in range(3))
    field = 0.5 * fractal(draw, size, coarsest=4) + 0.5 * fractal(draw, size, coarsest=40, octaves=3)
    return blended(field, a, b, c)


def _cover(size: Size, draw: np.random.Generator) -> Image.Image:
    """A bed cover: folds, perhaps stripes or checks that follow them."""
    a = colour(draw, 60, 240, grey=0.4)
    b = between(a, colour(draw, 0, 255, grey=0.2), 0.6)
    folds = fractal(draw, size, coarsest=2, octaves=4)
    way = gradient(size, draw.uniform(0, np.pi)) + 0.05 * folds
    stripes = (np.sin(way * draw.uniform(20, 90)) > draw.uniform(-0.3, 0.9)).astype(float)
    if draw.random() < 0.3:
        stripes *= 0
    cloth = np.asarray(blended(stripes, a, b), np.float64)
    return Image.fromarray((cloth * (0.55 + 0.55 * folds)[..., None]).clip(0, 255).astype(np.uint8))


def _room(size: Size, draw: np.random.Generator) -> Image.Image:
    """A wall, a floor, furniture before it."""
    width, height = size
    wall, floor = colour(draw, 110, 240, grey=0.6), colour(draw, 40, 200, grey=0.6)
    image = Image.new("RGB", size, wall)
    pen = ImageDraw.Draw(image)
    line = height * draw.uniform(0.5, 0.85)
    for _ in range(int(draw.integers(2, 7))):
        x, w, h = draw.uniform(-0.1, 0.9) * width, draw.uniform(0.1, 0.5) * width, draw.uniform(0.1, 0.7) * height
        y = line - h if draw.random() < 0.6 else draw.uniform(0, 0.5) * line
        paint = colour(draw, 20, 240, grey=0.3)
        pen.rectangle((x, y, x + w, y + h), fill=paint, outline=between(paint, (0, 0, 0), 0.5))
        for shelf in range(int(draw.integers(4))):
            at = y + h * (shelf + 1) / 4
            pen.line((x, at, x + w, at), fill=between(paint, (0, 0, 0), 0.4), width=max(1, width // 150))
    pen.rectangle((0, line, width, height), fill=floor)
    return image


def _things(size: Size, draw: np.random.Generator) -> Image.Image:
    """A table with things on it."""
    image = blended(fractal(draw, size), colour(draw, 60, 200, grey=0.5), colour(draw, 90, 240, grey=0.5))
    pen = ImageDraw.Draw(image)
    side = max(size)
    for _ in range(int(draw.integers(14, 40))):
        x, y = draw.uniform(0, size[0]), draw.uniform(0, size[1])
        rx, ry = draw.uniform(0.03, 0.16, 2) * side
        paint = colour(draw, 0, 255, grey=0.15)
        if draw.random() < 0.5:
            ellipse(pen, x, y, rx, ry, between(paint, (0, 0, 0), 0.4))
            ellipse(pen, x - rx * 0.08, y - ry * 0.08, rx * 0.9, ry * 0.9, paint)
        else:
            turn = draw.uniform(0, np.pi)
            corners = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
            c, s = np.cos(turn), np.sin(turn)
            pen.polygon([(x + rx * p * c - ry * q * s, y + rx * p * s + ry * q * c) for p, q in corners], fill=paint)
    return image


def _leaves(size: Size, draw: np.random.Generator) -> Image.Image:
    """A lawn or a hedge."""
    dark = (int(draw.integers(10, 50)), int(draw.integers(40, 80)), int(draw.integers(5, 40)))
    image = blended(fractal(draw, size, coarsest=6), dark, between(dark, (160, 190, 90), 0.5))
    pen = ImageDraw.Draw(image)
    side = max(size)
    for _ in range(260):
        x, y = draw.uniform(0, size[0]), draw.uniform(0, size[1])
        dx, dy = draw.normal(0, 0.03, 2) * side
        pen.line((x, y, x + dx, y + dy), fill=between(dark, (190, 220, 110), draw.random()), width=max(1, side // 80))
    return image


def _middle(image: Image.Image, size: Size) -> Image.Image:
    x, y = (image.width - size[0]) // 2, (image.height - size[1]) // 2
    return image.crop((x, y, x + size[0], y + size[1]))
