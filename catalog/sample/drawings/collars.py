"""Collars, button bands and pockets."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.torso import Torso
from catalog.sample.geometry import CENTRE, Outline, flipped, moved, smooth
from catalog.sample.look import Look
from catalog.sample.palette import PEARL, brightness, lighter, thread


def draw_patch(
    canvas: Canvas, cloth: Cloth, *, at: tuple[float, float], size: tuple[float, float], flap: bool = False
) -> None:
    """Draw a pocket sewn on, its top left corner ``at``."""
    (x, y), (width, height) = at, size
    shape = smooth(
        [
            (x, y, 1),
            (x + width, y, 1),
            (x + width, y + height * 0.82, 1),
            (x + width / 2, y + height, 1),
            (x, y + height * 0.82, 1),
        ],
        closed=True,
    )
    canvas.part(shape, cloth, volume=5, depth=0.7, crumple=0.6, drop=0.16, origin=(x + 7, y + 3))
    inset = (shape - shape.mean(axis=0)) * 0.93 + shape.mean(axis=0)
    canvas.stitch(inset, colour=thread(cloth.colour), width=0.8, opacity=0.5)
    canvas.seam(np.array([[x, y + 11], [x + width, y + 11]]), strength=0.2)
    if flap:
        lid = smooth(
            [
                (x - 2, y - 4, 1),
                (x + width + 2, y - 4, 1),
                (x + width + 2, y + 16, 1),
                (x + width / 2, y + 27, 1),
                (x - 2, y + 16, 1),
            ],
            closed=True,
        )
        canvas.part(lid, cloth, volume=5, depth=0.8, crumple=0.3, drop=0.3, origin=(x + 7, y + 3))
        canvas.stitch(
            (lid - lid.mean(axis=0)) * 0.92 + lid.mean(axis=0), colour=thread(cloth.colour), width=0.8, opacity=0.5
        )


def collar_leaf(neck: float, top: float, point: tuple[float, float], stand: float = 14) -> Outline:
    """Return the right leaf of a shirt collar that ends in ``point`` (from the centre line, height)."""
    return smooth(
        [
            (CENTRE + 1, top + stand + 16, 1),
            (CENTRE + neck * 0.40, top + stand - 6),
            (CENTRE + neck * 0.76, top - stand * 0.9),
            (CENTRE + neck * 0.70, top - stand * 1.7, 1),
            (CENTRE + neck * 0.90, top - stand * 1.1),
            (CENTRE + neck * 1.12, top + 4),
            (CENTRE + neck * 1.22, top + 14, 1),
            (CENTRE + point[0], point[1], 1),
        ],
        closed=True,
    )


def draw_collar(
    canvas: Canvas, body: Torso, cloth: Cloth, *, point: tuple[float, float] | None = None, inside: bool = True
) -> None:
    """Draw a turned-down collar around a closed neck."""
    top, neck = body.top, body.neck
    point = point or (neck * 0.80, top + 64)
    if inside:
        x, high = neck * 0.74, top - 22
        back = smooth(
            [
                (CENTRE - x, high, 1),
                (CENTRE, high + 7),
                (CENTRE + x, high, 1),
                (CENTRE + neck * 0.78, top + 4),
                (CENTRE, top + 36, 1),
                (CENTRE - neck * 0.78, top + 4),
            ],
            closed=True,
        )
        canvas.part(back, cloth.dim(0.6), volume=8, depth=0.5, crumple=0.2, edge=0)
        ridge = smooth([(CENTRE - x, high), (CENTRE, high + 6), (CENTRE + x, high)])
        canvas.part(
            np.vstack([moved(ridge, 0, -5), moved(ridge[::-1], 0, 8)]), cloth.dim(0.9), volume=6, crumple=0, edge=0.1
        )
    leaf = collar_leaf(neck, top, point)
    for shape, turn in ((flipped(leaf), 28), (leaf, -28)):
        canvas.part(shape, cloth, volume=8, depth=0.9, crumple=0.3, drop=0.34, angle=turn, origin=(CENTRE, top))
        inset = (shape - shape.mean(axis=0)) * 0.86 + shape.mean(axis=0)
        canvas.stitch(inset[len(inset) // 2 :], colour=thread(cloth.colour), width=0.8, opacity=0.45)


def draw_placket(
    canvas: Canvas,
    cloth: Cloth,
    top: float,
    bottom: float,
    *,
    width: float = 26,
    buttons: int = 7,
    tint: tuple[int, int, int] = PEARL,
    radius: float = 4.6,
) -> None:
    """Draw the button band down the front."""
    strip = np.array(
        [
            [CENTRE - width / 2, top],
            [CENTRE + width / 2, top],
            [CENTRE + width / 2, bottom],
            [CENTRE - width / 2, bottom],
        ]
    )
    canvas.part(strip, cloth, volume=4, depth=0.6, crumple=0.8, drop=0.22, edge=0.06, origin=(CENTRE, 128))
    for dx in (-width / 2 + 4, width / 2 - 4):
        canvas.stitch(
            np.array([[CENTRE + dx, top], [CENTRE + dx, bottom]]), colour=thread(cloth.colour), width=0.7, opacity=0.4
        )
    for i in range(buttons):
        canvas.button(CENTRE, top + 14 + (bottom - top - 34) * i / max(1, buttons - 1), radius, tint)


def button_tint(look: Look) -> tuple[int, int, int]:
    """Return buttons that go with the colour."""
    return PEARL if brightness(look.rgb) > 0.3 else lighter(look.rgb, 0.2)
