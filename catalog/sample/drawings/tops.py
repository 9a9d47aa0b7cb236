"""T-shirts, polos and shirts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from catalog.sample.canvas import Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.collars import button_tint, draw_collar, draw_patch, draw_placket
from catalog.sample.drawings.sleeves import SLEEVES, draw_sleeves
from catalog.sample.drawings.torso import NECKS, Torso, draw_body, draw_inside, draw_neckband
from catalog.sample.geometry import CENTRE, smooth
from catalog.sample.look import Look

_WOMEN: dict[str, Any] = {
    "shoulder": 118.0,
    "chest": 132.0,
    "waist": 122.0,
    "hem": 138.0,
    "length": 606.0,
    "underarm": 294.0,
}


def fitted(look: Look, **measures: Any) -> Torso:
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
        draw_patch(canvas, cloth, at=(CENTRE + 24, body.underarm - 68), size=(60, 66))
    if look.get("print"):
        draw_print(canvas, look)
    del mask


def draw_print(canvas: Canvas, look: Look) -> None:
    """Draw a small graphic on the chest: no letters, a badge of plain shapes."""
    y = 300.0
    tint = look.accent
    kind = look.get("print")
    at = np.linspace(0, 2 * np.pi, 60)
    ring = np.column_stack([CENTRE + 46 * np.cos(at), y + 46 * np.sin(at)])
    if kind == "sun":
        canvas.part(
            ring * 0.62 + np.array([CENTRE, y]) * 0.38,
            Cloth(tint, texture="jersey"),
            volume=1,
            depth=0,
            crumple=0.8,
            edge=0,
        )
        rays = [
            np.array([[CENTRE + 37 * np.cos(a), y + 37 * np.sin(a)], [CENTRE + 54 * np.cos(a), y + 54 * np.sin(a)]])
            for a in np.arange(0, 6.28, 0.3927)
        ]
        canvas.ink(*rays, colour=tint, width=4, opacity=0.92)
    elif kind == "waves":
        waves = [
            np.column_stack(
                [
                    np.linspace(CENTRE - 62, CENTRE + 62, 60),
                    y + i * 17 + 7 * np.sin(np.linspace(0, 4 * np.pi, 60) + i * 0.7),
                ]
            )
            for i in range(-2, 3)
        ]
        canvas.ink(*waves, colour=tint, width=5.5, opacity=0.92)
    else:
        canvas.ink(ring, colour=tint, width=3.5, opacity=0.9)
        peaks = np.array(
            [
                [CENTRE - 42, y + 18],
                [CENTRE - 14, y - 22],
                [CENTRE + 2, y],
                [CENTRE + 16, y - 14],
                [CENTRE + 42, y + 18],
            ]
        )
        canvas.part(np.vstack([peaks]), Cloth(tint, texture="jersey"), volume=1, depth=0, crumple=0.8, edge=0)


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
    draw_sleeves(
        canvas,
        body,
        sleeve,
        cloth,
        cuff=cloth if sleeve.length > 250 else None,
        cuff_depth=38 if sleeve.length > 250 else 0,
    )
    draw_body(canvas, body, look.blocked(cloth, 200))
    for side in (-1, 1):
        yoke = smooth(
            [(CENTRE + side * body.neck, body.top + 18), (CENTRE + side * (body.shoulder - 4), body.shoulder_y + 26)]
        )
        canvas.seam(yoke, strength=0.2)
    if look.get("pocket"):
        draw_patch(
            canvas, cloth, at=(CENTRE + 30, body.underarm - 70), size=(58, 66), flap=look.get("pocket") == "flap"
        )
        if look.get("pocket") == "flap":
            draw_patch(canvas, cloth, at=(CENTRE - 88, body.underarm - 70), size=(58, 66), flap=True)
    draw_placket(canvas, cloth, body.top + 20, body.length + body.hem_drop, tint=button_tint(look))
    draw_collar(canvas, body, cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth)
