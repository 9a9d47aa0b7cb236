"""The body of everything worn above the waist: neckline, hem, folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.sample.canvas import Canvas, Fold, Mask
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import CENTRE, Outline, between, flipped, half, moved, ribbon, smooth
from catalog.sample.palette import PEARL, thread

NECKS = {
    "crew": (50, 38),
    "v": (50, 104),
    "boat": (92, 24),
    "scoop": (72, 88),
    "square": (76, 72),
    "high": (46, 16),
    "deep v": (50, 168),
}


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
            points = [
                (0, bottom),
                (neck * 0.5, bottom - self.neck_depth * 0.13),
                (neck * 0.86, top + self.neck_depth * 0.44),
                (neck, top),
            ]
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
        return smooth(
            [
                (CENTRE - w, y),
                (CENTRE - w * 0.5, y + self.hem_drop * 0.8),
                (CENTRE, y + self.hem_drop),
                (CENTRE + w * 0.5, y + self.hem_drop * 0.8),
                (CENTRE + w, y),
            ]
        )


def at(line: Outline, share: float) -> Outline:
    return np.asarray(line[min(len(line) - 1, round(share * (len(line) - 1)))])


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
    back = smooth(
        [(CENTRE - body.neck - 3, body.top - 2), (CENTRE, body.top + 6), (CENTRE + body.neck + 3, body.top - 2)]
    )
    canvas.part(np.vstack([back, moved(front[::-1], 0, 4)]), cloth.dim(0.66), volume=14, depth=0.4, crumple=0.3, edge=0)
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
    canvas.part(
        ribbon(line, [width * 0.5, width, width, width, width, width * 0.5]),
        cloth,
        volume=7,
        depth=1.1,
        crumple=0,
        drop=0.22,
        edge=0.14,
    )
    if ribbed:
        spread = (line[1:-1] - (CENTRE, body.top - 30)) / np.linalg.norm(
            line[1:-1] - (CENTRE, body.top - 30), axis=1, keepdims=True
        )
        ribs = [
            np.vstack([p - d * width / 2, p + d * width / 2]) for p, d in zip(line[3:-3:2], spread[2:-2:2], strict=True)
        ]
        canvas.seam(*ribs, width=0.9, strength=0.16)
    canvas.seam(moved(line, 0, width * 0.62), width=0.9, strength=0.18)


def draw_ribs(canvas: Canvas, start: Outline, end: Outline, gap: float = 6, strength: float = 0.22) -> None:
    """Draw knit ribs from one edge to another."""
    count = max(3, round(float(np.linalg.norm(start[0] - start[-1])) / gap))
    across = [between(start, end, 0), between(start, end, 1)]
    lines = [np.vstack([at(across[0], i / count), at(across[1], i / count)]) for i in range(1, count)]
    canvas.seam(*lines, width=1.9, strength=strength)


def draw_body(
    canvas: Canvas, body: Torso, cloth: Cloth, *, hem: bool = True, strength: float = 1.0, drop: float = 0.2
) -> Mask | None:
    """Draw the front, its armhole seams and its hem."""
    mask = canvas.part(
        body.outline(),
        cloth,
        origin=(CENTRE, body.top),
        folds=body_folds(canvas, body, strength=strength),
        volume=30,
        drop=drop,
    )
    arm = body.armhole()
    canvas.seam(moved(arm, -1, 0), moved(flipped(arm), 1, 0), strength=0.26, clip=mask)
    if hem:
        canvas.seam(body.hem_line(16), strength=0.18, clip=mask)
        canvas.stitch(body.hem_line(14), colour=thread(cloth.colour), width=0.8, opacity=0.5)
    return mask


def rib_hem(canvas: Canvas, body: Torso, cloth: Cloth, depth: float = 34, *, pull: float = 0.94) -> None:
    """Draw a ribbed waistband below the body."""
    y = body.length - 4
    shape = half(
        [
            (0, y),
            (body.hem * 0.98, y - 2, 1),
            (body.hem * pull + 3, y + depth * 0.5),
            (body.hem * pull, y + depth, 1),
            (0, y + depth + body.hem_drop),
        ]
    )
    canvas.part(shape, cloth, volume=14, crumple=0.4, drop=0.15, origin=(CENTRE, body.top))
    start = np.array([[CENTRE - body.hem, y], [CENTRE + body.hem, y]])
    end = smooth(
        [
            (CENTRE - body.hem * pull, y + depth),
            (CENTRE, y + depth + body.hem_drop),
            (CENTRE + body.hem * pull, y + depth),
        ]
    )
    draw_ribs(canvas, start, end, 7)
    canvas.seam(moved(start, 0, 2), strength=0.22)
