"""Sweaters, cardigans, hoodies and sweatshirts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.collars import button_tint
from catalog.sample.drawings.sleeves import SLEEVES, draw_sleeves
from catalog.sample.drawings.tops import fitted
from catalog.sample.drawings.torso import Torso, draw_body, draw_inside, draw_neckband, draw_ribs, rib_hem
from catalog.sample.geometry import CENTRE, beside, flipped, half, moved, ribbon, smooth
from catalog.sample.look import Look
from catalog.sample.palette import HORN, SILVER, darker, lighter, thread


def _body(look: Look) -> Torso:
    return fitted(look, length=586, hem=150 if look.get("fit") != "women" else 134)


def draw_sweater(canvas: Canvas, look: Look) -> None:
    """Draw a knitted sweater: crew, V or rolled neck; plain knit or cables."""
    rolled = look.get("neck") == "rolled"
    body = fitted(replace(look, cut={**look.cut, "neck": "crew"}), neck=46, neck_depth=26) if rolled else _body(look)
    body = replace(body, length=586)
    cloth = look.cloth("knit", gloss=0.0, contrast=0.7)
    plain = cloth.plain()
    rib = replace(plain, texture="wool")
    if not rolled:
        draw_inside(canvas, body, plain)
    draw_sleeves(
        canvas,
        body,
        replace(SLEEVES["long"], width=64),
        cloth if look.pattern != "argyle" else plain,
        cuff=rib,
        ribbed=True,
        cuff_depth=36,
    )
    rib_hem(canvas, body, rib)
    mask = draw_body(canvas, body, look.blocked(cloth, 170, 310), hem=False, strength=1.1)
    if look.get("knit") == "cable":
        _draw_cables(canvas, body, mask)
    if rolled:
        _draw_rolled_neck(canvas, body, rib)
    else:
        trim = rib.plain(look.accent) if look.get("trim") == "contrast" else rib
        draw_neckband(canvas, body, trim, 17)


def _draw_cables(canvas: Canvas, body: Torso, mask: Mask | None) -> None:
    """Draw plaited columns down the front."""
    y = np.linspace(body.top + 14, body.length - 4, 220)
    for x in (-72, 0, 72):
        for phase in (0, np.pi):
            line = np.column_stack([CENTRE + x + 11 * np.sin(y / 15 + phase), y])
            canvas.shade(ribbon(moved(line, 3, 3), 6), 0.27, 2.0, mask)
            canvas.shade(ribbon(line, 6), 0.08, 2.0, mask, bright=True)
        for dx in (-24, 24):
            line = np.column_stack([np.full(220, CENTRE + x + dx), y])
            canvas.seam(line, width=3, strength=0.22, clip=mask)


def _draw_rolled_neck(canvas: Canvas, body: Torso, cloth: Cloth) -> None:
    top, neck = body.top, body.neck
    tube = half(
        [
            (0, top - 46),
            (neck * 0.6, top - 45),
            (neck + 2, top - 40, 1),
            (neck + 8, top),
            (neck + 9, top + 22, 1),
            (neck * 0.5, top + 33),
            (0, top + 36),
        ]
    )
    canvas.part(
        tube,
        cloth,
        volume=22,
        drop=0.35,
        folds=[Fold(smooth([(CENTRE - neck, top - 6), (CENTRE, top + 4), (CENTRE + neck, top - 6)]), 14, 3)],
    )
    start = np.array([[CENTRE - neck, top - 42], [CENTRE + neck, top - 42]])
    draw_ribs(canvas, start, moved(start, 0, 66), 7)
    canvas.part(
        half([(0, top - 50), (neck - 2, top - 44), (neck * 0.5, top - 37), (0, top - 35)]),
        cloth.dim(0.6),
        volume=4,
        crumple=0,
    )


def draw_cardigan(canvas: Canvas, look: Look) -> None:
    """Draw a cardigan, buttoned."""
    body = fitted(replace(look, cut={**look.cut, "neck": "deep v"}), length=592)
    cloth = look.cloth("knit", gloss=0.0, contrast=0.7)
    rib = replace(cloth.plain(), texture="wool")
    draw_inside(canvas, body, cloth)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], width=64), cloth, cuff=rib, ribbed=True, cuff_depth=34)
    rib_hem(canvas, body, rib)
    draw_body(canvas, body, look.blocked(cloth, 170, 310), hem=False)
    bottom = body.top + body.neck_depth
    band = rib.plain(look.accent) if look.get("trim") == "contrast" else rib
    canvas.part(ribbon(body.back_neckline(4), [6, 20, 6]), band.dim(0.85), volume=6, crumple=0)
    right = body.neckline()[::-1]
    for edge in (flipped(right), right):
        canvas.part(ribbon(np.vstack([edge, [[CENTRE, body.length + 36]]]), 24), band, volume=8, crumple=0.4, drop=0.24)
    canvas.seam(
        np.array([[CENTRE + 11, bottom + 8], [CENTRE + 11, body.length + 38]]),
        np.array([[CENTRE - 11, bottom + 8], [CENTRE - 11, body.length + 38]]),
        strength=0.2,
    )
    for i in range(5):
        canvas.button(
            CENTRE,
            bottom + 14 + i * (body.length - bottom) / 4.35,
            7.5,
            HORN if look.get("button") == "horn" else button_tint(look),
        )
    if look.get("pocket"):
        for x in (-1, 1):
            slot = np.array(
                [[CENTRE + x * 46, 490], [CENTRE + x * 112, 490], [CENTRE + x * 112, 508], [CENTRE + x * 46, 508]]
            )
            canvas.part(slot, rib, volume=6, drop=0.3, crumple=0.3)


def draw_sweatshirt(canvas: Canvas, look: Look) -> None:
    """Draw a sweatshirt, or a hoodie: with hood, cord and pouch; zipped or not."""
    body = replace(_body(look), length=590, neck_depth=40)
    hooded = look.kind == "hoodie"
    cloth = look.cloth("melange" if look.colour in {"Grey", "Charcoal"} else "jersey", contrast=0.72)
    rib = replace(cloth.plain(), texture="wool")
    tone = cloth.plain(look.accent) if look.get("trim") == "contrast" else cloth
    if hooded:
        _draw_hood(canvas, body, cloth)
    else:
        draw_inside(canvas, body, cloth)
    draw_sleeves(canvas, body, replace(SLEEVES["long"], width=66, bend=14), tone, cuff=rib, ribbed=True, cuff_depth=34)
    rib_hem(canvas, body, rib)
    mask = draw_body(canvas, body, look.blocked(cloth, 190, 320), hem=False, strength=1.4)
    if not hooded:
        draw_neckband(canvas, body, rib, 17)
        v = smooth(
            [
                (CENTRE - 17, body.top + body.neck_depth + 7),
                (CENTRE, body.top + body.neck_depth + 36),
                (CENTRE + 17, body.top + body.neck_depth + 7),
            ]
        )
        canvas.seam(v, strength=0.26)
        return
    _draw_pouch(canvas, body, cloth)
    if look.get("front") == "zip":
        draw_zip(canvas, body.top + 36, body.length + 34, cloth)
    _draw_hood_front(canvas, body, cloth)
    del mask


def _draw_hood(canvas: Canvas, body: Torso, cloth: Cloth) -> None:
    """Draw the hood lying open behind the neck."""
    top = body.top
    outer = half([(0, top - 62), (52, top - 56), (88, top - 24), (92, top + 22), (66, top + 62, 1), (0, top + 84)])
    folds = [Fold(smooth([(CENTRE - 70, top - 20), (CENTRE, top - 52), (CENTRE + 70, top - 20)]), 18, 4)]
    canvas.part(outer, cloth.plain(), volume=26, folds=folds, drop=0.2)
    inside = half([(0, top - 40), (40, top - 36), (66, top - 12), (66, top + 24), (40, top + 62), (0, top + 80)])
    canvas.part(inside, cloth.dim(0.62), volume=20, depth=0.5, edge=0.2)
    canvas.shade(half([(0, top + 6), (44, top + 14), (30, top + 70), (0, top + 80)]), 0.4, 12)
    canvas.seam(np.array([[CENTRE, top - 60], [CENTRE, top - 40]]), strength=0.3)


def _draw_hood_front(canvas: Canvas, body: Torso, cloth: Cloth) -> None:
    """Draw the edges of the hood that cross at the throat, and the cord."""
    top = body.top
    for side in (-1, 1):
        edge = smooth(
            [
                (CENTRE + side * 88, top - 6, 1),
                (CENTRE + side * 96, top + 28),
                (CENTRE + side * 70, top + 62),
                (CENTRE - side * 6, top + 92, 1),
                (CENTRE + side * 6, top + 66),
                (CENTRE + side * 48, top + 34),
                (CENTRE + side * 66, top - 4),
            ],
            closed=True,
        )
        canvas.part(edge, cloth.plain(), volume=14, drop=0.34, crumple=1.2)
        inner = smooth([(CENTRE + side * 70, top), (CENTRE + side * 54, top + 38), (CENTRE + side * 8, top + 76)])
        canvas.stitch(inner, colour=thread(cloth.colour), width=0.9, opacity=0.5)
    for side in (-1, 1):
        cord = smooth(
            [(CENTRE + side * 26, top + 72), (CENTRE + side * 33, top + 120), (CENTRE + side * 30, top + 178)]
        )
        canvas.part(
            ribbon(cord, 6), Cloth(lighter(cloth.colour, 0.45), texture="canvas"), volume=4, drop=0.4, crumple=0
        )
        canvas.part(ribbon(cord[-3:], 8), Cloth(SILVER, texture="", gloss=0.5), volume=4, crumple=0)
        canvas.button(CENTRE + side * 26, top + 71, 4.5, SILVER, holes=False)


def _draw_pouch(canvas: Canvas, body: Torso, cloth: Cloth) -> None:
    y = body.length
    pouch = half([(0, y - 148), (62, y - 148, 1), (96, y - 78), (104, y - 62, 1), (104, y - 2, 1), (0, y + 4)])
    canvas.part(pouch, cloth.plain(), volume=14, depth=0.6, drop=0.24, crumple=1.2)
    slope = smooth([(CENTRE + 62, y - 146), (CENTRE + 92, y - 80), (CENTRE + 102, y - 64)])
    canvas.stitch(beside(slope, 8), flipped(beside(slope, 8)), colour=thread(cloth.colour), width=0.9, opacity=0.6)
    canvas.shade(ribbon(slope, 7), 0.4, 3)
    canvas.shade(ribbon(flipped(slope), 7), 0.4, 3)


def draw_zip(
    canvas: Canvas, top: float, bottom: float, cloth: Cloth, *, metal: tuple[int, int, int] = SILVER, x: float = CENTRE
) -> None:
    """Draw a zip down the front."""
    tape = np.array([[x - 9, top], [x + 9, top], [x + 9, bottom], [x - 9, bottom]])
    canvas.part(tape, Cloth(darker(cloth.colour, 0.3), texture="canvas"), volume=3, crumple=0.3, drop=0.2)
    at = np.arange(top + 2, bottom - 2, 4.0)
    canvas.ink(*[np.array([[x - 3.2, y], [x + 3.2, y]]) for y in at], colour=metal, width=2.0)
    canvas.seam(np.array([[x, top], [x, bottom]]), width=1.2, strength=0.4)
    pull = np.array([[x - 4, top + 4], [x + 4, top + 4], [x + 3, top + 34], [x - 3, top + 34]])
    canvas.part(pull, Cloth(metal, texture="", gloss=0.7), volume=3, drop=0.5, crumple=0)
