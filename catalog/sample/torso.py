"""What everything worn on the upper body shares: body, sleeves, neckline, cuffs, folds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, between, flipped, half, ribbon, smooth
from catalog.sample.palette import PEARL, thread

NECKS = {"crew": (50, 38), "v": (50, 104), "boat": (92, 24), "scoop": (72, 88), "square": (76, 72), "high": (46, 16), "deep v": (50, 168)}


@dataclass(frozen=True)
class Torso:
    """Measures in units; widths are from the centre line."""

    top: float = 122
    neck: float = 50
    neck_depth: float = 38
    neck_shape: str = "crew"
    shoulder: float = 132
    shoulder_y: float = 152
    chest: float = 148
    underarm: float = 304
    waist: float = 146
    waist_y: float = 440
    hem: float = 151
    length: float = 640
    hem_drop: float = 8

    def neckline(self) -> Outline:
        """Return the right half of the front neckline, centre to shoulder."""
        bottom, neck, top = self.top + self.neck_depth, self.neck, self.top
        points: list[tuple[float, ...]]
        if self.neck_shape.endswith("v"):
            points = [(0, bottom), (neck * 0.5, top + self.neck_depth * 0.53), (neck, top)]
        elif self.neck_shape == "square":
            points = [(0, bottom), (neck * 0.5, bottom - 1), (neck - 6, bottom - 3, 1), (neck, top)]
        else:
            points = [(0, bottom), (neck * 0.5, bottom - self.neck_depth * 0.13), (neck * 0.86, top + self.neck_depth * 0.44), (neck, top)]
        if not self.neck_shape.endswith(("v", "square")):
            points = [(-neck * 0.5, points[1][1]), *points]
            line = smooth([(CENTRE + p[0], *p[1:]) for p in points])
            return line[12:]
        return smooth([(CENTRE + p[0], *p[1:]) for p in points])

    def full_neckline(self) -> Outline:
        """Return the front neckline, left shoulder to right."""
        right = self.neckline()
        return np.vstack([flipped(right)[::-1], right[1:]])

    def back_neckline(self, depth: float = 9) -> Outline:
        """Return the back of the neck, left to right."""
        return smooth([(CENTRE - self.neck, self.top), (CENTRE, self.top + depth), (CENTRE + self.neck, self.top)])

    def outline(self) -> Outline:
        """Return the body's outline."""
        right = smooth(
            [
                (CENTRE + self.neck, self.top, 1),
                (CENTRE + (self.neck + self.shoulder) / 2, (self.top + self.shoulder_y) / 2 - 1),
                (CENTRE + self.shoulder, self.shoulder_y, 1),
                (CENTRE + self.shoulder - 11, self.shoulder_y + (self.underarm - self.shoulder_y) * 0.5),
                (CENTRE + self.chest - 4, self.underarm - 12),
                (CENTRE + self.chest, self.underarm, 1),
                (CENTRE + self.waist, self.waist_y),
                (CENTRE + self.hem, self.length, 1),
                (CENTRE + self.hem * 0.5, self.length + self.hem_drop * 0.8),
                (CENTRE, self.length + self.hem_drop),
            ]
        )
        whole = np.vstack([self.neckline(), right[1:]])
        return np.vstack([whole, flipped(whole)[::-1]])

    def armhole(self) -> Outline:
        """Return the right armhole, shoulder to underarm."""
        return smooth(
            [
                (CENTRE + self.shoulder, self.shoulder_y),
                (CENTRE + self.shoulder - 11, self.shoulder_y + (self.underarm - self.shoulder_y) * 0.5),
                (CENTRE + self.chest - 4, self.underarm - 12),
                (CENTRE + self.chest, self.underarm),
            ]
        )

    def hem_line(self, up: float = 0) -> Outline:
        """Return the hem, left to right, ``up`` units above the edge."""
        w, y = self.hem - up * 0.02, self.length - up
        return smooth([(CENTRE - w, y), (CENTRE - w * 0.5, y + self.hem_drop * 0.8), (CENTRE, y + self.hem_drop), (CENTRE + w * 0.5, y + self.hem_drop * 0.8), (CENTRE + w, y)])


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
    outer = smooth([tip, first, (first + outer_end) / 2 + bow + across * sleeve.puff * 0.9, outer_end - along * sleeve.cuff + across * sleeve.puff * 0.5, outer_end])
    # The sleeve begins well inside the body, which lies over it: its roundness must not jump at the armpit.
    root = under - along * 60 - (26, 0)
    inner = smooth([root, (under + inner_end) / 2 + bow * 0.6 - across * sleeve.puff * 0.8, inner_end - along * sleeve.cuff - across * sleeve.puff * 0.6, inner_end])
    inside = np.array([[CENTRE + body.shoulder - 60, body.shoulder_y + 26]])
    return np.vstack([inside, outer, inner[::-1]]), outer, inner


def draw_sleeves(
    canvas: Canvas, body: Torso, sleeve: Sleeve, cloth: Cloth, *, cuff: Cloth | None = None, ribbed: bool = False, cuff_depth: float = 0, hem: bool = True
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
        canvas.part(side(outline), cloth, angle=turn, origin=tip, volume=30 if long else 26, folds=folds, depth=0.9, drop=0.12)
        share = max(0.0, 1 - depth / max(sleeve.length, 1))
        edge = np.vstack([_at(side(outer), share), _at(side(inner), share)])
        if cuff is not None and depth:
            end = np.vstack([side(outer)[-1], side(inner)[-1]])
            middle = (edge[0] + edge[1]) / 2
            swell = 1.02 if not ribbed else 0.98
            shape = np.vstack([middle + (edge - middle) * 1.04, ((end - end.mean(axis=0)) * swell + end.mean(axis=0))[::-1]])
            canvas.part(shape, cuff, angle=turn, origin=tip, volume=16, crumple=0.5, drop=0.18)
            if ribbed:
                draw_ribs(canvas, edge, end, 6)
        elif hem:
            canvas.seam(edge if depth else np.vstack([_at(side(outer), 1 - 13 / sleeve.length), _at(side(inner), 1 - 13 / sleeve.length)]), strength=0.2)


def _at(line: Outline, share: float) -> Outline:
    return np.asarray(line[min(len(line) - 1, round(share * (len(line) - 1)))])


def _sleeve_folds(canvas: Canvas, outer: Outline, inner: Outline, *, long: bool) -> list[Fold]:
    """Return creases across the elbow and down from the armpit."""
    rng, folds = canvas.rng, []
    for _ in range(7 if long else 3):
        start = rng.uniform(0.05, 0.7)
        a, b = _at(inner, start), _at(outer, min(1.0, start + rng.uniform(0.08, 0.3)))
        reach = rng.uniform(0.45, 0.9)
        line = smooth([a, a * (1 - reach / 2) + b * reach / 2 + rng.uniform(-5, 5, 2), a * (1 - reach) + b * reach])
        folds.append(Fold(line, rng.uniform(9, 22), rng.choice([-1, 1]) * rng.uniform(1.6, 3.6)))
    return folds


def body_folds(canvas: Canvas, body: Torso, *, strength: float = 1.0) -> list[Fold]:
    """Return creases as a worn-in top has them: from the armpits inwards, and down to the hem."""
    rng, folds = canvas.rng, []
    for side in (-1, 1):
        for _ in range(3):
            x, y = CENTRE + side * (body.chest - 6), body.underarm + rng.uniform(-26, 60)
            dx, dy = -side * rng.uniform(50, 120), rng.uniform(20, 110)
            line = smooth([(x, y), (x + dx * 0.5, y + dy * 0.35), (x + dx, y + dy)])
            folds.append(Fold(line, rng.uniform(12, 26), rng.choice([-1, 1]) * rng.uniform(1.6, 3.4) * strength))
    for _ in range(5):
        x, span = CENTRE + rng.uniform(-0.8, 0.8) * body.hem, rng.uniform(80, 210)
        y = body.length - rng.uniform(-8, 60)
        line = smooth([(x, y), (x + rng.uniform(-10, 10), y - span / 2), (x + rng.uniform(-22, 22), y - span)])
        folds.append(Fold(line, rng.uniform(16, 34), rng.choice([-1, 1]) * rng.uniform(1.8, 3.8) * strength))
    return folds


def draw_inside(canvas: Canvas, body: Torso, cloth: Cloth, *, label: bool = True) -> None:
    """Draw the inside of the back, which the neckline leaves open."""
    front = body.full_neckline()
    back = smooth([(CENTRE - body.neck - 3, body.top - 2), (CENTRE, body.top + 6), (CENTRE + body.neck + 3, body.top - 2)])
    canvas.part(np.vstack([back, front[::-1] + (0, 4)]), cloth.dim(0.66), volume=14, depth=0.4, crumple=0.3, edge=0)
    canvas.seam(body.back_neckline(17), strength=0.2)
    if label and body.neck_depth > 30:
        x, y = CENTRE, body.top + 14
        tag = np.array([[x - 10, y], [x + 10, y], [x + 10, y + 11], [x - 10, y + 11]])
        canvas.part(tag, Cloth(PEARL, texture="canvas"), volume=3, crumple=0, drop=0.25)
        canvas.ink(np.array([[x - 6, y + 5.5], [x + 6, y + 5.5]]), colour=(120, 112, 104), width=1.3, opacity=0.7)


def draw_neckband(canvas: Canvas, body: Torso, cloth: Cloth, width: float = 13, *, ribbed: bool = True) -> None:
    """Draw the ribbed band around the neck."""
    back = ribbon(body.back_neckline(8), [width * 0.3, width * 0.9, width * 0.9, width * 0.3])
    canvas.part(back, cloth.dim(0.8), volume=6, crumple=0, edge=0.1)
    line = body.full_neckline()
    canvas.part(ribbon(line, [width * 0.5, width, width, width, width, width * 0.5]), cloth, volume=7, depth=1.1, crumple=0, drop=0.22, edge=0.14)
    if ribbed:
        spread = (line[1:-1] - (CENTRE, body.top - 30)) / np.linalg.norm(line[1:-1] - (CENTRE, body.top - 30), axis=1, keepdims=True)
        ribs = [np.vstack([p - d * width / 2, p + d * width / 2]) for p, d in zip(line[3:-3:2], spread[2:-2:2], strict=True)]
        canvas.seam(*ribs, width=0.9, strength=0.16)
    canvas.seam(line + (0, width * 0.62), width=0.9, strength=0.18)


def draw_ribs(canvas: Canvas, start: Outline, end: Outline, gap: float = 6, strength: float = 0.22) -> None:
    """Draw knit ribs from one edge to another."""
    count = max(3, round(float(np.linalg.norm(start[0] - start[-1])) / gap))
    across = [between(start, end, 0), between(start, end, 1)]
    lines = [np.vstack([_at(across[0], i / count), _at(across[1], i / count)]) for i in range(1, count)]
    canvas.seam(*lines, width=1.9, strength=strength)


def draw_body(canvas: Canvas, body: Torso, cloth: Cloth, *, hem: bool = True, strength: float = 1.0, drop: float = 0.2) -> Mask | None:
    """Draw the front, its armhole seams and its hem."""
    mask = canvas.part(body.outline(), cloth, origin=(CENTRE, body.top), folds=body_folds(canvas, body, strength=strength), volume=30, drop=drop)
    arm = body.armhole()
    canvas.seam(arm + (-1, 0), flipped(arm) + (1, 0), strength=0.26, clip=mask)
    if hem:
        canvas.seam(body.hem_line(16), strength=0.18, clip=mask)
        canvas.stitch(body.hem_line(14), colour=thread(cloth.colour), width=0.8, opacity=0.5)
    return mask


def rib_hem(canvas: Canvas, body: Torso, cloth: Cloth, depth: float = 34, *, pull: float = 0.94) -> None:
    """Draw a ribbed waistband below the body."""
    y = body.length - 4
    shape = half([(0, y), (body.hem * 0.98, y - 2, 1), (body.hem * pull + 3, y + depth * 0.5), (body.hem * pull, y + depth, 1), (0, y + depth + body.hem_drop)])
    canvas.part(shape, cloth, volume=14, crumple=0.4, drop=0.15, origin=(CENTRE, body.top))
    start = np.array([[CENTRE - body.hem, y], [CENTRE + body.hem, y]])
    end = smooth([(CENTRE - body.hem * pull, y + depth), (CENTRE, y + depth + body.hem_drop), (CENTRE + body.hem * pull, y + depth)])
    draw_ribs(canvas, start, end, 7)
    canvas.seam(start + (0, 2), strength=0.22)
