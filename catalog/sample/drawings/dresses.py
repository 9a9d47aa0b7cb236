"""Dresses: A-line, shift, wrap and slip."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.skirts import skirt_folds
from catalog.sample.drawings.sleeves import SLEEVES, draw_sleeves
from catalog.sample.drawings.torso import NECKS, Torso, body_folds, draw_inside
from catalog.sample.geometry import CENTRE, Outline, flipped, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import lighter

HEMS = {"mini": 560.0, "knee": 640.0, "midi": 704.0, "maxi": 752.0}


def _bodice(look: Look) -> Torso:
    neck, depth = NECKS[look.get("neck", "crew")]
    return Torso(
        top=64,
        neck=neck * 0.86,
        neck_depth=depth * 0.8,
        neck_shape=look.get("neck", "crew"),
        shoulder=94,
        shoulder_y=88,
        chest=104,
        underarm=204,
        waist=82,
        waist_y=300,
    )


def _silhouette(body: Torso, hem: float, length: float, style: str) -> Outline:
    waist = {"a-line": 80.0, "shift": 102.0, "wrap": 82.0, "slip": 90.0}[style]
    hip = {"a-line": 118.0, "shift": 112.0, "wrap": 116.0, "slip": 108.0}[style]
    right = smooth(
        [
            (CENTRE + body.neck, body.top, 1),
            (CENTRE + body.shoulder, body.shoulder_y, 1),
            (CENTRE + body.shoulder - 13, (body.shoulder_y + body.underarm) / 2 + 8),
            (CENTRE + body.chest, body.underarm, 1),
            (CENTRE + waist + 5, body.waist_y - 46),
            (CENTRE + waist, body.waist_y),
            (CENTRE + hip, body.waist_y + 92),
            (CENTRE + hem, length, 1),
            (CENTRE + hem * 0.5, length + 11),
            (CENTRE, length + 14),
        ]
    )
    whole = np.vstack([body.neckline(), right[1:]])
    return np.vstack([whole, flipped(whole)[::-1]])


def _slip_outline(hem: float, length: float) -> Outline:
    right = smooth(
        [
            (CENTRE, 176, 1),
            (CENTRE + 34, 156),
            (CENTRE + 64, 122, 1),
            (CENTRE + 84, 160),
            (CENTRE + 102, 204, 1),
            (CENTRE + 90, 270),
            (CENTRE + 90, 310),
            (CENTRE + 112, 400),
            (CENTRE + hem, length, 1),
            (CENTRE, length + 12),
        ]
    )
    return np.vstack([right, flipped(right)[::-1]])


def draw_dress(canvas: Canvas, look: Look) -> None:
    """Draw a dress: A-line, shift, wrap or slip."""
    style = look.get("style", "a-line")
    length = HEMS[look.get("length", "knee")]
    hem = {"a-line": 182.0, "shift": 126.0, "wrap": 158.0, "slip": 138.0}[style] * (1.05 if length > 700 else 1)
    silky = style in {"wrap", "slip"}
    cloth = look.cloth(
        "silk" if silky else "jersey", scale=0.9, gloss=0.22 if silky else 0.06, contrast=0.85 if silky else 0.72
    )
    if style == "slip":
        _draw_slip(canvas, look, cloth, hem, length)
        return
    body = _bodice(look)
    sleeve = look.get("sleeve")
    if style == "wrap":
        body = Torso(**{**body.__dict__, "neck_shape": "v", "neck_depth": 128})
    draw_inside(canvas, body, cloth, label=style != "wrap")
    if sleeve:
        shape = SLEEVES[sleeve]
        draw_sleeves(
            canvas,
            body,
            type(shape)(
                shape.length * 0.78, shape.angle + 2, shape.width * 0.78, shape.puff * 0.8, shape.cuff * 0.8, shape.bend
            ),
            cloth,
            cuff=cloth if shape.cuff else None,
        )
    folds = [
        *skirt_folds(canvas, "pencil" if style == "shift" else "a-line", body.waist_y, hem, length),
        *body_folds(canvas, body, strength=0.6)[:6],
    ]
    outline = _silhouette(body, hem, length, style)
    mask = canvas.part(
        outline, look.blocked(cloth, 236, 420), origin=(CENTRE, body.top), folds=folds, volume=34, drop=0.2
    )
    line = body.full_neckline()
    canvas.seam(moved(line, 0, 7), strength=0.24, clip=mask)
    arm = smooth(
        [
            (CENTRE + body.shoulder, body.shoulder_y),
            (CENTRE + body.shoulder - 13, (body.shoulder_y + body.underarm) / 2 + 8),
            (CENTRE + body.chest, body.underarm),
        ]
    )
    if sleeve:
        canvas.seam(arm, flipped(arm), strength=0.28, clip=mask)
    else:
        canvas.seam(arm - (7, 0), moved(flipped(arm), 7, 0), strength=0.24, clip=mask)
    if style == "a-line":
        _draw_waist_seam(canvas, body, mask, cloth, belted=look.get("belt") != "")
    if style == "wrap":
        _draw_wrap(canvas, body, mask, cloth, length)
    canvas.seam(
        smooth([(CENTRE - hem, length - 13), (CENTRE, length + 1), (CENTRE + hem, length - 13)]),
        strength=0.16,
        clip=mask,
    )
    if look.get("front") == "buttons":
        for y in np.arange(body.top + body.neck_depth + 14, length - 30, 46):
            canvas.button(CENTRE, float(y), 5, lighter(look.rgb, 0.5))
        canvas.seam(
            np.array([[CENTRE - 12, body.top + body.neck_depth], [CENTRE - 12, length + 14]]), strength=0.24, clip=mask
        )


def _draw_waist_seam(canvas: Canvas, body: Torso, mask: Mask | None, cloth: Cloth, *, belted: bool) -> None:
    y = body.waist_y
    if belted:
        band = smooth(
            [
                (CENTRE - 84, y - 12, 1),
                (CENTRE, y - 6),
                (CENTRE + 84, y - 12, 1),
                (CENTRE + 85, y + 12, 1),
                (CENTRE, y + 18),
                (CENTRE - 85, y + 12, 1),
            ],
            closed=True,
        )
        canvas.part(band, cloth.plain(), volume=8, drop=0.35, crumple=0.5)
        canvas.part(
            smooth(
                [
                    (CENTRE - 12, y - 10, 1),
                    (CENTRE + 12, y - 10, 1),
                    (CENTRE + 12, y + 22, 1),
                    (CENTRE - 12, y + 22, 1),
                ],
                closed=True,
            ),
            cloth.plain(),
            volume=6,
            drop=0.35,
        )
        return
    line = smooth([(CENTRE - 86, y - 3), (CENTRE, y + 5), (CENTRE + 86, y - 3)])
    canvas.seam(line, strength=0.32, clip=mask)
    ticks = [np.array([[x, y + 3], [x + (x - CENTRE) * 0.14, y + 26]]) for x in np.arange(CENTRE - 78, CENTRE + 79, 9)]
    canvas.seam(*ticks, width=2.4, strength=0.18, clip=mask)


def _draw_wrap(canvas: Canvas, body: Torso, mask: Mask | None, cloth: Cloth, length: float) -> None:
    y = body.waist_y
    over = smooth(
        [(CENTRE + body.neck, body.top), (CENTRE + 14, body.top + 120), (CENTRE - 40, y - 30), (CENTRE - 80, y)]
    )
    canvas.shade(ribbon(moved(over, 2, 8), 9), 0.32, 5, mask)
    canvas.seam(over, moved(over, 5, 6), strength=0.34, clip=mask)
    edge = smooth([(CENTRE - 66, y + 6), (CENTRE - 36, y + 160), (CENTRE - 58, length + 14)])
    canvas.shade(ribbon(edge - (7, 0), [3, 10, 14]), 0.36, 5, mask)
    canvas.seam(edge, strength=0.4, width=1.6, clip=mask)
    band = smooth(
        [
            (CENTRE - 86, y - 12, 1),
            (CENTRE, y - 4),
            (CENTRE + 86, y - 12, 1),
            (CENTRE + 87, y + 14, 1),
            (CENTRE, y + 22),
            (CENTRE - 87, y + 14, 1),
        ],
        closed=True,
    )
    canvas.part(band, cloth, volume=8, drop=0.35, crumple=0.8, origin=(CENTRE, body.top))
    for dx, reach in ((-18, 104), (6, 128)):
        tail = smooth(
            [
                (CENTRE - 66, y, 1),
                (CENTRE - 62 + dx, y + reach * 0.5),
                (CENTRE - 66 + dx * 1.6, y + reach, 1),
                (CENTRE - 46 + dx * 1.6, y + reach - 6, 1),
                (CENTRE - 44 + dx, y + reach * 0.45),
                (CENTRE - 54, y - 4, 1),
            ],
            closed=True,
        )
        canvas.part(tail, cloth, volume=7, drop=0.35, crumple=1)
    for side in (-1, 1):
        loop = smooth(
            [
                (CENTRE - 60, y + 2, 1),
                (CENTRE - 60 + side * 24, y - 17),
                (CENTRE - 60 + side * 44, y - 4),
                (CENTRE - 60 + side * 28, y + 15),
            ],
            closed=True,
        )
        canvas.part(loop, cloth, volume=8, drop=0.35, crumple=0.8)
    canvas.button(CENTRE - 60, y + 1, 8, cloth.colour, holes=False, gloss=0.05)


def _draw_slip(canvas: Canvas, look: Look, cloth: Cloth, hem: float, length: float) -> None:
    back: Outline = smooth(
        [(CENTRE - 96, 198, 1), (CENTRE, 210), (CENTRE + 96, 198, 1), (CENTRE + 80, 250), (CENTRE - 80, 250)],
        closed=True,
    )
    for side in (-1, 1):
        strap = smooth(
            [
                (CENTRE + side * 64, 126),
                (CENTRE + side * 58, 70),
                (CENTRE + side * 44, 44),
                (CENTRE + side * 50, 90),
                (CENTRE + side * 60, 200),
            ]
        )
        canvas.part(ribbon(strap, 5), cloth.plain(), volume=3, crumple=0, drop=0.1)
    canvas.part(back, cloth.dim(0.62), volume=10, depth=0.4)
    rng = canvas.rng
    cowl = [
        Fold(
            smooth(
                [
                    (CENTRE - 60 + i * 5, 138 + i * 10),
                    (CENTRE + rng.uniform(-6, 6), 196 + i * 22),
                    (CENTRE + 60 - i * 5, 138 + i * 10),
                ]
            ),
            13,
            4.0 * (-1) ** i,
        )
        for i in range(3)
    ]
    folds = [*cowl, *skirt_folds(canvas, "a-line", 300, hem, length)]
    mask = canvas.part(
        _slip_outline(hem, length), look.blocked(cloth, 300), origin=(CENTRE, 120), folds=folds, volume=36, drop=0.2
    )
    rim = smooth([(CENTRE, 182, 1), (CENTRE + 34, 162), (CENTRE + 62, 130)])
    canvas.seam(rim, flipped(rim), strength=0.25, clip=mask)
    canvas.seam(
        smooth([(CENTRE - hem, length - 10), (CENTRE, length + 1), (CENTRE + hem, length - 10)]),
        strength=0.16,
        clip=mask,
    )
