"""Boots: Chelsea, laced, tall."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.footwear import as_pair, leather
from catalog.sample.geometry import between, ellipse, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, darker, thread


def draw_boots(canvas: Canvas, look: Look) -> None:
    """Draw boots: Chelsea, laced or tall."""
    as_pair(canvas, lambda: _boot(canvas, look), toe=470)


def _boot(canvas: Canvas, look: Look) -> None:
    style = look.get("style", "chelsea")
    top = {"chelsea": 262.0, "laced": 238.0, "tall": 116.0}[style]
    cloth = leather(look, look.get("stuff", "leather"))
    wide = 0.0 if style != "tall" else 10.0
    canvas.part(
        smooth(
            [(100 - wide, top + 2, 1), (176, top - 10), (256 + wide, top - 2, 1), (244, top + 26), (114, top + 26)],
            closed=True,
        ),
        cloth.dim(0.42),
        volume=8,
        depth=0.4,
    )
    upper = smooth(
        [
            (96, 540, 1),
            (88, 478),
            (102, 410),
            (103, 340),
            (100 - wide, top, 1),
            (176, top + 10),
            (256 + wide, top - 4, 1),
            (254, 330),
            (264, 388),
            (304, 424),
            (370, 440),
            (432, 456),
            (472, 486),
            (486, 536, 1),
            (410, 544),
            (300, 546),
        ],
        closed=True,
    )
    rng = canvas.rng
    folds = [
        Fold(smooth([(116, 396 + i * 13), (180, 404 + i * 12), (250, 384 + i * 15)]), 13, (-1) ** i * 3.0)
        for i in range(4)
    ]
    if style == "tall":
        folds += [
            Fold(
                smooth([(114, 200 + i * 48), (170, 212 + i * 50 + rng.uniform(-8, 8)), (236, 190 + i * 48)]),
                16,
                (-1) ** i * 2.0,
            )
            for i in range(4)
        ]
    folds += [
        Fold(smooth([(330 + i * 22, 436 + i * 5), (322 + i * 22, 470), (328 + i * 20, 504)]), 10, (-1) ** i * 1.8)
        for i in range(3)
    ]
    mask = canvas.part(upper, cloth, volume=48, folds=folds, crumple=0.6, drop=0.2)
    canvas.shade(
        smooth([(424, 464), (454, 474), (468, 498), (434, 490)], closed=True),
        0.35 if cloth.gloss else 0.1,
        7,
        mask,
        bright=True,
    )
    canvas.shade(
        ribbon(smooth([(142, top + 30), (142, 360), (128, 450)]), [8, 16, 10]),
        0.16 if cloth.gloss else 0.06,
        8,
        mask,
        bright=True,
    )
    if style == "laced":
        _boot_laces(canvas, cloth, mask, top)
    elif style == "chelsea":
        gore = smooth([(146, top - 6, 1), (222, top - 6, 1), (212, 350), (186, 410, 1), (158, 350)], closed=True)
        canvas.part(gore, Cloth(darker(look.rgb, 0.45), texture="rib"), clip=mask, volume=8, drop=0.1, crumple=0.2)
        canvas.stitch(
            smooth([(139, top + 8), (151, 350), (186, 420), (220, 350), (229, top + 8)]),
            colour=thread(cloth.colour),
            width=0.8,
        )
        tab = smooth([(98, top + 16), (94, top - 26), (112, top - 28), (118, top + 12)])
        canvas.ink(tab, colour=darker(look.rgb, 0.2), width=7, solid=True)
    else:
        canvas.seam(np.array([[244.0, top + 4], [238, 388]]), strength=0.3, clip=mask)
        strap = smooth(
            [
                (80, top + 40, 1),
                (176, top + 50),
                (280, top + 38, 1),
                (280, top + 56, 1),
                (176, top + 68),
                (80, top + 58, 1),
            ],
            closed=True,
        )
        canvas.part(strap, cloth.plain(), clip=mask, volume=5, drop=0.25, crumple=0)
        canvas.part(
            ellipse(210, top + 58, 13, 15),
            Cloth(GOLD, texture="", gloss=0.8),
            holes=[ellipse(210, top + 58, 8, 10)],
            volume=3,
            crumple=0,
            drop=0.3,
        )
    canvas.seam(
        smooth([(264, 394), (296, 470), (310, 536)]),
        smooth([(112, 400), (160, 440), (180, 536)]),
        strength=0.22,
        clip=mask,
    )
    _boot_sole(canvas, look, style)


def _boot_laces(canvas: Canvas, cloth: Cloth, mask: Mask | None, top: float) -> None:
    stay = smooth(
        [(206, top - 10, 1), (266, top - 10, 1), (266, 388), (318, 432, 1), (296, 460), (236, 416), (210, 350)],
        closed=True,
    )
    canvas.part(stay, cloth.plain(), clip=mask, volume=8, drop=0.25, crumple=0.3)
    canvas.part(
        smooth(
            [(80, top + 12, 1), (128, top + 16), (270, top + 4, 1), (270, top - 30, 1), (80, top - 30, 1)], closed=True
        ),
        cloth.dim(0.8),
        clip=mask,
        volume=10,
        crumple=0.4,
    )
    inner, outer = smooth([(224, top + 26), (234, 380), (286, 434)]), smooth([(256, top + 22), (262, 372), (314, 420)])
    for i in range(7):
        k = int((i + 0.3) / 7 * 39)
        a, b = between(inner, inner, 0)[k], between(outer, outer, 0)[k]
        canvas.button(float(a[0]), float(a[1]), 4, GOLD, holes=False)
        canvas.part(
            ribbon(np.array([a, (a + b) / 2 - (0, 3), moved(b, 3, 1)]), 6),
            Cloth((206, 170, 108), texture="canvas"),
            volume=4,
            drop=0.45,
            crumple=0,
        )
        canvas.part(
            ribbon(np.array([moved(a, 0, 4), moved(b, 2, 18)]), 5),
            Cloth((190, 152, 94), texture="canvas"),
            volume=4,
            drop=0.3,
            crumple=0,
        )


def _boot_sole(canvas: Canvas, look: Look, style: str) -> None:
    rubber = Cloth((66, 50, 40) if look.get("sole") != "black" else (36, 35, 37), texture="", gloss=0.15)
    chunky = style == "laced"
    heel = smooth([(92, 530, 1), (190, 532, 1), (184, 564, 1), (96, 564, 1)], closed=True)
    low = 10 if chunky else 0
    sole = smooth(
        [
            (90, 522, 1),
            (210, 534),
            (320, 534),
            (410, 532),
            (484, 522, 1),
            (494, 536),
            (484, 546 + low),
            (410, 553 + low),
            (320, 552 + low),
            (220, 548 + low * 0.5, 1),
            (90, 542, 1),
        ],
        closed=True,
    )
    canvas.part(heel, rubber, volume=6, crumple=0)
    canvas.part(sole, rubber, volume=7, crumple=0, drop=0.25)
    canvas.stitch(
        smooth([(92, 529), (210, 540), (320, 540), (410, 538), (488, 528)]), colour=(206, 176, 120), width=1.2
    )
    if chunky:
        for x in range(106, 488, 18):
            canvas.seam(np.array([[x, 548.0], [x, 566]]), width=4, strength=0.5)
