"""The drawn inventory: which products there are, what they are called and what they cost. No Django here."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice, zip_longest

from catalog.sample.families import Family, families
from catalog.sample.look import Look
from catalog.sample.palette import NAMES
from catalog.sample.photos import Order

BRANDS = (
    "Fjordline",
    "Maison Alder",
    "Kestrel & Co",
    "Lumen Row",
    "Otterwick",
    "Nine Birches",
    "Vela Studio",
    "Hollow Pine",
    "Sandgate",
    "Ordinary Days",
)
PATTERN_WORDS = {
    "plain": "",
    "stripes": "striped",
    "pinstripes": "pinstriped",
    "dots": "dotted",
    "colour block": "colour-block",
}
FAMILIES = families()
#: How many colours of one design are sold at most.
VARIANTS = 14
LARGEST = len(FAMILIES) * VARIANTS
#: One product in this many gets a close-up, too.
DETAIL_EVERY = 4
#: Lens and dial follow the colour where the colour is not the frame's.
_LENSES = {"Green": "green", "Blue": "blue", "Grey": "grey", "Brown": "brown", "Pink": "rose"}
_CAMOUFLAGE = {"Olive", "Green", "Beige", "Grey", "Charcoal", "Brown", "Camel", "Navy"}


@dataclass(frozen=True)
class SampleProduct:
    """One product: what the shop says about it, and its photos to draw."""

    sku: str
    name: str
    brand: str
    description: str
    category: tuple[str, ...]
    gender: str
    colour: str
    season: str
    usage: str
    price: Decimal
    stock: int
    orders: tuple[Order, ...]


def plan(count: int, seed: int) -> list[SampleProduct]:
    """Return the first ``count`` products of a seed: one of each design, then their second colours, and so on.

    Raises ValueError where there are not that many.
    """
    if not 1 <= count <= LARGEST:
        raise ValueError(f"count must be 1 to {LARGEST}, got {count}.")
    shelves = [_family(family, seed) for family in FAMILIES]
    rounds = list(zip_longest(*shelves))
    for number, products in enumerate(rounds):
        # Mixed, as a shop's page is, rather than all trousers in a row.
        rounds[number] = tuple(random.Random(f"{seed}/{number}").sample(products, len(products)))
    in_turn = (draft for products in rounds for draft in products if draft is not None)
    return [_product(position, *draft) for position, draft in enumerate(islice(in_turn, count), start=1)]


def _family(family: Family, seed: int) -> list[tuple[Family, Look]]:
    rng = random.Random(f"{seed}/{family.design}")
    rest = [name for name in NAMES if name not in family.colours]
    colours = [*rng.sample(family.colours, len(family.colours)), *rng.sample(rest, len(rest))]
    # Each seed starts elsewhere in the list, so that one seed's first page is not another's.
    start = rng.randrange(len(family.patterns))
    shelf = []
    for i, colour in enumerate(colours[:VARIANTS]):
        cut = dict(family.cut)
        if family.kind == "sunglasses" and cut.get("style") == "pilot":
            cut["lens"] = _LENSES.get(colour, "grey")
            cut["metal"] = ("gold", "silver")[i % 2]
        pattern = family.patterns[(i + start) % len(family.patterns)]
        if pattern == "camouflage" and colour not in _CAMOUFLAGE:
            pattern = "plain"
        look = Look(family.kind, colour, pattern, cut, rng.randrange(1, 1_000_000))
        shelf.append((family, look))
    return shelf


def _product(position: int, family: Family, look: Look) -> SampleProduct:
    # A product's own dice: nothing about it depends on how many others there are.
    rng = random.Random(look.seed)
    low, high = family.price
    price = (
        Decimal(rng.randrange(low, high + 1)) - Decimal("0.05")
        if high < 100
        else Decimal(round(rng.randint(low, high) / 5) * 5)
    )
    word = PATTERN_WORDS.get(look.pattern, look.pattern)
    views = ("front", "detail") if rng.randrange(DETAIL_EVERY) == 0 or position == 1 else ("front",)
    return SampleProduct(
        sku=f"VG-{position:04d}",
        name=" ".join(part for part in (family.design, word, family.title) if part),
        brand=random.Random(family.design).choice(BRANDS),
        description=f"{family.text} {_in_colour(look, word)}",
        category=family.category,
        gender=family.gender,
        colour=look.colour,
        season=family.season,
        usage=family.usage,
        price=price,
        stock=0 if rng.random() < 0.07 else rng.randint(1, 40),
        orders=tuple(Order(look, view) for view in views),
    )


def _in_colour(look: Look, word: str) -> str:
    colour = look.colour.lower()
    return f"In {colour}." if not word else f"Here {word}, in {colour}."


def kinds(products: Sequence[SampleProduct]) -> set[str]:
    """Return the kinds among the products."""
    return {product.orders[0].look.kind for product in products}
