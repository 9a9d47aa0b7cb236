"""Shorts: chino, denim and for swimming."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.collars import button_tint
from catalog.sample.drawings.legs import LEGS, draw_fly, draw_legs, draw_waistband
from catalog.sample.geometry import CENTRE, flipped, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, thread


def draw_shorts(canvas: Canvas, look: Look) -> None:
    """Draw shorts."""
    top = 150.0
    leg = LEGS["short shorts" if look.get("length") == "short" else "shorts"]
    denim = look.get("style") == "denim"
    look = look.denim() if denim else look
    cloth = look.blocked(look.cloth("denim" if denim else "twill"), 130)
    sewn = (206, 148, 78) if denim else thread(look.rgb)
    _, outer, inner = draw_legs(canvas, leg, cloth, top, hem=18)
    for side in (-1, 1):
        pocket = smooth(
            [(CENTRE + side * 58, top + 34), (CENTRE + side * 78, top + 84), (CENTRE + side * 120, top + 112)]
        )
        canvas.seam(pocket, strength=0.34)
        canvas.stitch(moved(pocket, 0, 5), colour=sewn)
        turn = (lambda line: line) if side > 0 else flipped
        edge = np.vstack([turn(outer)[-1], turn(inner)[-1]])
        canvas.stitch(edge - (0, 15), colour=sewn)
        if look.get("hem") == "turn-up":
            cuff = np.vstack([edge - (0, 26), (moved(edge, 0, 3))[::-1]])
            canvas.part(cuff, cloth.plain(), volume=9, drop=0.3)
    if look.get("style") == "swim":
        for side in (-1, 1):
            cord = smooth(
                [(CENTRE + side * 4, top + 26), (CENTRE + side * 22, top + 70), (CENTRE + side * 12, top + 112)]
            )
            canvas.part(ribbon(cord, 5), Cloth((244, 242, 236), texture="canvas"), volume=3, drop=0.4, crumple=0)
        draw_waistband(canvas, leg, cloth.plain(), top, loops=False)
        gather = [
            np.array([[x, top + 4 - abs(x - CENTRE) * 0.06], [x, top + 30 - abs(x - CENTRE) * 0.06]])
            for x in np.arange(CENTRE - 94, CENTRE + 95, 8)
        ]
        canvas.seam(*gather, width=2, strength=0.2)
        return
    draw_fly(canvas, cloth, leg, top, sewn)
    draw_waistband(canvas, leg, cloth.plain(), top, button=GOLD if denim else button_tint(look), sewn=sewn)
