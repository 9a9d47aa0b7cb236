"""Every kind of product that can be drawn, and where its close-up looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from catalog.sample.canvas import Canvas
from catalog.sample.drawings.bags import draw_backpack, draw_tote
from catalog.sample.drawings.belts import draw_belt
from catalog.sample.drawings.blouses import draw_blouse
from catalog.sample.drawings.boots import draw_boots
from catalog.sample.drawings.dresses import draw_dress
from catalog.sample.drawings.eyewear import draw_sunglasses
from catalog.sample.drawings.flats import draw_flats
from catalog.sample.drawings.handbags import draw_handbag
from catalog.sample.drawings.hats import draw_cap, draw_hat
from catalog.sample.drawings.heels import draw_heels
from catalog.sample.drawings.jackets import draw_jacket
from catalog.sample.drawings.knitwear import draw_cardigan, draw_sweater, draw_sweatshirt
from catalog.sample.drawings.sandals import draw_sandals
from catalog.sample.drawings.shorts import draw_shorts
from catalog.sample.drawings.skirts import draw_skirt
from catalog.sample.drawings.sneakers import draw_sneakers
from catalog.sample.drawings.tailoring import draw_blazer, draw_coat
from catalog.sample.drawings.tops import draw_polo, draw_shirt, draw_tee
from catalog.sample.drawings.trousers import draw_jeans, draw_trousers
from catalog.sample.drawings.watches import draw_watch
from catalog.sample.drawings.woollens import draw_beanie, draw_scarf
from catalog.sample.look import Look


class Kind(NamedTuple):
    """How a kind is drawn. ``focus``: middle and zoom of its close-up; ``wobble``: 0 for what is hard."""

    draw: Callable[[Canvas, Look], None]
    focus: tuple[float, float, float]
    scale: float = 1.0
    wobble: float = 1.0


KINDS: dict[str, Kind] = {
    "t-shirt": Kind(draw_tee, (290, 232, 2.4)),
    "polo": Kind(draw_polo, (300, 235, 2.4)),
    "shirt": Kind(draw_shirt, (320, 240, 2.3)),
    "blouse": Kind(draw_blouse, (300, 260, 2.2)),
    "sweater": Kind(draw_sweater, (290, 240, 2.3)),
    "cardigan": Kind(draw_cardigan, (300, 320, 2.1)),
    "sweatshirt": Kind(draw_sweatshirt, (290, 245, 2.2)),
    "hoodie": Kind(draw_sweatshirt, (300, 225, 2.1)),
    "jacket": Kind(draw_jacket, (300, 265, 2.1)),
    "blazer": Kind(draw_blazer, (300, 280, 2.0)),
    "coat": Kind(draw_coat, (300, 255, 2.1)),
    "dress": Kind(draw_dress, (300, 225, 2.2)),
    "skirt": Kind(draw_skirt, (300, 270, 2.2), 1.06),
    "trousers": Kind(draw_trousers, (310, 205, 2.3)),
    "jeans": Kind(draw_jeans, (310, 205, 2.3)),
    "shorts": Kind(draw_shorts, (310, 290, 2.2), 1.18),
    "sneakers": Kind(draw_sneakers, (330, 470, 1.9), 1.06),
    "boots": Kind(draw_boots, (270, 400, 1.7), 1.04),
    "heels": Kind(draw_heels, (340, 460, 1.8), 1.06),
    "sandals": Kind(draw_sandals, (340, 470, 1.8), 1.06),
    "flats": Kind(draw_flats, (340, 480, 1.8), 1.06),
    "handbag": Kind(draw_handbag, (300, 470, 2.1), 1.05, 0.6),
    "tote": Kind(draw_tote, (300, 420, 2.1), 1.0, 0.8),
    "backpack": Kind(draw_backpack, (300, 450, 1.9), 1.0, 0.8),
    "cap": Kind(draw_cap, (310, 390, 1.8), 1.1),
    "hat": Kind(draw_hat, (330, 410, 1.8), 1.06),
    "beanie": Kind(draw_beanie, (300, 480, 2.1), 1.08),
    "scarf": Kind(draw_scarf, (300, 310, 1.9), 1.05),
    "belt": Kind(draw_belt, (290, 440, 2.0), 1.12, 0.0),
    "watch": Kind(draw_watch, (300, 400, 2.0), 1.0, 0.0),
    "sunglasses": Kind(draw_sunglasses, (420, 390, 2.1), 1.1, 0.0),
}
