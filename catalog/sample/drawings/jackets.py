"""Jackets: bomber, denim, puffer, biker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.collars import draw_collar, draw_patch, draw_placket
from catalog.sample.drawings.knitwear import draw_zip
from catalog.sample.drawings.sleeves import SLEEVES, draw_sleeves
from catalog.sample.drawings.tailoring import lapels
from catalog.sample.drawings.tops import fitted
from catalog.sample.drawings.torso import Torso, draw_body, draw_inside, draw_neckband, rib_hem
from catalog.sample.geometry import CENTRE, flipped, half, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, brightness, darker, thread


def draw_jacket(canvas: Canvas, look: Look) -> None:
    """Draw a jacket: bomber, denim, puffer or biker."""
    {"denim": _draw_trucker, "puffer": _draw_puffer, "biker": _draw_biker}.get(look.get("style"), _draw_bomber)(
        canvas, look
    )


def _draw_bomber(canvas: Canvas, look: Look) -> None:
    body = fitted(look, length=566, neck_depth=26)
    cloth = look.cloth("silk", gloss=0.22, contrast=0.85)
    rib = Cloth(look.accent if look.get("trim") == "contrast" else darker(look.rgb, 0.15), texture="wool")
    draw_inside(canvas, body, cloth)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], width=70, bend=16), cloth, cuff=rib, ribbed=True, cuff_depth=34)
    rib_hem(canvas, body, rib, 36)
    draw_body(canvas, body, look.blocked(cloth, 180), hem=False, strength=1.8)
    draw_neckband(canvas, body, rib, 24)
    draw_zip(canvas, body.top + 26, body.length + 34, cloth)
    for side in (-1, 1):
        line = np.array([[CENTRE + side * 62, 430.0], [CENTRE + side * 98, 506.0]])
        canvas.part(ribbon(line, 12), cloth, volume=5, drop=0.35, crumple=0.2)
        canvas.seam(line, strength=0.4)


def _draw_trucker(canvas: Canvas, look: Look) -> None:
    look = look.denim()
    body = fitted(look, length=560, neck=50, neck_depth=32)
    cloth = look.cloth("denim", contrast=0.7)
    sewn = (214, 158, 88) if brightness(look.rgb) < 0.75 else darker(look.rgb, 0.25)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], width=64), cloth, cuff=cloth, cuff_depth=34)
    mask = draw_body(canvas, body, cloth, hem=False)
    _fade(canvas, mask)
    yoke = 226.0
    canvas.seam(
        np.array([[CENTRE - 150, yoke + 4], [CENTRE, yoke], [CENTRE + 150, yoke + 4]]), strength=0.35, clip=mask
    )
    canvas.stitch(np.array([[CENTRE - 138, yoke + 9], [CENTRE + 138, yoke + 9]]), colour=sewn)
    for side in (-1, 1):
        for top, bottom in ((30, 34), (104, 62)):
            seam = np.array([[CENTRE + side * top, yoke + 40], [CENTRE + side * bottom, body.length - 4]])
            canvas.seam(seam, strength=0.3, clip=mask)
            canvas.stitch(moved(seam, 4, 0), seam - (4, 0), colour=sewn)
        draw_patch(canvas, cloth, at=(CENTRE + (32 if side > 0 else -94), yoke + 6), size=(62, 64), flap=True)
        canvas.button(CENTRE + side * 63, yoke + 26, 5, GOLD, holes=False)
    band = half(
        [
            (0, body.length - 8),
            (body.hem, body.length - 10, 1),
            (body.hem - 2, body.length + 26, 1),
            (0, body.length + 34),
        ]
    )
    canvas.part(band, cloth, volume=8, drop=0.25)
    canvas.stitch(body.hem_line(2), body.hem_line(-20), colour=sewn)
    draw_placket(canvas, cloth, body.top + 24, body.length + 30, width=30, buttons=6, tint=GOLD, radius=6)
    draw_collar(canvas, body, cloth, point=(58, body.top + 70))


def _fade(canvas: Canvas, mask: Mask | None) -> None:
    for side in (-1, 1):
        canvas.shade(
            smooth(
                [
                    (CENTRE + side * 30, 330),
                    (CENTRE + side * 92, 320),
                    (CENTRE + side * 84, 520),
                    (CENTRE + side * 36, 520),
                ],
                closed=True,
            ),
            0.09,
            26,
            mask,
            bright=True,
        )


def _draw_puffer(canvas: Canvas, look: Look) -> None:
    body = fitted(look, length=600, neck=54, neck_depth=20, shoulder=140, chest=160, waist=158, hem=156)
    cloth = look.cloth("silk", gloss=0.35, contrast=0.8)
    sleeve = replace(SLEEVES["long"], width=84, length=380, bend=10)
    draw_sleeves(canvas, body, sleeve, cloth, hem=False)
    for side in (-1, 1):
        _quilt(canvas, [(CENTRE + side * (146 + i * 9.2), 212 + i * 45, 62 - i * 2) for i in range(9)], -side * 11)
    mask = draw_body(canvas, body, look.blocked(cloth, 140, 290), hem=False, strength=0.3)
    for y in range(190, 600, 50):
        line = smooth(
            [(CENTRE - 162, y - 3), (CENTRE - 80, y + 4), (CENTRE, y), (CENTRE + 80, y + 4), (CENTRE + 162, y - 3)]
        )
        canvas.shade(ribbon(moved(line, 0, 12), 18), 0.16, 7, mask, bright=True)
        canvas.shade(ribbon(line - (0, 8), 18), 0.34, 7, mask)
        canvas.seam(line, width=1.6, strength=0.4, clip=mask)
        rng = canvas.rng
        ticks = [
            np.array([[x, y], [x + rng.uniform(-5, 5), y + rng.uniform(6, 14)]])
            for x in rng.uniform(CENTRE - 150, CENTRE + 150, 22)
        ]
        canvas.seam(*ticks, width=2.2, strength=0.14, clip=mask)
    _draw_stand_collar(canvas, body, cloth)
    draw_zip(canvas, body.top - 18, body.length + 6, cloth)


def _quilt(canvas: Canvas, stops: list[tuple[float, float, float]], turn: float) -> None:
    for x, y, reach in stops:
        slope = np.tan(np.radians(turn))
        line = np.array([[x - reach * 0.75, y - reach * 0.75 * -slope], [x + reach * 0.75, y + reach * 0.75 * -slope]])
        canvas.shade(ribbon(moved(line, 0, 9), 14), 0.14, 6, bright=True)
        canvas.shade(ribbon(line - (0, 7), 14), 0.30, 6)
        canvas.seam(line, width=1.5, strength=0.35)


def _draw_stand_collar(canvas: Canvas, body: Torso, cloth: Cloth, height: float = 44) -> None:
    top, neck = body.top, body.neck
    inside = half([(0, top - height + 4), (neck - 6, top - height, 1), (neck - 2, top + 4), (0, top + 26)])
    canvas.part(inside, cloth.dim(0.55), volume=8, depth=0.4, edge=0)
    right = smooth(
        [
            (CENTRE, top + 18, 1),
            (CENTRE + neck * 0.5, top - 2),
            (CENTRE + neck - 4, top - height, 1),
            (CENTRE + neck + 6, top - height + 8),
            (CENTRE + neck + 12, top + 6, 1),
            (CENTRE + neck * 0.6, top + 34),
            (CENTRE, top + 44, 1),
        ],
        closed=True,
    )
    for shape in (flipped(right), right):
        canvas.part(shape, cloth.plain(), volume=14, drop=0.3)


def _draw_biker(canvas: Canvas, look: Look) -> None:
    body = fitted(look, length=552, neck=52, neck_depth=36)
    cloth = look.cloth("leather", gloss=0.6, contrast=0.95)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], width=62, bend=14), cloth)
    draw_inside(canvas, body, cloth)
    mask = draw_body(canvas, body, cloth, hem=False, strength=1.7)
    canvas.stitch(body.hem_line(12), colour=thread(look.rgb), width=0.8)
    line = np.array([[CENTRE + 44, 230.0], [CENTRE - 34, body.length + 4]])
    canvas.seam(moved(line, 14, 0), strength=0.4, clip=mask)
    teeth = [np.array([p - (4, 0), moved(p, 4, 0)]) for p in np.linspace(line[0], line[1], 80)]
    canvas.ink(*teeth, colour=SILVER, width=2)
    for x0, y0, x1, y1 in ((66, 300, 110, 276), (60, 448, 112, 424), (-60, 448, -112, 424)):
        slot = np.array([[CENTRE + x0, y0], [CENTRE + x1, y1]], np.float64)
        canvas.part(ribbon(slot, 12), cloth.dim(0.8), volume=4, drop=0.3, crumple=0)
        canvas.ink(
            *[np.array([p - (0, 3), moved(p, 0, 3)]) for p in np.linspace(slot[0], slot[1], 16)],
            colour=SILVER,
            width=1.8,
        )
    lapels(canvas, body, cloth, depth=150, spread=98, notch=True, gap=6)
    for side in (-1, 1):
        canvas.button(CENTRE + side * 66, body.top + 62, 5.5, SILVER, holes=False, gloss=0.8)
    canvas.part(
        np.array(
            [
                [CENTRE - 152, body.length - 34],
                [CENTRE + 150, body.length - 34],
                [CENTRE + 150, body.length - 12],
                [CENTRE - 152, body.length - 12],
            ]
        ),
        cloth,
        volume=8,
        drop=0.3,
        clip=mask,
    )
