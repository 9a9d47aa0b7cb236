"""Caps and hats."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas, Fold
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, beside, ellipse, half, smooth
from catalog.sample.look import Look
from catalog.sample.palette import darker, thread


def draw_cap(canvas: Canvas, look: Look) -> None:
    """Draw a cap with a peak, seen from the front and a little from the side."""
    cloth = look.cloth("cord" if look.get("stuff") == "cord" else "twill", scale=0.7)
    peak = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain()
    canvas.stand(240, 525, 560)
    crown = smooth(
        [
            (126, 470, 1),
            (128, 390),
            (168, 296),
            (262, 246),
            (352, 258),
            (430, 322),
            (462, 420),
            (466, 476, 1),
            (380, 500),
            (300, 506),
            (200, 494),
        ],
        closed=True,
    )
    mask = canvas.part(crown, look.blocked(cloth, 30), origin=(300, 300), volume=90, crumple=0.9)
    top = (286.0, 246.0)
    for ends in (
        [(250, 330), (236, 440), (240, 500)],
        [(366, 310), (410, 400), (424, 492)],
        [(180, 320), (140, 420), (130, 470)],
    ):
        seam = smooth([top, *ends])
        canvas.seam(seam, strength=0.3, clip=mask)
        canvas.stitch(beside(seam, 5), beside(seam, -5), colour=thread(look.rgb), width=0.9, opacity=0.5)
    for x, y in ((208, 344), (318, 318), (408, 356)):
        canvas.part(
            ellipse(x, y, 5.5, 5),
            cloth.plain(darker(look.rgb, 0.2)),
            holes=[ellipse(x, y, 2.4, 2.2)],
            volume=2,
            crumple=0,
            drop=0.2,
        )
    canvas.part(ellipse(top[0], top[1] + 3, 13, 8), cloth.plain(), volume=6, drop=0.3, crumple=0)
    badge = look.get("print")
    if badge:
        canvas.part(
            np.array([[292.0, 446], [318, 392], [330, 416], [342, 402], [370, 446]]),
            Cloth(look.accent, texture="twill"),
            volume=3,
            drop=0.2,
            crumple=0,
        )
    under = smooth(
        [
            (150, 480, 1),
            (260, 512),
            (400, 504),
            (470, 470, 1),
            (520, 510),
            (530, 548),
            (470, 566),
            (360, 570),
            (240, 556),
        ],
        closed=True,
    )
    canvas.part(under, peak.dim(0.5), volume=10)
    brim = smooth(
        [
            (142, 474, 1),
            (220, 500),
            (320, 508),
            (410, 498),
            (466, 470, 1),
            (512, 496),
            (534, 534),
            (500, 552),
            (420, 548),
            (330, 554),
            (220, 540),
        ],
        closed=True,
    )
    canvas.part(brim, peak, volume=30, drop=0.36, crumple=0.3)
    for i in range(4):
        line = smooth(
            [
                (168 + i * 8, 490 + i * 9),
                (250, 516 + i * 8),
                (340, 524 + i * 7),
                (430, 516 + i * 7),
                (488 + i * 8, 496 + i * 10),
            ]
        )
        canvas.stitch(line, colour=thread(peak.colour), width=0.9, opacity=0.5)


def draw_hat(canvas: Canvas, look: Look) -> None:
    """Draw a hat with a brim: felt, straw or a bucket hat."""
    if look.get("style") == "bucket":
        _draw_bucket_hat(canvas, look)
        return
    straw = look.get("style") == "straw"
    cloth = look.cloth("straw" if straw else "wool", contrast=0.8, gloss=0.0)
    wide = 236.0 if straw else 208.0
    canvas.stand(CENTRE - wide + 90, CENTRE + wide - 90, 566)
    canvas.part(ellipse(CENTRE, 492, wide, 62), cloth.dim(0.86), volume=30, crumple=0.6)
    canvas.shade(ellipse(CENTRE, 486, 158, 38), 0.4, 14)
    pinch = [
        Fold(smooth([(CENTRE - 10, 268), (CENTRE + 2, 312), (CENTRE + 4, 372)]), 42, -9),
        Fold(smooth([(CENTRE - 64, 282), (CENTRE - 84, 330), (CENTRE - 88, 400)]), 30, -4),
        Fold(smooth([(CENTRE + 70, 282), (CENTRE + 86, 330), (CENTRE + 94, 400)]), 30, 4),
    ]
    high = 250 if not straw else 280
    crown = smooth(
        [
            (CENTRE - 136, 500, 1),
            (CENTRE - 128, 400),
            (CENTRE - 104, high + 30),
            (CENTRE - 50, high),
            (CENTRE, high + (16 if not straw else -4)),
            (CENTRE + 50, high),
            (CENTRE + 104, high + 30),
            (CENTRE + 128, 400),
            (CENTRE + 136, 500, 1),
            (CENTRE, 522),
        ],
        closed=True,
    )
    mask = canvas.part(crown, cloth, folds=[] if straw else pinch, volume=76, drop=0.3)
    band = smooth(
        [
            (CENTRE - 140, 438, 1),
            (CENTRE, 464),
            (CENTRE + 140, 438, 1),
            (CENTRE + 140, 490, 1),
            (CENTRE, 516),
            (CENTRE - 140, 490, 1),
        ],
        closed=True,
    )
    ribbon_cloth = Cloth(
        look.accent if look.get("trim") == "contrast" else darker(look.rgb, 0.5), texture="rib", grain=0.4, gloss=0.1
    )
    canvas.part(band, ribbon_cloth, clip=mask, volume=14, drop=0.2, crumple=0.2)
    for dx in (-22, 22):
        canvas.part(
            smooth(
                [
                    (CENTRE + 112, 452, 1),
                    (CENTRE + 112 + dx, 444),
                    (CENTRE + 112 + dx * 1.1, 496),
                    (CENTRE + 112, 486, 1),
                ],
                closed=True,
            ),
            ribbon_cloth,
            volume=6,
            drop=0.3,
        )
    front = smooth(
        [
            (CENTRE - wide, 490, 1),
            (CENTRE - 150, 508),
            (CENTRE, 524),
            (CENTRE + 150, 508),
            (CENTRE + wide, 490, 1),
            (CENTRE + wide - 24, 530),
            (CENTRE + 110, 566),
            (CENTRE, 574),
            (CENTRE - 110, 566),
            (CENTRE - wide + 24, 530),
        ],
        closed=True,
    )
    canvas.part(front, cloth, volume=26, drop=0.26, crumple=0.5)
    edge = smooth(
        [(CENTRE - wide + 16, 520), (CENTRE - 110, 556), (CENTRE, 564), (CENTRE + 110, 556), (CENTRE + wide - 16, 520)]
    )
    canvas.stitch(edge, colour=thread(look.rgb), width=1)


def _draw_bucket_hat(canvas: Canvas, look: Look) -> None:
    cloth = look.cloth("canvas", scale=0.9)
    canvas.stand(110, 490, 566)
    crown = half([(0, 290), (70, 292), (118, 312), (136, 430), (140, 460, 1), (0, 486)])
    canvas.part(ellipse(CENTRE, 478, 182, 50), cloth.dim(0.6), volume=20)
    mask = canvas.part(crown, cloth, origin=(CENTRE, 290), volume=60, drop=0.2)
    canvas.seam(smooth([(CENTRE - 120, 322), (CENTRE, 336), (CENTRE + 120, 322)]), strength=0.3, clip=mask)
    canvas.stitch(smooth([(CENTRE - 122, 329), (CENTRE, 343), (CENTRE + 122, 329)]), colour=thread(look.rgb), width=1)
    brim = half([(0, 452), (136, 434, 1), (176, 500), (206, 548, 1), (110, 578), (0, 588)])
    inner = canvas.part(
        brim,
        cloth.plain(look.accent) if look.pattern == "colour block" else cloth,
        origin=(CENTRE, 440),
        volume=36,
        drop=0.36,
    )
    for i in range(6):
        low = smooth(
            [
                (CENTRE - 146 - i * 10.5, 462 + i * 15),
                (CENTRE - 80, 476 + i * 18),
                (CENTRE, 478 + i * 18.5),
                (CENTRE + 80, 476 + i * 18),
                (CENTRE + 146 + i * 10.5, 462 + i * 15),
            ]
        )
        canvas.seam(low, strength=0.14, clip=inner)
        canvas.stitch(low, colour=thread(look.rgb), width=0.9, opacity=0.4)
    for x in (-34, -14):
        canvas.part(ellipse(CENTRE + x + 100, 400, 4.5, 4.5), cloth.plain(darker(look.rgb, 0.3)), volume=2, crumple=0)
