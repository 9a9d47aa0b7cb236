"""What bags are made of: leather or canvas, rings, stitching."""

from __future__ import annotations

import numpy as np

from catalog.sample.canvas import RGB, Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import Outline, ellipse
from catalog.sample.look import Look
from catalog.sample.palette import GOLD, SILVER, thread


def stuff_of(look: Look) -> Cloth:
    stuff = look.get("stuff", "leather")
    return look.cloth(stuff, scale=0.85, gloss=0.3 if stuff == "leather" else 0.02, contrast=0.75)


def metal_of(look: Look) -> RGB:
    return SILVER if look.get("metal") == "silver" else GOLD


def sewn(canvas: Canvas, shape: Outline, cloth: Cloth, inset: float = 7) -> None:
    """Sew along the inside of a closed outline."""
    middle = (shape.max(axis=0) + shape.min(axis=0)) / 2
    size = (shape.max(axis=0) - shape.min(axis=0)) / 2
    inner = (shape - middle) * (1 - inset / size) + middle
    canvas.stitch(np.vstack([inner, inner[:1]]), colour=thread(cloth.colour), width=1, opacity=0.6)


def ring(canvas: Canvas, x: float, y: float, radius: float, metal: RGB) -> None:
    canvas.part(
        ellipse(x, y, radius, radius),
        Cloth(metal, texture="", gloss=0.9),
        holes=[ellipse(x, y, radius * 0.66, radius * 0.66)],
        volume=2.5,
        crumple=0,
        drop=0.4,
    )
