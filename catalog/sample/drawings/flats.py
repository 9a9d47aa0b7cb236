"""Loafers and ballet flats."""

from __future__ import annotations

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.footwear import as_pair, leather
from catalog.sample.geometry import moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, darker, lighter, mixed


def draw_flats(canvas: Canvas, look: Look) -> None:
    """Draw loafers or ballet flats."""
    as_pair(canvas, lambda: _flat(canvas, look), tall=0.92, gap=96)


def _flat(canvas: Canvas, look: Look) -> None:
    loafer = look.get("style", "loafer") == "loafer"
    cloth = leather(look, look.get("stuff", "leather"))
    top = 424.0 if loafer else 452.0
    opening: list[tuple[float, ...]] = (
        [(101, top - 12, 1), (146, top + 18), (214, top + 30), (262, top - 2), (282, top - 18, 1)]
        if loafer
        else [(104, top, 1), (180, 492), (300, 500), (370, 484), (404, 476, 1)]
    )
    inside = smooth(
        [
            opening[0],
            (170, top - 16),
            (opening[-1][0] * 0.7 + 40, top - 14 if loafer else 462),
            (*opening[-1][:2], 1),
            (230, 500),
            (130, 490),
        ],
        closed=True,
    )
    canvas.part(inside, Cloth(mixed((206, 170, 132), look.rgb, 0.2), texture="suede").dim(0.75), volume=12, depth=0.5)
    toe = (
        [(330, top + 8), (400, 452), (470, 476), (512, 506), (524, 544, 1), (300, 552)]
        if loafer
        else [(450, 482), (500, 506), (526, 546, 1), (300, 552)]
    )
    upper = smooth([(100, 550, 1), (94, 500), (98, 450), *opening, *toe], closed=True)
    mask = canvas.part(upper, cloth, volume=38, crumple=0.5, drop=0.25)
    if loafer:
        apron = smooth([(300, 470), (350, 452), (420, 470), (478, 500), (452, 510), (380, 504), (308, 496)])
        canvas.shade(ribbon(apron, 6), 0.3, 3, mask)
        canvas.seam(apron, width=2, strength=0.4, clip=mask)
        band = smooth(
            [(262, top - 20, 1), (318, top - 6, 1), (330, 480), (318, 550, 1), (262, 550, 1), (268, 480)], closed=True
        )
        canvas.part(band, cloth.plain(), clip=mask, volume=12, drop=0.28, crumple=0.3)
        if look.get("detail") == "tassel":
            for dx in (0, 16):
                canvas.part(
                    smooth(
                        [(312 + dx, 452, 1), (320 + dx, 450, 1), (330 + dx, 496, 1), (310 + dx, 500, 1)], closed=True
                    ),
                    cloth.plain(),
                    volume=6,
                    drop=0.35,
                )
        else:
            bar = smooth([(276, 446), (300, 452), (322, 448)])
            canvas.part(
                ribbon(bar, 8),
                Cloth(GOLD if look.get("metal") != "silver" else SILVER, texture="", gloss=0.9),
                volume=4,
                drop=0.4,
                crumple=0,
            )
        canvas.seam(smooth([(190, top + 26), (200, 490), (196, 540)]), strength=0.24, clip=mask)
    else:
        rim = smooth([(106, top + 4), *[p[:2] for p in opening[1:]]])
        canvas.part(ribbon(moved(rim, 0, 2), 7), cloth.plain(darker(look.rgb, 0.12)), volume=4, clip=mask, crumple=0)
        for dx in (-24, 24):
            canvas.part(
                smooth([(406, 482, 1), (406 + dx, 468), (406 + dx * 1.15, 486), (406 + dx * 0.7, 494)], closed=True),
                cloth.plain(),
                volume=6,
                drop=0.35,
            )
        canvas.button(406, 483, 5.5, lighter(look.rgb, 0.05), holes=False)
    canvas.shade(
        smooth([(470, 494), (496, 506), (508, 526), (474, 514)], closed=True),
        0.45 if cloth.gloss else 0.12,
        6,
        mask,
        bright=True,
    )
    canvas.part(
        smooth(
            [
                (94, 540, 1),
                (300, 546),
                (526, 540, 1),
                (524, 552),
                (470, 558),
                (240, 554),
                (196, 554, 1),
                (194, 562, 1),
                (96, 562, 1),
            ],
            closed=True,
        ),
        Cloth((72, 52, 40), texture="", gloss=0.2),
        volume=4,
        crumple=0,
        drop=0.3,
    )
