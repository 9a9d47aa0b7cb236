"""Belts."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import RGB, Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, ellipse, moved, ribbon, rounded, spaced
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, STEEL, darker, lighter, thread


def _metal(look: Look) -> RGB:
    return {"gold": GOLD, "steel": STEEL}.get(look.get("metal"), SILVER)


def draw_belt(canvas: Canvas, look: Look) -> None:
    """Draw a belt, rolled up, its buckle in front."""
    stuff = look.get("stuff", "leather")
    texture = {"suede": "suede", "woven": "straw", "canvas": "canvas"}.get(stuff, "leather")
    cloth = look.cloth(texture, scale=0.6, gloss=0.35 if stuff == "leather" else 0.0, contrast=0.75)
    metal = _metal(look)
    width = 46.0 if look.get("width") != "slim" else 30.0
    canvas.stand(170, 430, 472 + width)
    for rx, ry, tone in ((208, 70, 0.62), (172, 54, 0.52), (134, 40, 0.44)):
        arc = ellipse(CENTRE, 400, rx, ry, start=176, stop=364)
        canvas.part(
            np.vstack([arc - (0, width), moved(arc[::-1], 0, width)]), cloth.dim(tone), volume=16, crumple=0.2, drop=0.2
        )
        canvas.part(
            np.vstack([arc - (0, width + 3), arc[::-1] - (0, width - 1)]),
            cloth.plain(darker(cloth.colour, 0.1)),
            volume=2,
            crumple=0,
        )
    for rx, ry in ((134, 40), (172, 54), (208, 70)):
        arc = ellipse(CENTRE, 404, rx, ry, start=-4, stop=184)
        strap = np.vstack([arc - (0, width), moved(arc[::-1], 0, width)])
        canvas.part(strap, cloth, origin=(CENTRE, 404), volume=26, crumple=0.2, drop=0.42)
        canvas.part(
            np.vstack([arc - (0, width + 3), arc[::-1] - (0, width - 1.5)]),
            cloth.plain(lighter(cloth.colour, 0.12)),
            volume=2,
            crumple=0,
        )
    outer = ellipse(CENTRE, 404, 208, 70, start=2, stop=178)
    for dy in (-width + 8, width - 8):
        canvas.stitch(moved(outer, 0, dy), colour=thread(cloth.colour), width=1.2, opacity=0.7)
    tip = ellipse(CENTRE, 406, 214, 76, start=84, stop=20)
    canvas.part(
        np.vstack([tip - (0, width - 2), moved(tip[-1:], 14, 0), moved(tip[::-1], 0, width - 2)]),
        cloth,
        origin=(CENTRE, 404),
        volume=16,
        crumple=0.2,
        drop=0.4,
    )
    for p in spaced(tip, 34)[1:]:
        canvas.part(ellipse(float(p[0]), float(p[1]), 3.6, 5), Cloth((30, 24, 22), texture=""), volume=2, crumple=0)
    high = width + 12
    x, y = CENTRE - 12, 476.0
    if look.get("buckle") == "round":
        canvas.part(
            ellipse(x, y, high, high),
            Cloth(metal, texture="", gloss=0.9, contrast=0.9),
            holes=[ellipse(x, y, high - 12, high - 12)],
            volume=7,
            drop=0.5,
            crumple=0,
        )
    else:
        frame, hole = (
            rounded(x - 46, y - high, x + 46, y + high, 13),
            rounded(x - 33, y - high + 13, x + 33, y + high - 13, 7),
        )
        canvas.part(
            frame, Cloth(metal, texture="", gloss=0.9, contrast=0.9), holes=[hole], volume=7, drop=0.5, crumple=0
        )
    canvas.part(
        ribbon(np.array([[x - 36.0, y], [x + 44, y + 1]]), [9, 7]),
        Cloth(metal, texture="", gloss=0.9),
        volume=4,
        drop=0.5,
        crumple=0,
    )
    loop = rounded(x - 98, y - width - 7, x - 78, y + width + 1, 5)
    canvas.part(loop, cloth.plain(), volume=5, drop=0.4, crumple=0)
