"""The designs on sale, one line each in ``families.csv``: a family of products in several colours and patterns."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("families.csv")
#: Colours that sell together; a line of the table names one of these, or its own.
RANGES: dict[str, tuple[str, ...]] = {
    "BASIC": ("White", "Black", "Navy", "Grey", "Red", "Green", "Light Blue", "Burgundy", "Yellow", "Beige"),
    "SOFT": ("Pink", "Cream", "Lavender", "Mint", "Light Blue", "Teal", "White", "Yellow", "Red", "Black"),
    "EARTH": ("Camel", "Olive", "Brown", "Cream", "Charcoal", "Burgundy", "Navy", "Beige", "Green", "Orange"),
    "BRIGHT": ("Red", "Blue", "Yellow", "Green", "Orange", "Purple", "Teal", "Pink", "Navy", "White"),
    "SUIT": ("Navy", "Charcoal", "Grey", "Beige", "Black", "Olive", "Brown", "Burgundy", "Light Blue", "Teal"),
    "DENIM": ("Blue", "Navy", "Light Blue", "Black", "Grey", "White", "Beige", "Olive", "Brown", "Green"),
    "LEATHER": ("Black", "Brown", "Camel", "Burgundy", "White", "Navy", "Red", "Olive", "Beige", "Teal"),
    "PARTY": ("Black", "Red", "Beige", "Navy", "Pink", "Green", "Burgundy", "Purple", "White", "Yellow"),
}


@dataclass(frozen=True)
class Family:
    """One design. ``title`` ends in the noun; ``patterns`` are taken in turn; ``price``: from and to, in euros."""

    kind: str
    design: str
    title: str
    gender: str
    category: tuple[str, ...]
    price: tuple[int, int]
    season: str
    usage: str
    colours: tuple[str, ...]
    patterns: tuple[str, ...]
    cut: dict[str, str]
    text: str


@cache
def families() -> tuple[Family, ...]:
    """Return every design on sale."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(_family(row) for row in csv.DictReader(file))


def _family(row: dict[str, str]) -> Family:
    return Family(
        kind=row["kind"],
        design=row["design"],
        title=row["title"],
        gender=row["gender"],
        category=tuple(row["category"].split(" > ")),
        price=(int(row["price_from"]), int(row["price_to"])),
        season=row["season"],
        usage=row["usage"],
        colours=RANGES.get(row["colours"]) or tuple(row["colours"].split("|")),
        patterns=tuple(row["patterns"].split("|")),
        cut=dict(pair.split("=", 1) for pair in row["cut"].split("|") if pair),
        text=row["text"],
    )
