"""Jackets, blazers and coats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, flipped, half, ribbon, smooth
from catalog.sample.knitwear import draw_zip
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, HORN, SILVER, brightness, darker, lighter, thread
from catalog.sample.tops import draw_collar, draw_patch, draw_placket, fitted
from catalog.sample.torso import SLEEVES, Torso, draw_body, draw_inside, draw_neckband, draw_ribs, draw_sleeves, rib_hem


def draw_jacket(canvas: Canvas, look: Look) -> None:
    """Draw a jacket: bomber, denim, puffer or biker."""
    {"denim": _draw_trucker, "puffer": _draw_puffer, "biker": _draw_biker}.get(look.get("style"), _draw_bomber)(canvas, look)


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
    _fade(canvas, body, mask)
    yoke = 226.0
    canvas.seam(np.array([[CENTRE - 150, yoke + 4], [CENTRE, yoke], [CENTRE + 150, yoke + 4]]), strength=0.35, clip=mask)
    canvas.stitch(np.array([[CENTRE - 138, yoke + 9], [CENTRE + 138, yoke + 9]]), colour=sewn)
    for side in (-1, 1):
        for top, bottom in ((30, 34), (104, 62)):
            seam = np.array([[CENTRE + side * top, yoke + 40], [CENTRE + side * bottom, body.length - 4]])
            canvas.seam(seam, strength=0.3, clip=mask)
            canvas.stitch(seam + (4, 0), seam - (4, 0), colour=sewn)
        draw_patch(canvas, CENTRE + (32 if side > 0 else -94), yoke + 6, 62, 64, cloth, flap=True)
        canvas.button(CENTRE + side * 63, yoke + 26, 5, GOLD, holes=False)
    band = half([(0, body.length - 8), (body.hem, body.length - 10, 1), (body.hem - 2, body.length + 26, 1), (0, body.length + 34)])
    canvas.part(band, cloth, volume=8, drop=0.25)
    canvas.stitch(body.hem_line(2), body.hem_line(-20), colour=sewn)
    draw_placket(canvas, cloth, body.top + 24, body.length + 30, width=30, buttons=6, tint=GOLD, radius=6)
    draw_collar(canvas, body, cloth, point=(58, body.top + 70))


def _fade(canvas: Canvas, body: Torso, mask: Mask | None) -> None:
    for side in (-1, 1):
        canvas.shade(smooth([(CENTRE + side * 30, 330), (CENTRE + side * 92, 320), (CENTRE + side * 84, 520), (CENTRE + side * 36, 520)], closed=True), 0.13, 26, mask, bright=True)


def _draw_puffer(canvas: Canvas, look: Look) -> None:
    body = fitted(look, length=600, neck=54, neck_depth=20, shoulder=140, chest=160, waist=158, hem=156)
    cloth = look.cloth("silk", gloss=0.35, contrast=0.8)
    sleeve = replace(SLEEVES["long"], width=84, length=380, bend=10)
    draw_sleeves(canvas, body, sleeve, cloth, hem=False)
    for side in (-1, 1):
        _quilt(canvas, [(CENTRE + side * (146 + i * 9.2), 212 + i * 45, 62 - i * 2) for i in range(9)], cloth, -side * 11)
    mask = draw_body(canvas, body, look.blocked(cloth, 140, 290), hem=False, strength=0.3)
    for y in range(190, 600, 50):
        line = smooth([(CENTRE - 162, y - 3), (CENTRE - 80, y + 4), (CENTRE, y), (CENTRE + 80, y + 4), (CENTRE + 162, y - 3)])
        canvas.shade(ribbon(line + (0, 12), 18), 0.16, 7, mask, bright=True)
        canvas.shade(ribbon(line - (0, 8), 18), 0.34, 7, mask)
        canvas.seam(line, width=1.6, strength=0.4, clip=mask)
        rng = canvas.rng
        ticks = [np.array([[x, y], [x + rng.uniform(-5, 5), y + rng.uniform(6, 14)]]) for x in rng.uniform(CENTRE - 150, CENTRE + 150, 22)]
        canvas.seam(*ticks, width=2.2, strength=0.14, clip=mask)
    _draw_stand_collar(canvas, body, cloth)
    draw_zip(canvas, body.top - 18, body.length + 6, cloth)


def _quilt(canvas: Canvas, stops: list[tuple[float, float, float]], cloth: Cloth, turn: float) -> None:
    for x, y, reach in stops:
        slope = np.tan(np.radians(turn))
        line = np.array([[x - reach * 0.75, y - reach * 0.75 * -slope], [x + reach * 0.75, y + reach * 0.75 * -slope]])
        canvas.shade(ribbon(line + (0, 9), 14), 0.14, 6, bright=True)
        canvas.shade(ribbon(line - (0, 7), 14), 0.30, 6)
        canvas.seam(line, width=1.5, strength=0.35)


def _draw_stand_collar(canvas: Canvas, body: Torso, cloth: Cloth, height: float = 44) -> None:
    top, neck = body.top, body.neck
    inside = half([(0, top - height + 4), (neck - 6, top - height, 1), (neck - 2, top + 4), (0, top + 26)])
    canvas.part(inside, cloth.dim(0.55), volume=8, depth=0.4, edge=0)
    right = smooth([(CENTRE, top + 18, 1), (CENTRE + neck * 0.5, top - 2), (CENTRE + neck - 4, top - height, 1), (CENTRE + neck + 6, top - height + 8), (CENTRE + neck + 12, top + 6, 1), (CENTRE + neck * 0.6, top + 34), (CENTRE, top + 44, 1)], closed=True)
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
    canvas.seam(line + (14, 0), strength=0.4, clip=mask)
    teeth = [np.array([p - (4, 0), p + (4, 0)]) for p in np.linspace(line[0], line[1], 80)]
    canvas.ink(*teeth, colour=SILVER, width=2)
    for x0, y0, x1, y1 in ((66, 300, 110, 276), (60, 448, 112, 424), (-60, 448, -112, 424)):
        slot = np.array([[CENTRE + x0, y0], [CENTRE + x1, y1]], np.float64)
        canvas.part(ribbon(slot, 12), cloth.dim(0.8), volume=4, drop=0.3, crumple=0)
        canvas.ink(*[np.array([p - (0, 3), p + (0, 3)]) for p in np.linspace(slot[0], slot[1], 16)], colour=SILVER, width=1.8)
    lapels(canvas, body, cloth, depth=150, spread=98, notch=True, gap=6)
    for side in (-1, 1):
        canvas.button(CENTRE + side * 66, body.top + 62, 5.5, SILVER, holes=False, gloss=0.8)
    canvas.part(np.array([[CENTRE - 152, body.length - 34], [CENTRE + 150, body.length - 34], [CENTRE + 150, body.length - 12], [CENTRE - 152, body.length - 12]]), cloth, volume=8, drop=0.3, clip=mask)


def lapels(canvas: Canvas, body: Torso, cloth: Cloth, *, depth: float = 190, spread: float = 84, notch: bool = True, gap: float = 0, collar: Cloth | None = None) -> None:
    """Draw lapels that open in a V ``depth`` deep, and the collar above them."""
    top, neck = body.top, body.neck
    bottom = top + depth
    rim = collar or cloth
    back = smooth([(CENTRE - neck - 4, top - 8, 1), (CENTRE, top - 22), (CENTRE + neck + 4, top - 8, 1), (CENTRE + neck - 8, top + 10), (CENTRE, top + 4), (CENTRE - neck + 8, top + 10)], closed=True)
    canvas.part(back, rim.dim(0.92), volume=8, drop=0.2)
    lapel = smooth(
        [(CENTRE - gap, bottom, 1), (CENTRE + spread * 0.52, top + depth * 0.62), (CENTRE + spread, top + depth * 0.36, 1), (CENTRE + spread * 0.80, top + depth * 0.27, 1), (CENTRE + neck + 2, top + 2, 1), (CENTRE + neck * 0.55, top + depth * 0.42)],
        closed=True,
    )
    leaf = smooth(
        [(CENTRE + neck - 2, top - 10, 1), (CENTRE + neck + 16, top + 10), (CENTRE + spread * 0.98, top + depth * 0.22, 1), (CENTRE + spread * 0.74, top + depth * 0.30, 1), (CENTRE + neck * 0.78, top + depth * 0.22), (CENTRE + neck - 14, top + 4, 1)],
        closed=True,
    )
    for side in (-1, 1):
        turn = (lambda shape: shape) if side > 0 else flipped
        canvas.part(turn(lapel), cloth, volume=9, depth=0.9, crumple=0.5, drop=0.36, angle=-side * 14, origin=(CENTRE, top))
        if notch:
            canvas.part(turn(leaf), rim, volume=8, depth=0.9, crumple=0.4, drop=0.3, angle=side * 30, origin=(CENTRE, top))




def draw_blazer(canvas: Canvas, look: Look) -> None:
    """Draw a tailored jacket."""
    depth = 215.0 if look.get("breast") != "double" else 180.0
    body = fitted(look, length=622, neck=46, neck_depth=depth, neck_shape="v", waist=128 if look.get("fit") != "women" else 108, hem_drop=16)
    cloth = look.cloth("wool" if look.pattern != "plain" else "twill", scale=0.8, contrast=0.72)
    _lined(canvas, body, look)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], width=62), cloth, hem=False)
    mask = draw_body(canvas, body, cloth, hem=False, strength=0.7)
    bottom = body.top + depth
    canvas.seam(smooth([(CENTRE - 2, bottom), (CENTRE + 3, 500), (CENTRE + 14, body.length + 12)]), strength=0.4, width=1.6, clip=mask)
    for side in (-1, 1):
        flap = smooth([(CENTRE + side * 44, 470, 1), (CENTRE + side * 110, 462, 1), (CENTRE + side * 112, 486, 1), (CENTRE + side * 46, 494, 1)], closed=True)
        canvas.part(flap, cloth, volume=4, drop=0.34, crumple=0.3, origin=(CENTRE, body.top))
        canvas.seam(smooth([(CENTRE + side * 78, 300), (CENTRE + side * 72, 400), (CENTRE + side * 78, 466)]), strength=0.16, clip=mask)
    welt = np.array([[CENTRE + 56, 292.0], [CENTRE + 102, 284.0]])
    canvas.part(ribbon(welt, 12), cloth, volume=4, drop=0.25, crumple=0)
    lapels(canvas, body, cloth, depth=depth + 4, spread=88)
    tint = HORN if look.get("button") == "horn" else darker(look.rgb, 0.35)
    pairs = (-30, 30) if look.get("breast") == "double" else (2,)
    for x in pairs:
        for i in range(2):
            canvas.button(CENTRE + x, bottom + 14 + i * 72, 8, tint)


def _lined(canvas: Canvas, body: Torso, look: Look) -> None:
    lining = Cloth(darker(look.accent, 0.1) if look.get("lining") else darker(look.rgb, 0.38), texture="silk", gloss=0.2)
    canvas.part(half([(0, body.top - 8), (body.neck + 6, body.top - 4, 1), (body.neck + 6, body.top + 60), (0, body.top + body.neck_depth + 12, 1)]), lining, volume=10, depth=0.4, edge=0)
    canvas.part(smooth([(CENTRE - 13, body.top + 12, 1), (CENTRE + 13, body.top + 12, 1), (CENTRE + 13, body.top + 26, 1), (CENTRE - 13, body.top + 26, 1)], closed=True), Cloth((232, 226, 214), texture="silk"), volume=3, crumple=0, drop=0.3)


def draw_coat(canvas: Canvas, look: Look) -> None:
    """Draw a coat: straight, double-breasted or a belted trench."""
    style = look.get("style", "straight")
    depth = 170.0 if style != "straight" else 200.0
    women = look.get("fit") == "women"
    body = Torso(top=84, neck=44, neck_depth=depth, neck_shape="v", shoulder=114, shoulder_y=110, chest=126, underarm=236, waist=116 if women else 126, waist_y=370, hem=150 if women else 142, length=706, hem_drop=10)
    cloth = look.cloth("wool" if style != "trench" else "twill", scale=0.8, contrast=0.72)
    _lined(canvas, body, look)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], length=385, angle=11, width=62), cloth, hem=style != "trench")
    if style == "trench":
        _draw_cuff_straps(canvas, body, cloth)
    mask = draw_body(canvas, body, cloth, hem=False, strength=0.9)
    bottom = body.top + depth
    edge = CENTRE + (38 if style != "straight" else 2)
    canvas.shade(ribbon(np.array([[edge + 4, bottom], [edge + 6, 716]]), 8), 0.3, 4, mask)
    canvas.seam(np.array([[edge, bottom - 30 if style != "straight" else bottom], [edge + 2, 716]]), strength=0.45, width=1.6, clip=mask)
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
        _draw_belt(canvas, body, cloth)


def _draw_cuff_straps(canvas: Canvas, body: Torso, cloth: Cloth) -> None:
    for side in (-1, 1):
        line: Outline = np.array([[CENTRE + side * 162, 540.0], [CENTRE + side * 228, 526.0]])
        canvas.part(ribbon(line, 14), cloth, volume=5, drop=0.3, crumple=0.2)
        canvas.button(CENTRE + side * 205, 531, 5, HORN)


def _draw_belt(canvas: Canvas, body: Torso, cloth: Cloth) -> None:
    y = 372.0
    belt = smooth([(CENTRE - 124, y - 14, 1), (CENTRE, y - 10), (CENTRE + 124, y - 14, 1), (CENTRE + 124, y + 16, 1), (CENTRE, y + 20), (CENTRE - 124, y + 16, 1)], closed=True)
    canvas.part(belt, cloth, volume=8, drop=0.4, crumple=0.6)
    canvas.stitch(smooth([(CENTRE - 120, y - 9), (CENTRE, y - 5), (CENTRE + 120, y - 9)]), smooth([(CENTRE - 120, y + 11), (CENTRE, y + 15), (CENTRE + 120, y + 11)]), colour=thread(cloth.colour), width=0.8)
    tail = smooth([(CENTRE + 18, y + 2, 1), (CENTRE + 44, y + 60), (CENTRE + 50, y + 140, 1), (CENTRE + 74, y + 134, 1), (CENTRE + 66, y + 56), (CENTRE + 36, y - 6, 1)], closed=True)
    canvas.part(tail, cloth, volume=8, drop=0.4, crumple=1)
    frame = [smooth([(CENTRE - 20, y - 22, 1), (CENTRE + 24, y - 22, 1), (CENTRE + 24, y + 28, 1), (CENTRE - 20, y + 28, 1)], closed=True)]
    hole = smooth([(CENTRE - 11, y - 13, 1), (CENTRE + 15, y - 13, 1), (CENTRE + 15, y + 19, 1), (CENTRE - 11, y + 19, 1)], closed=True)
    canvas.part(frame, Cloth(HORN, texture="", gloss=0.6), holes=[hole], volume=4, drop=0.4, crumple=0)
    del body


__all__ = ["draw_blazer", "draw_coat", "draw_jacket", "lapels"]
