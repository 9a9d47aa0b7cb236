"""What shoes share. All are seen from the side, toe to the right, the other one behind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from catalog.sample.canvas import RGB, Canvas
from catalog.sample.cloth import Cloth
from catalog.sample.geometry import ellipse
from catalog.sample.look import Look

GROUND = 560.0


RUBBER: RGB = (240, 239, 234)


def as_pair(
    canvas: Canvas,
    shoe: Callable[[], None],
    *,
    ground: float = GROUND,
    tall: float = 1,
    gap: float = 78,
    toe: float = 505,
) -> None:
    """Draw a shoe twice: the other one stands behind, a little higher in the picture."""
    with canvas.placed(dx=34, dy=-gap, scale=0.94, tall=tall):
        canvas.stand(92, toe, ground - 4)
        shoe()
    canvas.shade(np.array([[60.0, 380], [560, 380], [560, 600], [60, 600]]), 0.10, 10)
    with canvas.placed(dx=-14, dy=18, tall=tall):
        canvas.stand(92, toe, ground - 2)
        canvas.shade(ellipse(300, ground - 8, 220, 20), 0.30, 14)
        shoe()


def leather(look: Look, stuff: str = "leather") -> Cloth:
    gloss = {"leather": 0.42, "suede": 0.0, "patent": 1.0, "canvas": 0.0}.get(stuff, 0.2)
    texture = {"patent": "", "leather": "leather"}.get(stuff, stuff)
    return look.cloth(texture, scale=0.7, gloss=gloss, contrast=0.85)
