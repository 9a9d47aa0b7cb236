"""What the list does not say, worked out from what it does: brand, price, stock, slug. The same at every run."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from decimal import Decimal

from django.utils.text import slugify

#: Words that end a brand in a product's name: "Lino Perros | Women Brown Handbag".
_WEARERS = frozenset(
    {"men", "man", "women", "woman", "mens", "womens", "unisex", "boy", "girl", "kid", "boys", "girls", "kids"}
)
#: A brand has at most this many words, and stands before a wearer at least this often.
_WORDS = 4
_SEEN = 3
#: Longer names of a brand ("Lee Cooper" beside "Lee") count when they are at least one in this many.
_SHARE = 5
#: A beginning this frequent is a brand even though no wearer follows it: cosmetics have none.
_FREQUENT = 20
#: Longest brand, in characters, as the database has it.
_LONGEST = 80
#: More different beginnings than any real list has; no more are learned then.
_MAX_LEARNED = 300_000

#: Price in euros, from and to, by article type, else by subcategory, else by master category.
_PRICES: dict[str, tuple[int, int]] = {
    "apparel": (12, 70),
    "accessories": (9, 60),
    "footwear": (25, 120),
    "personal care": (4, 30),
    "free items": (3, 15),
    "sporting goods": (9, 60),
    "home": (9, 50),
    "topwear": (12, 60),
    "bottomwear": (18, 80),
    "innerwear": (6, 30),
    "loungewear and nightwear": (14, 50),
    "saree": (35, 180),
    "socks": (3, 15),
    "jewellery": (9, 90),
    "fragrance": (15, 90),
    "watches": (35, 250),
    "sunglasses": (25, 150),
    "tshirts": (9, 40),
    "shirts": (19, 70),
    "jackets": (45, 180),
    "rain jacket": (35, 120),
    "blazers": (70, 240),
    "waistcoat": (35, 120),
    "sweaters": (25, 90),
    "sweatshirts": (22, 75),
    "dresses": (25, 130),
    "jumpsuit": (30, 110),
    "jeans": (29, 110),
    "lehenga choli": (60, 240),
    "kurta sets": (30, 120),
    "handbags": (25, 160),
    "clutches": (18, 90),
    "wallets": (12, 70),
    "backpacks": (22, 100),
    "laptop bag": (30, 120),
    "duffel bag": (25, 110),
    "trolley bag": (60, 240),
    "belts": (12, 55),
    "ties": (9, 45),
    "caps": (8, 30),
    "casual shoes": (29, 110),
    "sports shoes": (39, 160),
    "formal shoes": (45, 180),
    "heels": (29, 130),
    "flats": (19, 80),
    "sandals": (19, 80),
    "flip flops": (6, 30),
    "nail polish": (3, 12),
    "lipstick": (6, 28),
    "perfume and body mist": (12, 80),
    "deodorant": (3, 10),
}
_ANY_PRICE = (9, 60)


class Brands:
    """Guesses a product's brand from its name, after having seen all names.

    A brand is what stands before "Men", "Women", "Kids" and so on in at least 3 names, up to 4 words: the longest such
    beginning, unless it is much rarer than a shorter one ("ADIDAS", not "ADIDAS Originals"). Where no such beginning is
    known: the first word in front of a wearer, or a first word, or two that go together, that begins 20 names.
    Otherwise there is none. Spelled as most names spell it.
    """

    def __init__(self) -> None:
        self._before_wearer: Counter[str] = Counter()
        self._beginnings: Counter[str] = Counter()
        self._spellings: dict[str, Counter[str]] = {}

    def learn(self, name: str) -> None:
        """Take note of one product's name."""
        words = name.split()
        wearer = _wearer(words)
        if wearer and wearer <= _WORDS:
            self._count(self._before_wearer, words[:wearer])
        for length in (1, 2):
            self._count(self._beginnings, words[:length])

    def guess(self, name: str) -> str:
        """Return the brand, or "" where none is likely."""
        brand = self._guess(name.split())
        return brand if len(brand) <= _LONGEST else ""

    def _guess(self, words: list[str]) -> str:
        beginnings = [" ".join(words[:length]).casefold() for length in range(1, min(_WORDS, len(words)) + 1)]
        known = [beginning for beginning in beginnings if self._before_wearer[beginning] >= _SEEN]
        if known:
            enough = self._before_wearer[known[0]] / _SHARE
            return self._spelled(next(b for b in reversed(known) if self._before_wearer[b] >= enough))
        if _wearer(words) == 1:
            return self._spelled(beginnings[0])
        if beginnings and self._beginnings[beginnings[0]] >= _FREQUENT:
            together = len(beginnings) > 1 and self._beginnings[beginnings[1]] >= 0.8 * self._beginnings[beginnings[0]]
            return self._spelled(beginnings[1 if together else 0])
        return ""

    def _count(self, counter: Counter[str], words: list[str]) -> None:
        text = " ".join(words)
        key = text.casefold()
        if key in self._spellings or len(self._spellings) < _MAX_LEARNED:
            counter[key] += 1
            self._spellings.setdefault(key, Counter())[text] += 1

    def _spelled(self, key: str) -> str:
        spellings = self._spellings.get(key)
        # The first in the alphabet among equals, so that the order of rows does not matter.
        return min(spellings, key=lambda text: (-spellings[text], text)) if spellings else key


def _wearer(words: list[str]) -> int | None:
    """Return where the first word for who wears it stands."""
    return next((n for n, word in enumerate(words) if re.sub(r"['’]s?$", "", word.lower()) in _WEARERS), None)


def price(sku: str, article_type: str, sub_category: str, master_category: str) -> Decimal:
    """Return a price that suits the kind of article, in euros; cheap ones are more frequent than dear ones."""
    kinds = (article_type.lower(), sub_category.lower(), master_category.lower())
    low, high = next((_PRICES[kind] for kind in kinds if kind in _PRICES), _ANY_PRICE)
    part = _number(sku, "price") / 2**64
    return low + round((high - low) * Decimal(part) ** 2) - Decimal("0.10")


def stock(sku: str) -> int:
    """Return how many are there: one article in twelve is sold out."""
    number = _number(sku, "stock")
    return 0 if number % 12 == 0 else 1 + number // 12 % 40


def slug(name: str, sku: str) -> str:
    """Return the product's part of the address, at most 140 characters: its name, and its sku to be the only one."""
    return "-".join(filter(None, [slugify(name)[:70].strip("-"), slugify(sku).strip("-") or short_hash(sku)]))


def category_slug(name: str) -> str:
    """Return a category's place in the tree; a name without Latin letters gets one made up."""
    return slugify(name)[:80].strip("-") or f"c-{short_hash(name)}"


def short_hash(text: str) -> str:
    """Return ten characters that are this text's own."""
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _number(sku: str, purpose: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{purpose}:{sku}".encode()).digest()[:8], "big")
