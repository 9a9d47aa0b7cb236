"""Sleeves of every length, with their cuffs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from catalog.sample.canvas import Canvas, Fold
from catalog.sample.cloth import Cloth
from catalog.sample.drawings.torso import Torso, at, draw_ribs
from catalog.sample.geometry import CENTRE, Outline, flipped, smooth


@dataclass(frozen=True)
class Sleeve:
    """``angle``: degrees out from straight down; ``width``: at the cuff; ``puff``: units of extra fullness."""

    length: float = 130
    angle: float = 40
    width: float = 84
    puff: float = 0
    cuff: float = 0
    bend: float = 0


SLEEVES = {
    "cap": Sleeve(52, 50, 104),
    "short": Sleeve(122, 32, 104),
    "elbow": Sleeve(200, 22, 92),
    "long": Sleeve(405, 11, 58, cuff=28, bend=10),
    "puff": Sleeve(130, 26, 72, puff=24, cuff=14),
    "bishop": Sleeve(385, 11, 52, puff=20, cuff=24, bend=8),
    "wide": Sleeve(370, 13, 104, bend=6),
}


def sleeve_shape(body: Torso, sleeve: Sleeve) -> tuple[Outline, Outline, Outline]:
    """Return the right sleeve: its outline, and its outer and inner edge from the body to the cuff."""
    lean = math.radians(sleeve.angle)
    along, across = np.array([math.sin(lean), math.cos(lean)]), np.array([math.cos(lean), -math.sin(lean)])
    tip = np.array([CENTRE + body.shoulder, body.shoulder_y])
    under = np.array([CENTRE + body.chest - 2, body.underarm])
    middle = tip * 0.45 + under * 0.55 - (12, 0)
    end = middle + along * sleeve.length
    bow = across * sleeve.bend
    outer_end, inner_end = end + across * sleeve.width / 2, end - across * sleeve.width / 2
    first = tip + along * sleeve.length * 0.16 + across * (6 + sleeve.puff)
    outer = smooth(
        [
            tip,
            first,
            (first + outer_end) / 2 + bow + across * sleeve.puff * 0.9,
            outer_end - along * sleeve.cuff + across * sleeve.puff * 0.5,
            outer_end,
        ]
    )
    # The sleeve begins well inside the body, which lies over it: its roundness must not jump at the armpit.
    root = under - along * 60 - (26, 0)
    inner = smooth(
        [
            root,
            (under + inner_end) / 2 + bow * 0.6 - across * sleeve.puff * 0.8,
            inner_end - along * sleeve.cuff - across * sleeve.puff * 0.6,
            inner_end,
        ]
    )
    inside = np.array([[CENTRE + body.shoulder - 60, body.shoulder_y + 26]])
    return np.vstack([inside, outer, inner[::-1]]), outer, inner


def draw_sleeves(
    canvas: Canvas,
    body: Torso,
    sleeve: Sleeve,
    cloth: Cloth,
    *,
    cuff: Cloth | None = None,
    ribbed: bool = False,
    cuff_depth: float = 0,
    hem: bool = True,
) -> None:
    """Draw both sleeves, with a cuff of its own where ``cuff`` is given."""
    outline, outer, inner = sleeve_shape(body, sleeve)
    depth = cuff_depth or sleeve.cuff
    long = sleeve.length > 250
    for right in (False, True):
        side = (lambda line: line) if right else flipped
        turn = -sleeve.angle if right else sleeve.angle
        tip = (CENTRE + body.shoulder, body.shoulder_y) if right else (CENTRE - body.shoulder, body.shoulder_y)
        folds = _sleeve_folds(canvas, side(outer), side(inner), long=long)
        canvas.part(
            side(outline), cloth, angle=turn, origin=tip, volume=30 if long else 26, folds=folds, depth=0.9, drop=0.12
        )
        share = max(0.0, 1 - depth / max(sleeve.length, 1))
        edge = np.vstack([at(side(outer), share), at(side(inner), share)])
        if cuff is not None and depth:
            end = np.vstack([side(outer)[-1], side(inner)[-1]])
            middle = (edge[0] + edge[1]) / 2
            swell = 1.02 if not ribbed else 0.98
            shape = np.vstack(
                [middle + (edge - middle) * 1.04, ((end - end.mean(axis=0)) * swell + end.mean(axis=0))[::-1]]
            )
            canvas.part(shape, cuff, angle=turn, origin=tip, volume=16, crumple=0.5, drop=0.18)
            if ribbed:
                draw_ribs(canvas, edge, end, 6)
        elif hem:
            canvas.seam(
                edge
                if depth
                else np.vstack([at(side(outer), 1 - 13 / sleeve.length), at(side(inner), 1 - 13 / sleeve.length)]),
                strength=0.2,
            )


def _sleeve_folds(canvas: Canvas, outer: Outline, inner: Outline, *, long: bool) -> list[Fold]:
    """Return creases across the elbow and down from the armpit."""
    rng, folds = canvas.rng, []
    for _ in range(7 if long else 3):
        start = rng.uniform(0.05, 0.7)
        a, b = at(inner, start), at(outer, min(1.0, start + rng.uniform(0.08, 0.3)))
        reach = rng.uniform(0.45, 0.9)
        line = smooth([a, a * (1 - reach / 2) + b * reach / 2 + rng.uniform(-5, 5, 2), a * (1 - reach) + b * reach])
        folds.append(Fold(line, rng.uniform(9, 22), rng.choice([-1, 1]) * rng.uniform(1.6, 3.6)))
    return folds
