"""Skirts: A-line, pleated, pencil and tiered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas, Fold
from catalog.sample.drawings.collars import button_tint
from catalog.sample.drawings.legs import LEGS, draw_waistband
from catalog.sample.geometry import CENTRE, half, moved, ribbon, smooth
from catalog.sample.look import Look


def draw_skirt(canvas: Canvas, look: Look) -> None:
    """Draw a skirt: pleated, A-line, pencil or a tiered one."""
    style = look.get("style", "a-line")
    length = {"mini": 470.0, "midi": 640.0, "maxi": 728.0}[look.get("length", "midi")]
    top = 84.0 if length > 700 else 120.0
    hem = {"a-line": 172.0, "pleated": 196.0, "pencil": 112.0, "tiered": 205.0}[style] * (0.94 if length < 500 else 1)
    cloth = look.cloth({"pencil": "twill", "pleated": "silk"}.get(style, "jersey"), scale=0.9, gloss=0.1, contrast=0.75)
    hip = 124 if style != "pencil" else 128
    shape = half(
        [
            (0, top + 8),
            (88, top, 1),
            (hip, top + 120),
            (hem * (0.88 if style != "pencil" else 1.06), top + (length - top) * 0.62),
            (hem, length, 1),
            (hem * 0.55, length + 12),
            (0, length + 16),
        ]
    )
    canvas.part(
        half([(0, top - 6), (84, top - 6, 1), (80, top + 20), (0, top + 30)]),
        cloth.dim(0.55),
        volume=8,
        depth=0.3,
        edge=0,
    )
    mask = canvas.part(
        shape,
        look.blocked(cloth, 190),
        origin=(CENTRE, top),
        volume=44,
        depth=0.9,
        folds=skirt_folds(canvas, style, top, hem, length),
    )
    if style == "pleated":
        for x in np.linspace(-0.92, 0.92, 15):
            line = smooth(
                [
                    (CENTRE + x * 86, top + 30),
                    (CENTRE + x * hip * 1.02, top + 120),
                    (CENTRE + x * hem, length + 12 * (1 - x * x)),
                ]
            )
            canvas.shade(ribbon(moved(line, 4, 0), [3, 8, 13]), 0.30, 4, mask)
            canvas.seam(line, width=1.4, strength=0.32, clip=mask)
    if style == "tiered":
        for share in (0.36, 0.68):
            y = top + (length - top) * share
            w = 88 + (hem - 88) * share + 14
            line = smooth([(CENTRE - w, y - 6), (CENTRE, y + 8), (CENTRE + w, y - 6)])
            canvas.shade(ribbon(moved(line, 0, 6), 9), 0.3, 4, mask)
            canvas.seam(line, strength=0.35, clip=mask)
            ticks = [
                np.array([[x, y + 5], [x + (x - CENTRE) * 0.04, y + 24]]) for x in np.arange(CENTRE - w, CENTRE + w, 9)
            ]
            canvas.seam(*ticks, width=2.2, strength=0.17, clip=mask)
    if style == "a-line" and look.get("front") == "buttons":
        canvas.seam(
            np.array([[CENTRE - 14, top + 20], [CENTRE - 14, length + 16]]),
            np.array([[CENTRE + 14, top + 20], [CENTRE + 14, length + 16]]),
            strength=0.22,
            clip=mask,
        )
        for y in np.arange(top + 52, length - 10, 58):
            canvas.button(CENTRE, float(y), 7, button_tint(look))
    low = smooth([(CENTRE - hem, length - 14), (CENTRE, length + 2), (CENTRE + hem, length - 14)])
    canvas.seam(low, strength=0.16, clip=mask)
    draw_waistband(canvas, replace(LEGS["straight"], waist=88), cloth.plain(), top, loops=style == "pencil")


def skirt_folds(canvas: Canvas, style: str, top: float, hem: float, length: float) -> list[Fold]:
    rng = canvas.rng
    count = {"pencil": 4, "pleated": 0, "a-line": 9, "tiered": 13}[style]
    folds = []
    for i in range(count):
        x = -0.85 + 1.7 * (i + rng.uniform(0.2, 0.8)) / count
        start = top + (length - top) * rng.uniform(0.2, 0.5)
        line = smooth(
            [
                (CENTRE + x * 100, start),
                (CENTRE + x * hem * 0.8, (start + length) / 2),
                (CENTRE + x * hem * 1.02, length + 14),
            ]
        )
        folds.append(Fold(line, rng.uniform(20, 36), (1 if i % 2 else -1) * rng.uniform(3, 6.5)))
    return folds
