"""Pictures drawn in memory for the tests."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

COLOURS = {
    "red": (200, 30, 30),
    "orange": (235, 130, 20),
    "yellow": (230, 210, 40),
    "green": (30, 150, 60),
    "teal": (20, 140, 150),
    "blue": (30, 60, 200),
    "purple": (120, 40, 160),
    "pink": (235, 120, 180),
    "brown": (110, 70, 40),
    "black": (20, 20, 20),
    "grey": (128, 128, 128),
    "white": (245, 245, 245),
}


def picture(colour: str | tuple[int, int, int] = "red", size: tuple[int, int] = (60, 80)) -> Image.Image:
    """Return a plain picture of one colour, RGB."""
    return Image.new("RGB", size, COLOURS[colour] if isinstance(colour, str) else colour)


def encoded(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:  # noqa: A002
    """Return the picture as file bytes."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def photo(colour: str | tuple[int, int, int] = "red", size: tuple[int, int] = (60, 80), format: str = "JPEG") -> bytes:  # noqa: A002
    """Return a one-colour photo as file bytes."""
    return encoded(picture(colour, size), format)


def shirt(colour: str, size: tuple[int, int] = (300, 400)) -> Image.Image:
    """Return a rough T-shirt of one colour on white: something for the real network to look at."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    w, h = size
    outline = [(0.3, 0.15), (0.7, 0.15), (0.95, 0.35), (0.82, 0.48), (0.72, 0.4), (0.72, 0.88), (0.28, 0.88)]
    outline += [(0.28, 0.4), (0.18, 0.48), (0.05, 0.35)]
    draw.polygon([(x * w, y * h) for x, y in outline], fill=COLOURS[colour])
    return image
