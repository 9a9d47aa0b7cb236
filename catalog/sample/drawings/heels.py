"""Heels: stiletto or block, high or low."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.footwear import as_pair, leather
from catalog.sample.geometry import Outline, beside, ellipse, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, darker, mixed


def draw_heels(canvas: Canvas, look: Look) -> None:
    """Draw heels: pumps, with a strap or open; stiletto or block, high or low."""
    as_pair(canvas, lambda: _heel(canvas, look))


def _heel(canvas: Canvas, look: Look) -> None:
    high = {"low": 64.0, "mid": 108.0, "high": 156.0}[look.get("height", "mid")]
    block = look.get("heel") == "block"
    cloth = leather(look, look.get("stuff", "patent"))
    seat = 552 - high
    lining = Cloth(mixed((214, 178, 150), look.rgb, 0.15), texture="silk")
    arch: Outline = smooth(
        [(118, seat), (170, seat + 8), (250, seat + high * 0.42), (330, 530), (400, 548), (500, 548)]
    )
    foot = "block" if block else "stiletto"
    shape = {
        "block": [
            (104, seat - 8, 1),
            (188, seat + 6, 1),
            (182, seat + high * 0.5),
            (180, 556, 1),
            (120, 556, 1),
            (112, seat + high * 0.5),
        ],
        "stiletto": [
            (103, seat - 10, 1),
            (184, seat + 8, 1),
            (146, seat + high * 0.34),
            (130, 520),
            (127, 556, 1),
            (113, 556, 1),
            (113, seat + high * 0.55),
        ],
    }[foot]
    canvas.part(
        smooth(shape, closed=True),
        cloth.plain(darker(cloth.colour, 0.06)),
        volume=18 if block else 10,
        crumple=0,
        drop=0.1,
    )
    canvas.part(
        np.array([[112.0, 550], [182 if block else 128, 550], [182 if block else 128, 558], [112, 558]]),
        Cloth((40, 38, 40), texture=""),
        volume=2,
        crumple=0,
    )
    canvas.part(
        ribbon(moved(arch, 0, 5), [5, 6, 6, 7, 6, 3]),
        Cloth(darker(mixed((190, 150, 116), cloth.colour, 0.3), 0.1), texture=""),
        volume=3,
        crumple=0,
    )
    rim: list[tuple[float, ...]] = [
        (124, seat - 56),
        (176, seat - 30),
        (252, seat + high * 0.30 - 12),
        (330, 494 - 8),
        (392, 482, 1),
    ]
    inside = smooth(
        [
            (110, seat - 66, 1),
            (150, seat - 66),
            (230, seat + high * 0.2 - 34),
            (320, 474),
            (392, 480, 1),
            (330, 506),
            (240, seat + high * 0.4),
            (130, seat - 20),
        ],
        closed=True,
    )
    canvas.part(inside, lining, volume=10, depth=0.5)
    upper = smooth(
        [
            (102, seat + 2, 1),
            (97, seat - 36),
            (108, seat - 68, 1),
            *rim,
            (440, 496),
            (500, 524),
            (534, 546, 1),
            (480, 553),
            (400, 550),
            (330, 534),
            (250, seat + high * 0.42 + 2),
            (170, seat + 10),
        ],
        closed=True,
    )
    mask = canvas.part(upper, cloth, volume=30, crumple=0.25, drop=0.25)
    canvas.seam(beside(smooth([(110, seat - 64), *[p[:2] for p in rim]]), 5), strength=0.2, clip=mask)
    canvas.shade(
        smooth([(430, 506), (470, 516), (500, 534), (450, 528)], closed=True),
        0.55 if cloth.gloss > 0.3 else 0.15,
        5,
        mask,
        bright=True,
    )
    canvas.shade(
        ribbon(smooth([(110, seat - 40), (124, seat - 18), (180, seat - 2)]), [4, 8, 3]),
        0.4 if cloth.gloss > 0.3 else 0.1,
        5,
        mask,
        bright=True,
    )
    detail = look.get("detail")
    if detail == "strap":
        y = seat - 122
        link = smooth([(106, seat - 60), (100, seat - 92), (106, y + 2)])
        canvas.part(ribbon(link, 13), cloth.plain(), volume=5, crumple=0, drop=0.2)
        for start, stop, tone in ((180, 360, cloth.dim(0.7)), (0, 180, cloth.plain())):
            canvas.part(
                ribbon(ellipse(166, y, 64, 15, start=start, stop=stop), 11), tone, volume=5, crumple=0, drop=0.2
            )
        canvas.button(192, y + 14, 6, GOLD, holes=False, gloss=0.8)
    elif detail == "bow":
        for dx, dy in ((-34, -20), (30, -16)):
            canvas.part(
                smooth(
                    [(404, 486, 1), (404 + dx, 486 + dy), (404 + dx * 1.1, 492 + dy * 0.1), (404 + dx * 0.8, 504)],
                    closed=True,
                ),
                cloth.plain(),
                volume=8,
                drop=0.35,
            )
        canvas.button(404, 489, 7, cloth.colour, holes=False)
