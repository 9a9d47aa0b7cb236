"""Light on cloth: blurs, smooth noise, and the light a height map catches. Arrays are float32 (rows, columns)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]
#: How much of the light comes from the left and from above.
LIGHT = (0.62, 0.72)


def _box(plane: Plane, radius: int, axis: int) -> Plane:
    width = 2 * radius + 1
    pad = [(0, 0), (0, 0)]
    pad[axis] = (radius + 1, radius)
    # float64 sums: in float32 a running sum over a thousand cells loses the small slopes the light is made of.
    total = np.cumsum(np.pad(plane, pad, mode="edge"), axis=axis, dtype=np.float64)
    upper, lower = (total[width:], total[:-width]) if axis == 0 else (total[:, width:], total[:, :-width])
    return ((upper - lower) / width).astype(np.float32)


def blur(plane: Plane, radius: float, passes: int = 3) -> Plane:
    """Return the plane blurred as by a Gaussian of about ``radius`` cells; beyond its border it goes on unchanged."""
    cells = round(radius * 0.85)
    if cells < 1:
        return plane
    for _ in range(passes):
        plane = _box(_box(plane, cells, 0), cells, 1)
    return plane


def resized(plane: Plane, width: int, height: int) -> Plane:
    """Return the plane at another size, smoothly."""
    if (height, width) == plane.shape:
        return plane
    return np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR), np.float32)


def noise(
    seed: int, cell: float, window: tuple[float, float, float, float], size: tuple[int, int], *, stretch: float = 1.0
) -> Plane:
    """Return smooth noise of about -1…1 for a window (left, top, right, bottom) of the photo, the same at every zoom.

    ``stretch`` above 1 draws the hills out downwards, as cloth hangs.
    """
    left, top, right, bottom = window
    columns, rows = int(900 / cell) + 4, int(1100 / (cell * stretch)) + 4
    grid = np.random.default_rng(seed).uniform(-1, 1, (rows, columns)).astype(np.float32)
    # The grid starts 150 units beyond the photo's border, so that no window reaches out of it.
    box = [
        (value + 150) / (cell * factor) + 1
        for value, factor in ((left, 1), (top, stretch), (right, 1), (bottom, stretch))
    ]
    limits = (columns, rows, columns, rows)
    clipped = [min(max(value, 0), limit) for value, limit in zip(box, limits, strict=True)]
    picture = Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC, box=(*clipped,))  # type: ignore[arg-type]
    return np.asarray(picture, np.float32)


def dome(mask: Plane, radius: float) -> tuple[Plane, Plane]:
    """Return the height (cells) of a shape puffed up from its edge, and how far inside each spot is (0…1).

    Mostly sideways: cloth rolls off at its sides, but ends flat at a hem. A narrow roll runs along every edge.
    """
    across = mask
    cells = max(1, round(radius * 0.85))
    for _ in range(3):
        across = _box(across, cells, 1)
    wide, narrow = np.clip(across * 2 - 1, 0, 1), np.clip(blur(mask, radius * 0.28) * 2 - 1, 0, 1)
    height = np.sqrt(wide * (2 - wide)) * np.float32(radius * 0.75) + np.sqrt(narrow * (2 - narrow)) * np.float32(
        radius * 0.12
    )
    return height, 0.5 * wide + 0.5 * narrow


def slopes(height: Plane) -> Plane:
    """Return how much each spot faces the light: about -1 (turned away) to 1."""
    down, across = np.gradient(height)
    return np.asarray(np.tanh(LIGHT[0] * across + LIGHT[1] * down), np.float32)


def lit(colour: NDArray[np.float32], light: Plane, gloss: float) -> NDArray[np.float32]:
    """Return the colours (rows, columns, 3; 0…1) under a light of -1…1: shadows multiply, highlights screen."""
    # What turns away from the lamp still gets light back from the white sheet.
    dark = np.clip(-light, 0, 1)[..., None] * np.float32(0.8)
    bright = np.clip(light, 0, 1)[..., None]
    shaded = colour * (1 - dark)
    # A highlight takes a part of the cloth's own colour along; only gloss is white.
    glow = np.minimum(colour * 1.6 + 0.10, 1)
    shaded += (glow - shaded) * bright * 0.75
    if gloss:
        shaded += (1 - shaded) * (bright**2) * gloss
    return shaded
