"""Trousers, jeans, shorts and skirts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, between, flipped, half, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, brightness, darker, lighter, thread
from catalog.sample.tops import button_tint
from catalog.sample.torso import draw_ribs

TOP = 62.0


@dataclass(frozen=True)
class Leg:
    """Measures from the centre line: outer edge at waist, hip, knee and hem; inner edge at knee and hem."""

    waist: float = 84
    hip: float = 116
    knee: float = 112
    hem: float = 108
    inner_knee: float = 32
    inner_hem: float = 40
    crotch: float = 268
    length: float = 742


LEGS = {
    "straight": Leg(),
    "slim": Leg(knee=98, hem=88, inner_knee=26, inner_hem=32),
    "skinny": Leg(knee=88, hem=76, inner_knee=22, inner_hem=26),
    "wide": Leg(hip=118, knee=136, hem=158, inner_knee=20, inner_hem=18),
    "flared": Leg(knee=94, hem=136, inner_knee=24, inner_hem=14),
    "tapered": Leg(hip=122, knee=114, hem=86, inner_knee=26, inner_hem=34),
    "cropped": Leg(knee=114, hem=112, inner_knee=26, inner_hem=28, length=664),
    "shorts": Leg(waist=100, hip=138, knee=156, hem=166, inner_knee=12, inner_hem=16, crotch=352, length=470),
    "short shorts": Leg(waist=104, hip=142, knee=158, hem=164, inner_knee=8, inner_hem=10, crotch=352, length=420),
}


def _edges(leg: Leg, top: float) -> tuple[Outline, Outline]:
    """Return the right leg's outer and inner edge, top to hem."""
    knee = leg.crotch + (leg.length - leg.crotch) * 0.44
    outer = smooth([(CENTRE + leg.waist, top), (CENTRE + leg.hip * 0.96, top + (leg.crotch - top) * 0.5), (CENTRE + leg.hip, leg.crotch - 22), (CENTRE + leg.knee, knee), (CENTRE + leg.hem, leg.length)])
    inner = smooth([(CENTRE, leg.crotch), (CENTRE + 8, leg.crotch + 28), (CENTRE + leg.inner_knee, knee), (CENTRE + leg.inner_hem, leg.length)])
    return outer, inner


def _leg_folds(canvas: Canvas, outer: Outline, inner: Outline, leg: Leg, *, crease: bool) -> list[Fold]:
    rng, folds = canvas.rng, []
    if crease:
        middle = between(outer, inner, 0.5)
        folds.append(Fold(middle[6:] + (0, 0), 11, 5))
    for _ in range(5):
        at = rng.uniform(0.02, 0.3)
        a = between(inner, outer, 0.02)[int(at * 39)]
        reach = between(inner, outer, rng.uniform(0.4, 0.8))[int((at + rng.uniform(0.02, 0.16)) * 39)]
        folds.append(Fold(smooth([a, (a + reach) / 2 + (0, -7), reach]), rng.uniform(11, 22), rng.choice([-1, 1]) * rng.uniform(1.6, 3.6)))
    for _ in range(5):
        at = int(rng.uniform(0.45, 0.97) * 39)
        a, b = between(inner, outer, 0.1)[at], between(inner, outer, 0.9)[min(39, max(0, at + int(rng.integers(-3, 4))))]
        reach = rng.uniform(0.4, 0.9)
        folds.append(Fold(smooth([a, a * (1 - reach / 2) + b * reach / 2 + (0, 6), a * (1 - reach) + b * reach]), rng.uniform(10, 22), rng.choice([-1, 1]) * rng.uniform(1.4, 2.8)))
    del leg
    return folds


def _draw_legs(canvas: Canvas, leg: Leg, cloth: Cloth, top: float, *, crease: bool = False, hem: float = 12) -> tuple[Mask | None, Outline, Outline]:
    """Draw waist to hem; return the right leg's mask and edges."""
    outer, inner = _edges(leg, top)
    back = half([(0, top - 8), (leg.waist - 4, top - 10, 1), (leg.waist - 6, top + 22, 1), (0, top + 34)])
    canvas.part(back, cloth.dim(0.55), volume=10, depth=0.4, edge=0)
    mask: Mask | None = None
    for right in (False, True):
        side = (lambda line: line) if right else flipped
        shape = np.vstack([side(outer), side(inner)[::-1], [[CENTRE, top + 9]]])
        folds = _leg_folds(canvas, side(outer), side(inner), leg, crease=crease)
        mask = canvas.part(shape, cloth, origin=(CENTRE, top), angle=1.2 if right else -1.2, volume=40, depth=0.85, folds=folds, drop=0.10)
        if hem:
            line = np.vstack([side(outer)[-1], side(inner)[-1]]) - (0, hem)
            canvas.seam(line, strength=0.22)
    canvas.seam(smooth([(CENTRE, top + 20), (CENTRE + 1, leg.crotch - 40), (CENTRE, leg.crotch + 2)]), strength=0.36)
    canvas.shade(smooth([(CENTRE - 5, leg.crotch - 30), (CENTRE + 5, leg.crotch - 30), (CENTRE + 14, leg.crotch + 70), (CENTRE - 14, leg.crotch + 70)], closed=True), 0.30, 9)
    return mask, outer, inner


def _draw_waistband(canvas: Canvas, leg: Leg, cloth: Cloth, top: float, *, depth: float = 28, loops: bool = True, button: tuple[int, int, int] | None = None, sewn: tuple[int, int, int] | None = None) -> None:
    w = leg.waist
    band = half([(0, top + 6), (w * 0.55, top + 4), (w, top - 5, 1), (w + 4, top + depth - 6, 1), (w * 0.55, top + depth + 3), (0, top + depth + 6)])
    canvas.part(band, cloth, volume=10, depth=0.8, crumple=0.5, drop=0.24, origin=(CENTRE, top))
    low = smooth([(CENTRE - w - 3, top + depth - 10), (CENTRE, top + depth + 2), (CENTRE + w + 3, top + depth - 10)])
    tint = sewn or thread(cloth.colour)
    canvas.stitch(low, low - (0, depth - 8), colour=tint, width=0.9, opacity=0.6)
    if loops:
        for x in (-0.68, -0.3, 0.3, 0.68):
            cx, dy = CENTRE + x * w, -8 * abs(x)
            canvas.part(np.array([[cx - 4, top + dy - 1], [cx + 4, top + dy - 1], [cx + 4, top + depth + 8 + dy], [cx - 4, top + depth + 8 + dy]]), cloth.plain(), volume=3, drop=0.4, crumple=0)
    if button is not None:
        canvas.button(CENTRE + 2, top + depth / 2 + 6, 6.5, button, holes=brightness(button) < 0.6)


def _draw_fly(canvas: Canvas, cloth: Cloth, leg: Leg, top: float, sewn: tuple[int, int, int]) -> None:
    bottom = leg.crotch - 34
    curve = smooth([(CENTRE + 30, top + 34), (CENTRE + 29, bottom - 44), (CENTRE + 18, bottom - 12), (CENTRE, bottom)])
    canvas.seam(curve, strength=0.2)
    canvas.stitch(curve - (3, 2), colour=sewn, width=0.9)
    canvas.shade(ribbon(np.array([[CENTRE + 1, top + 34], [CENTRE + 1, bottom]]), 4), 0.25, 2)
    del cloth


def draw_jeans(canvas: Canvas, look: Look) -> None:
    """Draw jeans, washed paler along the thighs."""
    look = look.denim()
    leg = LEGS[look.get("leg", "straight")]
    cloth = look.cloth("denim", contrast=0.72)
    sewn = (206, 148, 78) if brightness(look.rgb) < 0.78 else darker(look.rgb, 0.2)
    _, outer, inner = _draw_legs(canvas, leg, cloth, TOP, hem=16)
    if look.get("wash") != "raw":
        for side in (-1, 1):
            middle = between(outer, inner, 0.5) if side > 0 else flipped(between(outer, inner, 0.5))
            canvas.shade(ribbon(middle[5:34], [10, 46, 40, 34, 10]), 0.26 if brightness(look.rgb) < 0.6 else 0.12, 22, bright=True)
            for i in range(4):
                y = leg.crotch - 26 + i * 17
                rays = smooth([(CENTRE + side * 18, y + 10), (CENTRE + side * 50, y), (CENTRE + side * 92, y + 4)])
                canvas.shade(ribbon(rays, [1, 4, 1]), 0.16, 4, bright=True)
    if look.get("wash") == "ripped":
        _draw_rips(canvas, outer, inner)
    for side in (-1, 1):
        pocket = smooth([(CENTRE + side * 44, TOP + 34), (CENTRE + side * 58, TOP + 74), (CENTRE + side * 100, TOP + 92)])
        canvas.seam(pocket, strength=0.34)
        canvas.stitch(pocket + (0, 3), pocket + (0, 8), colour=sewn)
        canvas.button(CENTRE + side * 48, TOP + 40, 2.6, GOLD, holes=False)
        seam = (outer if side > 0 else flipped(outer))[14:] - (side * 7, 0)
        canvas.stitch(seam, colour=sewn, width=0.9, opacity=0.35)
        canvas.stitch(np.vstack([(outer if side > 0 else flipped(outer))[-1], (inner if side > 0 else flipped(inner))[-1]]) - (0, 13), colour=sewn)
    _draw_fly(canvas, cloth, leg, TOP, sewn)
    _draw_waistband(canvas, leg, cloth, TOP, button=GOLD, sewn=sewn)


def _draw_rips(canvas: Canvas, outer: Outline, inner: Outline) -> None:
    for side, at in ((1, 22), (-1, 18), (-1, 25)):
        x, y = between(outer, inner, 0.5)[at]
        x = x if side > 0 else 2 * CENTRE - x
        tear = smooth([(x - 26, y), (x, y - 8), (x + 26, y - 1), (x + 4, y + 9)], closed=True)
        canvas.part(tear, Cloth((226, 228, 232), texture="canvas"), volume=4, crumple=0.5, edge=0.3)
        canvas.ink(*[np.array([[x - 20 + i * 5, y - 6], [x - 19 + i * 5, y + 6]]) for i in range(9)], colour=(250, 250, 250), width=1.4, opacity=0.9)


def draw_trousers(canvas: Canvas, look: Look) -> None:
    """Draw trousers: chinos, tailored or joggers."""
    style = look.get("style", "chinos")
    leg = LEGS[look.get("leg", "straight")]
    cord = look.get("stuff") == "cord"
    cloth = look.cloth("cord" if cord else "wool" if look.pattern != "plain" else "twill", scale=0.75, contrast=0.7)
    _, outer, inner = _draw_legs(canvas, leg, cloth, TOP, crease=style == "tailored", hem=0 if style == "joggers" else 14)
    if style == "joggers":
        _draw_jogger_parts(canvas, leg, cloth, outer, inner, look)
        return
    for side in (-1, 1):
        pocket = smooth([(CENTRE + side * 62, TOP + 32), (CENTRE + side * 84, TOP + 76), (CENTRE + side * 100, TOP + 112)])
        canvas.seam(pocket, strength=0.36, width=1.6)
        canvas.stitch(pocket - (side * 5, -2), colour=thread(look.rgb), width=0.8, opacity=0.5)
    if look.get("pleats"):
        pleats = [smooth([(CENTRE + x, TOP + 30), (CENTRE + x * 1.12, TOP + 84), (CENTRE + x * 1.2, TOP + 140)]) for x in (-50, -38, 38, 50)]
        for pleat in pleats:
            canvas.shade(ribbon(pleat, [6, 4, 1]), 0.3, 3)
    _draw_fly(canvas, cloth, leg, TOP, thread(look.rgb))
    _draw_waistband(canvas, leg, cloth, TOP, button=button_tint(look))


def _draw_jogger_parts(canvas: Canvas, leg: Leg, cloth: Cloth, outer: Outline, inner: Outline, look: Look) -> None:
    rib = replace(cloth.plain(), texture="wool")
    for side in (-1, 1):
        turn = (lambda line: line) if side > 0 else flipped
        a, b = turn(outer)[-1], turn(inner)[-1]
        start, end = np.vstack([a, b]) - (0, 34), np.vstack([a, b]) + (0, 3)
        middle = (a + b) / 2
        end = (end - middle) * (0.84, 1) + middle
        canvas.part(np.vstack([start, end[::-1]]), rib, volume=12, drop=0.2)
        draw_ribs(canvas, start, end, 7)
        slot = smooth([(CENTRE + side * 72, TOP + 44), (CENTRE + side * 92, TOP + 86), (CENTRE + side * 104, TOP + 128)])
        canvas.seam(slot, strength=0.36)
        if look.get("trim") == "contrast":
            band = turn(outer)[2:-4] - (side * 11, 0)
            canvas.ink(band, colour=look.accent, width=8, opacity=0.92)
    w = leg.waist
    band = half([(0, TOP + 4), (w, TOP - 5, 1), (w + 3, TOP + 30, 1), (0, TOP + 42)])
    canvas.part(band, rib, volume=12, drop=0.25)
    draw_ribs(canvas, np.array([[CENTRE - w, TOP], [CENTRE + w, TOP]]), np.array([[CENTRE - w, TOP + 36], [CENTRE + w, TOP + 36]]), 8)
    for side in (-1, 1):
        cord = smooth([(CENTRE + side * 10, TOP + 24), (CENTRE + side * 20, TOP + 76), (CENTRE + side * 14, TOP + 130)])
        canvas.part(ribbon(cord, 6), Cloth(lighter(look.rgb, 0.5), texture="canvas"), volume=3, drop=0.4, crumple=0)


def draw_shorts(canvas: Canvas, look: Look) -> None:
    """Draw shorts."""
    top = 150.0
    leg = LEGS["short shorts" if look.get("length") == "short" else "shorts"]
    denim = look.get("style") == "denim"
    look = look.denim() if denim else look
    cloth = look.blocked(look.cloth("denim" if denim else "twill"), 130)
    sewn = (206, 148, 78) if denim else thread(look.rgb)
    _, outer, inner = _draw_legs(canvas, leg, cloth, top, hem=18)
    for side in (-1, 1):
        pocket = smooth([(CENTRE + side * 58, top + 34), (CENTRE + side * 78, top + 84), (CENTRE + side * 120, top + 112)])
        canvas.seam(pocket, strength=0.34)
        canvas.stitch(pocket + (0, 5), colour=sewn)
        turn = (lambda line: line) if side > 0 else flipped
        edge = np.vstack([turn(outer)[-1], turn(inner)[-1]])
        canvas.stitch(edge - (0, 15), colour=sewn)
        if look.get("hem") == "turn-up":
            cuff = np.vstack([edge - (0, 26), (edge + (0, 3))[::-1]])
            canvas.part(cuff, cloth.plain(), volume=9, drop=0.3)
    if look.get("style") == "swim":
        for side in (-1, 1):
            cord = smooth([(CENTRE + side * 4, top + 26), (CENTRE + side * 22, top + 70), (CENTRE + side * 12, top + 112)])
            canvas.part(ribbon(cord, 5), Cloth((244, 242, 236), texture="canvas"), volume=3, drop=0.4, crumple=0)
        _draw_waistband(canvas, leg, cloth.plain(), top, loops=False)
        gather = [np.array([[x, top + 4 - abs(x - CENTRE) * 0.06], [x, top + 30 - abs(x - CENTRE) * 0.06]]) for x in np.arange(CENTRE - 94, CENTRE + 95, 8)]
        canvas.seam(*gather, width=2, strength=0.2)
        return
    _draw_fly(canvas, cloth, leg, top, sewn)
    _draw_waistband(canvas, leg, cloth.plain(), top, button=GOLD if denim else button_tint(look), sewn=sewn)


def draw_skirt(canvas: Canvas, look: Look) -> None:
    """Draw a skirt: pleated, A-line, pencil or a tiered one."""
    style = look.get("style", "a-line")
    length = {"mini": 470.0, "midi": 640.0, "maxi": 728.0}[look.get("length", "midi")]
    top = 84.0 if length > 700 else 120.0
    hem = {"a-line": 172.0, "pleated": 196.0, "pencil": 112.0, "tiered": 205.0}[style] * (0.94 if length < 500 else 1)
    cloth = look.cloth({"pencil": "twill", "pleated": "silk"}.get(style, "jersey"), scale=0.9, gloss=0.1, contrast=0.75)
    hip = 124 if style != "pencil" else 128
    shape = half([(0, top + 8), (88, top, 1), (hip, top + 120), (hem * (0.88 if style != "pencil" else 1.06), top + (length - top) * 0.62), (hem, length, 1), (hem * 0.55, length + 12), (0, length + 16)])
    canvas.part(half([(0, top - 6), (84, top - 6, 1), (80, top + 20), (0, top + 30)]), cloth.dim(0.55), volume=8, depth=0.3, edge=0)
    mask = canvas.part(shape, look.blocked(cloth, 190), origin=(CENTRE, top), volume=44, depth=0.9, folds=_skirt_folds(canvas, style, top, hem, length))
    if style == "pleated":
        for x in np.linspace(-0.92, 0.92, 15):
            line = smooth([(CENTRE + x * 86, top + 30), (CENTRE + x * hip * 1.02, top + 120), (CENTRE + x * hem, length + 12 * (1 - x * x))])
            canvas.shade(ribbon(line + (4, 0), [3, 8, 13]), 0.30, 4, mask)
            canvas.seam(line, width=1.4, strength=0.32, clip=mask)
    if style == "tiered":
        for share in (0.36, 0.68):
            y = top + (length - top) * share
            w = 88 + (hem - 88) * share + 14
            line = smooth([(CENTRE - w, y - 6), (CENTRE, y + 8), (CENTRE + w, y - 6)])
            canvas.shade(ribbon(line + (0, 6), 9), 0.3, 4, mask)
            canvas.seam(line, strength=0.35, clip=mask)
            ticks = [np.array([[x, y + 5], [x + (x - CENTRE) * 0.04, y + 24]]) for x in np.arange(CENTRE - w, CENTRE + w, 9)]
            canvas.seam(*ticks, width=2.2, strength=0.17, clip=mask)
    if style == "a-line" and look.get("front") == "buttons":
        canvas.seam(np.array([[CENTRE - 14, top + 20], [CENTRE - 14, length + 16]]), np.array([[CENTRE + 14, top + 20], [CENTRE + 14, length + 16]]), strength=0.22, clip=mask)
        for y in np.arange(top + 52, length - 10, 58):
            canvas.button(CENTRE, float(y), 7, button_tint(look))
    low = smooth([(CENTRE - hem, length - 14), (CENTRE, length + 2), (CENTRE + hem, length - 14)])
    canvas.seam(low, strength=0.16, clip=mask)
    _draw_waistband(canvas, replace(LEGS["straight"], waist=88), cloth.plain(), top, loops=style == "pencil")


def _skirt_folds(canvas: Canvas, style: str, top: float, hem: float, length: float) -> list[Fold]:
    rng = canvas.rng
    count = {"pencil": 4, "pleated": 0, "a-line": 9, "tiered": 13}[style]
    folds = []
    for i in range(count):
        x = -0.85 + 1.7 * (i + rng.uniform(0.2, 0.8)) / count
        start = top + (length - top) * rng.uniform(0.2, 0.5)
        line = smooth([(CENTRE + x * 100, start), (CENTRE + x * hem * 0.8, (start + length) / 2), (CENTRE + x * hem * 1.02, length + 14)])
        folds.append(Fold(line, rng.uniform(20, 36), (1 if i % 2 else -1) * rng.uniform(3, 6.5)))
    return folds
