"""Outlines: smooth curves through a few points, mirrored halves, tapered ribbons.

Lengths are in units of the finished front photo (600 wide, 800 high). A point is ``(x, y)``; ``(x, y, 1)`` is a corner,
where the curve may turn sharply.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

#: float64 (n, 2), x and y.
Outline = NDArray[np.float64]
Points = Sequence[Sequence[float] | NDArray[np.float64]]
WIDTH, HEIGHT = 600, 800
CENTRE = WIDTH / 2


def _through(points: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Return a centripetal Catmull-Rom curve through ``points`` (n ≥ 2); the ends are reflected."""
    if len(points) == 2:
        return points
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    return _segments(padded, steps, last=points[-1])


def _segments(padded: NDArray[np.float64], steps: int, last: NDArray[np.float64] | None) -> NDArray[np.float64]:
    # Centripetal knots (Yuksel, Schaefer, Keyser 2011): no loops and no overshoot between uneven points.
    p0, p1, p2, p3 = (padded[i : len(padded) - 3 + i][:, None, :] for i in range(4))

    def gap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.maximum(np.sqrt(np.linalg.norm(b - a, axis=-1, keepdims=True)), 1e-6))

    d1, d2, d3 = gap(p0, p1), gap(p1, p2), gap(p2, p3)
    m1 = (p2 - p1) + d2 * ((p1 - p0) / d1 - (p2 - p0) / (d1 + d2))
    m2 = (p2 - p1) + d2 * ((p3 - p2) / d3 - (p3 - p1) / (d2 + d3))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    t2, t3 = t * t, t * t * t
    curve = (2 * t3 - 3 * t2 + 1) * p1 + (t3 - 2 * t2 + t) * m1 + (3 * t2 - 2 * t3) * p2 + (t3 - t2) * m2
    flat = np.asarray(curve.reshape(-1, 2))
    return flat if last is None else np.vstack([flat, last])


def smooth(points: Points, *, closed: bool = False, steps: int = 12) -> Outline:
    """Return the curve through ``points``, sharp at the corners only."""
    corners = [i for i, point in enumerate(points) if len(point) > 2 and point[2]]
    xy = np.array([point[:2] for point in points], np.float64)
    if closed and not corners:
        return _segments(np.vstack([xy[-1], xy, xy[0], xy[1]]), steps, last=None)
    if closed:
        start = corners[0]
        xy = np.vstack([np.roll(xy, -start, axis=0), xy[start]])
        stops = [i - start for i in corners] + [len(points)]
    else:
        stops = sorted({0, *corners, len(points) - 1})
    return np.vstack([_through(xy[a : b + 1], steps) for a, b in pairwise(stops)])


def half(points: Points, *, centre: float = CENTRE) -> Outline:
    """Return a closed outline from its right half, ``(distance from the centre line, y[, corner])`` top to bottom."""
    right = [(centre + p[0], *p[1:]) for p in points]
    left = [(centre - p[0], *p[1:]) for p in reversed(points) if p[0] != 0]
    return smooth([*right, *left], closed=True)


def flipped(outline: Outline, *, centre: float = CENTRE) -> Outline:
    """Return the mirror image about the vertical line at ``centre``."""
    return np.column_stack([2 * centre - outline[:, 0], outline[:, 1]])


def ellipse(cx: float, cy: float, rx: float, ry: float, *, start: float = 0, stop: float = 360) -> Outline:
    """Return an ellipse, or the arc from ``start`` to ``stop`` degrees (0 is right, 90 is down)."""
    angle = np.radians(np.linspace(start, stop, max(12, int(abs(stop - start) / 4))))
    return np.column_stack([cx + rx * np.cos(angle), cy + ry * np.sin(angle)])


def rounded(x0: float, y0: float, x1: float, y1: float, radius: float) -> Outline:
    """Return a rectangle with round corners."""
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    corners = [(x1 - r, y0 + r, 270), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180)]
    return np.vstack([ellipse(cx, cy, r, r, start=start, stop=start + 90) for cx, cy, start in corners])


def ribbon(line: Outline, width: float | Sequence[float]) -> Outline:
    """Return the closed outline of a band along ``line``; several widths are spread evenly from start to end."""
    widths = np.atleast_1d(np.asarray(width, np.float64))
    at = np.linspace(0, 1, len(line))
    reach = (
        np.interp(at, np.linspace(0, 1, len(widths)), widths) / 2 if len(widths) > 1 else np.full(len(line), widths / 2)
    )
    normal = normals(line) * reach[:, None]
    return np.vstack([line + normal, (line - normal)[::-1]])


def normals(line: Outline) -> Outline:
    """Return the unit vectors across ``line``, one per point."""
    along = np.gradient(line, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.column_stack([-along[:, 1], along[:, 0]])


def beside(line: Outline, distance: float) -> Outline:
    """Return a line parallel to ``line`` at ``distance``."""
    return line + normals(line) * distance


def turned(outline: Outline, degrees: float, about: tuple[float, float]) -> Outline:
    """Return the outline turned clockwise about a point."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, s], [-s, c]])
    return np.asarray((outline - about) @ turn + about)


def moved(outline: Outline, dx: float, dy: float) -> Outline:
    """Return the outline, or the point, moved right by ``dx`` and down by ``dy``."""
    return np.asarray(outline + np.array((dx, dy)))


def spaced(line: Outline, gap: float) -> Outline:
    """Return points along ``line``, ``gap`` units apart."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.arange(0, length[-1], gap)
    return np.column_stack([np.interp(at, length, line[:, 0]), np.interp(at, length, line[:, 1])])


def between(a: Outline, b: Outline, share: float) -> Outline:
    """Return the line ``share`` of the way from ``a`` to ``b`` (lines of any number of points)."""
    at = np.linspace(0, 1, 40)
    lines = []
    for line in (a, b):
        own = np.linspace(0, 1, len(line))
        lines.append(np.column_stack([np.interp(at, own, line[:, 0]), np.interp(at, own, line[:, 1])]))
    return np.asarray(lines[0] * (1 - share) + lines[1] * share)
