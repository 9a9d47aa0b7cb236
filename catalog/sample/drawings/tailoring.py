"""Blazers and coats: what has lapels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.sleeves import SLEEVES, draw_sleeves
from catalog.sample.drawings.tops import fitted
from catalog.sample.drawings.torso import Torso, draw_body
from catalog.sample.geometry import CENTRE, Outline, flipped, half, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import HORN, brightness, darker, thread


def lapels(
    canvas: Canvas,
    body: Torso,
    cloth: Cloth,
    *,
    depth: float = 190,
    spread: float = 84,
    notch: bool = True,
    gap: float = 0,
    collar: Cloth | None = None,
) -> None:
    """Draw lapels that open in a V ``depth`` deep, and the collar above them."""
    top, neck = body.top, body.neck
    bottom = top + depth
    rim = collar or cloth
    back = smooth(
        [
            (CENTRE - neck - 4, top - 8, 1),
            (CENTRE, top - 22),
            (CENTRE + neck + 4, top - 8, 1),
            (CENTRE + neck - 8, top + 10),
            (CENTRE, top + 4),
            (CENTRE - neck + 8, top + 10),
        ],
        closed=True,
    )
    canvas.part(back, rim.dim(0.92), volume=8, drop=0.2)
    lapel = smooth(
        [
            (CENTRE - gap, bottom, 1),
            (CENTRE + spread * 0.52, top + depth * 0.62),
            (CENTRE + spread, top + depth * 0.36, 1),
            (CENTRE + spread * 0.80, top + depth * 0.27, 1),
            (CENTRE + neck + 2, top + 2, 1),
            (CENTRE + neck * 0.55, top + depth * 0.42),
        ],
        closed=True,
    )
    leaf = smooth(
        [
            (CENTRE + neck - 2, top - 10, 1),
            (CENTRE + neck + 16, top + 10),
            (CENTRE + spread * 0.98, top + depth * 0.22, 1),
            (CENTRE + spread * 0.74, top + depth * 0.30, 1),
            (CENTRE + neck * 0.78, top + depth * 0.22),
            (CENTRE + neck - 14, top + 4, 1),
        ],
        closed=True,
    )
    for side in (-1, 1):
        turn = (lambda shape: shape) if side > 0 else flipped
        canvas.part(
            turn(lapel), cloth, volume=9, depth=0.9, crumple=0.5, drop=0.36, angle=-side * 14, origin=(CENTRE, top)
        )
        if notch:
            canvas.part(
                turn(leaf), rim, volume=8, depth=0.9, crumple=0.4, drop=0.3, angle=side * 30, origin=(CENTRE, top)
            )


def draw_blazer(canvas: Canvas, look: Look) -> None:
    """Draw a tailored jacket."""
    depth = 215.0 if look.get("breast") != "double" else 180.0
    body = fitted(
        look,
        length=622,
        neck=46,
        neck_depth=depth,
        neck_shape="v",
        waist=128 if look.get("fit") != "women" else 108,
        hem_drop=16,
    )
    cloth = look.cloth("wool" if look.pattern != "plain" else "twill", scale=0.8, contrast=0.72)
    _lined(canvas, body, look)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], width=62), cloth, hem=False)
    mask = draw_body(canvas, body, cloth, hem=False, strength=0.7)
    bottom = body.top + depth
    canvas.seam(
        smooth([(CENTRE - 2, bottom), (CENTRE + 3, 500), (CENTRE + 14, body.length + 12)]),
        strength=0.4,
        width=1.6,
        clip=mask,
    )
    for side in (-1, 1):
        flap = smooth(
            [
                (CENTRE + side * 44, 470, 1),
                (CENTRE + side * 110, 462, 1),
                (CENTRE + side * 112, 486, 1),
                (CENTRE + side * 46, 494, 1),
            ],
            closed=True,
        )
        canvas.part(flap, cloth, volume=4, drop=0.34, crumple=0.3, origin=(CENTRE, body.top))
        canvas.seam(
            smooth([(CENTRE + side * 78, 300), (CENTRE + side * 72, 400), (CENTRE + side * 78, 466)]),
            strength=0.16,
            clip=mask,
        )
    welt = np.array([[CENTRE + 56, 292.0], [CENTRE + 102, 284.0]])
    canvas.part(ribbon(welt, 12), cloth, volume=4, drop=0.25, crumple=0)
    lapels(canvas, body, cloth, depth=depth + 4, spread=88)
    tint = HORN if look.get("button") == "horn" else darker(look.rgb, 0.35)
    pairs = (-30, 30) if look.get("breast") == "double" else (2,)
    for x in pairs:
        for i in range(2):
            canvas.button(CENTRE + x, bottom + 14 + i * 72, 8, tint)


def _lined(canvas: Canvas, body: Torso, look: Look) -> None:
    lining = Cloth(
        darker(look.accent, 0.1) if look.get("lining") else darker(look.rgb, 0.38), texture="silk", gloss=0.2
    )
    canvas.part(
        half(
            [
                (0, body.top - 8),
                (body.neck + 6, body.top - 4, 1),
                (body.neck + 6, body.top + 60),
                (0, body.top + body.neck_depth + 12, 1),
            ]
        ),
        lining,
        volume=10,
        depth=0.4,
        edge=0,
    )
    canvas.part(
        smooth(
            [
                (CENTRE - 13, body.top + 12, 1),
                (CENTRE + 13, body.top + 12, 1),
                (CENTRE + 13, body.top + 26, 1),
                (CENTRE - 13, body.top + 26, 1),
            ],
            closed=True,
        ),
        Cloth((232, 226, 214), texture="silk"),
        volume=3,
        crumple=0,
        drop=0.3,
    )


def draw_coat(canvas: Canvas, look: Look) -> None:
    """Draw a coat: straight, double-breasted or a belted trench."""
    style = look.get("style", "straight")
    depth = 170.0 if style != "straight" else 200.0
    women = look.get("fit") == "women"
    body = Torso(
        top=84,
        neck=44,
        neck_depth=depth,
        neck_shape="v",
        shoulder=114,
        shoulder_y=110,
        chest=126,
        underarm=236,
        waist=116 if women else 126,
        waist_y=370,
        hem=150 if women else 142,
        length=706,
        hem_drop=10,
    )
    cloth = look.cloth("wool" if style != "trench" else "twill", scale=0.8, contrast=0.72)
    _lined(canvas, body, look)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], length=385, angle=11, width=62), cloth, hem=style != "trench")
    if style == "trench":
        _draw_cuff_straps(canvas, cloth)
    mask = draw_body(canvas, body, cloth, hem=False, strength=0.9)
    bottom = body.top + depth
    edge = CENTRE + (38 if style != "straight" else 2)
    canvas.shade(ribbon(np.array([[edge + 4, bottom], [edge + 6, 716]]), 8), 0.3, 4, mask)
    canvas.seam(
        np.array([[edge, bottom - 30 if style != "straight" else bottom], [edge + 2, 716]]),
        strength=0.45,
        width=1.6,
        clip=mask,
    )
    for side in (-1, 1):
        slot = np.array([[CENTRE + side * 76, 440.0], [CENTRE + side * 94, 512.0]])
        canvas.part(ribbon(slot, 18), cloth, volume=5, drop=0.34, crumple=0.3, origin=(CENTRE, body.top))
    lapels(canvas, body, cloth, depth=depth + 6, spread=92 if style != "straight" else 80)
    tint = HORN if brightness(look.rgb) > 0.3 else (28, 26, 28)
    rows = (0, 1, 2) if style != "trench" else (0, 2)
    for i in rows:
        for x in (-34, 28) if style != "straight" else (2,):
            canvas.button(CENTRE + x, bottom + 20 + i * 84, 9.5, tint)
    if style == "trench":
        _draw_belt(canvas, cloth)


def _draw_cuff_straps(canvas: Canvas, cloth: Cloth) -> None:
    for side in (-1, 1):
        line: Outline = np.array([[CENTRE + side * 162, 540.0], [CENTRE + side * 228, 526.0]])
        canvas.part(ribbon(line, 14), cloth, volume=5, drop=0.3, crumple=0.2)
        canvas.button(CENTRE + side * 205, 531, 5, HORN)


def _draw_belt(canvas: Canvas, cloth: Cloth) -> None:
    y = 372.0
    belt = smooth(
        [
            (CENTRE - 124, y - 14, 1),
            (CENTRE, y - 10),
            (CENTRE + 124, y - 14, 1),
            (CENTRE + 124, y + 16, 1),
            (CENTRE, y + 20),
            (CENTRE - 124, y + 16, 1),
        ],
        closed=True,
    )
    canvas.part(belt, cloth, volume=8, drop=0.4, crumple=0.6)
    canvas.stitch(
        smooth([(CENTRE - 120, y - 9), (CENTRE, y - 5), (CENTRE + 120, y - 9)]),
        smooth([(CENTRE - 120, y + 11), (CENTRE, y + 15), (CENTRE + 120, y + 11)]),
        colour=thread(cloth.colour),
        width=0.8,
    )
    tail = smooth(
        [
            (CENTRE + 18, y + 2, 1),
            (CENTRE + 44, y + 60),
            (CENTRE + 50, y + 140, 1),
            (CENTRE + 74, y + 134, 1),
            (CENTRE + 66, y + 56),
            (CENTRE + 36, y - 6, 1),
        ],
        closed=True,
    )
    canvas.part(tail, cloth, volume=8, drop=0.4, crumple=1)
    frame = [
        smooth(
            [(CENTRE - 20, y - 22, 1), (CENTRE + 24, y - 22, 1), (CENTRE + 24, y + 28, 1), (CENTRE - 20, y + 28, 1)],
            closed=True,
        )
    ]
    hole = smooth(
        [(CENTRE - 11, y - 13, 1), (CENTRE + 15, y - 13, 1), (CENTRE + 15, y + 19, 1), (CENTRE - 11, y + 19, 1)],
        closed=True,
    )
    canvas.part(frame, Cloth(HORN, texture="", gloss=0.6), holes=[hole], volume=4, drop=0.4, crumple=0)
