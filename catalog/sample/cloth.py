"""What a part is made of: colour, pattern, texture, and how it takes light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from catalog.sample.patterns import RGB, pattern_tile
from catalog.sample.shading import Plane
from catalog.sample.textures import texture_tile


@dataclass(frozen=True)
class Cloth:
    """A material. ``bands``: colours that begin at a height, in units from the part's origin (colour block)."""

    colour: RGB
    accents: tuple[RGB, ...] = ()
    pattern: str = "plain"
    scale: float = 1.0
    texture: str = "jersey"
    grain: float = 1.0
    gloss: float = 0.05
    contrast: float = 0.62
    bands: tuple[tuple[float, RGB], ...] = ()

    def plain(self, colour: RGB | None = None) -> Cloth:
        """Return the same material without a pattern."""
        return replace(self, colour=colour or self.colour, pattern="plain", bands=())

    def dim(self, share: float) -> Cloth:
        """Return the material darker: the inside of a garment."""
        r, g, b = self.colour
        return replace(self.plain(), colour=(round(r * share), round(g * share), round(b * share)))


@lru_cache(maxsize=48)
def _pattern(name: str, colour: RGB, accents: tuple[RGB, ...], density: float) -> NDArray[np.uint32]:
    picture = pattern_tile(name, colour, accents, density)
    tile = np.zeros((*picture.size[::-1], 4), np.uint8)
    tile[..., :3] = np.asarray(picture)
    return np.ascontiguousarray(tile).view(np.uint32)[..., 0]


@lru_cache(maxsize=48)
def _texture(name: str, density: float) -> Plane:
    return texture_tile(name, density)


def paint(cloth: Cloth, threads: tuple[Plane, Plane], warp: Plane, scale: float) -> NDArray[np.float32]:
    """Return the unlit colours (rows, columns, 3; 0…1) of a part.

    ``threads``: for each pixel its place on the cloth in units; ``warp``: how far folds pull it, in units;
    ``scale``: pixels per unit. The tiles are drawn twice as fine as the photo, so the nearest dot will do.
    """
    u, v = threads
    density = round(scale * 2, 2)
    if cloth.pattern != "plain":
        fine = np.float32(density)
        tile = _pattern(cloth.pattern, cloth.colour, cloth.accents, round(density * cloth.scale, 2))
        rows = ((v + warp * 0.5) * fine).astype(np.int32) % tile.shape[0]
        columns = ((u + warp * 0.7) * fine).astype(np.int32) % tile.shape[1]
        packed = tile.ravel().take(rows * tile.shape[1] + columns)
        colours = packed.view(np.uint8).reshape(*u.shape, 4)[..., :3].astype(np.float32) * np.float32(1 / 255)
    else:
        colours = np.empty((*u.shape, 3), np.float32)
        colours[:] = np.array(cloth.colour, np.float32) / 255
    for start, tint in cloth.bands:
        cover = np.clip((v + warp * 0.4 - start) * scale + 0.5, 0, 1)[..., None]
        colours += (np.array(tint, np.float32) / 255 - colours) * cover
    if cloth.texture:
        weave = _texture(cloth.texture, density)
        rows = (v * np.float32(density)).astype(np.int32) % weave.shape[0]
        columns = (u * np.float32(density)).astype(np.int32) % weave.shape[1]
        relief = weave.ravel().take(rows * weave.shape[1] + columns) * np.float32(cloth.grain)
        # A dark cloth shows its weave by what shines, a light one by what is in shade.
        colours = colours * (1 + relief)[..., None] + np.maximum(relief, 0)[..., None] * np.float32(0.06)
    return np.asarray(np.clip(colours, 0, 1), np.float32)
