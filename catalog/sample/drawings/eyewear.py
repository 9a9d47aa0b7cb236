"""Sunglasses."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import RGB, Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, ellipse, flipped, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, STEEL


def _metal(look: Look) -> RGB:
    return {"gold": GOLD, "steel": STEEL}.get(look.get("metal"), SILVER)


def draw_sunglasses(canvas: Canvas, look: Look) -> None:
    """Draw sunglasses: square, round, pilot or cat-eye."""
    style = look.get("style", "square")
    wire = style in {"round", "pilot"}
    frame = (
        Cloth(_metal(look) if wire else look.rgb, texture="", gloss=0.9, contrast=0.9)
        if wire
        else look.cloth("", scale=0.5, gloss=0.8, contrast=0.8)
    )
    y = 400.0
    for side in (-1, 1):
        temple = smooth(
            [
                (CENTRE + side * 226, y - 44),
                (CENTRE + side * 214, y - 92),
                (CENTRE + side * 150, y - 134),
                (CENTRE + side * 60, y - 140),
                (CENTRE + side * 20, y - 124),
            ]
        )
        canvas.part(
            ribbon(temple, [14, 12, 11, 13, 15] if not wire else [6, 5, 5, 10, 12]),
            frame.dim(0.85),
            volume=5,
            crumple=0,
        )
    lens = {
        "square": smooth(
            [
                (CENTRE + 34, y - 52),
                (CENTRE + 120, y - 66),
                (CENTRE + 208, y - 58),
                (CENTRE + 216, y - 10),
                (CENTRE + 196, y + 52),
                (CENTRE + 120, y + 68),
                (CENTRE + 56, y + 56),
                (CENTRE + 30, y),
            ],
            closed=True,
        ),
        "round": ellipse(CENTRE + 120, y, 84, 80),
        "pilot": smooth(
            [
                (CENTRE + 34, y - 44),
                (CENTRE + 110, y - 62),
                (CENTRE + 204, y - 52),
                (CENTRE + 216, y - 8),
                (CENTRE + 186, y + 66),
                (CENTRE + 130, y + 92),
                (CENTRE + 70, y + 66),
                (CENTRE + 32, y + 4),
            ],
            closed=True,
        ),
        "cat-eye": smooth(
            [
                (CENTRE + 34, y - 40),
                (CENTRE + 120, y - 62),
                (CENTRE + 216, y - 86),
                (CENTRE + 224, y - 40),
                (CENTRE + 190, y + 40),
                (CENTRE + 120, y + 60),
                (CENTRE + 56, y + 44),
                (CENTRE + 30, y),
            ],
            closed=True,
        ),
    }[style]
    middle = lens.mean(axis=0)
    rim = (lens - middle) * (1.05 if wire else 1.15) + middle
    if style == "cat-eye":
        rim = np.where(((rim[:, :1] - CENTRE) > 200) & (rim[:, 1:] < y - 50), moved(rim, 8, -10), rim)
    tints: dict[str, tuple[RGB, RGB]] = {
        "grey": ((40, 42, 48), (120, 124, 132)),
        "brown": ((72, 44, 26), (176, 128, 88)),
        "green": ((34, 58, 44), (124, 152, 128)),
        "blue": ((36, 62, 108), (140, 176, 214)),
        "rose": ((150, 74, 84), (230, 176, 176)),
    }
    dark, pale = tints[look.get("lens", "grey")]
    for side in (-1, 1):
        turn = (lambda line: line) if side > 0 else flipped
        glass = Cloth(dark, texture="", gloss=0.3, bands=())
        mask = canvas.part(turn(lens), glass, volume=12, depth=0.5, crumple=0, edge=0.05, opacity=0.93)
        for i in range(9):
            canvas.shade(
                turn(
                    smooth(
                        [
                            (CENTRE + 20, y - 4 + i * 11, 1),
                            (CENTRE + 232, y - 4 + i * 11, 1),
                            (CENTRE + 232, y + 110, 1),
                            (CENTRE + 20, y + 110, 1),
                        ],
                        closed=True,
                    )
                ),
                0.055,
                6,
                mask,
                bright=True,
            )
        canvas.part(turn(lens), Cloth(pale, texture=""), clip=mask, opacity=0.14, volume=2, depth=0, crumple=0)
        glare = np.array(
            [
                [CENTRE + side * 120 - 62, y - 70],
                [CENTRE + side * 120 - 16, y - 70],
                [CENTRE + side * 120 - 62, y + 70],
                [CENTRE + side * 120 - 98, y + 70],
            ]
        )
        canvas.shade(glare, 0.20, 3, mask, bright=True)
        canvas.part(
            turn(rim),
            frame,
            holes=[turn(lens)],
            volume=6 if not wire else 3,
            depth=1.2,
            crumple=0,
            drop=0.3,
            origin=(CENTRE, y),
        )
        if not wire:
            hinge = CENTRE + side * (215 if style != "cat-eye" else 222)
            for dy in (-3, 4):
                canvas.button(hinge, y - 44 + dy, 2.6, SILVER, holes=False, gloss=0.9)
    bridge = smooth([(CENTRE - 36, y - 28), (CENTRE - 16, y - 44), (CENTRE + 16, y - 44), (CENTRE + 36, y - 28)])
    canvas.part(ribbon(bridge, [12, 15, 15, 12] if not wire else 6), frame, volume=5, crumple=0, drop=0.2)
    if style == "pilot":
        canvas.part(
            ribbon(smooth([(CENTRE - 62, y - 58), (CENTRE, y - 64), (CENTRE + 62, y - 58)]), 6),
            frame,
            volume=3,
            crumple=0,
        )
