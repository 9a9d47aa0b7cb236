"""Which products a network may learn from, and which it is judged by: whole families, told apart by a hash for good.

A shop's variants of one product look alike. With one of them in training and its sister in the test, a network is
praised for what it has seen. So a family, the same brand and name up to colour words, numbers, sizes, punctuation and
case, is on one side only, and on the same one whatever else a set holds.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Literal

Side = Literal["train", "validation", "test"]

SIDES: tuple[Side, ...] = ("train", "validation", "test")
TEST_SHARE = 0.15
VALIDATION_SHARE = 0.05
#: Part of what is hashed. Another text would be another split: every figure published before would lie.
SALT = "vogue split 1"

#: Words that say which colour, or how it is made of others.
_COLOURS = """
acid almond amber amethyst anthracite apricot aqua aquamarine army ash assorted aubergine azure beetroot beige berry
biscuit black blue blueberry blush bordeaux brick bronze brown burgundy burnt camel candy caramel cardinal carmine
champagne charcoal cherry chestnut chocolate cinnamon citrus clear cobalt cocoa coffee cognac color colored colorful
colour coloured colourful contrast copper coral cranberry cream crimson cyan dark deep denim dual dusty ebony ecru
eggplant electric emerald fluo fluorescent forest fuchia fuchsia fuschia garnet ginger gold golden grape graphite gray
green grey greyish gun gunmetal heather honey hot indigo ink ivory jade jet khakhi khaki lavender lemon light lilac
lime magenta mahogany mandarin mango maroon mauve melange metal metallic midnight mint mocha moss mulberry multi
multicolor multicolored multicolour multicoloured mushroom mustard natural navy neon nude oak ochre off olive onyx
orange orchid oyster pale pastel peach peacock pearl petrol pine pink pista pistachio platinum plum printed purple
raspberry red reddish rose rosewood royal ruby russet rust rustic sage salmon sand sapphire scarlet sea shade silver
skin sky slate sliver smoke snow solid steel stone strawberry sunshine tan tangerine taupe teal terracotta tonal tone
toned topaz transparent turquoise two ultramarine vanilla vermilion vermillion violet walnut watermelon wheat white
wine yelloe yellow
"""
COLOURS = frozenset(_COLOURS.split())
#: Words that say how large, and how many.
_SIZES = """
xxxs xxs xs s m l xl xxl xxxl xxxxl small medium large extra size sizes plus petite free pack set of one two three four
five six seven eight nine ten piece pieces pcs pc pair pairs cm mm ml inch inches uk us eu oz g gm
"""
SIZES = frozenset(_SIZES.split())

_APOSTROPHE = re.compile(r"['’`´](?:s\b)?")
_T_SHIRT = re.compile(r"\b(?:t|tee)[\W_]*shirt(s?)\b")
_WORD = re.compile(r"[^\W_]+")


def family_of(name: str, brand: str = "") -> str:
    """Return the family a product belongs to: its name without what variants differ in.

    Args:
        name: as the shop shows it; it may begin with the brand.
        brand: where the shop keeps it apart.
    """
    brand_words, words = _words(brand), _words(name)
    if brand_words and words[: len(brand_words)] != brand_words:
        words = brand_words + words
    telling = [_singular(word) for word in words if not _differs_in_variants(word)]
    # A product that is called by its colour alone still has a family.
    return " ".join(telling or words)


def side(family: str, *, test_share: float = TEST_SHARE, validation_share: float = VALIDATION_SHARE) -> Side:
    """Return the side of a family. Fixed by its name: no list, no seed, no order of products has a say.

    Args:
        test_share: part of all families held out for the test.
        validation_share: part held out to watch a training by. What is left is for training.
    """
    if min(test_share, validation_share) < 0 or test_share + validation_share > 1:
        raise ValueError(f"Shares are parts of 1, got {test_share} and {validation_share}.")
    digest = hashlib.sha256(f"{SALT}:{family}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < test_share:
        return "test"
    return "validation" if place < test_share + validation_share else "train"


def _words(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall(_T_SHIRT.sub(r"tshirt\1", _APOSTROPHE.sub("", text)))


def _singular(word: str) -> str:
    """Return one word for "kurta" and "kurtas", "watch" and "watches"; what it becomes need not be a word."""
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] not in "sui" else word


def _differs_in_variants(word: str) -> bool:
    return word in COLOURS or word in SIZES or any(character.isdigit() for character in word)
