"""A labelled set drawn for the tests: things of three shapes in many colours, as a zip in the published layout."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from tests.catalog.inventories import line, make_zip, table
from tests.pictures import COLOURS, encoded, shirt

BRANDS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel")
KINDS = {
    "Shirts": "Apparel,Topwear,Shirts",
    "Handbags": "Accessories,Bags,Handbags",
    "Belts": "Accessories,Belts,Belts",
}


def thing(kind: str, colour: str, size: tuple[int, int] = (60, 80)) -> Image.Image:
    """Return a picture of a thing on white."""
    if kind == "Shirts":
        return shirt(colour, size)
    image = Image.new("RGB", size, "white")
    w, h = size
    box = (0.15 * w, 0.4 * h, 0.85 * w, 0.85 * h) if kind == "Handbags" else (0.02 * w, 0.45 * h, 0.98 * w, 0.55 * h)
    draw = ImageDraw.Draw(image)
    draw.rectangle(box, fill=COLOURS[colour])
    if kind == "Handbags":
        draw.arc((0.3 * w, 0.2 * h, 0.7 * w, 0.6 * h), 180, 360, fill=COLOURS[colour], width=4)
    return image


def drawn_set(path: Path, count: int = 72) -> Path:
    """Write the zip and return its path; the last photo is damaged."""
    rows, files = [], {}
    kinds, colours = list(KINDS), [colour for colour in COLOURS if colour != "white"]
    for n in range(count):
        kind, colour = kinds[n % 3], colours[n % len(colours)]
        gender = "Women" if kind == "Handbags" else "Men"
        name = f"{BRANDS[n % 8]} {gender} {colour} {kind} {n}"
        rows.append(line(1000 + n, name, kind=KINDS[kind], colour=colour.capitalize(), gender=gender))
        # Of one kind and colour, yet never the same picture twice.
        files[f"images/{1000 + n}.jpg"] = encoded(thing(kind, colour, (60 + n % 7, 80 + n % 5)))
    files[f"images/{1000 + count - 1}.jpg"] = b"damaged"
    return make_zip(path, table(rows), files)
