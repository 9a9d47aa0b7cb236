"""What trousers, jeans and shorts share: two legs, a waistband, a fly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, between, flipped, half, moved, ribbon, smooth
from catalog.sample.palette import brightness, thread

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
    outer = smooth(
        [
            (CENTRE + leg.waist, top),
            (CENTRE + leg.hip * 0.96, top + (leg.crotch - top) * 0.5),
            (CENTRE + leg.hip, leg.crotch - 22),
            (CENTRE + leg.knee, knee),
            (CENTRE + leg.hem, leg.length),
        ]
    )
    inner = smooth(
        [
            (CENTRE, leg.crotch),
            (CENTRE + 8, leg.crotch + 28),
            (CENTRE + leg.inner_knee, knee),
            (CENTRE + leg.inner_hem, leg.length),
        ]
    )
    return outer, inner


def _leg_folds(canvas: Canvas, outer: Outline, inner: Outline, leg: Leg, *, crease: bool) -> list[Fold]:
    rng, folds = canvas.rng, []
    if crease:
        middle = between(outer, inner, 0.5)
        folds.append(Fold(moved(middle[6:], 0, 0), 11, 5))
    for _ in range(5):
        at = rng.uniform(0.02, 0.3)
        a = between(inner, outer, 0.02)[int(at * 39)]
        reach = between(inner, outer, rng.uniform(0.4, 0.8))[int((at + rng.uniform(0.02, 0.16)) * 39)]
        folds.append(
            Fold(
                smooth([a, (a + reach) / 2 + (0, -7), reach]),
                rng.uniform(11, 22),
                rng.choice([-1, 1]) * rng.uniform(1.6, 3.6),
            )
        )
    for _ in range(5):
        at = int(rng.uniform(0.45, 0.97) * 39)
        a, b = (
            between(inner, outer, 0.1)[at],
            between(inner, outer, 0.9)[min(39, max(0, at + int(rng.integers(-3, 4))))],
        )
        reach = rng.uniform(0.4, 0.9)
        folds.append(
            Fold(
                smooth([a, a * (1 - reach / 2) + b * reach / 2 + (0, 6), a * (1 - reach) + b * reach]),
                rng.uniform(10, 22),
                rng.choice([-1, 1]) * rng.uniform(1.4, 2.8),
            )
        )
    del leg
    return folds


def draw_legs(
    canvas: Canvas, leg: Leg, cloth: Cloth, top: float, *, crease: bool = False, hem: float = 12
) -> tuple[Mask | None, Outline, Outline]:
    """Draw waist to hem; return the right leg's mask and edges."""
    outer, inner = _edges(leg, top)
    back = half([(0, top - 8), (leg.waist - 4, top - 10, 1), (leg.waist - 6, top + 22, 1), (0, top + 34)])
    canvas.part(back, cloth.dim(0.55), volume=10, depth=0.4, edge=0)
    mask: Mask | None = None
    for right in (False, True):
        side = (lambda line: line) if right else flipped
        shape = np.vstack([side(outer), side(inner)[::-1], [[CENTRE, top + 9]]])
        folds = _leg_folds(canvas, side(outer), side(inner), leg, crease=crease)
        mask = canvas.part(
            shape,
            cloth,
            origin=(CENTRE, top),
            angle=1.2 if right else -1.2,
            volume=40,
            depth=0.85,
            folds=folds,
            drop=0.10,
        )
        if hem:
            line = np.vstack([side(outer)[-1], side(inner)[-1]]) - (0, hem)
            canvas.seam(line, strength=0.22)
    canvas.seam(smooth([(CENTRE, top + 20), (CENTRE + 1, leg.crotch - 40), (CENTRE, leg.crotch + 2)]), strength=0.36)
    canvas.shade(
        smooth(
            [
                (CENTRE - 5, leg.crotch - 30),
                (CENTRE + 5, leg.crotch - 30),
                (CENTRE + 14, leg.crotch + 70),
                (CENTRE - 14, leg.crotch + 70),
            ],
            closed=True,
        ),
        0.30,
        9,
    )
    return mask, outer, inner


def draw_waistband(
    canvas: Canvas,
    leg: Leg,
    cloth: Cloth,
    top: float,
    *,
    depth: float = 28,
    loops: bool = True,
    button: tuple[int, int, int] | None = None,
    sewn: tuple[int, int, int] | None = None,
) -> None:
    w = leg.waist
    band = half(
        [
            (0, top + 6),
            (w * 0.55, top + 4),
            (w, top - 5, 1),
            (w + 4, top + depth - 6, 1),
            (w * 0.55, top + depth + 3),
            (0, top + depth + 6),
        ]
    )
    canvas.part(band, cloth, volume=10, depth=0.8, crumple=0.5, drop=0.24, origin=(CENTRE, top))
    low = smooth([(CENTRE - w - 3, top + depth - 10), (CENTRE, top + depth + 2), (CENTRE + w + 3, top + depth - 10)])
    tint = sewn or thread(cloth.colour)
    canvas.stitch(low, low - (0, depth - 8), colour=tint, width=0.9, opacity=0.6)
    if loops:
        for x in (-0.68, -0.3, 0.3, 0.68):
            cx, dy = CENTRE + x * w, -8 * abs(x)
            canvas.part(
                np.array(
                    [
                        [cx - 4, top + dy - 1],
                        [cx + 4, top + dy - 1],
                        [cx + 4, top + depth + 8 + dy],
                        [cx - 4, top + depth + 8 + dy],
                    ]
                ),
                cloth.plain(),
                volume=3,
                drop=0.4,
                crumple=0,
            )
    if button is not None:
        canvas.button(CENTRE + 2, top + depth / 2 + 6, 6.5, button, holes=brightness(button) < 0.6)


def draw_fly(canvas: Canvas, cloth: Cloth, leg: Leg, top: float, sewn: tuple[int, int, int]) -> None:
    bottom = leg.crotch - 34
    curve = smooth([(CENTRE + 30, top + 34), (CENTRE + 29, bottom - 44), (CENTRE + 18, bottom - 12), (CENTRE, bottom)])
    canvas.seam(curve, strength=0.2)
    canvas.stitch(curve - (3, 2), colour=sewn, width=0.9)
    canvas.shade(ribbon(np.array([[CENTRE + 1, top + 34], [CENTRE + 1, bottom]]), 4), 0.25, 2)
    del cloth
