"""Totes and backpacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas, Fold
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.bag_parts import metal_of, sewn, stuff_of
from catalog.sample.geometry import CENTRE, beside, half, moved, ribbon, rounded, smooth
from catalog.sample.look import Look
from catalog.sample.palette import darker, thread


def draw_tote(canvas: Canvas, look: Look) -> None:
    """Draw a tote bag, of canvas or leather."""
    canvasy = look.get("stuff", "canvas") == "canvas"
    cloth = stuff_of(replace(look, cut={**look.cut, "stuff": look.get("stuff", "canvas")}))
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain(darker(look.rgb, 0.06))
    canvas.stand(130, 470, 664)
    for lift, tone, reach in ((26, 0.72, 78), (0, 1.0, 84)):
        handle = smooth(
            [
                (CENTRE - reach, 346 - lift * 0.3),
                (CENTRE - reach + 4, 220 - lift),
                (CENTRE - 44, 130 - lift),
                (CENTRE, 112 - lift),
                (CENTRE + 44, 130 - lift),
                (CENTRE + reach - 4, 220 - lift),
                (CENTRE + reach, 346 - lift * 0.3),
            ]
        )
        canvas.part(ribbon(handle, 21), trim.dim(tone), volume=6, crumple=0.2, drop=0.2)
        if lift:
            canvas.part(half([(0, 318), (176, 312, 1), (180, 340, 1), (0, 352)]), cloth.dim(0.5), volume=8, depth=0.4)
    body = half([(0, 336), (90, 334), (184, 326, 1), (178, 480), (168, 648, 1), (150, 664), (0, 670)])
    rng = canvas.rng
    folds = [
        Fold(
            smooth(
                [
                    (CENTRE + s * 170, 640 - i * 60),
                    (CENTRE + s * 110, 610 - i * 66 + rng.uniform(-16, 16)),
                    (CENTRE + s * 50, 620 - i * 70),
                ]
            ),
            26,
            (-1) ** i * 3.2,
        )
        for s in (-1, 1)
        for i in range(4)
    ]
    mask = canvas.part(
        body, look.blocked(cloth, 470), origin=(CENTRE, 30), volume=40, folds=folds, drop=0.25, crumple=1.3
    )
    rim = smooth([(CENTRE - 184, 348), (CENTRE, 358), (CENTRE + 184, 348)])
    canvas.seam(rim, strength=0.25, clip=mask)
    canvas.stitch(moved(rim, 0, 3), colour=thread(cloth.colour), width=0.9)
    for side in (-1, 1):
        x = CENTRE + side * 84
        tab = np.array([[x - 11, 328], [x + 11, 328], [x + 11, 400], [x - 11, 400]], np.float64)
        canvas.part(tab, trim, volume=4, drop=0.3, crumple=0.2)
        cross = [
            np.array([[x - 7, 366.0], [x + 7, 394]]),
            np.array([[x + 7, 366.0], [x - 7, 394]]),
            np.array([[x - 7, 366.0], [x + 7, 366], [x + 7, 394], [x - 7, 394], [x - 7, 366]]),
        ]
        canvas.stitch(*cross, colour=thread(trim.colour), width=1)
    if not canvasy:
        label = rounded(CENTRE - 30, 420, CENTRE + 30, 448, 4)
        canvas.part(label, trim, volume=3, drop=0.2, crumple=0)
        sewn(canvas, label, trim, 4)


def draw_backpack(canvas: Canvas, look: Look) -> None:
    """Draw a backpack: rounded with zips, or rolled with buckles."""
    cloth = stuff_of(replace(look, cut={**look.cut, "stuff": look.get("stuff", "canvas")}))
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain(darker(look.rgb, 0.2))
    metal = metal_of(look)
    canvas.stand(140, 460, 690)
    for side in (-1, 1):
        strap = smooth(
            [
                (CENTRE + side * 120, 190),
                (CENTRE + side * 188, 300),
                (CENTRE + side * 204, 470),
                (CENTRE + side * 172, 640),
            ]
        )
        canvas.part(ribbon(strap, [30, 34, 30, 16]), trim.dim(0.8), volume=10, crumple=0.4)
    loop = smooth([(CENTRE - 34, 142), (CENTRE - 30, 94), (CENTRE, 84), (CENTRE + 30, 94), (CENTRE + 34, 142)])
    canvas.part(ribbon(loop, 14), trim, volume=6, depth=1.3, crumple=0)
    rolled = look.get("style") == "roll"
    body = half([(0, 124), (80, 128), (140, 160), (170, 240), (176, 480), (178, 640), (160, 688), (0, 694)])
    mask = canvas.part(body, look.blocked(cloth, 240), origin=(CENTRE, 120), volume=64, drop=0.2, crumple=1.1)
    if rolled:
        lid = half([(0, 110), (120, 112), (164, 140, 1), (172, 300), (150, 352), (0, 366)])
        canvas.part(lid, trim if look.get("trim") == "contrast" else cloth, volume=40, drop=0.4, origin=(CENTRE, 120))
        for side in (-1, 1):
            belt = rounded(CENTRE + side * 84 - 13, 290, CENTRE + side * 84 + 13, 486, 8)
            canvas.part(belt, Cloth((128, 84, 52), texture="leather", gloss=0.3), volume=5, drop=0.4, crumple=0)
            sewn(canvas, belt, Cloth((128, 84, 52)), 4)
            canvas.part(
                rounded(CENTRE + side * 84 - 19, 404, CENTRE + side * 84 + 19, 438, 5),
                Cloth(metal, texture="", gloss=0.9),
                holes=[rounded(CENTRE + side * 84 - 13, 410, CENTRE + side * 84 + 13, 432, 3)],
                volume=3,
                drop=0.4,
                crumple=0,
            )
    else:
        for points in (
            [(CENTRE - 158, 340), (CENTRE - 136, 204), (CENTRE, 166), (CENTRE + 136, 204), (CENTRE + 158, 340)],
        ):
            zip_line = smooth(points)
            canvas.shade(ribbon(zip_line, 16), 0.35, 4, mask)
            canvas.ink(zip_line, colour=darker(look.rgb, 0.55), width=6, clip=mask)
            canvas.stitch(beside(zip_line, 0), colour=metal, dash=1.4, gap=1.8, width=2.6)
        canvas.part(rounded(CENTRE + 130, 252, CENTRE + 142, 296, 4), trim, volume=3, drop=0.4, crumple=0)
        patch = rounded(CENTRE - 28, 236, CENTRE + 28, 280, 6)
        canvas.part(patch, Cloth((150, 102, 64), texture="leather", gloss=0.2), volume=3, drop=0.3, crumple=0)
        sewn(canvas, patch, Cloth((150, 102, 64)), 4)
    pocket = half([(0, 452), (100, 452), (134, 474), (140, 560), (136, 640), (110, 660), (0, 664)])
    canvas.part(
        pocket,
        cloth.plain(look.accent) if look.pattern == "colour block" else cloth,
        origin=(CENTRE, 452),
        volume=34,
        drop=0.36,
        crumple=0.8,
    )
    sewn(canvas, pocket, cloth)
    zip_line = smooth([(CENTRE - 124, 494), (CENTRE - 60, 484), (CENTRE, 482), (CENTRE + 60, 484), (CENTRE + 124, 494)])
    canvas.shade(ribbon(zip_line, 12), 0.3, 4)
    canvas.ink(zip_line, colour=darker(look.rgb, 0.55), width=5)
    canvas.stitch(zip_line, colour=metal, dash=1.4, gap=1.8, width=2.2)
    canvas.part(rounded(CENTRE - 98, 484, CENTRE - 88, 524, 4), trim, volume=3, drop=0.4, crumple=0)
