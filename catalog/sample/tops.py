"""T-shirts, polos, shirts, blouses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, flipped, rounded, smooth
from catalog.sample.look import Look
from catalog.sample.palette import PEARL, brightness, darker, lighter, thread
from catalog.sample.torso import NECKS, SLEEVES, Torso, draw_body, draw_inside, draw_neckband, draw_sleeves

_WOMEN = {"shoulder": 118.0, "chest": 132.0, "waist": 120.0, "hem": 136.0}


def fitted(look: Look, **measures: float) -> Torso:
    """Return the body for who wears it and how it is cut."""
    neck, depth = NECKS[look.get("neck", "crew")]
    body = Torso(neck=neck, neck_depth=depth, neck_shape=look.get("neck", "crew"))
    if look.get("fit") == "women":
        body = replace(body, **_WOMEN)
    if look.get("fit") == "boxy":
        body = replace(body, shoulder=150, chest=168, waist=168, hem=168, length=612, underarm=318)
    if look.get("length") == "cropped":
        body = replace(body, length=body.length - 110, waist_y=410)
    return replace(body, **measures)


def draw_tee(canvas: Canvas, look: Look) -> None:
    """Draw a T-shirt."""
    body = fitted(look)
    cloth = look.cloth("jersey")
    front = look.blocked(cloth, 210, 330) if look.get("block") != "low" else look.blocked(cloth, 330)
    sleeve = SLEEVES[look.get("sleeve", "short")]
    draw_inside(canvas, body, cloth)
    draw_sleeves(canvas, body, sleeve, cloth)
    mask = draw_body(canvas, body, front)
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain()
    draw_neckband(canvas, body, trim, 12 if look.get("neck") != "boat" else 9)
    if look.get("pocket"):
        draw_patch(canvas, CENTRE + 24, body.underarm - 68, 60, 66, cloth)
    if look.get("print"):
        draw_print(canvas, look)
    del mask


def draw_patch(canvas: Canvas, x: float, y: float, width: float, height: float, cloth: Cloth, *, flap: bool = False) -> None:
    """Draw a pocket sewn on."""
    shape = smooth([(x, y, 1), (x + width, y, 1), (x + width, y + height * 0.82, 1), (x + width / 2, y + height, 1), (x, y + height * 0.82, 1)], closed=True)
    canvas.part(shape, cloth, volume=5, depth=0.7, crumple=0.6, drop=0.16, origin=(x + 7, y + 3))
    inset = (shape - shape.mean(axis=0)) * 0.93 + shape.mean(axis=0)
    canvas.stitch(inset, colour=thread(cloth.colour), width=0.8, opacity=0.5)
    canvas.seam(np.array([[x, y + 11], [x + width, y + 11]]), strength=0.2)
    if flap:
        lid = smooth([(x - 2, y - 4, 1), (x + width + 2, y - 4, 1), (x + width + 2, y + 16, 1), (x + width / 2, y + 27, 1), (x - 2, y + 16, 1)], closed=True)
        canvas.part(lid, cloth, volume=5, depth=0.8, crumple=0.3, drop=0.3, origin=(x + 7, y + 3))
        canvas.stitch((lid - lid.mean(axis=0)) * 0.92 + lid.mean(axis=0), colour=thread(cloth.colour), width=0.8, opacity=0.5)


def draw_print(canvas: Canvas, look: Look) -> None:
    """Draw a small graphic on the chest: no letters, a badge of plain shapes."""
    y = 300.0
    tint = look.accent
    kind = look.get("print")
    at = np.linspace(0, 2 * np.pi, 60)
    ring = np.column_stack([CENTRE + 46 * np.cos(at), y + 46 * np.sin(at)])
    if kind == "sun":
        canvas.part(ring * 0.62 + np.array([CENTRE, y]) * 0.38, Cloth(tint, texture="jersey"), volume=1, depth=0, crumple=0.8, edge=0)
        rays = [np.array([[CENTRE + 37 * np.cos(a), y + 37 * np.sin(a)], [CENTRE + 54 * np.cos(a), y + 54 * np.sin(a)]]) for a in np.arange(0, 6.28, 0.3927)]
        canvas.ink(*rays, colour=tint, width=4, opacity=0.92)
    elif kind == "waves":
        waves = [np.column_stack([np.linspace(CENTRE - 62, CENTRE + 62, 60), y + i * 17 + 7 * np.sin(np.linspace(0, 4 * np.pi, 60) + i * 0.7)]) for i in range(-2, 3)]
        canvas.ink(*waves, colour=tint, width=5.5, opacity=0.92)
    else:
        canvas.ink(ring, colour=tint, width=3.5, opacity=0.9)
        peaks = np.array([[CENTRE - 42, y + 18], [CENTRE - 14, y - 22], [CENTRE + 2, y], [CENTRE + 16, y - 14], [CENTRE + 42, y + 18]])
        canvas.part(np.vstack([peaks]), Cloth(tint, texture="jersey"), volume=1, depth=0, crumple=0.8, edge=0)


def collar_leaf(neck: float, top: float, point: tuple[float, float], stand: float = 14) -> Outline:
    """Return the right leaf of a shirt collar that ends in ``point`` (from the centre line, height)."""
    return smooth(
        [
            (CENTRE + 1, top + stand + 16, 1),
            (CENTRE + neck * 0.40, top + stand - 6),
            (CENTRE + neck * 0.76, top - stand * 0.9),
            (CENTRE + neck * 0.70, top - stand * 1.7, 1),
            (CENTRE + neck * 0.90, top - stand * 1.1),
            (CENTRE + neck * 1.12, top + 4),
            (CENTRE + neck * 1.22, top + 14, 1),
            (CENTRE + point[0], point[1], 1),
        ],
        closed=True,
    )


def draw_collar(canvas: Canvas, body: Torso, cloth: Cloth, *, point: tuple[float, float] | None = None, inside: bool = True) -> None:
    """Draw a turned-down collar around a closed neck."""
    top, neck = body.top, body.neck
    point = point or (neck * 0.80, top + 64)
    if inside:
        x, high = neck * 0.74, top - 22
        back = smooth([(CENTRE - x, high, 1), (CENTRE, high + 7), (CENTRE + x, high, 1), (CENTRE + neck * 0.78, top + 4), (CENTRE, top + 36, 1), (CENTRE - neck * 0.78, top + 4)], closed=True)
        canvas.part(back, cloth.dim(0.6), volume=8, depth=0.5, crumple=0.2, edge=0)
        ridge = smooth([(CENTRE - x, high), (CENTRE, high + 6), (CENTRE + x, high)])
        canvas.part(np.vstack([ridge + (0, -5), ridge[::-1] + (0, 8)]), cloth.dim(0.9), volume=6, crumple=0, edge=0.1)
    leaf = collar_leaf(neck, top, point)
    for shape, turn in ((flipped(leaf), 28), (leaf, -28)):
        canvas.part(shape, cloth, volume=8, depth=0.9, crumple=0.3, drop=0.34, angle=turn, origin=(CENTRE, top))
        inset = (shape - shape.mean(axis=0)) * 0.86 + shape.mean(axis=0)
        canvas.stitch(inset[len(inset) // 2 :], colour=thread(cloth.colour), width=0.8, opacity=0.45)


def draw_placket(canvas: Canvas, cloth: Cloth, top: float, bottom: float, *, width: float = 26, buttons: int = 7, tint: tuple[int, int, int] = PEARL, radius: float = 4.6) -> None:
    """Draw the button band down the front."""
    strip = np.array([[CENTRE - width / 2, top], [CENTRE + width / 2, top], [CENTRE + width / 2, bottom], [CENTRE - width / 2, bottom]])
    canvas.part(strip, cloth, volume=4, depth=0.6, crumple=0.8, drop=0.22, edge=0.06, origin=(CENTRE, 128))
    for dx in (-width / 2 + 4, width / 2 - 4):
        canvas.stitch(np.array([[CENTRE + dx, top], [CENTRE + dx, bottom]]), colour=thread(cloth.colour), width=0.7, opacity=0.4)
    for i in range(buttons):
        canvas.button(CENTRE, top + 14 + (bottom - top - 34) * i / max(1, buttons - 1), radius, tint)


def button_tint(look: Look) -> tuple[int, int, int]:
    """Return buttons that go with the colour."""
    return PEARL if brightness(look.rgb) > 0.3 else lighter(look.rgb, 0.2)


def draw_polo(canvas: Canvas, look: Look) -> None:
    """Draw a polo shirt."""
    body = fitted(look, neck=50, neck_depth=32)
    cloth = look.cloth("canvas")
    sleeve = SLEEVES[look.get("sleeve", "short")]
    trim = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth.plain()
    draw_sleeves(canvas, body, sleeve, cloth, cuff=trim, ribbed=True, cuff_depth=14 if sleeve.length < 250 else 26)
    draw_body(canvas, body, look.blocked(cloth, 190, 300))
    draw_placket(canvas, cloth.plain(), body.top + 16, body.top + 136, width=27, buttons=3, tint=button_tint(look))
    draw_collar(canvas, body, trim, point=(50, body.top + 58))


def draw_shirt(canvas: Canvas, look: Look) -> None:
    """Draw a shirt with collar and buttons."""
    body = fitted(look, neck=50, neck_depth=32, length=650, hem_drop=28)
    texture = {"flannel": "wool", "denim": "denim", "linen": "canvas"}.get(look.get("stuff"), "twill")
    cloth = look.cloth(texture)
    sleeve = SLEEVES[look.get("sleeve", "long")]
    draw_sleeves(canvas, body, sleeve, cloth, cuff=cloth if sleeve.length > 250 else None, cuff_depth=38 if sleeve.length > 250 else 0)
    draw_body(canvas, body, look.blocked(cloth, 200))
    for side in (-1, 1):
        yoke = smooth([(CENTRE + side * body.neck, body.top + 18), (CENTRE + side * (body.shoulder - 4), body.shoulder_y + 26)])
        canvas.seam(yoke, strength=0.2)
    if look.get("pocket"):
        draw_patch(canvas, CENTRE + 30, body.underarm - 70, 58, 66, cloth, flap=look.get("pocket") == "flap")
        if look.get("pocket") == "flap":
            draw_patch(canvas, CENTRE - 88, body.underarm - 70, 58, 66, cloth, flap=True)
    draw_placket(canvas, cloth, body.top + 20, body.length + body.hem_drop, tint=button_tint(look))
    draw_collar(canvas, body, cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth)


def draw_blouse(canvas: Canvas, look: Look) -> None:
    """Draw a blouse: soft cloth, full sleeves, a tie or a frill at the neck."""
    neck = look.get("neck", "v")
    width, depth = NECKS[neck]
    body = Torso(neck=width, neck_depth=depth * 0.86, neck_shape=neck, shoulder=118, chest=134, waist=132, hem=148, length=606, hem_drop=12)
    cloth = look.cloth("silk", scale=0.85, gloss=0.16, contrast=0.8)
    sleeve = SLEEVES[look.get("sleeve", "bishop")]
    draw_inside(canvas, body, cloth, label=False)
    draw_sleeves(canvas, body, sleeve, cloth, cuff=cloth if sleeve.cuff else None)
    draw_body(canvas, body, cloth, strength=1.5)
    line = body.full_neckline()
    canvas.seam(line + (0, 5), strength=0.22)
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
        collar = smooth([(CENTRE + side * body.neck, body.top - 5, 1), (CENTRE + side * (body.neck + 10), body.top + 6), (CENTRE + side * 8, y + 6, 1), (CENTRE, y - 8, 1), (CENTRE + side * body.neck * 0.6, body.top + body.neck_depth * 0.38)], closed=True)
        canvas.part(collar, cloth, volume=7, depth=1.1, crumple=0.6, drop=0.3)
        tail = smooth([(CENTRE + side * 2, y, 1), (CENTRE + side * 14, y + 70), (CENTRE + side * 22, y + 148, 1), (CENTRE + side * 50, y + 138, 1), (CENTRE + side * 34, y + 66), (CENTRE + side * 9, y, 1)], closed=True)
        canvas.part(tail, cloth, volume=9, crumple=1.6, drop=0.3, angle=-side * 10)
        loop = smooth([(CENTRE, y, 1), (CENTRE + side * 30, y - 16), (CENTRE + side * 62, y - 6), (CENTRE + side * 56, y + 22), (CENTRE + side * 26, y + 18)], closed=True)
        canvas.part(loop, cloth, volume=10, crumple=1.6, drop=0.35, angle=side * 30)
        canvas.seam(smooth([(CENTRE + side * 9, y), (CENTRE + side * 30, y - 2), (CENTRE + side * 44, y + 3)]), strength=0.3, width=2)
    canvas.part(rounded(CENTRE - 10, y - 11, CENTRE + 10, y + 13, 7), cloth, volume=7, drop=0.4)


def _draw_frill(canvas: Canvas, line: Outline, cloth: Cloth) -> None:
    at = np.linspace(0, 26 * np.pi, 240)
    picked = np.column_stack([np.interp(np.linspace(0, 1, 240), np.linspace(0, 1, len(line)), line[:, i]) for i in (0, 1)])
    out = (picked - (CENTRE, 110)) / np.linalg.norm(picked - (CENTRE, 110), axis=1, keepdims=True)
    edge = picked + out * (30 + 3.5 * np.sin(at))[:, None]
    canvas.part(np.vstack([picked - out * 2, edge[::-1]]), cloth, volume=5, crumple=1.2, drop=0.32)
    pleats = [np.vstack([picked[i], edge[i]]) for i in range(4, 236, 9)]
    canvas.seam(*pleats, width=2.2, strength=0.2)
    del at


def stitched(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return thread a little darker than the cloth."""
    return darker(colour, 0.2)
