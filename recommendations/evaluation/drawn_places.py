"""Off-catalogue pictures of places: landscapes, rooms, cities, roads, and a table laid for dinner."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from recommendations.evaluation.drawing import Colour, Size, between, blended, colour, ellipse, fractal, gradient


def landscape(size: Size, draw: np.random.Generator) -> Image.Image:
    """Sky, hills one behind the other, perhaps a lake, a sun and trees."""
    width, height = size
    evening = draw.random() < 0.35
    top, low = ((80, 60, 120), (250, 170, 100)) if evening else ((70, 130, 210), (200, 225, 245))
    image = blended(gradient(size, np.pi / 2), top, low)
    pen = ImageDraw.Draw(image)
    radius = width * draw.uniform(0.03, 0.07)
    ellipse(pen, draw.uniform(0.1, 0.9) * width, draw.uniform(0.08, 0.3) * height, radius, radius, (255, 245, 200))
    green = (int(draw.integers(40, 120)), int(draw.integers(80, 140)), int(draw.integers(30, 90)))
    layers = int(draw.integers(3, 7))
    for layer in range(layers):
        rough = np.interp(np.linspace(0, 1, width), np.linspace(0, 1, 40), np.cumsum(draw.normal(0, 0.012, 40)))
        wave = draw.uniform(0.02, 0.08) * np.sin(np.linspace(0, draw.uniform(3, 9), width) + draw.uniform(0, 6))
        line = (0.4 + 0.55 * layer / layers + rough + wave) * height
        near = (layer + 1) / layers
        paint = between(low, between(green, (0, 0, 0), 0.3 * near), 0.25 + 0.75 * near)
        pen.polygon([(0, height), *zip(range(width), line, strict=True), (width, height)], fill=paint)
        for _ in range(int(draw.integers(0, 14)) if near > 0.5 else 0):
            x = int(draw.integers(width))
            tall = height * 0.12 * near * draw.uniform(0.5, 1.2)
            leaf = between(paint, (0, 20, 0), 0.4)
            pen.polygon([(x, line[x] - tall), (x - tall / 4, line[x] + 3), (x + tall / 4, line[x] + 3)], fill=leaf)
    if draw.random() < 0.4:
        shore = height * draw.uniform(0.78, 0.9)
        pen.rectangle((0, shore, width, height), fill=between(low, (30, 70, 110), 0.6))
    return _textured(image, draw, 0.25)


def interior(size: Size, draw: np.random.Generator) -> Image.Image:
    """A room in perspective: walls, floor, window, door, furniture of boxes, a lamp."""
    width, height = size
    wall = colour(draw, 140, 245, grey=0.7)
    back = (width * draw.uniform(0.15, 0.35), height * draw.uniform(0.12, 0.3))
    box = (*back, width * draw.uniform(0.65, 0.85), height * draw.uniform(0.55, 0.75))
    left, top, right, low = box
    image = Image.new("RGB", size, wall)
    pen = ImageDraw.Draw(image)
    floor, ceiling = colour(draw, 60, 190, grey=0.6), between(wall, (255, 255, 255), 0.6)
    pen.polygon([(0, 0), (width, 0), (right, top), (left, top)], fill=ceiling)
    pen.polygon([(0, height), (width, height), (right, low), (left, low)], fill=floor)
    pen.polygon([(0, 0), (left, top), (left, low), (0, height)], fill=between(wall, (0, 0, 0), 0.15))
    pen.polygon([(width, 0), (right, top), (right, low), (width, height)], fill=between(wall, (0, 0, 0), 0.25))
    for n in range(9):
        x, x2 = width * (n / 8 * 2 - 0.5), left + (right - left) * n / 8
        pen.line((x, height, x2, low), fill=between(floor, (0, 0, 0), 0.3))
    w, h = right - left, low - top
    x, y = left + draw.uniform(0.1, 0.5) * w, top + 0.15 * h
    pen.rectangle((x, y, x + 0.35 * w, y + 0.5 * h), fill=(190, 220, 245), outline=(250, 250, 250), width=4)
    pen.line((x + 0.175 * w, y, x + 0.175 * w, y + 0.5 * h), fill=(250, 250, 250), width=3)
    for _ in range(int(draw.integers(2, 6))):
        x, y = draw.uniform(0, 0.8) * width, draw.uniform(low / height, 0.95) * height
        wide, tall = draw.uniform((0.12, 0.1), (0.4, 0.4)) * (width, height)
        _box(pen, x, y, wide, tall, colour(draw, 30, 230, grey=0.3))
    x = draw.uniform(0.2, 0.8) * width
    pen.line((x, 0, x, 0.15 * height), fill=(40, 40, 40), width=2)
    pen.polygon([(x - 20, 0.22 * height), (x + 20, 0.22 * height), (x, 0.14 * height)], fill=(250, 230, 170))
    return _textured(image, draw, 0.15)


def city(size: Size, draw: np.random.Generator) -> Image.Image:
    """A row of houses or towers with lit windows, by day or night."""
    width, height = size
    night = draw.random() < 0.4
    sky = ((10, 12, 35), (50, 40, 70)) if night else ((120, 165, 215), (225, 230, 235))
    image = blended(gradient(size, np.pi / 2), *sky)
    pen = ImageDraw.Draw(image)
    for layer in range(3):
        x = -0.05 * width
        while x < width:
            w, h = draw.uniform(0.07, 0.2) * width, height * draw.uniform(0.2, 0.75) * (1 - 0.15 * layer)
            house = between(colour(draw, 60, 220, grey=0.7), sky[0], 0.6 if night else 0.35 - 0.15 * layer)
            pen.rectangle((x, height - h, x + w, height), fill=house, outline=between(house, (0, 0, 0), 0.3))
            columns, rows = max(2, int(w / width * 40)), max(3, int(h / height * 30))
            for i in range(columns):
                for j in range(rows):
                    lit = draw.random() < (0.4 if night else 0.15)
                    pane = (250, 220, 130) if lit else between(house, (20, 30, 50), 0.6)
                    a, b = x + w * (i + 0.25) / columns, height - h + h * (j + 0.25) / rows
                    pen.rectangle((a, b, a + 0.5 * w / columns, b + 0.5 * h / rows), fill=pane)
            x += w * draw.uniform(0.9, 1.3)
    return _textured(image, draw, 0.15)


def road(size: Size, draw: np.random.Generator) -> Image.Image:
    """A road to the horizon, cars on it, trees or posts along it."""
    width, height = size
    horizon, vanish = height * draw.uniform(0.35, 0.55), width * draw.uniform(0.35, 0.65)
    image = blended(gradient(size, np.pi / 2), (110, 160, 215), (225, 230, 235))
    pen = ImageDraw.Draw(image)
    field = colour(draw, 50, 180, grey=0.3)
    pen.rectangle((0, horizon, width, height), fill=field)
    edges = width * draw.uniform(-0.2, 0.1), width * draw.uniform(0.9, 1.2)
    pen.polygon(
        [(vanish - 3, horizon), (vanish + 3, horizon), (edges[1], height), (edges[0], height)], fill=(85, 85, 90)
    )
    for n in range(12):
        near, far = (n / 12) ** 2, ((n + 0.5) / 12) ** 2
        middle = sum(edges) / 2
        points = [
            (vanish + (middle - vanish) * t + side * 0.012 * width * t, horizon + (height - horizon) * t)
            for t, side in ((near, -1), (near, 1), (far, 1), (far, -1))
        ]
        pen.polygon(points, fill=(240, 240, 235))
    for n in range(10):
        t = ((n + 1) / 10) ** 2
        for edge in edges:
            x, y = vanish + (edge - vanish) * 1.15 * t, horizon + (height - horizon) * t
            tall = height * 0.5 * t
            pen.line((x, y, x, y - tall), fill=(70, 50, 35), width=max(1, int(8 * t)))
            ellipse(pen, x, y - tall, tall * 0.3, tall * 0.4, between((40, 90, 40), field, 0.3))
    for _ in range(int(draw.integers(1, 4))):
        t = draw.uniform(0.15, 0.75)
        x = vanish + (edges[draw.integers(2)] - vanish) * 0.5 * t
        y, w = horizon + (height - horizon) * t, width * 0.35 * t
        paint = colour(draw, 20, 240, grey=0.2)
        pen.rounded_rectangle((x - w / 2, y - w * 0.45, x + w / 2, y), radius=w / 8, fill=paint)
        pen.rounded_rectangle(
            (x - w * 0.38, y - w * 0.8, x + w * 0.38, y - w * 0.35), radius=w / 8, fill=between(paint, (0, 0, 0), 0.3)
        )
        pen.rectangle((x - w * 0.3, y - w * 0.72, x + w * 0.3, y - w * 0.45), fill=(150, 185, 205))
        for side in (-0.33, 0.33):
            ellipse(pen, x + side * w, y, w * 0.1, w * 0.12, (20, 20, 20))
    return _textured(image, draw, 0.2)


def plate(size: Size, draw: np.random.Generator) -> Image.Image:
    """A dinner from above: a plate on a table, food in heaps."""
    width, height = size
    table = blended(fractal(draw, size, coarsest=8), colour(draw, 40, 120, grey=0.4), colour(draw, 100, 210, grey=0.4))
    pen = ImageDraw.Draw(table)
    x, y, radius = width * draw.uniform(0.4, 0.6), height * draw.uniform(0.4, 0.6), min(size) * draw.uniform(0.34, 0.48)
    china = colour(draw, 190, 255, grey=0.8)
    ellipse(pen, x + radius * 0.04, y + radius * 0.06, radius, radius, (30, 25, 20))
    ellipse(pen, x, y, radius, radius, china)
    ellipse(pen, x, y, radius * 0.72, radius * 0.72, between(china, (0, 0, 0), 0.07))
    foods: list[Colour] = [
        (200, 70, 40),
        (90, 150, 50),
        (235, 200, 110),
        (120, 70, 35),
        (245, 235, 215),
        (240, 160, 40),
    ]
    for _ in range(int(draw.integers(3, 6))):
        food = foods[draw.integers(len(foods))]
        turn, away = draw.uniform(0, 2 * np.pi), draw.uniform(0.1, 0.45) * radius
        cx, cy = x + away * np.cos(turn), y + away * np.sin(turn)
        piece = draw.uniform(0.03, 0.16)
        for _ in range(int(draw.integers(12, 60))):
            dx, dy = draw.normal(0, 0.11 * radius, 2)
            shade = between(food, (255, 255, 255) if draw.random() < 0.3 else (0, 0, 0), draw.uniform(0, 0.35))
            rx, ry = draw.uniform(0.4, 1, 2) * piece * radius
            ellipse(pen, cx + dx, cy + dy, rx, ry, shade)
    return _textured(table.filter(ImageFilter.SMOOTH), draw, 0.2)


def _box(pen: ImageDraw.ImageDraw, x: float, y: float, w: float, h: float, paint: Colour) -> None:  # noqa: PLR0917
    """A cupboard or a sofa: front, side and top; (x, y) is its lower left."""
    deep = 0.25 * w
    pen.rectangle((x, y - h, x + w, y), fill=paint)
    pen.polygon(
        [(x + w, y - h), (x + w + deep, y - h - deep / 2), (x + w + deep, y - deep / 2), (x + w, y)],
        fill=between(paint, (0, 0, 0), 0.35),
    )
    pen.polygon(
        [(x, y - h), (x + deep, y - h - deep / 2), (x + w + deep, y - h - deep / 2), (x + w, y - h)],
        fill=between(paint, (255, 255, 255), 0.3),
    )
    for n in range(1, 3):
        pen.line((x, y - h * n / 3, x + w, y - h * n / 3), fill=between(paint, (0, 0, 0), 0.4))


def _textured(image: Image.Image, draw: np.random.Generator, strength: float) -> Image.Image:
    """With the unevenness real surfaces have."""
    field = 1 + strength * (fractal(draw, image.size, coarsest=10) - 0.5)
    return Image.fromarray((np.asarray(image, float) * field[..., None]).clip(0, 255).astype(np.uint8))
