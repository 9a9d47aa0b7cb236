"""What a family of products is: one design, sold in several colours and patterns."""

from __future__ import annotations

from dataclasses import dataclass, field

BASIC = ("White", "Black", "Navy", "Grey", "Red", "Green", "Light Blue", "Burgundy", "Yellow", "Beige")
SOFT = ("Pink", "Cream", "Lavender", "Mint", "Light Blue", "Teal", "White", "Yellow", "Red", "Black")
EARTH = ("Camel", "Olive", "Brown", "Cream", "Charcoal", "Burgundy", "Navy", "Beige", "Green", "Orange")
BRIGHT = ("Red", "Blue", "Yellow", "Green", "Orange", "Purple", "Teal", "Pink", "Navy", "White")
SUIT = ("Navy", "Charcoal", "Grey", "Beige", "Black", "Olive", "Brown", "Burgundy", "Light Blue", "Teal")
DENIM = ("Blue", "Navy", "Light Blue", "Black", "Grey", "White", "Beige", "Olive", "Brown", "Green")
LEATHER = ("Black", "Brown", "Camel", "Burgundy", "White", "Navy", "Red", "Olive", "Beige", "Teal")
PARTY = ("Black", "Red", "Beige", "Navy", "Pink", "Green", "Burgundy", "Purple", "White", "Yellow")


@dataclass(frozen=True)
class Family:
    """One design. ``title`` ends in the noun; ``patterns`` are taken in turn; ``price``: from and to, in euros."""

    kind: str
    design: str
    title: str
    gender: str
    category: str
    price: tuple[int, int]
    text: str
    colours: tuple[str, ...] = BASIC
    patterns: tuple[str, ...] = ("plain",)
    cut: dict[str, str] = field(default_factory=dict)
    season: str = "All year"
    usage: str = "Casual"
