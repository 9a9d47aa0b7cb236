"""Beanies and scarves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas, Fold
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.torso import draw_ribs
from catalog.sample.geometry import CENTRE, half, moved, smooth
from catalog.sample.look import Look
from catalog.sample.palette import darker, lighter


def draw_beanie(canvas: Canvas, look: Look) -> None:
    """Draw a knitted hat, with a bobble or without."""
    cloth = look.blocked(look.cloth("knit", contrast=0.75, gloss=0.0), 70, 130)
    rng = canvas.rng
    if look.get("bobble"):
        tone = look.accent if look.get("trim") == "contrast" else lighter(look.rgb, 0.1)
        wool = Cloth(tone, texture="fleece", contrast=0.9)
        angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
        reach = 62 + rng.uniform(-4, 5, 120)
        canvas.part(
            np.column_stack([CENTRE + reach * np.cos(angles), 196 + reach * 0.94 * np.sin(angles)]),
            wool,
            volume=50,
            crumple=3,
        )
        hairs = []
        for _ in range(260):
            angle, length = rng.uniform(0, 6.28), rng.uniform(8, 18)
            at = rng.uniform(0.1, 1.0) * 58
            p = np.array([CENTRE + at * np.cos(angle), 196 + at * 0.94 * np.sin(angle)])
            hairs.append(np.vstack([p, p + length * np.array([np.cos(angle + rng.uniform(-0.5, 0.5)), np.sin(angle)])]))
        canvas.ink(*hairs[::2], colour=darker(tone, 0.25), width=1.4, opacity=0.35, solid=True)
        canvas.ink(*hairs[1::2], colour=lighter(tone, 0.25), width=1.4, opacity=0.5, solid=True)
    folds = [
        Fold(smooth([(CENTRE + x * 0.35, 256), (CENTRE + x * 0.85, 340), (CENTRE + x, 470)]), 20, (-1) ** i * 2.5)
        for i, x in enumerate(range(-150, 151, 30))
    ]
    crown = half([(0, 238), (48, 246), (112, 296), (152, 390), (166, 500, 1), (0, 520)])
    mask = canvas.part(crown, cloth, origin=(CENTRE, 240), volume=80, folds=folds, drop=0.25)
    for x in range(-150, 151, 25):
        canvas.seam(
            smooth([(CENTRE + x * 0.12, 240), (CENTRE + x * 0.8, 320), (CENTRE + x, 400), (CENTRE + x * 1.08, 500)]),
            width=3,
            strength=0.15,
            clip=mask,
        )
    rib = replace(cloth.plain(look.accent if look.get("trim") == "contrast" else None), texture="wool", bands=())
    cuff = half([(0, 478), (100, 474), (172, 462, 1), (178, 520), (170, 578, 1), (100, 592), (0, 597)])
    canvas.part(cuff, rib, volume=36, drop=0.4, crumple=0.5)
    draw_ribs(
        canvas,
        smooth([(CENTRE - 172, 466), (CENTRE, 480), (CENTRE + 172, 466)]),
        smooth([(CENTRE - 168, 578), (CENTRE, 596), (CENTRE + 168, 578)]),
        13,
        0.34,
    )
    if look.get("label"):
        tag = np.array([[CENTRE + 60, 518.0], [CENTRE + 108, 512], [CENTRE + 110, 546], [CENTRE + 62, 552]])
        canvas.part(tag, Cloth((150, 102, 64), texture="leather", gloss=0.2), volume=3, drop=0.3, crumple=0)


def draw_scarf(canvas: Canvas, look: Look) -> None:
    """Draw a scarf looped once, its ends hanging, fringed or not."""
    silk = look.get("stuff") == "silk"
    cloth = look.cloth(
        "silk" if silk else "wool",
        scale=0.62 if look.pattern in {"houndstooth", "herringbone"} else 0.9,
        gloss=0.25 if silk else 0.0,
        contrast=0.85,
    )
    rng = canvas.rng
    for side, length in ((-1, 700.0), (1, 650.0)):
        edge_out = smooth(
            [
                (CENTRE + side * 78, 300),
                (CENTRE + side * 96, 440),
                (CENTRE + side * 112, 560),
                (CENTRE + side * 118, length),
            ]
        )
        edge_in = smooth(
            [
                (CENTRE + side * -6, 330),
                (CENTRE + side * 6, 450),
                (CENTRE + side * 8, 560),
                (CENTRE + side * 16, length + 8),
            ]
        )
        if not silk:
            knots = np.linspace(0.03, 0.97, 17)
            ends = [edge_out[-1] * t + edge_in[-1] * (1 - t) for t in knots]
            for end in ends:
                strands = [
                    np.vstack(
                        [
                            end - (0, 4),
                            moved(end, rng.uniform(-3, 3), 24),
                            moved(end, rng.uniform(-5, 5), 48 + rng.uniform(-4, 6)),
                        ]
                    )
                    for _ in range(3)
                ]
                canvas.ink(*strands, colour=darker(look.rgb, 0.12), width=2.4, solid=True, opacity=0.9)
                canvas.ink(strands[0] - (0.8, 0), colour=lighter(look.rgb, 0.18), width=1.1, opacity=0.8)
        folds = [
            Fold(
                smooth(
                    [
                        (CENTRE + side * (20 + k * 18), 330),
                        (CENTRE + side * (34 + k * 18), 470),
                        (CENTRE + side * (40 + k * 20), length - 20),
                    ]
                ),
                22,
                (-1) ** k * 4.5,
            )
            for k in range(4)
        ]
        canvas.part(
            np.vstack([edge_out, edge_in[::-1]]),
            look.blocked(cloth, 250, 310),
            angle=-side * 5,
            origin=(CENTRE, 300),
            volume=30,
            folds=folds,
            drop=0.32,
            crumple=1.2,
        )
    back = smooth(
        [
            (CENTRE - 128, 250, 1),
            (CENTRE - 90, 150),
            (CENTRE, 118),
            (CENTRE + 90, 150),
            (CENTRE + 128, 250, 1),
            (CENTRE + 70, 240),
            (CENTRE, 214),
            (CENTRE - 70, 240),
        ],
        closed=True,
    )
    canvas.part(
        back,
        cloth.dim(0.62) if cloth.pattern == "plain" else replace(cloth, gloss=0.0),
        light=-0.25,
        volume=30,
        origin=(CENTRE, 100),
    )
    waves = [
        Fold(
            smooth(
                [
                    (CENTRE - 150, 236 + i * 22),
                    (CENTRE - 40, 316 + i * 21),
                    (CENTRE + 60, 316 + i * 20),
                    (CENTRE + 150, 226 + i * 22),
                ]
            ),
            24,
            (-1) ** i * 6.0,
        )
        for i in range(4)
    ]
    loop = smooth(
        [
            (CENTRE - 132, 196),
            (CENTRE - 96, 236),
            (CENTRE, 284),
            (CENTRE + 96, 236),
            (CENTRE + 132, 196),
            (CENTRE + 168, 262),
            (CENTRE + 130, 346),
            (CENTRE + 40, 398),
            (CENTRE - 40, 398),
            (CENTRE - 130, 346),
            (CENTRE - 168, 262),
        ],
        closed=True,
    )
    canvas.part(loop, cloth, angle=4, origin=(CENTRE, 180), volume=44, folds=waves, drop=0.45, crumple=1.5)
