"""Pictures of no product, drawn: what a shop must answer with "nothing close". The same from the same seed.

Seventeen kinds. Some are as good as empty (noise, gradients), some are full of things a fashion network has never seen
(streets, plates, charts), some look like cloth from nearby (tiles, foliage, water): those are the hard ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from recommendations.evaluation import drawn_papers, drawn_places, drawn_surfaces
from recommendations.evaluation.drawing import Size, grainy

#: Kind → how one is drawn.
KINDS: Mapping[str, Callable[[Size, np.random.Generator], Image.Image]] = {
    "noise": drawn_surfaces.noise,
    "gradient": drawn_surfaces.shades,
    "landscape": drawn_places.landscape,
    "document": drawn_papers.document,
    "interior": drawn_places.interior,
    "chart": drawn_papers.chart,
    "screenshot": drawn_papers.screen,
    "foliage": drawn_surfaces.foliage,
    "city": drawn_places.city,
    "map": drawn_papers.street_map,
    "plate": drawn_places.plate,
    "tiles": drawn_surfaces.tiles,
    "sky": drawn_surfaces.sky,
    "handwriting": drawn_papers.handwriting,
    "water": drawn_surfaces.water,
    "road": drawn_places.road,
    "code": drawn_papers.code,
}
#: Never calibrated with, so that what is said of match levels is said of pictures they have not seen.
HELD_OUT: tuple[str, ...] = tuple(KINDS)[2::3]
CALIBRATION: tuple[str, ...] = tuple(kind for kind in KINDS if kind not in HELD_OUT)
#: Width to height, as cameras and screens have it.
SHAPES = ((4, 3), (3, 4), (1, 1), (16, 9), (9, 16))
SIDE = (240, 480)


def pictures(count: int, seed: int, kinds: tuple[str, ...] = tuple(KINDS)) -> list[tuple[str, Image.Image]]:
    """Return ``count`` pictures with their kinds, each kind in turn: RGB, 240 to 480 pixels on the longer side.

    Args:
        seed: not negative. Picture n depends on seed, its kind and n alone.
        kinds: which of ``KINDS``, so that some can be kept for a later test.
    """
    made = []
    for n in range(count):
        kind = kinds[n % len(kinds)]
        made.append((kind, picture(kind, (seed, n))))
    return made


def picture(kind: str, seed: int | tuple[int, ...]) -> Image.Image:
    """Return one picture of a kind."""
    draw = np.random.default_rng((*((seed,) if isinstance(seed, int) else seed), list(KINDS).index(kind)))
    shape = SHAPES[draw.integers(len(SHAPES))]
    side = draw.integers(*SIDE) / max(shape)
    size = (round(shape[0] * side), round(shape[1] * side))
    drawn = KINDS[kind](size, draw).convert("RGB")
    return grainy(drawn, draw, draw.uniform(0, 6))
