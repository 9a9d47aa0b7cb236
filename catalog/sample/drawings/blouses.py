"""Blouses: soft cloth, full sleeves, a tie or a frill at the neck."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.sleeves import SLEEVES, draw_sleeves
from catalog.sample.drawings.torso import NECKS, Torso, draw_body, draw_inside
from catalog.sample.geometry import CENTRE, Outline, moved, rounded, smooth
from catalog.sample.look import Look
from catalog.sample.palette import lighter


def draw_blouse(canvas: Canvas, look: Look) -> None:
    """Draw a blouse: soft cloth, full sleeves, a tie or a frill at the neck."""
    neck = look.get("neck", "v")
    width, depth = NECKS[neck]
    body = Torso(
        neck=width,
        neck_depth=depth * 0.86,
        neck_shape=neck,
        shoulder=118,
        chest=134,
        waist=132,
        hem=148,
        length=606,
        hem_drop=12,
    )
    cloth = look.cloth("silk", scale=0.85, gloss=0.16, contrast=0.8)
    sleeve = SLEEVES[look.get("sleeve", "bishop")]
    draw_inside(canvas, body, cloth, label=False)
    draw_sleeves(canvas, body, sleeve, cloth, cuff=cloth if sleeve.cuff else None)
    draw_body(canvas, body, cloth, strength=1.5)
    line = body.full_neckline()
    canvas.seam(moved(line, 0, 5), strength=0.22)
    if look.get("detail") == "bow":
        _draw_bow(canvas, body, cloth)
    elif look.get("detail") == "frill":
        _draw_frill(canvas, line, cloth)
    else:
        bottom = body.top + body.neck_depth
        canvas.seam(np.array([[CENTRE, bottom], [CENTRE, body.length + 12]]), strength=0.26)
        for i in range(5):
            canvas.button(CENTRE + 7, bottom + 26 + i * 84, 3.6, lighter(look.rgb, 0.4))


def _draw_bow(canvas: Canvas, body: Torso, cloth: Cloth) -> None:
    y = body.top + body.neck_depth
    for side in (-1, 1):
        collar = smooth(
            [
                (CENTRE + side * body.neck, body.top - 5, 1),
                (CENTRE + side * (body.neck + 10), body.top + 6),
                (CENTRE + side * 8, y + 6, 1),
                (CENTRE, y - 8, 1),
                (CENTRE + side * body.neck * 0.6, body.top + body.neck_depth * 0.38),
            ],
            closed=True,
        )
        canvas.part(collar, cloth, volume=7, depth=1.1, crumple=0.6, drop=0.3)
        tail = smooth(
            [
                (CENTRE + side * 2, y, 1),
                (CENTRE + side * 14, y + 70),
                (CENTRE + side * 22, y + 148, 1),
                (CENTRE + side * 50, y + 138, 1),
                (CENTRE + side * 34, y + 66),
                (CENTRE + side * 9, y, 1),
            ],
            closed=True,
        )
        canvas.part(tail, cloth, volume=9, crumple=1.6, drop=0.3, angle=-side * 10)
        loop = smooth(
            [
                (CENTRE, y, 1),
                (CENTRE + side * 30, y - 16),
                (CENTRE + side * 62, y - 6),
                (CENTRE + side * 56, y + 22),
                (CENTRE + side * 26, y + 18),
            ],
            closed=True,
        )
        canvas.part(loop, cloth, volume=10, crumple=1.6, drop=0.35, angle=side * 30)
        canvas.seam(
            smooth([(CENTRE + side * 9, y), (CENTRE + side * 30, y - 2), (CENTRE + side * 44, y + 3)]),
            strength=0.3,
            width=2,
        )
    canvas.part(rounded(CENTRE - 10, y - 11, CENTRE + 10, y + 13, 7), cloth, volume=7, drop=0.4)


def _draw_frill(canvas: Canvas, line: Outline, cloth: Cloth) -> None:
    at = np.linspace(0, 26 * np.pi, 240)
    picked = np.column_stack(
        [np.interp(np.linspace(0, 1, 240), np.linspace(0, 1, len(line)), line[:, i]) for i in (0, 1)]
    )
    out = (picked - (CENTRE, 110)) / np.linalg.norm(picked - (CENTRE, 110), axis=1, keepdims=True)
    edge = picked + out * (30 + 3.5 * np.sin(at))[:, None]
    canvas.part(np.vstack([picked - out * 2, edge[::-1]]), cloth, volume=5, crumple=1.2, drop=0.32)
    pleats = [np.vstack([picked[i], edge[i]]) for i in range(4, 236, 9)]
    canvas.seam(*pleats, width=2.2, strength=0.2)
    del at
