"""Watches."""

from __future__ import annotations

import math

import numpy as np

from catalog.sample.canvas import RGB, Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, ellipse, moved, ribbon, rounded, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, STEEL, brightness, darker, thread


def _metal(look: Look) -> RGB:
    return {"gold": GOLD, "steel": STEEL}.get(look.get("metal"), SILVER)


def draw_watch(canvas: Canvas, look: Look) -> None:
    """Draw a wrist watch, from the front: leather, steel or rubber strap; round or square."""
    metal = _metal(look)
    strap_kind = look.get("strap", "leather")
    steel = strap_kind == "steel"
    square = look.get("case") == "square"
    cloth = (
        Cloth(metal, texture="", gloss=0.8, contrast=0.9)
        if steel
        else look.cloth(
            {"leather": "leather", "fabric": "canvas"}.get(strap_kind, ""), scale=0.55, gloss=0.25, contrast=0.75
        )
    )
    for top, bottom, wide, narrow in ((74.0, 316.0, 58.0, 46.0), (726.0, 484.0, 58.0, 42.0)):
        band = smooth(
            [
                (CENTRE - wide, bottom, 1),
                (CENTRE - narrow, (top + bottom) / 2),
                (CENTRE - narrow, top, 1),
                (CENTRE, top + (-8 if top < 300 else 12)),
                (CENTRE + narrow, top, 1),
                (CENTRE + narrow, (top + bottom) / 2),
                (CENTRE + wide, bottom, 1),
            ],
            closed=True,
        )
        mask = canvas.part(band, cloth, origin=(CENTRE, 400), volume=20, depth=0.9, crumple=0.1, drop=0.2)
        if steel:
            for y in np.arange(min(top, bottom) - 10, max(top, bottom), 23.0):
                canvas.shade(np.array([[200, y + 14], [400, y + 14], [400, y + 23], [200, y + 23]]), 0.24, 3, mask)
                canvas.seam(np.array([[200.0, y], [400, y]]), width=2.2, strength=0.5, clip=mask)
            canvas.seam(
                np.array([[CENTRE - 22, 60.0], [CENTRE - 22, 740]]),
                np.array([[CENTRE + 22, 60.0], [CENTRE + 22, 740]]),
                width=2,
                strength=0.4,
                clip=mask,
            )
        else:
            sides = [
                smooth(
                    [
                        (CENTRE + s * (wide - 8), bottom),
                        (CENTRE + s * (narrow - 8), (top + bottom) / 2),
                        (CENTRE + s * (narrow - 8), top),
                    ]
                )
                for s in (-1, 1)
            ]
            canvas.stitch(*sides, colour=thread(cloth.colour), width=1.3, opacity=0.75)
    if not steel:
        for i in range(6):
            canvas.part(ellipse(CENTRE, 596 + i * 20, 4, 5), Cloth((28, 24, 24), texture=""), volume=2, crumple=0)
        for y in (156.0, 190.0):
            canvas.part(rounded(CENTRE - 53, y, CENTRE + 53, y + 16, 5), cloth.plain(), volume=5, drop=0.4, crumple=0)
        canvas.part(
            rounded(CENTRE - 60, 54, CENTRE + 60, 116, 14),
            Cloth(metal, texture="", gloss=0.9, contrast=0.9),
            holes=[rounded(CENTRE - 46, 68, CENTRE + 46, 104, 8)],
            volume=5,
            drop=0.4,
            crumple=0,
        )
    _draw_case(canvas, look, metal, square=square)


def _draw_case(canvas: Canvas, look: Look, metal: RGB, *, square: bool) -> None:
    y, r = 400.0, 122.0
    shine = Cloth(metal, texture="", gloss=0.9, contrast=0.95)
    for side in (-1, 1):
        for up in (-1, 1):
            lug = smooth(
                [
                    (CENTRE + side * 50, y + up * 100, 1),
                    (CENTRE + side * 52, y + up * 140),
                    (CENTRE + side * 74, y + up * 142, 1),
                    (CENTRE + side * 88, y + up * 86, 1),
                ],
                closed=True,
            )
            canvas.part(lug, shine, volume=8, crumple=0, drop=0.3)
    canvas.part(rounded(CENTRE + r - 4, y - 15, CENTRE + r + 19, y + 15, 6), shine, volume=6, crumple=0)
    canvas.seam(
        *[np.array([[CENTRE + r + 3, y + dy], [CENTRE + r + 18, y + dy]]) for dy in range(-12, 13, 5)],
        width=1.4,
        strength=0.4,
    )

    def shape(reach: float) -> Outline:
        return (
            rounded(CENTRE - reach * 0.94, y - reach, CENTRE + reach * 0.94, y + reach, 30)
            if square
            else ellipse(CENTRE, y, reach, reach)
        )

    canvas.part(shape(r), shine, volume=14, crumple=0, drop=0.45)
    canvas.part(shape(r - 15), Cloth(darker(metal, 0.35), texture="", gloss=0.6), volume=5, crumple=0)
    face = {"dark": (34, 36, 42), "blue": (32, 52, 92), "green": (30, 72, 58)}.get(look.get("dial"), (244, 242, 236))
    dial = canvas.part(shape(r - 20), Cloth(face, texture="", gloss=0.2), volume=10, depth=0.5, crumple=0, edge=0.12)
    ink: RGB = (46, 44, 46) if brightness(face) > 0.5 else (236, 232, 222)
    marks: list[Outline] = []
    minutes: list[Outline] = []
    for i in range(60):
        a = math.radians(i * 6)
        d = np.array([math.sin(a), -math.cos(a)])
        middle = np.array([CENTRE, y])
        (minutes if i % 5 else marks).append(np.vstack([middle + d * (90 if i % 5 else 76), middle + d * 95]))
    canvas.ink(*minutes, colour=ink, width=1.3, opacity=0.7)
    canvas.ink(*marks, colour=metal if look.get("metal") == "gold" else ink, width=4.2)
    if look.get("style") == "chrono":
        for dx, dy in ((-40.0, 0.0), (40.0, 0.0), (0.0, 42.0)):
            canvas.part(
                ellipse(CENTRE + dx, y + dy, 24, 24), Cloth(darker(face, 0.12), texture=""), volume=3, crumple=0
            )
            canvas.ink(
                ellipse(CENTRE + dx, y + dy, 21, 21),
                np.array([[CENTRE + dx, y + dy], [CENTRE + dx + 11, y + dy - 11]]),
                colour=ink,
                width=1.4,
                opacity=0.8,
            )
        for dy in (-46.0, 46.0):
            canvas.part(
                rounded(CENTRE + r - 12, y + dy - 11, CENTRE + r + 12, y + dy + 11, 5), shine, volume=5, crumple=0
            )
    for degrees, reach, wide in ((305, 52, 8), (50, 76, 6)):
        a = math.radians(degrees)
        d = np.array([math.sin(a), -math.cos(a)])
        hand = np.vstack([np.array([CENTRE, y]) - d * 14, np.array([CENTRE, y]) + d * reach])
        canvas.shade(ribbon(moved(hand, 3, 5), wide), 0.3, 2.5, dial)
        canvas.part(
            ribbon(hand, [wide, wide * 0.5]),
            Cloth(metal if look.get("metal") == "gold" else ink, texture="", gloss=0.6),
            volume=2,
            crumple=0,
        )
    second = np.array([[CENTRE - 10, y + 26], [CENTRE + 28, y - 80]])
    canvas.ink(second, colour=(184, 60, 48), width=2)
    canvas.button(CENTRE, y, 6, metal, holes=False, gloss=0.8)
    glare = smooth(
        [
            (CENTRE - 78, y - 40, 1),
            (CENTRE - 20, y - 92),
            (CENTRE + 30, y - 90, 1),
            (CENTRE - 60, y + 44, 1),
            (CENTRE - 86, y + 10),
        ],
        closed=True,
    )
    canvas.shade(glare, 0.16, 6, dial, bright=True)
