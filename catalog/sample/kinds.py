"""Every kind of product that can be drawn, and where its close-up looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from catalog.sample.accessories import draw_belt, draw_sunglasses, draw_watch
from catalog.sample.bags import draw_backpack, draw_handbag, draw_tote
from catalog.sample.bottoms import draw_jeans, draw_shorts, draw_skirt, draw_trousers
from catalog.sample.canvas import Canvas
from catalog.sample.dresses import draw_dress
from catalog.sample.headwear import draw_beanie, draw_cap, draw_hat, draw_scarf
from catalog.sample.knitwear import draw_cardigan, draw_sweater, draw_sweatshirt
from catalog.sample.look import Look
from catalog.sample.outerwear import draw_blazer, draw_coat, draw_jacket
from catalog.sample.shoes import draw_boots, draw_flats, draw_heels, draw_sandals, draw_sneakers
from catalog.sample.tops import draw_blouse, draw_polo, draw_shirt, draw_tee


class Kind(NamedTuple):
    """How a kind is drawn. ``focus``: middle and zoom of its close-up; ``wobble``: 0 for what is hard."""

    draw: Callable[[Canvas, Look], None]
    focus: tuple[float, float, float]
    scale: float = 1.0
    wobble: float = 1.0


KINDS: dict[str, Kind] = {
    "t-shirt": Kind(draw_tee, (300, 200, 2.4)),
    "polo": Kind(draw_polo, (300, 205, 2.4)),
    "shirt": Kind(draw_shirt, (330, 210, 2.3)),
    "blouse": Kind(draw_blouse, (300, 230, 2.2)),
    "sweater": Kind(draw_sweater, (300, 200, 2.3)),
    "cardigan": Kind(draw_cardigan, (300, 300, 2.1)),
    "sweatshirt": Kind(draw_sweatshirt, (300, 200, 2.2)),
    "hoodie": Kind(draw_sweatshirt, (300, 190, 2.1)),
    "jacket": Kind(draw_jacket, (300, 220, 2.1)),
    "blazer": Kind(draw_blazer, (300, 250, 2.0)),
    "coat": Kind(draw_coat, (300, 230, 2.0)),
    "dress": Kind(draw_dress, (300, 210, 2.0)),
    "skirt": Kind(draw_skirt, (300, 230, 2.2), 1.06),
    "trousers": Kind(draw_trousers, (300, 180, 2.2)),
    "jeans": Kind(draw_jeans, (300, 180, 2.2)),
    "shorts": Kind(draw_shorts, (300, 260, 2.1), 1.18),
    "sneakers": Kind(draw_sneakers, (320, 490, 2.0), 1.06),
    "boots": Kind(draw_boots, (260, 420, 1.8), 1.04),
    "heels": Kind(draw_heels, (340, 490, 1.9), 1.06),
    "sandals": Kind(draw_sandals, (330, 500, 2.0), 1.06),
    "flats": Kind(draw_flats, (340, 510, 2.0), 1.06),
    "handbag": Kind(draw_handbag, (300, 470, 2.1), 1.05, 0.6),
    "tote": Kind(draw_tote, (300, 420, 2.1), 1.0, 0.8),
    "backpack": Kind(draw_backpack, (300, 450, 1.9), 1.0, 0.8),
    "cap": Kind(draw_cap, (310, 400, 1.9), 1.1),
    "hat": Kind(draw_hat, (330, 440, 1.9), 1.06),
    "beanie": Kind(draw_beanie, (300, 480, 2.1), 1.08),
    "scarf": Kind(draw_scarf, (300, 310, 1.9), 1.05),
    "belt": Kind(draw_belt, (290, 470, 2.1), 1.12, 0.0),
    "watch": Kind(draw_watch, (300, 400, 2.0), 1.0, 0.0),
    "sunglasses": Kind(draw_sunglasses, (420, 390, 2.1), 1.1, 0.0),
}
