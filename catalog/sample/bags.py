"""Handbags, totes, shoulder bags and backpacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import RGB, Canvas, Fold
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, beside, ellipse, flipped, half, ribbon, rounded, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, darker, thread


def _stuff(look: Look) -> Cloth:
    stuff = look.get("stuff", "leather")
    return look.cloth(stuff, scale=0.85, gloss=0.3 if stuff == "leather" else 0.02, contrast=0.75)


def _metal(look: Look) -> RGB:
    return SILVER if look.get("metal") == "silver" else GOLD


def _sewn(canvas: Canvas, shape: Outline, cloth: Cloth, inset: float = 7) -> None:
    """Sew along the inside of a closed outline."""
    middle = (shape.max(axis=0) + shape.min(axis=0)) / 2
    size = (shape.max(axis=0) - shape.min(axis=0)) / 2
    inner = (shape - middle) * (1 - inset / size) + middle
    canvas.stitch(np.vstack([inner, inner[:1]]), colour=thread(cloth.colour), width=1, opacity=0.6)


def _ring(canvas: Canvas, x: float, y: float, radius: float, metal: RGB) -> None:
    canvas.part(ellipse(x, y, radius, radius), Cloth(metal, texture="", gloss=0.9), holes=[ellipse(x, y, radius * 0.66, radius * 0.66)], volume=2.5, crumple=0, drop=0.4)


def draw_handbag(canvas: Canvas, look: Look) -> None:
    """Draw a handbag: a satchel with a flap, a shoulder bag, a bucket or a clutch."""
    {"shoulder": _draw_shoulder_bag, "bucket": _draw_bucket, "clutch": _draw_clutch}.get(look.get("style"), _draw_satchel)(canvas, look)


def _draw_satchel(canvas: Canvas, look: Look) -> None:
    cloth, metal = _stuff(look), _metal(look)
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain()
    canvas.stand(100, 500, 640)
    for lift, tone in ((14, 0.7), (0, 1.0)):
        handle = smooth([(CENTRE - 92, 360), (CENTRE - 86, 262 - lift), (CENTRE, 196 - lift), (CENTRE + 86, 262 - lift), (CENTRE + 92, 360)])
        canvas.part(ribbon(handle, 17), trim.dim(tone), volume=8, depth=1.3, crumple=0, drop=0.25)
        if lift == 0:
            for d in (-5, 5):
                canvas.stitch(beside(handle, d), colour=thread(trim.colour), width=0.9, opacity=0.5)
    body = half([(0, 352), (150, 350), (172, 362, 1), (196, 560), (200, 630, 1), (176, 644), (0, 648)])
    canvas.part(body, look.blocked(cloth, 480), origin=(CENTRE, 40), volume=46, crumple=0.8, drop=0.2)
    gusset = smooth([(CENTRE + 172, 362, 1), (CENTRE + 186, 380), (CENTRE + 210, 560), (CENTRE + 212, 622, 1), (CENTRE + 196, 634, 1), (CENTRE + 190, 560)], closed=True)
    canvas.part(gusset, trim.dim(0.72), volume=8, crumple=0)
    canvas.part(flipped(gusset), trim.dim(0.85), volume=8, crumple=0)
    flap = half([(0, 344), (152, 342), (176, 354, 1), (182, 440), (168, 486), (120, 506), (0, 512)])
    canvas.part(flap, cloth, origin=(CENTRE, 340), volume=30, drop=0.36, crumple=0.6)
    _sewn(canvas, flap, cloth)
    for side in (-1, 1):
        tab = np.array([[CENTRE + side * 92 - 17, 346], [CENTRE + side * 92 + 17, 346], [CENTRE + side * 92 + 13, 398], [CENTRE + side * 92 - 13, 398]])
        canvas.part(tab, trim, volume=5, drop=0.35, crumple=0)
        _ring(canvas, CENTRE + side * 92, 352, 14, metal)
        canvas.button(CENTRE + side * 92, 386, 4, metal, holes=False, gloss=0.9)
    strap = half([(0, 462), (25, 463, 1), (22, 548), (14, 560, 1), (0, 564)])
    canvas.part(strap, trim, volume=6, drop=0.4, crumple=0)
    _sewn(canvas, strap, trim, 4)
    canvas.part(rounded(CENTRE - 19, 508, CENTRE + 19, 538, 6), Cloth(metal, texture="", gloss=0.9), volume=5, drop=0.45, crumple=0)
    canvas.part(rounded(CENTRE - 5, 515, CENTRE + 5, 531, 4), Cloth(darker(metal, 0.35), texture="", gloss=0.5), volume=2, crumple=0)


def _draw_shoulder_bag(canvas: Canvas, look: Look) -> None:
    cloth, metal = _stuff(look), _metal(look)
    canvas.stand(120, 480, 622)
    strap = smooth([(CENTRE - 150, 420), (CENTRE - 140, 270), (CENTRE - 70, 140), (CENTRE, 112), (CENTRE + 70, 140), (CENTRE + 140, 270), (CENTRE + 150, 420)])
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
        lines = [np.array([[CENTRE + s * d - 200, 380.0], [CENTRE + s * d + s * 200 + (200 if s < 0 else -200) + 0, 580.0]]) for s in (1,) for d in range(-240, 400, 42)]
        lines = [np.array([[x - 120, 380.0], [x + 120, 600.0]]) for x in range(60, 560, 42)] + [np.array([[x + 120, 380.0], [x - 120, 600.0]]) for x in range(60, 560, 42)]
        for line in lines:
            canvas.shade(ribbon(line, 7), 0.16, 4, mask)
        canvas.seam(*lines, width=1.6, strength=0.34, clip=mask)
    _sewn(canvas, flap, cloth)
    for side in (-1, 1):
        _ring(canvas, CENTRE + side * 150, 412, 13, metal)
    canvas.part(ellipse(CENTRE, 540, 20, 20), Cloth(metal, texture="", gloss=0.9), volume=7, drop=0.4, crumple=0)
    canvas.seam(ellipse(CENTRE, 540, 13, 13), width=2, strength=0.3)


def _draw_bucket(canvas: Canvas, look: Look) -> None:
    cloth, metal = _stuff(look), _metal(look)
    canvas.stand(160, 440, 640)
    strap = smooth([(CENTRE - 128, 360), (CENTRE - 122, 230), (CENTRE, 110), (CENTRE + 122, 230), (CENTRE + 128, 360)])
    canvas.part(ribbon(strap, 15), cloth.plain(), volume=7, depth=1.3, crumple=0)
    canvas.part(half([(0, 320), (90, 322), (136, 340), (90, 366), (0, 372)]), cloth.dim(0.45), volume=10)
    rng = canvas.rng
    gathers = [Fold(smooth([(CENTRE + x, 344), (CENTRE + x * 1.05, 400), (CENTRE + x * 1.1 + rng.uniform(-6, 6), 470 + rng.uniform(0, 60))]), 16, (1 if i % 2 else -1) * 4.5) for i, x in enumerate(range(-120, 121, 20))]
    body = half([(0, 352), (80, 346), (138, 334, 1), (140, 400), (152, 560), (148, 630, 1), (100, 642), (0, 646)])
    canvas.part(body, look.blocked(cloth, 230), origin=(CENTRE, 330), volume=60, folds=gathers, drop=0.2)
    canvas.part(half([(0, 598), (151, 590, 1), (149, 630, 1), (100, 643), (0, 647)]), cloth.plain(look.accent if look.get("trim") == "contrast" else darker(look.rgb, 0.12)), volume=20, crumple=0.3, drop=0.2)
    cord = smooth([(CENTRE - 138, 392), (CENTRE - 60, 404), (CENTRE, 408), (CENTRE + 60, 404), (CENTRE + 138, 392)])
    canvas.part(ribbon(cord, 8), cloth.plain(darker(look.rgb, 0.2)), volume=4, drop=0.4, crumple=0)
    for side in (-1, 1):
        tail = smooth([(CENTRE + side * 4, 408), (CENTRE + side * 22, 470), (CENTRE + side * 15, 528)])
        canvas.part(ribbon(tail, 7), cloth.plain(darker(look.rgb, 0.2)), volume=4, drop=0.4, crumple=0)
        canvas.part(ribbon(tail[-4:] + (0, 8), [8, 13]), cloth.plain(darker(look.rgb, 0.2)), volume=4, drop=0.4, crumple=0)
        _ring(canvas, CENTRE + side * 128, 364, 13, metal)


def _draw_clutch(canvas: Canvas, look: Look) -> None:
    cloth, metal = _stuff(look), _metal(look)
    canvas.part(rounded(82, 300, 518, 560, 18), cloth, volume=34, crumple=0.6, origin=(CENTRE, 300))
    flap = smooth([(80, 300, 1), (96, 291), (504, 291), (520, 300, 1), (518, 330), (CENTRE + 20, 466), (CENTRE, 474), (CENTRE - 20, 466), (82, 330)], closed=True)
    canvas.part(flap, cloth, volume=24, drop=0.38, crumple=0.5, origin=(CENTRE, 290))
    _sewn(canvas, flap, cloth, 8)
    canvas.part(ellipse(CENTRE, 448, 15, 15), Cloth(metal, texture="", gloss=0.9), volume=6, drop=0.4, crumple=0)
    wrist = smooth([(516, 330), (556, 380), (560, 470), (538, 500), (528, 440), (516, 346)])
    canvas.part(ribbon(wrist, 9), cloth.plain(), volume=4, depth=1.2, crumple=0, drop=0.2)
    _ring(canvas, 516, 336, 10, metal)


def draw_tote(canvas: Canvas, look: Look) -> None:
    """Draw a tote bag, of canvas or leather."""
    canvasy = look.get("stuff", "canvas") == "canvas"
    cloth = _stuff(replace(look, cut={**look.cut, "stuff": look.get("stuff", "canvas")}))
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain(darker(look.rgb, 0.06))
    canvas.stand(130, 470, 664)
    for lift, tone, reach in ((26, 0.72, 78), (0, 1.0, 84)):
        handle = smooth([(CENTRE - reach, 346 - lift * 0.3), (CENTRE - reach + 4, 220 - lift), (CENTRE - 44, 130 - lift), (CENTRE, 112 - lift), (CENTRE + 44, 130 - lift), (CENTRE + reach - 4, 220 - lift), (CENTRE + reach, 346 - lift * 0.3)])
        canvas.part(ribbon(handle, 21), trim.dim(tone), volume=6, crumple=0.2, drop=0.2)
        if lift:
            canvas.part(half([(0, 318), (176, 312, 1), (180, 340, 1), (0, 352)]), cloth.dim(0.5), volume=8, depth=0.4)
    body = half([(0, 336), (90, 334), (184, 326, 1), (178, 480), (168, 648, 1), (150, 664), (0, 670)])
    rng = canvas.rng
    folds = [Fold(smooth([(CENTRE + s * 170, 640 - i * 60), (CENTRE + s * 110, 610 - i * 66 + rng.uniform(-16, 16)), (CENTRE + s * 50, 620 - i * 70)]), 26, (-1) ** i * 3.2) for s in (-1, 1) for i in range(4)]
    mask = canvas.part(body, look.blocked(cloth, 470), origin=(CENTRE, 30), volume=40, folds=folds, drop=0.25, crumple=1.3)
    rim = smooth([(CENTRE - 184, 348), (CENTRE, 358), (CENTRE + 184, 348)])
    canvas.seam(rim, strength=0.25, clip=mask)
    canvas.stitch(rim + (0, 3), colour=thread(cloth.colour), width=0.9)
    for side in (-1, 1):
        x = CENTRE + side * 84
        tab = np.array([[x - 11, 328], [x + 11, 328], [x + 11, 400], [x - 11, 400]], np.float64)
        canvas.part(tab, trim, volume=4, drop=0.3, crumple=0.2)
        cross = [np.array([[x - 7, 366.0], [x + 7, 394]]), np.array([[x + 7, 366.0], [x - 7, 394]]), np.array([[x - 7, 366.0], [x + 7, 366], [x + 7, 394], [x - 7, 394], [x - 7, 366]])]
        canvas.stitch(*cross, colour=thread(trim.colour), width=1)
    if not canvasy:
        label = rounded(CENTRE - 30, 420, CENTRE + 30, 448, 4)
        canvas.part(label, trim, volume=3, drop=0.2, crumple=0)
        _sewn(canvas, label, trim, 4)


def draw_backpack(canvas: Canvas, look: Look) -> None:
    """Draw a backpack: rounded with zips, or rolled with buckles."""
    cloth = _stuff(replace(look, cut={**look.cut, "stuff": look.get("stuff", "canvas")}))
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain(darker(look.rgb, 0.2))
    metal = _metal(look)
    canvas.stand(140, 460, 690)
    for side in (-1, 1):
        strap = smooth([(CENTRE + side * 120, 190), (CENTRE + side * 188, 300), (CENTRE + side * 204, 470), (CENTRE + side * 172, 640)])
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
            _sewn(canvas, belt, Cloth((128, 84, 52)), 4)
            canvas.part(rounded(CENTRE + side * 84 - 19, 404, CENTRE + side * 84 + 19, 438, 5), Cloth(metal, texture="", gloss=0.9), holes=[rounded(CENTRE + side * 84 - 13, 410, CENTRE + side * 84 + 13, 432, 3)], volume=3, drop=0.4, crumple=0)
    else:
        for points in ([(CENTRE - 158, 340), (CENTRE - 136, 204), (CENTRE, 166), (CENTRE + 136, 204), (CENTRE + 158, 340)],):
            zip_line = smooth(points)
            canvas.shade(ribbon(zip_line, 16), 0.35, 4, mask)
            canvas.ink(zip_line, colour=darker(look.rgb, 0.55), width=6, clip=mask)
            canvas.stitch(beside(zip_line, 0), colour=metal, dash=1.4, gap=1.8, width=2.6)
        canvas.part(rounded(CENTRE + 130, 252, CENTRE + 142, 296, 4), trim, volume=3, drop=0.4, crumple=0)
        patch = rounded(CENTRE - 28, 236, CENTRE + 28, 280, 6)
        canvas.part(patch, Cloth((150, 102, 64), texture="leather", gloss=0.2), volume=3, drop=0.3, crumple=0)
        _sewn(canvas, patch, Cloth((150, 102, 64)), 4)
    pocket = half([(0, 452), (100, 452), (134, 474), (140, 560), (136, 640), (110, 660), (0, 664)])
    canvas.part(pocket, cloth.plain(look.accent) if look.pattern == "colour block" else cloth, origin=(CENTRE, 452), volume=34, drop=0.36, crumple=0.8)
    _sewn(canvas, pocket, cloth)
    zip_line = smooth([(CENTRE - 124, 494), (CENTRE - 60, 484), (CENTRE, 482), (CENTRE + 60, 484), (CENTRE + 124, 494)])
    canvas.shade(ribbon(zip_line, 12), 0.3, 4)
    canvas.ink(zip_line, colour=darker(look.rgb, 0.55), width=5)
    canvas.stitch(zip_line, colour=metal, dash=1.4, gap=1.8, width=2.2)
    canvas.part(rounded(CENTRE - 98, 484, CENTRE - 88, 524, 4), trim, volume=3, drop=0.4, crumple=0)
