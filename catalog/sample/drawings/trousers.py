"""Trousers and jeans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.collars import button_tint
from catalog.sample.drawings.legs import LEGS, TOP, Leg, draw_fly, draw_legs, draw_waistband
from catalog.sample.drawings.torso import draw_ribs
from catalog.sample.geometry import CENTRE, Outline, between, flipped, half, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, brightness, darker, lighter, thread


def draw_jeans(canvas: Canvas, look: Look) -> None:
    """Draw jeans, washed paler along the thighs."""
    look = look.denim()
    leg = LEGS[look.get("leg", "straight")]
    cloth = look.cloth("denim", contrast=0.72)
    sewn = (206, 148, 78) if brightness(look.rgb) < 0.78 else darker(look.rgb, 0.2)
    _, outer, inner = draw_legs(canvas, leg, cloth, TOP, hem=16)
    if look.get("wash") != "raw":
        for side in (-1, 1):
            middle = between(outer, inner, 0.5) if side > 0 else flipped(between(outer, inner, 0.5))
            canvas.shade(
                ribbon(middle[5:34], [10, 46, 40, 34, 10]),
                0.26 if brightness(look.rgb) < 0.6 else 0.12,
                22,
                bright=True,
            )
            for i in range(4):
                y = leg.crotch - 26 + i * 17
                rays = smooth([(CENTRE + side * 18, y + 10), (CENTRE + side * 50, y), (CENTRE + side * 92, y + 4)])
                canvas.shade(ribbon(rays, [1, 4, 1]), 0.16, 4, bright=True)
    if look.get("wash") == "ripped":
        _draw_rips(canvas, outer, inner)
    for side in (-1, 1):
        pocket = smooth(
            [(CENTRE + side * 44, TOP + 34), (CENTRE + side * 58, TOP + 74), (CENTRE + side * 100, TOP + 92)]
        )
        canvas.seam(pocket, strength=0.34)
        canvas.stitch(moved(pocket, 0, 3), moved(pocket, 0, 8), colour=sewn)
        canvas.button(CENTRE + side * 48, TOP + 40, 2.6, GOLD, holes=False)
        seam = (outer if side > 0 else flipped(outer))[14:] - (side * 7, 0)
        canvas.stitch(seam, colour=sewn, width=0.9, opacity=0.35)
        canvas.stitch(
            np.vstack([(outer if side > 0 else flipped(outer))[-1], (inner if side > 0 else flipped(inner))[-1]])
            - (0, 13),
            colour=sewn,
        )
    draw_fly(canvas, cloth, leg, TOP, sewn)
    draw_waistband(canvas, leg, cloth, TOP, button=GOLD, sewn=sewn)


def _draw_rips(canvas: Canvas, outer: Outline, inner: Outline) -> None:
    for side, at in ((1, 22), (-1, 18), (-1, 25)):
        x, y = between(outer, inner, 0.5)[at]
        x = x if side > 0 else 2 * CENTRE - x
        tear = smooth([(x - 26, y), (x, y - 8), (x + 26, y - 1), (x + 4, y + 9)], closed=True)
        canvas.part(tear, Cloth((226, 228, 232), texture="canvas"), volume=4, crumple=0.5, edge=0.3)
        canvas.ink(
            *[np.array([[x - 20 + i * 5, y - 6], [x - 19 + i * 5, y + 6]]) for i in range(9)],
            colour=(250, 250, 250),
            width=1.4,
            opacity=0.9,
        )


def draw_trousers(canvas: Canvas, look: Look) -> None:
    """Draw trousers: chinos, tailored or joggers."""
    style = look.get("style", "chinos")
    leg = LEGS[look.get("leg", "straight")]
    cord = look.get("stuff") == "cord"
    cloth = look.cloth("cord" if cord else "wool" if look.pattern != "plain" else "twill", scale=0.75, contrast=0.7)
    _, outer, inner = draw_legs(
        canvas, leg, cloth, TOP, crease=style == "tailored", hem=0 if style == "joggers" else 14
    )
    if style == "joggers":
        _draw_jogger_parts(canvas, leg, cloth, outer=outer, inner=inner, look=look)
        return
    for side in (-1, 1):
        pocket = smooth(
            [(CENTRE + side * 62, TOP + 32), (CENTRE + side * 84, TOP + 76), (CENTRE + side * 100, TOP + 112)]
        )
        canvas.seam(pocket, strength=0.36, width=1.6)
        canvas.stitch(pocket - (side * 5, -2), colour=thread(look.rgb), width=0.8, opacity=0.5)
    if look.get("pleats"):
        pleats = [
            smooth([(CENTRE + x, TOP + 30), (CENTRE + x * 1.12, TOP + 84), (CENTRE + x * 1.2, TOP + 140)])
            for x in (-50, -38, 38, 50)
        ]
        for pleat in pleats:
            canvas.shade(ribbon(pleat, [6, 4, 1]), 0.3, 3)
    draw_fly(canvas, cloth, leg, TOP, thread(look.rgb))
    draw_waistband(canvas, leg, cloth, TOP, button=button_tint(look))


def _draw_jogger_parts(canvas: Canvas, leg: Leg, cloth: Cloth, *, outer: Outline, inner: Outline, look: Look) -> None:
    rib = replace(cloth.plain(), texture="wool")
    for side in (-1, 1):
        turn = (lambda line: line) if side > 0 else flipped
        a, b = turn(outer)[-1], turn(inner)[-1]
        start, end = np.vstack([a, b]) - (0, 34), moved(np.vstack([a, b]), 0, 3)
        middle = (a + b) / 2
        end = (end - middle) * (0.84, 1) + middle
        canvas.part(np.vstack([start, end[::-1]]), rib, volume=12, drop=0.2)
        draw_ribs(canvas, start, end, 7)
        slot = smooth(
            [(CENTRE + side * 72, TOP + 44), (CENTRE + side * 92, TOP + 86), (CENTRE + side * 104, TOP + 128)]
        )
        canvas.seam(slot, strength=0.36)
        if look.get("trim") == "contrast":
            band = turn(outer)[2:-4] - (side * 11, 0)
            canvas.ink(band, colour=look.accent, width=8, opacity=0.92)
    w = leg.waist
    band = half([(0, TOP + 4), (w, TOP - 5, 1), (w + 3, TOP + 30, 1), (0, TOP + 42)])
    canvas.part(band, rib, volume=12, drop=0.25)
    draw_ribs(
        canvas,
        np.array([[CENTRE - w, TOP], [CENTRE + w, TOP]]),
        np.array([[CENTRE - w, TOP + 36], [CENTRE + w, TOP + 36]]),
        8,
    )
    for side in (-1, 1):
        cord = smooth([(CENTRE + side * 10, TOP + 24), (CENTRE + side * 20, TOP + 76), (CENTRE + side * 14, TOP + 130)])
        canvas.part(ribbon(cord, 6), Cloth(lighter(look.rgb, 0.5), texture="canvas"), volume=3, drop=0.4, crumple=0)
