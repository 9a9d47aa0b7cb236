"""Bars as numbers for an SVG: no style and no script in it, so that a strict Content-Security-Policy holds.

Coordinates are text: a template would write a number as the visitor's language does, and SVG knows one way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 8, 12, 28
#: Part of its place a bar leaves free, and the most bars that can be told apart.
GAP = 0.18
MOST = 92


class Part(NamedTuple):
    """One colour of a bar: the class it is drawn with, how much, and what it says when pointed at."""

    name: str
    value: float
    title: str


class Column(NamedTuple):
    """One bar: what stands below it, and its parts from the bottom up."""

    label: str
    parts: Sequence[Part]


class Rect(NamedTuple):
    """A rectangle of the drawing."""

    x: str
    y: str
    width: str
    height: str
    name: str
    title: str


class Mark(NamedTuple):
    """A text of the drawing, and where it hangs."""

    x: str
    y: str
    text: str
    anchor: str


class Chart(NamedTuple):
    """A drawing."""

    width: int
    height: int
    rects: list[Rect]
    #: Horizontal lines, with the text before them.
    ticks: list[Mark]
    labels: list[Mark]
    left: str
    right: str


def bars(columns: Sequence[Column], write: Callable[[float], str], *, least: float = 1, most_labels: int = 6) -> Chart:
    """Return stacked bars; ``write`` writes a value beside the axis, which reaches up to ``least`` or further."""
    top = nice(max([least, *(sum(part.value for part in column.parts) for column in columns)]))
    place = (WIDTH - LEFT - RIGHT) / max(1, len(columns))
    floor = HEIGHT - BOTTOM
    scale = (floor - TOP) / top
    rects = []
    for n, column in enumerate(columns):
        y = float(floor)
        for part in column.parts:
            height = part.value * scale
            if height > 0:
                y -= height
                x, width = LEFT + place * (n + GAP / 2), place * (1 - GAP)
                rects.append(Rect(_at(x), _at(y), _at(width), _at(height), part.name, part.title))
    step = max(1, math.ceil(len(columns) / most_labels))
    labels = [
        Mark(_at(LEFT + place * (n + 0.5)), _at(HEIGHT - 8), column.label, "middle")
        for n, column in enumerate(columns)
        if n % step == 0
    ]
    ticks = [Mark(_at(LEFT - 8), _at(floor - value * scale), write(value), "end") for value in (0, top / 2, top)]
    return Chart(WIDTH, HEIGHT, rects, ticks, labels, str(LEFT), str(WIDTH - RIGHT))


def nice(value: float) -> float:
    """Return the least of 1, 2, 4, 5, 8, 10 times a power of ten that is no less; 1 for nothing."""
    if value <= 0:
        return 1
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 4, 5, 8, 10) if factor * power >= value * (1 - 1e-9))


def _at(number: float) -> str:
    return f"{number:.2f}"
