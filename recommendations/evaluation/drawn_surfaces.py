"""Off-catalogue pictures without a thing in them: noise, shades, tiles, leaves, sky, water."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recommendations.evaluation.drawing import Size, between, blended, colour, ellipse, fractal, gradient


def noise(size: Size, draw: np.random.Generator) -> Image.Image:
    """White noise, noise of one colour, or blotches."""
    width, height = size
    kind = draw.integers(4)
    if kind == 0:
        return Image.fromarray(draw.integers(0, 256, (height, width, 3), np.uint8))
    if kind == 1:
        return Image.fromarray(draw.integers(0, 256, (height, width), np.uint8)).convert("RGB")
    if kind == 2:
        small = draw.integers(0, 256, (max(2, height // 12), max(2, width // 12), 3), np.uint8)
        return Image.fromarray(small).resize(size, Image.Resampling.NEAREST)
    channels = [fractal(draw, size, coarsest=draw.uniform(3, 30)) for _ in range(3)]
    return Image.fromarray((np.stack(channels, axis=2) * 255).astype(np.uint8))


def shades(size: Size, draw: np.random.Generator) -> Image.Image:
    """A plain colour, a gradient, or rings of colour."""
    colours = [colour(draw, grey=0.3) for _ in range(draw.integers(1, 5))]
    width, height = size
    if draw.random() < 0.6:
        return blended(gradient(size, draw.uniform(0, 2 * np.pi)), *colours)
    rows, columns = np.mgrid[0:height, 0:width]
    x, y = draw.uniform(0, width), draw.uniform(0, height)
    return blended(np.hypot(columns - x, rows - y) / max(size) / 1.2, *colours)


def tiles(size: Size, draw: np.random.Generator) -> Image.Image:
    """A wall or floor of bricks, squares or hexagons, near or far."""
    width, height = size
    mortar, clay = colour(draw, 60, 230, grey=0.8), colour(draw, 60, 240, grey=0.4)
    image = Image.new("RGB", size, mortar)
    pen = ImageDraw.Draw(image)
    w = max(size) / draw.uniform(4, 16)
    h, gap = w * draw.choice([0.4, 0.5, 1.0]), max(1.0, w * 0.05)
    for row in range(int(height / h) + 2):
        for column in range(-1, int(width / w) + 2):
            x, y = column * w + (row % 2) * w / 2, row * h
            paint = between(clay, colour(draw, 0, 255, grey=0.7), draw.uniform(0, 0.25))
            pen.rectangle((x + gap, y + gap, x + max(gap + 1, w - gap), y + max(gap + 1, h - gap)), fill=paint)
    worn = 0.8 + 0.3 * fractal(draw, size, coarsest=6)
    return Image.fromarray((np.asarray(image, float) * worn[..., None]).clip(0, 255).astype(np.uint8))


def foliage(size: Size, draw: np.random.Generator) -> Image.Image:
    """Branches that branch, leaves at their ends, before sky or shade."""
    dark = (int(draw.integers(10, 60)), int(draw.integers(50, 110)), int(draw.integers(10, 60)))
    light = between(dark, (225, 220, 120), 0.6)
    image = blended(fractal(draw, size), between(dark, (0, 0, 0), 0.5), colour(draw, 120, 240, grey=0.5))
    pen = ImageDraw.Draw(image)

    def branch(x: float, y: float, angle: float, length: float, depth: int) -> None:
        x2, y2 = x + length * np.cos(angle), y + length * np.sin(angle)
        pen.line((x, y, x2, y2), fill=(70, 50, 30), width=max(1, depth))
        if depth == 0 or length < 3:
            for _ in range(3):
                leaf = between(dark, light, draw.random())
                at = draw.normal(0, max(size) * 0.01, 2)
                rx, ry = draw.uniform(0.004, 0.016, 2) * max(size)
                ellipse(pen, x2 + at[0], y2 + at[1], rx, ry, leaf)
            return
        for _ in range(draw.integers(2, 4)):
            branch(x2, y2, angle + draw.normal(0, 0.5), length * draw.uniform(0.6, 0.85), depth - 1)

    for _ in range(draw.integers(2, 5)):
        branch(
            draw.uniform(0, size[0]), size[1], -np.pi / 2 + draw.normal(0, 0.25), size[1] * draw.uniform(0.15, 0.3), 6
        )
    return image.filter(ImageFilter.SMOOTH)


def sky(size: Size, draw: np.random.Generator) -> Image.Image:
    """Clouds by day or evening, or stars."""
    if draw.random() < 0.3:
        image = blended(fractal(draw, size) ** 3, (5, 5, 20), (10, 15, 45), colour(draw, 40, 130, grey=0.3))
        pen = ImageDraw.Draw(image)
        for _ in range(draw.integers(80, 400)):
            radius = abs(draw.normal(0, 0.002)) * max(size)
            ellipse(pen, draw.uniform(0, size[0]), draw.uniform(0, size[1]), radius, radius, (240, 240, 230))
        return image
    top, low = ((50, 100, 180), (170, 200, 230)) if draw.random() < 0.6 else ((70, 60, 120), (245, 160, 90))
    ground = np.asarray(blended(gradient(size, np.pi / 2), top, low), float)
    clouds = np.clip(2.2 * fractal(draw, size, coarsest=draw.uniform(2, 5)) - draw.uniform(0.6, 1.4), 0, 1)[..., None]
    return Image.fromarray((ground * (1 - clouds) + np.array([250.0, 245, 240]) * clouds).astype(np.uint8))


def water(size: Size, draw: np.random.Generator) -> Image.Image:
    """Waves seen from above or towards the horizon."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width]
    depth = (rows + 0.15 * height) / height if draw.random() < 0.6 else np.ones((height, width))
    bend = fractal(draw, size, coarsest=4, octaves=4)
    phase = 2 * np.pi * (draw.uniform(6, 18) / depth + 3 * bend) + columns / width * draw.uniform(-4, 4)
    waves = 0.5 + 0.3 * np.sin(phase) + 0.35 * (fractal(draw, size, coarsest=20, octaves=3) - 0.5)
    deep = (int(draw.integers(0, 40)), int(draw.integers(50, 110)), int(draw.integers(80, 150)))
    return blended(waves, between(deep, (0, 0, 0), 0.4), deep, between(deep, (230, 245, 250), 0.75))
