"""Drawn products to train on: three shapes in six colours, no two alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tests.catalog.inventories import line, make_zip, table
from tests.pictures import encoded

COLOURS = {
    "Red": (205, 40, 45),
    "Green": (40, 140, 60),
    "Blue": (45, 70, 190),
    "Yellow": (225, 195, 40),
    "Black": (25, 25, 30),
    "Purple": (125, 50, 150),
}
KINDS = ("Discs", "Boxes", "Kites")


@dataclass(frozen=True)
class Drawn:
    """A drawn product."""

    id: str
    labels: Mapping[str, str]
    picture: Image.Image

    def image(self) -> Image.Image:
        return self.picture


def drawn(number: int) -> Drawn:
    """Return a product; its size, place and shade are its own."""
    draw = np.random.default_rng([7, number])
    kind, colour = KINDS[number % 3], list(COLOURS)[(number // 3) % 6]
    image = Image.new("RGB", (60, 80), "white")
    shade = tuple(int(v) for v in np.clip(np.array(COLOURS[colour]) + draw.normal(0, 18, 3), 0, 240))
    x, y, r = draw.uniform(26, 34), draw.uniform(36, 44), draw.uniform(14, 22)
    pen = ImageDraw.Draw(image)
    if kind == "Discs":
        pen.ellipse((x - r, y - r, x + r, y + r), fill=shade)
    elif kind == "Boxes":
        pen.rectangle((x - r, y - r, x + r, y + r), fill=shade)
    else:
        pen.polygon([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill=shade)
    return Drawn(str(number), {"articleType": kind, "baseColour": colour}, image)


def drawn_zip(path: Path, count: int) -> Path:
    """Write a set of drawn products in the published layout, each of a family of its own; return its path."""
    rows, files = [], {}
    for number in range(count):
        product = drawn(number)
        kind, colour = product.labels["articleType"], product.labels["baseColour"]
        # A word of its own, without digits: what tells families apart.
        name = "".join("bcdfghjklm"[int(digit)] + "aeiouaeiou"[int(digit)] for digit in f"{number:03}")
        rows.append(line(1000 + number, f"{name} {colour} {kind}", kind=f"Things,Drawn,{kind}", colour=colour))
        files[f"images/{1000 + number}.jpg"] = encoded(product.picture)
    return make_zip(path, table(rows), files)
