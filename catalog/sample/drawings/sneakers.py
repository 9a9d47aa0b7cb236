"""Sneakers: low, high, for running, without laces."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.footwear import RUBBER, as_pair, leather
from catalog.sample.geometry import beside, between, ellipse, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import brightness, darker, thread


def draw_sneakers(canvas: Canvas, look: Look) -> None:
    """Draw sneakers: low, high, runner or slip-on."""
    tall = {"high": 0.94, "slip-on": 0.74}.get(look.get("style"), 0.82)
    as_pair(canvas, lambda: _sneaker(canvas, look), tall=tall, gap=90)


def _sneaker(canvas: Canvas, look: Look) -> None:
    style = look.get("style", "low")
    high = 92.0 if style == "high" else 0.0
    cloth = leather(look, look.get("stuff", "leather"))
    contrast = cloth.plain(look.accent)
    top = 338 - high
    inside = smooth(
        [
            (112, top + 6, 1),
            (150, top - 2),
            (206, top - 8),
            (250, top - 34, 1),
            (258, top + 20),
            (200, top + 40),
            (130, top + 40),
        ],
        closed=True,
    )
    canvas.part(inside, cloth.dim(0.5), volume=10, depth=0.5, edge=0.1)
    if style != "slip-on":
        tongue = smooth(
            [
                (206, top + 20, 1),
                (222, top - 34),
                (244, top - 46, 1),
                (272, top - 30, 1),
                (292, top + 22),
                (330, 404, 1),
                (250, 404),
            ],
            closed=True,
        )
        canvas.part(tongue, contrast if look.get("trim") == "contrast" else cloth.plain(), volume=12, drop=0.2)
    collar: list[tuple[float, ...]] = [(106, top + 2, 1), (150, top + 26), (198, top + 24), (236, top - 12, 1)]
    upper = smooth(
        [
            (98, 516, 1),
            (92, 470),
            (99, 412),
            (104, 380 - high * 0.6),
            *collar,
            (282, 362 - high * 0.3),
            (336, 410),
            (400, 438),
            (462, 450),
            (500, 468),
            (520, 512, 1),
        ],
        closed=True,
    )
    folds = [
        Fold(smooth([(352 + i * 26, 424 + i * 7), (344 + i * 26, 462), (350 + i * 24, 496)]), 12, (-1) ** i * 2.2)
        for i in range(3)
    ]
    mask = canvas.part(upper, cloth, volume=44, folds=folds, crumple=0.6, drop=0.2)
    _sneaker_panels(canvas, look, cloth, contrast, mask=mask, high=high)
    _sneaker_sole(canvas, look, style)


def _sneaker_panels(
    canvas: Canvas, look: Look, cloth: Cloth, contrast: Cloth, *, mask: Mask | None, high: float
) -> None:
    trim = contrast if look.get("trim") == "contrast" or look.pattern == "colour block" else cloth.plain()
    sewn, style, top = thread(cloth.colour), look.get("style", "low"), 338 - high
    cap = smooth([(414, 430, 1), (398, 470), (402, 530, 1), (540, 530, 1), (540, 440, 1), (470, 436)], closed=True)
    heel = smooth(
        [(80, top - 10, 1), (132, top + 14, 1), (150, 400), (140, 460), (160, 530, 1), (80, 530, 1)], closed=True
    )
    for shape, stuff in ((cap, trim if style != "runner" else cloth.plain()), (heel, trim)):
        canvas.part(shape, stuff, volume=26, clip=mask, drop=0.16, crumple=0.4)
        canvas.stitch(
            (shape - shape.mean(axis=0)) * 0.93 + shape.mean(axis=0),
            colour=thread(stuff.colour),
            width=0.8,
            opacity=0.45,
        )
    pad = smooth([(108, top + 8), (150, top + 34), (198, top + 32), (236, top - 4)])
    canvas.shade(ribbon(pad, 9), 0.25, 4, mask, bright=True)
    canvas.seam(beside(pad, 12), strength=0.26, clip=mask)
    if style == "slip-on":
        gore = smooth([(226, top + 2, 1), (262, top + 28, 1), (250, 436, 1), (214, 430, 1)], closed=True)
        canvas.part(gore, Cloth(darker(look.rgb, 0.4), texture="rib"), volume=6, clip=mask, drop=0.1)
        return
    stay = smooth(
        [
            (228, top - 10, 1),
            (250, top - 22),
            (286, 360 - high * 0.3),
            (352, 416, 1),
            (340, 446),
            (300, 424),
            (252, 398 - high * 0.25),
            (224, top + 24, 1),
        ],
        closed=True,
    )
    canvas.part(stay, trim, volume=12, clip=mask, drop=0.2, crumple=0.3)
    canvas.stitch((stay - stay.mean(axis=0)) * 0.9 + stay.mean(axis=0), colour=sewn, width=0.8, opacity=0.45)
    flash = smooth([(160, 508, 1), (214, 470), (268, 420), (300, 424, 1), (280, 452), (240, 508, 1)], closed=True)
    if style in {"runner", "low"}:
        canvas.part(flash, contrast, volume=8, clip=mask, drop=0.1, crumple=0.2)
    if style == "runner":
        for i in range(3):
            line = smooth([(320 + i * 22, 500), (330 + i * 24, 462 + i * 5), (350 + i * 22, 440 + i * 6)])
            canvas.seam(line, strength=0.3, clip=mask)
    if style == "high":
        canvas.part(ellipse(186, 392, 24, 24), contrast, volume=8, drop=0.2, crumple=0)
        canvas.stitch(ellipse(186, 392, 19, 19), colour=thread(contrast.colour), width=0.8)
    laces = Cloth(
        RUBBER if brightness(look.rgb) < 0.8 or look.get("trim") == "contrast" else (250, 250, 248), texture="canvas"
    )
    inner, outer = (
        smooth([(238, top - 14), (286, 370 - high * 0.3), (344, 424)]),
        smooth([(262, top - 30), (306, 356 - high * 0.3), (366, 412)]),
    )
    count = 6 if not high else 8
    for i in range(count):
        share = (i + 0.4) / count
        a, b = between(inner, inner, 0)[int(share * 39)], between(outer, outer, 0)[int(share * 39)]
        canvas.part(
            ribbon(np.array([a - (3, -5), a * 0.4 + b * 0.6 + (0, -2), moved(b, 6, 2)]), 8),
            laces,
            volume=5,
            drop=0.4,
            crumple=0,
            depth=1.3,
        )
    bow = np.array([262.0, top - 26])
    for dx, dy in ((-40, 26), (26, 34)):
        loop = smooth(
            [
                tuple(bow),
                (bow[0] + dx * 0.6, bow[1] - 8),
                (bow[0] + dx, bow[1] + dy * 0.5),
                (bow[0] + dx * 0.5, bow[1] + dy * 0.5),
                tuple(bow),
            ]
        )
        canvas.part(ribbon(loop, 5.5), laces, volume=4, drop=0.4, crumple=0)


def _sneaker_sole(canvas: Canvas, look: Look, style: str) -> None:
    rubber = Cloth(RUBBER if look.get("sole") != "gum" else (186, 134, 84), texture="", gloss=0.1, contrast=0.6)
    if style == "runner":
        sole = smooth(
            [
                (84, 484, 1),
                (96, 500),
                (200, 504),
                (330, 510),
                (440, 506),
                (520, 488, 1),
                (540, 506),
                (530, 534),
                (500, 546),
                (420, 554),
                (300, 556),
                (150, 558),
                (100, 556),
                (78, 530),
            ],
            closed=True,
        )
    else:
        sole = smooth(
            [
                (90, 500, 1),
                (200, 508),
                (340, 512),
                (440, 508),
                (516, 496, 1),
                (532, 510),
                (528, 540),
                (508, 556, 1),
                (112, 558, 1),
                (92, 548),
                (86, 520),
            ],
            closed=True,
        )
    mask = canvas.part(sole, rubber, volume=14, drop=0.3, crumple=0, depth=0.8)
    line = smooth([(88, 522), (200, 528), (340, 532), (440, 528), (532, 516)])
    canvas.ink(
        line,
        colour=look.accent if look.get("trim") == "contrast" else darker(rubber.colour, 0.18),
        width=3.4,
        opacity=0.85,
        clip=mask,
    )
    canvas.stitch(
        smooth([(90, 511), (200, 517), (340, 521), (440, 517), (526, 505)]), colour=darker(rubber.colour, 0.25), width=1
    )
    low = np.array([[70.0, 549], [560, 549], [560, 566], [70, 566]])
    canvas.part(
        low,
        Cloth(darker(rubber.colour, 0.3) if look.get("sole") != "gum" else rubber.colour, texture=""),
        clip=mask,
        volume=3,
        crumple=0,
    )
    if style == "runner":
        canvas.shade(smooth([(84, 506, 1), (180, 516), (250, 548, 1), (90, 548, 1)], closed=True), 0.14, 4, mask)
