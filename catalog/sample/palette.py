"""The colours of the house: what they are called, and which go together."""

from __future__ import annotations

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "White": (243, 242, 238),
    "Cream": (236, 224, 200),
    "Beige": (208, 184, 150),
    "Camel": (184, 134, 84),
    "Brown": (104, 68, 46),
    "Black": (38, 37, 41),
    "Charcoal": (72, 74, 80),
    "Grey": (158, 160, 164),
    "Navy": (34, 46, 84),
    "Blue": (48, 92, 172),
    "Light Blue": (156, 190, 222),
    "Teal": (26, 116, 122),
    "Green": (44, 122, 76),
    "Olive": (108, 108, 62),
    "Mint": (172, 214, 190),
    "Yellow": (232, 192, 64),
    "Orange": (222, 118, 48),
    "Red": (190, 42, 46),
    "Burgundy": (112, 30, 48),
    "Pink": (230, 160, 178),
    "Purple": (112, 74, 142),
    "Lavender": (188, 174, 216),
}
#: Indigo in its washes: what the names mean on denim.
_DENIM: dict[str, RGB] = {"Blue": (74, 102, 148), "Navy": (46, 58, 90), "Light Blue": (150, 176, 204)}
#: The names shoppers see.
NAMES = tuple(COLOURS)
COLOURS |= {f"Denim {name}": tint for name, tint in _DENIM.items()}
#: What a pattern in this colour is mixed with, first choice first.
PARTNERS: dict[str, tuple[str, ...]] = {
    "White": ("Navy", "Black", "Red", "Green"),
    "Cream": ("Navy", "Brown", "Burgundy", "Olive"),
    "Beige": ("White", "Brown", "Navy", "Black"),
    "Camel": ("Cream", "Brown", "Navy", "Black"),
    "Brown": ("Cream", "Camel", "Orange", "Light Blue"),
    "Black": ("White", "Grey", "Red", "Cream"),
    "Charcoal": ("Grey", "White", "Burgundy", "Light Blue"),
    "Grey": ("White", "Charcoal", "Navy", "Burgundy"),
    "Navy": ("White", "Red", "Light Blue", "Cream"),
    "Blue": ("White", "Navy", "Light Blue", "Yellow"),
    "Light Blue": ("White", "Navy", "Blue", "Cream"),
    "Teal": ("Cream", "White", "Navy", "Orange"),
    "Green": ("Cream", "White", "Navy", "Yellow"),
    "Olive": ("Cream", "Black", "Camel", "White"),
    "Mint": ("White", "Teal", "Navy", "Cream"),
    "Yellow": ("White", "Navy", "Grey", "Brown"),
    "Orange": ("Cream", "Navy", "Brown", "White"),
    "Red": ("White", "Navy", "Black", "Cream"),
    "Burgundy": ("Cream", "Navy", "Pink", "Grey"),
    "Pink": ("White", "Burgundy", "Red", "Cream"),
    "Purple": ("Lavender", "White", "Black", "Cream"),
    "Lavender": ("White", "Purple", "Navy", "Cream"),
}
PARTNERS |= {f"Denim {name}": PARTNERS[name] for name in _DENIM}
GOLD: RGB = (206, 168, 92)
SILVER: RGB = (190, 193, 198)
STEEL: RGB = (120, 124, 130)
HORN: RGB = (92, 66, 48)
PEARL: RGB = (236, 232, 224)


def mixed(a: RGB, b: RGB, share: float) -> RGB:
    """Return the colour ``share`` of the way from ``a`` to ``b``."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def darker(colour: RGB, share: float = 0.25) -> RGB:
    """Return a darker shade of a colour."""
    return mixed(colour, (12, 10, 14), share)


def lighter(colour: RGB, share: float = 0.25) -> RGB:
    """Return a lighter tint of a colour."""
    return mixed(colour, (255, 255, 252), share)


def brightness(colour: RGB) -> float:
    """Return how light a colour looks, 0 (black) to 1."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def thread(colour: RGB) -> RGB:
    """Return a sewing thread that shows on a colour without shouting."""
    return lighter(colour, 0.32) if brightness(colour) < 0.55 else darker(colour, 0.28)
