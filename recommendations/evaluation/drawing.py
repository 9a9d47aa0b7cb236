"""What drawn pictures are made of: colours, fractal noise, masks. Every draw is from a numpy Generator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Size = tuple[int, int]
Colour = tuple[int, int, int]
Floats = NDArray[np.float64]


def colour(draw: np.random.Generator, low: int = 0, high: int = 255, grey: float = 0.5) -> Colour:
    """Return a random colour; ``grey`` of 1 takes all saturation from it."""
    drawn = draw.uniform(low, high, 3)
    r, g, b = (drawn * (1 - grey) + drawn.mean() * grey).astype(int).tolist()
    return r, g, b


def between(a: Colour, b: Colour, part: float) -> Colour:
    """Return the colour ``part`` of the way from a to b."""
    r, g, b_ = (round(x + (y - x) * part) for x, y in zip(a, b, strict=True))
    return r, g, b_


def fractal(
    draw: np.random.Generator, size: Size, *, coarsest: float = 3, octaves: int = 5, fall: float = 0.5
) -> Floats:
    """Return noise of several scales added up, float64 (height, width), 0 to 1.

    Args:
        coarsest: cells along the longer side in the first octave; each further has twice as many.
        fall: what an octave weighs of the one before.
    """
    width, height = size
    total = np.zeros((height, width))
    weight = 1.0
    for octave in range(octaves):
        cells = coarsest * 2**octave
        shape = [max(2, round(cells * side / max(size))) for side in (height, width)]
        grid = Image.fromarray(draw.random(shape).astype(np.float32))
        total += weight * np.asarray(grid.resize(size, Image.Resampling.BICUBIC), np.float64)
        weight *= fall
    low, high = np.quantile(total, (0.01, 0.99))
    stretched: Floats = np.clip((total - low) / max(high - low, 1e-9), 0, 1)
    return stretched


def blended(field: Floats, *colours: Colour) -> Image.Image:
    """Return the picture of a field of 0 to 1 in a ramp of colours."""
    steps = np.linspace(0, 1, len(colours))
    channels = [np.interp(field, steps, [c[i] for c in colours]) for i in range(3)]
    return Image.fromarray(np.stack(channels, axis=2).clip(0, 255).astype(np.uint8))


def gradient(size: Size, angle: float) -> Floats:
    """Return a field that grows from 0 to 1 in a direction (radians), float64 (height, width)."""
    width, height = size
    rows, columns = np.mgrid[0:height, 0:width]
    field = columns / width * np.cos(angle) + rows / height * np.sin(angle)
    field -= field.min()
    grown: Floats = field / max(field.max(), 1e-9)
    return grown


def grainy(image: Image.Image, draw: np.random.Generator, sigma: float) -> Image.Image:
    """Return the picture with noise of a camera."""
    pixels = np.asarray(image, np.float64)
    return Image.fromarray((pixels + draw.normal(0, sigma, pixels.shape)).clip(0, 255).astype(np.uint8))


def ellipse(draw: ImageDraw.ImageDraw, x: float, y: float, rx: float, ry: float, fill: Colour | int) -> None:  # noqa: PLR0917 (a place, a size)
    """Draw a filled ellipse around a point."""
    draw.ellipse((x - abs(rx), y - abs(ry), x + abs(rx), y + abs(ry)), fill=fill)


def words(draw: np.random.Generator, letters: int) -> str:
    """Return about so many letters of a language nobody speaks."""
    text = ""
    while len(text) < letters:
        syllables = draw.integers(1, 4)
        word = "".join(
            "bcdfghklmnprstvwz"[draw.integers(17)]
            + "aeiou"[draw.integers(5)]
            + "nrstl"[draw.integers(5)] * (draw.random() < 0.4)
            for _ in range(syllables)
        )
        text += (word.capitalize() if draw.random() < 0.12 else word) + (", " if draw.random() < 0.1 else " ")
    return text[:letters].strip()


def text_line(  # noqa: PLR0917 (a place, a size)
    pen: ImageDraw.ImageDraw, draw: np.random.Generator, x: float, y: float, width: float, size: float, ink: Colour
) -> None:
    """Draw a line of print that begins at (x, y) and ends before ``width``; ``size`` in pixels."""
    font = ImageFont.load_default(max(4.0, size))
    line = words(draw, max(1, round(width / (0.5 * size))))
    while line and pen.textlength(line, font) > width:
        line = line[: round(len(line) * 0.9) if len(line) > 10 else -1]
    pen.text((x, y), line, fill=ink, font=font)
