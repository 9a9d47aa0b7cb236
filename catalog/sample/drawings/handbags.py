"""Handbags: satchel, shoulder bag, bucket, clutch."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import Canvas, Fold
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.bag_parts import metal_of, ring, sewn, stuff_of
from catalog.sample.geometry import CENTRE, beside, ellipse, flipped, half, moved, ribbon, rounded, smooth
from catalog.sample.look import Look
from catalog.sample.palette import darker, thread


def draw_handbag(canvas: Canvas, look: Look) -> None:
    """Draw a handbag: a satchel with a flap, a shoulder bag, a bucket or a clutch."""
    {"shoulder": _draw_shoulder_bag, "bucket": _draw_bucket, "clutch": _draw_clutch}.get(
        look.get("style"), _draw_satchel
    )(canvas, look)


def _draw_satchel(canvas: Canvas, look: Look) -> None:
    cloth, metal = stuff_of(look), metal_of(look)
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain()
    canvas.stand(100, 500, 640)
    for lift, tone in ((14, 0.7), (0, 1.0)):
        handle = smooth(
            [
                (CENTRE - 92, 360),
                (CENTRE - 86, 262 - lift),
                (CENTRE, 196 - lift),
                (CENTRE + 86, 262 - lift),
                (CENTRE + 92, 360),
            ]
        )
        canvas.part(ribbon(handle, 17), trim.dim(tone), volume=8, depth=1.3, crumple=0, drop=0.25)
        if lift == 0:
            for d in (-5, 5):
                canvas.stitch(beside(handle, d), colour=thread(trim.colour), width=0.9, opacity=0.5)
    body = half([(0, 352), (150, 350), (172, 362, 1), (196, 560), (200, 630, 1), (176, 644), (0, 648)])
    canvas.part(body, look.blocked(cloth, 480), origin=(CENTRE, 40), volume=46, crumple=0.8, drop=0.2)
    gusset = smooth(
        [
            (CENTRE + 172, 362, 1),
            (CENTRE + 186, 380),
            (CENTRE + 210, 560),
            (CENTRE + 212, 622, 1),
            (CENTRE + 196, 634, 1),
            (CENTRE + 190, 560),
        ],
        closed=True,
    )
    canvas.part(gusset, trim.dim(0.72), volume=8, crumple=0)
    canvas.part(flipped(gusset), trim.dim(0.85), volume=8, crumple=0)
    flap = half([(0, 344), (152, 342), (176, 354, 1), (182, 440), (168, 486), (120, 506), (0, 512)])
    canvas.part(flap, cloth, origin=(CENTRE, 340), volume=30, drop=0.36, crumple=0.6)
    sewn(canvas, flap, cloth)
    for side in (-1, 1):
        tab = np.array(
            [
                [CENTRE + side * 92 - 17, 346],
                [CENTRE + side * 92 + 17, 346],
                [CENTRE + side * 92 + 13, 398],
                [CENTRE + side * 92 - 13, 398],
            ]
        )
        canvas.part(tab, trim, volume=5, drop=0.35, crumple=0)
        ring(canvas, CENTRE + side * 92, 352, 14, metal)
        canvas.button(CENTRE + side * 92, 386, 4, metal, holes=False, gloss=0.9)
    strap = half([(0, 462), (25, 463, 1), (22, 548), (14, 560, 1), (0, 564)])
    canvas.part(strap, trim, volume=6, drop=0.4, crumple=0)
    sewn(canvas, strap, trim, 4)
    canvas.part(
        rounded(CENTRE - 19, 508, CENTRE + 19, 538, 6),
        Cloth(metal, texture="", gloss=0.9),
        volume=5,
        drop=0.45,
        crumple=0,
    )
    canvas.part(
        rounded(CENTRE - 5, 515, CENTRE + 5, 531, 4),
        Cloth(darker(metal, 0.35), texture="", gloss=0.5),
        volume=2,
        crumple=0,
    )


def _draw_shoulder_bag(canvas: Canvas, look: Look) -> None:
    cloth, metal = stuff_of(look), metal_of(look)
    canvas.stand(120, 480, 622)
    strap = smooth(
        [
            (CENTRE - 150, 420),
            (CENTRE - 140, 270),
            (CENTRE - 70, 140),
            (CENTRE, 112),
            (CENTRE + 70, 140),
            (CENTRE + 140, 270),
            (CENTRE + 150, 420),
        ]
    )
    if look.get("strap") == "chain":
        at = strap[::1]
        links = [ellipse(x, y, 7, 4.6) for x, y in at[::1]]
        canvas.ink(strap, colour=darker(metal, 0.4), width=4, solid=True)
        canvas.ink(*links, colour=metal, width=3.2, solid=True)
    else:
        canvas.part(ribbon(strap, 12), cloth.plain(), volume=6, depth=1.3, crumple=0)
    body = half([(0, 398), (150, 396), (176, 424), (184, 540), (168, 606), (126, 624), (0, 628)])
    canvas.part(body, cloth, volume=46, crumple=0.7, drop=0.2, origin=(CENTRE, 380))
    flap = half([(0, 392), (152, 390), (180, 418), (182, 470), (112, 532), (0, 562)])
    mask = canvas.part(flap, cloth, volume=34, drop=0.38, crumple=0.6, origin=(CENTRE, 380))
    if look.get("quilt"):
        lines = [
            np.array([[CENTRE + s * d - 200, 380.0], [CENTRE + s * d + s * 200 + (200 if s < 0 else -200) + 0, 580.0]])
            for s in (1,)
            for d in range(-240, 400, 42)
        ]
        lines = [np.array([[x - 120, 380.0], [x + 120, 600.0]]) for x in range(60, 560, 42)] + [
            np.array([[x + 120, 380.0], [x - 120, 600.0]]) for x in range(60, 560, 42)
        ]
        for line in lines:
            canvas.shade(ribbon(line, 7), 0.16, 4, mask)
        canvas.seam(*lines, width=1.6, strength=0.34, clip=mask)
    sewn(canvas, flap, cloth)
    for side in (-1, 1):
        ring(canvas, CENTRE + side * 150, 412, 13, metal)
    canvas.part(ellipse(CENTRE, 540, 20, 20), Cloth(metal, texture="", gloss=0.9), volume=7, drop=0.4, crumple=0)
    canvas.seam(ellipse(CENTRE, 540, 13, 13), width=2, strength=0.3)


def _draw_bucket(canvas: Canvas, look: Look) -> None:
    cloth, metal = stuff_of(look), metal_of(look)
    canvas.stand(160, 440, 640)
    strap = smooth([(CENTRE - 128, 360), (CENTRE - 122, 230), (CENTRE, 110), (CENTRE + 122, 230), (CENTRE + 128, 360)])
    canvas.part(ribbon(strap, 15), cloth.plain(), volume=7, depth=1.3, crumple=0)
    canvas.part(half([(0, 320), (90, 322), (136, 340), (90, 366), (0, 372)]), cloth.dim(0.45), volume=10)
    rng = canvas.rng
    gathers = [
        Fold(
            smooth(
                [
                    (CENTRE + x, 344),
                    (CENTRE + x * 1.05, 400),
                    (CENTRE + x * 1.1 + rng.uniform(-6, 6), 470 + rng.uniform(0, 60)),
                ]
            ),
            16,
            (1 if i % 2 else -1) * 4.5,
        )
        for i, x in enumerate(range(-120, 121, 20))
    ]
    body = half([(0, 352), (80, 346), (138, 334, 1), (140, 400), (152, 560), (148, 630, 1), (100, 642), (0, 646)])
    canvas.part(body, look.blocked(cloth, 230), origin=(CENTRE, 330), volume=60, folds=gathers, drop=0.2)
    canvas.part(
        half([(0, 598), (151, 590, 1), (149, 630, 1), (100, 643), (0, 647)]),
        cloth.plain(look.accent if look.get("trim") == "contrast" else darker(look.rgb, 0.12)),
        volume=20,
        crumple=0.3,
        drop=0.2,
    )
    cord = smooth([(CENTRE - 138, 392), (CENTRE - 60, 404), (CENTRE, 408), (CENTRE + 60, 404), (CENTRE + 138, 392)])
    canvas.part(ribbon(cord, 8), cloth.plain(darker(look.rgb, 0.2)), volume=4, drop=0.4, crumple=0)
    for side in (-1, 1):
        tail = smooth([(CENTRE + side * 4, 408), (CENTRE + side * 22, 470), (CENTRE + side * 15, 528)])
        canvas.part(ribbon(tail, 7), cloth.plain(darker(look.rgb, 0.2)), volume=4, drop=0.4, crumple=0)
        canvas.part(
            ribbon(moved(tail[-4:], 0, 8), [8, 13]), cloth.plain(darker(look.rgb, 0.2)), volume=4, drop=0.4, crumple=0
        )
        ring(canvas, CENTRE + side * 128, 364, 13, metal)


def _draw_clutch(canvas: Canvas, look: Look) -> None:
    cloth, metal = stuff_of(look), metal_of(look)
    canvas.part(rounded(82, 300, 518, 560, 18), cloth, volume=34, crumple=0.6, origin=(CENTRE, 300))
    flap = smooth(
        [
            (80, 300, 1),
            (96, 291),
            (504, 291),
            (520, 300, 1),
            (518, 330),
            (CENTRE + 20, 466),
            (CENTRE, 474),
            (CENTRE - 20, 466),
            (82, 330),
        ],
        closed=True,
    )
    canvas.part(flap, cloth, volume=24, drop=0.38, crumple=0.5, origin=(CENTRE, 290))
    sewn(canvas, flap, cloth, 8)
    canvas.part(ellipse(CENTRE, 448, 15, 15), Cloth(metal, texture="", gloss=0.9), volume=6, drop=0.4, crumple=0)
    wrist = smooth([(516, 330), (556, 380), (560, 470), (538, 500), (528, 440), (516, 346)])
    canvas.part(ribbon(wrist, 9), cloth.plain(), volume=4, depth=1.2, crumple=0, drop=0.2)
    ring(canvas, 516, 336, 10, metal)
