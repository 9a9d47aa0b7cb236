"""Weaves and surfaces, each as one tile of brightness that repeats: about -0.3…0.3, 0 for the bare colour."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from catalog.sample.shading import Plane

Weave = Callable[[Plane, Plane], Plane]


def _grain(size: tuple[int, int], density: float, cell: float, seed: int) -> Plane:
    """Return noise -1…1 that repeats seamlessly, its spots about ``cell`` units wide."""
    rows, columns = max(2, round(size[0] / density / cell)), max(2, round(size[1] / density / cell))
    grid = np.random.default_rng(seed).uniform(-1, 1, (rows, columns)).astype(np.float32)
    wide = Image.fromarray(np.tile(grid, (3, 3))).resize((size[1] * 3, size[0] * 3), Image.Resampling.BICUBIC)
    return np.asarray(wide, np.float32)[size[0] : size[0] * 2, size[1] : size[1] * 2]


def _knit(u: Plane, v: Plane) -> Plane:
    """Columns of V-shaped stitches, 7 units wide."""
    x = (u / 7) % 1 - 0.5
    slant = v / 6 - np.abs(x) * 1.5
    stitch = np.sqrt(np.abs(np.sin(np.pi * slant)))
    groove = np.exp(-((np.abs(x) - 0.5) ** 2) / 0.010) + 0.7 * np.exp(-(x**2) / 0.006)
    return np.asarray(0.20 * (stitch - 0.7) - 0.16 * groove + 0.02, np.float32)


def _rib(u: Plane, v: Plane) -> Plane:
    return np.asarray(0.15 * np.sin(2 * np.pi * u / 7) + 0.03 * np.sin(2 * np.pi * v / 4), np.float32)


def _cord(u: Plane, _v: Plane) -> Plane:
    return np.asarray(0.17 * np.sin(2 * np.pi * u / 6), np.float32)


def _twill(u: Plane, v: Plane) -> Plane:
    return np.asarray(0.055 * np.sin(2 * np.pi * (u + v) / 3.0), np.float32)


def _denim(u: Plane, v: Plane) -> Plane:
    return np.asarray(0.085 * np.sin(2 * np.pi * (u + v) / 2.4), np.float32)


def _canvas(u: Plane, v: Plane) -> Plane:
    return np.asarray(0.06 * np.sin(2 * np.pi * u / 2.4) * np.sin(2 * np.pi * v / 2.4), np.float32)


def _straw(u: Plane, v: Plane) -> Plane:
    over = np.sin(np.pi * u / 6) * np.sin(np.pi * v / 6)
    return np.asarray(0.16 * np.sign(over) * np.abs(over) ** 0.6 - 0.03, np.float32)


def _rows(u: Plane, v: Plane) -> Plane:
    return np.asarray(0.02 * np.sin(2 * np.pi * u / 1.5) + 0.012 * np.sin(2 * np.pi * v / 1.5), np.float32)


def _flat(u: Plane, v: Plane) -> Plane:
    return np.zeros(np.broadcast_shapes(u.shape, v.shape), np.float32)


#: name: its weave, and grain as (spot size, strength) pairs.
TEXTURES: dict[str, tuple[Weave, tuple[tuple[float, float], ...]]] = {
    "jersey": (_rows, ((0.8, 0.02), (9, 0.008))),
    "melange": (_flat, ((1.0, 0.10), (2.6, 0.06), (12, 0.02))),
    "knit": (_knit, ((1.0, 0.03), (10, 0.03))),
    "rib": (_rib, ((1.0, 0.03),)),
    "cord": (_cord, ((1.0, 0.04), (10, 0.02))),
    "twill": (_twill, ((1.0, 0.025), (10, 0.012))),
    "denim": (_denim, ((0.9, 0.07), (3.5, 0.05), (14, 0.05))),
    "canvas": (_canvas, ((1.0, 0.045), (8, 0.015))),
    "wool": (_flat, ((1.0, 0.075), (2.5, 0.06), (9, 0.04))),
    "suede": (_flat, ((1.0, 0.05), (7, 0.05), (20, 0.05))),
    "leather": (_flat, ((1.8, 0.045), (4.5, 0.03), (22, 0.03))),
    "straw": (_straw, ((1.0, 0.05), (8, 0.05))),
    "silk": (_flat, ((14, 0.012),)),
    "fleece": (_flat, ((1.6, 0.06), (4, 0.05))),
}
#: A tile's side in units: a multiple of every weave's period.
SIDE = 84.0


def texture_tile(name: str, density: float) -> Plane:
    """Return one tile of a surface at ``density`` dots per unit; raises KeyError for a surface it does not know."""
    weave, grains = TEXTURES[name]
    cells = max(8, round(SIDE * density))
    at = (np.arange(cells, dtype=np.float32) + 0.5) * np.float32(SIDE / cells)
    tile = np.array(weave(at[None, :], at[:, None]), np.float32)
    tile = np.broadcast_to(tile, (cells, cells)).copy()
    for i, (cell, strength) in enumerate(grains):
        if cell * density < 1.2:
            continue  # finer than a dot: it would only average out
        tile += _grain((cells, cells), density, cell, 100 + i) * np.float32(strength)
    return tile
