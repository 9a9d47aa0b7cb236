"""Belts, watches and sunglasses."""

from __future__ import annotations

import math

import numpy as np

from catalog.sample.canvas import RGB, Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, ellipse, flipped, ribbon, rounded, smooth, spaced
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, STEEL, brightness, darker, lighter, thread


def _metal(look: Look) -> RGB:
    return {"gold": GOLD, "steel": STEEL}.get(look.get("metal"), SILVER)


def draw_belt(canvas: Canvas, look: Look) -> None:
    """Draw a belt, rolled up, its buckle in front."""
    stuff = look.get("stuff", "leather")
    texture = {"suede": "suede", "woven": "straw", "canvas": "canvas"}.get(stuff, "leather")
    cloth = look.cloth(texture, scale=0.6, gloss=0.35 if stuff == "leather" else 0.0, contrast=0.75)
    metal = _metal(look)
    width = 46.0 if look.get("width") != "slim" else 30.0
    canvas.stand(90, 510, 520)
    for rx, ry, tone in ((208, 70, 0.62), (172, 54, 0.52), (134, 40, 0.44)):
        arc = ellipse(CENTRE, 400, rx, ry, 176, 364)
        canvas.part(np.vstack([arc - (0, width), arc[::-1] + (0, width)]), cloth.dim(tone), volume=16, crumple=0.2, drop=0.2)
        canvas.part(np.vstack([arc - (0, width + 3), arc[::-1] - (0, width - 1)]), cloth.plain(darker(cloth.colour, 0.1)), volume=2, crumple=0)
    for rx, ry in ((134, 40), (172, 54), (208, 70)):
        arc = ellipse(CENTRE, 404, rx, ry, -4, 184)
        strap = np.vstack([arc - (0, width), arc[::-1] + (0, width)])
        canvas.part(strap, cloth, origin=(CENTRE, 404), volume=26, crumple=0.2, drop=0.42)
        canvas.part(np.vstack([arc - (0, width + 3), arc[::-1] - (0, width - 1.5)]), cloth.plain(lighter(cloth.colour, 0.12)), volume=2, crumple=0)
    outer = ellipse(CENTRE, 404, 208, 70, 2, 178)
    for dy in (-width + 8, width - 8):
        canvas.stitch(outer + (0, dy), colour=thread(cloth.colour), width=1.2, opacity=0.7)
    tip = ellipse(CENTRE, 406, 214, 76, 84, 20)
    canvas.part(np.vstack([tip - (0, width - 2), tip[-1:] + (14, 0), tip[::-1] + (0, width - 2)]), cloth, origin=(CENTRE, 404), volume=16, crumple=0.2, drop=0.4)
    for p in spaced(tip, 34)[1:]:
        canvas.part(ellipse(float(p[0]), float(p[1]), 3.6, 5), Cloth((30, 24, 22), texture=""), volume=2, crumple=0)
    high = width + 12
    x, y = CENTRE - 12, 476.0
    if look.get("buckle") == "round":
        canvas.part(ellipse(x, y, high, high), Cloth(metal, texture="", gloss=0.9, contrast=0.9), holes=[ellipse(x, y, high - 12, high - 12)], volume=7, drop=0.5, crumple=0)
    else:
        frame, hole = rounded(x - 46, y - high, x + 46, y + high, 13), rounded(x - 33, y - high + 13, x + 33, y + high - 13, 7)
        canvas.part(frame, Cloth(metal, texture="", gloss=0.9, contrast=0.9), holes=[hole], volume=7, drop=0.5, crumple=0)
    canvas.part(ribbon(np.array([[x - 36.0, y], [x + 44, y + 1]]), [9, 7]), Cloth(metal, texture="", gloss=0.9), volume=4, drop=0.5, crumple=0)
    loop = rounded(x - 98, y - width - 7, x - 78, y + width + 1, 5)
    canvas.part(loop, cloth.plain(), volume=5, drop=0.4, crumple=0)


def draw_watch(canvas: Canvas, look: Look) -> None:
    """Draw a wrist watch, from the front: leather, steel or rubber strap; round or square."""
    metal = _metal(look)
    strap_kind = look.get("strap", "leather")
    steel = strap_kind == "steel"
    square = look.get("case") == "square"
    cloth = Cloth(metal, texture="", gloss=0.8, contrast=0.9) if steel else look.cloth({"leather": "leather", "fabric": "canvas"}.get(strap_kind, ""), scale=0.55, gloss=0.25, contrast=0.75)
    for top, bottom, wide, narrow in ((74.0, 316.0, 58.0, 46.0), (726.0, 484.0, 58.0, 42.0)):
        band = smooth([(CENTRE - wide, bottom, 1), (CENTRE - narrow, (top + bottom) / 2), (CENTRE - narrow, top, 1), (CENTRE, top + (-8 if top < 300 else 12)), (CENTRE + narrow, top, 1), (CENTRE + narrow, (top + bottom) / 2), (CENTRE + wide, bottom, 1)], closed=True)
        mask = canvas.part(band, cloth, origin=(CENTRE, 400), volume=20, depth=0.9, crumple=0.1, drop=0.2)
        if steel:
            for y in np.arange(min(top, bottom) - 10, max(top, bottom), 23.0):
                canvas.shade(np.array([[200, y + 14], [400, y + 14], [400, y + 23], [200, y + 23]]), 0.24, 3, mask)
                canvas.seam(np.array([[200.0, y], [400, y]]), width=2.2, strength=0.5, clip=mask)
            canvas.seam(np.array([[CENTRE - 22, 60.0], [CENTRE - 22, 740]]), np.array([[CENTRE + 22, 60.0], [CENTRE + 22, 740]]), width=2, strength=0.4, clip=mask)
        else:
            sides = [smooth([(CENTRE + s * (wide - 8), bottom), (CENTRE + s * (narrow - 8), (top + bottom) / 2), (CENTRE + s * (narrow - 8), top)]) for s in (-1, 1)]
            canvas.stitch(*sides, colour=thread(cloth.colour), width=1.3, opacity=0.75)
    if not steel:
        for i in range(6):
            canvas.part(ellipse(CENTRE, 596 + i * 20, 4, 5), Cloth((28, 24, 24), texture=""), volume=2, crumple=0)
        for y in (156.0, 190.0):
            canvas.part(rounded(CENTRE - 53, y, CENTRE + 53, y + 16, 5), cloth.plain(), volume=5, drop=0.4, crumple=0)
        canvas.part(rounded(CENTRE - 60, 54, CENTRE + 60, 116, 14), Cloth(metal, texture="", gloss=0.9, contrast=0.9), holes=[rounded(CENTRE - 46, 68, CENTRE + 46, 104, 8)], volume=5, drop=0.4, crumple=0)
    _draw_case(canvas, look, metal, square=square)


def _draw_case(canvas: Canvas, look: Look, metal: RGB, *, square: bool) -> None:
    y, r = 400.0, 122.0
    shine = Cloth(metal, texture="", gloss=0.9, contrast=0.95)
    for side in (-1, 1):
        for up in (-1, 1):
            lug = smooth([(CENTRE + side * 50, y + up * 100, 1), (CENTRE + side * 52, y + up * 140), (CENTRE + side * 74, y + up * 142, 1), (CENTRE + side * 88, y + up * 86, 1)], closed=True)
            canvas.part(lug, shine, volume=8, crumple=0, drop=0.3)
    canvas.part(rounded(CENTRE + r - 4, y - 15, CENTRE + r + 19, y + 15, 6), shine, volume=6, crumple=0)
    canvas.seam(*[np.array([[CENTRE + r + 3, y + dy], [CENTRE + r + 18, y + dy]]) for dy in range(-12, 13, 5)], width=1.4, strength=0.4)

    def shape(reach: float) -> np.ndarray:  # type: ignore[type-arg]
        return rounded(CENTRE - reach * 0.94, y - reach, CENTRE + reach * 0.94, y + reach, 30) if square else ellipse(CENTRE, y, reach, reach)

    canvas.part(shape(r), shine, volume=14, crumple=0, drop=0.45)
    canvas.part(shape(r - 15), Cloth(darker(metal, 0.35), texture="", gloss=0.6), volume=5, crumple=0)
    face = {"dark": (34, 36, 42), "blue": (32, 52, 92), "green": (30, 72, 58)}.get(look.get("dial"), (244, 242, 236))
    dial = canvas.part(shape(r - 20), Cloth(face, texture="", gloss=0.2), volume=10, depth=0.5, crumple=0, edge=0.12)
    ink: RGB = (46, 44, 46) if brightness(face) > 0.5 else (236, 232, 222)
    marks, minutes = [], []
    for i in range(60):
        a = math.radians(i * 6)
        d = np.array([math.sin(a), -math.cos(a)])
        middle = np.array([CENTRE, y])
        (minutes if i % 5 else marks).append(np.vstack([middle + d * (90 if i % 5 else 76), middle + d * 95]))
    canvas.ink(*minutes, colour=ink, width=1.3, opacity=0.7)
    canvas.ink(*marks, colour=metal if look.get("metal") == "gold" else ink, width=4.2)
    if look.get("style") == "chrono":
        for dx, dy in ((-40, 0), (40, 0), (0, 42)):
            canvas.part(ellipse(CENTRE + dx, y + dy, 24, 24), Cloth(darker(face, 0.12), texture=""), volume=3, crumple=0)
            canvas.ink(ellipse(CENTRE + dx, y + dy, 21, 21), np.array([[CENTRE + dx, y + dy], [CENTRE + dx + 11, y + dy - 11]]), colour=ink, width=1.4, opacity=0.8)
        for dy in (-46.0, 46.0):
            canvas.part(rounded(CENTRE + r - 12, y + dy - 11, CENTRE + r + 12, y + dy + 11, 5), shine, volume=5, crumple=0)
    for degrees, reach, wide in ((305, 52, 8), (50, 76, 6)):
        a = math.radians(degrees)
        d = np.array([math.sin(a), -math.cos(a)])
        hand = np.vstack([np.array([CENTRE, y]) - d * 14, np.array([CENTRE, y]) + d * reach])
        canvas.shade(ribbon(hand + (3, 5), wide), 0.3, 2.5, dial)
        canvas.part(ribbon(hand, [wide, wide * 0.5]), Cloth(metal if look.get("metal") == "gold" else ink, texture="", gloss=0.6), volume=2, crumple=0)
    second = np.array([[CENTRE - 10, y + 26], [CENTRE + 28, y - 80]])
    canvas.ink(second, colour=(184, 60, 48), width=2)
    canvas.button(CENTRE, y, 6, metal, holes=False, gloss=0.8)
    glare = smooth([(CENTRE - 78, y - 40, 1), (CENTRE - 20, y - 92), (CENTRE + 30, y - 90, 1), (CENTRE - 60, y + 44, 1), (CENTRE - 86, y + 10)], closed=True)
    canvas.shade(glare, 0.16, 6, dial, bright=True)


def draw_sunglasses(canvas: Canvas, look: Look) -> None:
    """Draw sunglasses: square, round, pilot or cat-eye."""
    style = look.get("style", "square")
    wire = style in {"round", "pilot"}
    frame = Cloth(_metal(look) if wire else look.rgb, texture="", gloss=0.9, contrast=0.9) if wire else look.cloth("", scale=0.5, gloss=0.8, contrast=0.8)
    y = 400.0
    for side in (-1, 1):
        temple = smooth([(CENTRE + side * 226, y - 44), (CENTRE + side * 214, y - 92), (CENTRE + side * 150, y - 134), (CENTRE + side * 60, y - 140), (CENTRE + side * 20, y - 124)])
        canvas.part(ribbon(temple, [14, 12, 11, 13, 15] if not wire else [6, 5, 5, 10, 12]), frame.dim(0.85), volume=5, crumple=0)
    lens = {
        "square": smooth([(CENTRE + 34, y - 52), (CENTRE + 120, y - 66), (CENTRE + 208, y - 58), (CENTRE + 216, y - 10), (CENTRE + 196, y + 52), (CENTRE + 120, y + 68), (CENTRE + 56, y + 56), (CENTRE + 30, y)], closed=True),
        "round": ellipse(CENTRE + 120, y, 84, 80),
        "pilot": smooth([(CENTRE + 34, y - 44), (CENTRE + 110, y - 62), (CENTRE + 204, y - 52), (CENTRE + 216, y - 8), (CENTRE + 186, y + 66), (CENTRE + 130, y + 92), (CENTRE + 70, y + 66), (CENTRE + 32, y + 4)], closed=True),
        "cat-eye": smooth([(CENTRE + 34, y - 40), (CENTRE + 120, y - 62), (CENTRE + 216, y - 86), (CENTRE + 224, y - 40), (CENTRE + 190, y + 40), (CENTRE + 120, y + 60), (CENTRE + 56, y + 44), (CENTRE + 30, y)], closed=True),
    }[style]
    middle = lens.mean(axis=0)
    rim = (lens - middle) * (1.05 if wire else 1.15) + middle
    if style == "cat-eye":
        rim = np.where(((rim[:, :1] - CENTRE) > 200) & (rim[:, 1:] < y - 50), rim + (8, -10), rim)
    tints: dict[str, tuple[RGB, RGB]] = {"grey": ((40, 42, 48), (120, 124, 132)), "brown": ((72, 44, 26), (176, 128, 88)), "green": ((34, 58, 44), (124, 152, 128)), "blue": ((36, 62, 108), (140, 176, 214)), "rose": ((150, 74, 84), (230, 176, 176))}
    dark, pale = tints[look.get("lens", "grey")]
    for side in (-1, 1):
        turn = (lambda line: line) if side > 0 else flipped
        glass = Cloth(dark, texture="", gloss=0.3, bands=())
        mask = canvas.part(turn(lens), glass, volume=12, depth=0.5, crumple=0, edge=0.05, opacity=0.93)
        for i in range(9):
            canvas.shade(turn(smooth([(CENTRE + 20, y - 4 + i * 11, 1), (CENTRE + 232, y - 4 + i * 11, 1), (CENTRE + 232, y + 110, 1), (CENTRE + 20, y + 110, 1)], closed=True)), 0.055, 6, mask, bright=True)
        canvas.part(turn(lens), Cloth(pale, texture=""), clip=mask, opacity=0.14, volume=2, depth=0, crumple=0)
        glare = np.array([[CENTRE + side * 120 - 62, y - 70], [CENTRE + side * 120 - 16, y - 70], [CENTRE + side * 120 - 62, y + 70], [CENTRE + side * 120 - 98, y + 70]])
        canvas.shade(glare, 0.20, 3, mask, bright=True)
        canvas.part(turn(rim), frame, holes=[turn(lens)], volume=6 if not wire else 3, depth=1.2, crumple=0, drop=0.3, origin=(CENTRE, y))
        if not wire:
            hinge = CENTRE + side * (215 if style != "cat-eye" else 222)
            for dy in (-3, 4):
                canvas.button(hinge, y - 44 + dy, 2.6, SILVER, holes=False, gloss=0.9)
    bridge = smooth([(CENTRE - 36, y - 28), (CENTRE - 16, y - 44), (CENTRE + 16, y - 44), (CENTRE + 36, y - 28)])
    canvas.part(ribbon(bridge, [12, 15, 15, 12] if not wire else 6), frame, volume=5, crumple=0, drop=0.2)
    if style == "pilot":
        canvas.part(ribbon(smooth([(CENTRE - 62, y - 58), (CENTRE, y - 64), (CENTRE + 62, y - 58)]), 6), frame, volume=3, crumple=0)


__all__ = ["draw_belt", "draw_sunglasses", "draw_watch"]
