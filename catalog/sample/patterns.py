"""Printed and woven patterns, each as one tile that repeats."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

RGB = tuple[int, int, int]
Draw = Callable[[ImageDraw.ImageDraw, float, RGB, tuple[RGB, ...]], None]


def _mix(a: RGB, b: RGB, share: float) -> RGB:
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _bar(draw: ImageDraw.ImageDraw, k: float, box: tuple[float, float, float, float], colour: RGB) -> None:
    draw.rectangle((box[0] * k, box[1] * k, box[2] * k - 1, box[3] * k - 1), fill=colour)


def _stripes(draw: ImageDraw.ImageDraw, k: float, _base: RGB, accents: tuple[RGB, ...]) -> None:
    _bar(draw, k, (0, 8, 60, 17), accents[0])


def _pinstripes(draw: ImageDraw.ImageDraw, k: float, base: RGB, accents: tuple[RGB, ...]) -> None:
    _bar(draw, k, (6, 0, 8.2, 60), _mix(base, accents[0], 0.8))


def _gingham(draw: ImageDraw.ImageDraw, k: float, base: RGB, accents: tuple[RGB, ...]) -> None:
    half = _mix(base, accents[0], 0.55)
    draw.rectangle((0, 0, 22 * k, 22 * k), fill=accents[0])
    _bar(draw, k, (0, 0, 11, 22), half)
    _bar(draw, k, (0, 0, 22, 11), half)
    _bar(draw, k, (0, 0, 11, 11), base)


def _tartan(draw: ImageDraw.ImageDraw, k: float, base: RGB, accents: tuple[RGB, ...]) -> None:
    first, second = accents[0], accents[1 % len(accents)]
    lines = (
        (0, 22, first, 0.55),
        (30, 33, second, 0.8),
        (40, 52, _mix(base, (15, 15, 20), 0.6), 0.5),
        (58, 60, second, 0.6),
    )
    for start, stop, colour, share in lines:
        fill = (*colour, round(share * 158))
        draw.rectangle((0, start * k, 72 * k, stop * k), fill=fill)
        draw.rectangle((start * k, 0, stop * k, 72 * k), fill=fill)


def _windowpane(draw: ImageDraw.ImageDraw, k: float, base: RGB, accents: tuple[RGB, ...]) -> None:
    line = _mix(base, accents[0], 0.75)
    _bar(draw, k, (0, 10, 46, 12.4), line)
    _bar(draw, k, (10, 0, 12.4, 46), line)


def _dots(draw: ImageDraw.ImageDraw, k: float, _base: RGB, accents: tuple[RGB, ...]) -> None:
    for x, y in ((8, 8), (24, 24)):
        draw.ellipse(((x - 4.3) * k, (y - 4.3) * k, (x + 4.3) * k, (y + 4.3) * k), fill=accents[0])


def _petals(
    draw: ImageDraw.ImageDraw, k: float, at: tuple[float, float], *, reach: float, colour: RGB, turn: float
) -> None:
    for i in range(5):
        angle = turn + i * math.tau / 5
        cx, cy = at[0] + math.cos(angle) * reach * 0.62, at[1] + math.sin(angle) * reach * 0.62
        r = reach * 0.47
        for dx in (-110, 0, 110):
            for dy in (-110, 0, 110):
                box = ((cx - r + dx) * k, (cy - r + dy) * k, (cx + r + dx) * k, (cy + r + dy) * k)
                draw.ellipse(box, fill=colour)


def _leaf(
    draw: ImageDraw.ImageDraw, k: float, at: tuple[float, float], *, angle: float, size: float, colour: RGB
) -> None:
    tip = []
    for t in np.linspace(0, math.tau, 18):
        x, y = math.cos(t) * size, math.sin(t) * size * 0.34 * math.sin(t / 2)
        tip.append((x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)))
    for dx in (-110, 0, 110):
        for dy in (-110, 0, 110):
            draw.polygon([((at[0] + x + dx) * k, (at[1] + y + dy) * k) for x, y in tip], fill=colour)


def _floral(draw: ImageDraw.ImageDraw, k: float, base: RGB, accents: tuple[RGB, ...]) -> None:
    first, second = accents[0], accents[1 % len(accents)]
    third = accents[2 % len(accents)]
    blooms = (
        (24, 26, 15, first, 0.2),
        (78, 14, 10, second, 0.9),
        (60, 62, 16, first, 1.4),
        (14, 78, 11, second, 0.4),
        (96, 92, 13, third, 2.0),
    )
    for x, y, reach, _, turn in blooms:
        for side in (0.6, 2.2, 4.0):
            angle = turn + side
            at = (x + math.cos(angle) * reach * 1.25, y + math.sin(angle) * reach * 1.25)
            _leaf(draw, k, at, angle=angle, size=reach * 0.62, colour=_mix((70, 120, 74), base, 0.15))
    for x, y, reach, colour, turn in blooms:
        _petals(draw, k, (x, y), reach=reach, colour=colour, turn=turn)
        _petals(draw, k, (x, y), reach=reach * 0.62, colour=_mix(colour, (255, 255, 255), 0.28), turn=turn + 0.6)
        r = reach * 0.24
        draw.ellipse(((x - r) * k, (y - r) * k, (x + r) * k, (y + r) * k), fill=(238, 196, 84))
    for x, y in ((46, 8), (44, 96), (100, 44), (4, 50), (84, 40), (36, 54)):
        draw.ellipse(((x - 2) * k, (y - 2) * k, (x + 2) * k, (y + 2) * k), fill=second)


def _herringbone(draw: ImageDraw.ImageDraw, k: float, base: RGB, accents: tuple[RGB, ...]) -> None:
    tone = _mix(base, accents[0], 0.55)
    for y in np.arange(-16, 32, 4.0):
        draw.polygon([(p * k, q * k) for p, q in ((0, y), (8, y + 8), (8, y + 10), (0, y + 2))], fill=tone)
        draw.polygon([(p * k, q * k) for p, q in ((8, y + 8), (16, y), (16, y + 2), (8, y + 10))], fill=tone)


def _argyle(draw: ImageDraw.ImageDraw, k: float, base: RGB, accents: tuple[RGB, ...]) -> None:
    first, second = accents[0], accents[1 % len(accents)]
    w, h = 72, 104
    draw.polygon([(p * k, q * k) for p, q in ((w / 2, 0), (w, h / 2), (w / 2, h), (0, h / 2))], fill=first)
    line = _mix(second, base, 0.15)
    for dx in (-w / 2, w / 2):
        for a, b in (((0, 0), (w, h)), ((w, 0), (0, h))):
            for dy in (0,):
                points = [((a[0] + dx) * k, (a[1] + dy) * k), ((b[0] + dx) * k, (b[1] + dy) * k)]
                draw.line(points, fill=line, width=max(1, round(1.8 * k)))


def _houndstooth(draw: ImageDraw.ImageDraw, k: float, _base: RGB, accents: tuple[RGB, ...]) -> None:
    # Four dark threads and four light ones, both ways, in a 2/2 twill: that is what makes the teeth.
    s = 22 / 8
    for x in range(8):
        for y in range(8):
            if (x < 4) if (x + y) % 4 < 2 else (y < 4):
                _bar(draw, k, (x * s, y * s, (x + 1) * s, (y + 1) * s), accents[0])


def _camouflage(draw: ImageDraw.ImageDraw, k: float, base: RGB, _accents: tuple[RGB, ...]) -> None:
    rng = np.random.default_rng(11)
    size = round(150 * k)
    for i, share in enumerate((0.62, 0.66, 0.74)):
        grid = rng.uniform(0, 1, (10, 10)).astype(np.float32)
        wide = np.asarray(Image.fromarray(np.tile(grid, (3, 3))).resize((size * 3, size * 3), Image.Resampling.BICUBIC))
        spots = Image.fromarray(((wide[size : 2 * size, size : 2 * size] > share) * 255).astype(np.uint8))
        tone = (_mix(base, (20, 22, 16), 0.5), _mix(base, (220, 206, 160), 0.45), _mix(base, (92, 66, 40), 0.55))[i]
        draw.bitmap((0, 0), spots, fill=tone)


#: name: width and height of the tile in units, and its pen.
PATTERNS: dict[str, tuple[float, float, Draw]] = {
    "stripes": (60, 26, _stripes),
    "pinstripes": (14, 60, _pinstripes),
    "gingham": (22, 22, _gingham),
    "tartan": (72, 72, _tartan),
    "windowpane": (46, 46, _windowpane),
    "dots": (32, 32, _dots),
    "floral": (110, 110, _floral),
    "herringbone": (16, 16, _herringbone),
    "argyle": (72, 104, _argyle),
    "houndstooth": (22, 22, _houndstooth),
    "camouflage": (150, 150, _camouflage),
}


def pattern_tile(name: str, base: RGB, accents: tuple[RGB, ...], density: float) -> Image.Image:
    """Return one tile of a pattern, RGB, at ``density`` dots per unit; KeyError for an unknown pattern."""
    width, height, pen = PATTERNS[name]
    fine = 3 if density < 5 else 2
    k = density * fine
    picture = Image.new("RGB", (round(width * k), round(height * k)), base)
    pen(ImageDraw.Draw(picture, "RGBA"), k, base, accents or ((250, 250, 250),))
    small = (max(1, round(width * density)), max(1, round(height * density)))
    return picture.resize(small, Image.Resampling.BOX)
