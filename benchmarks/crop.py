"""What the proposed box is worth: ``python -m benchmarks.crop [--count N]``.

Two products are drawn into one photo, on a plain, a shaded or a patterned ground, at places and sizes of a seed. Is the
product the box frames among the five results, searching with the box, and searching with the whole photo? Uses the
shop the environment names (``VOGUE_VAR_DIR``, filled and embedded), as ``manage.py`` does.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageFilter, ImageOps

GROUNDS = ("plain", "shaded", "patterned")
SIZE = (1024, 768)
Place = tuple[float, float, float, float]


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table; fail where the box gains less than 20 points."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crop", description=__doc__)
    parser.add_argument("--count", type=int, default=120, help="composites")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vogue_site.settings")
    import django

    django.setup()
    gained = measure(options.count)
    return 0 if gained >= 20 else 1


def measure(count: int, seed: int = 0) -> float:
    """Return by how many points the box finds what it frames more often than the whole photo, printing the parts."""
    from recommendations.gallery import get_gallery
    from recommendations.images import crop_to_box, decode_product_photo
    from recommendations.saliency import propose_boxes
    from recommendations.search import search_by_image

    random_ = random.Random(seed)
    photos = list(get_gallery().photos())
    random_.shuffle(photos)
    rows: list[tuple[str, bool, bool, bool]] = []
    took = 0.0
    for n in range(count):
        pair = [photos[(2 * n + i) % len(photos)] for i in range(2)]
        pictures = []
        for photo in pair:
            with photo.open() as file:
                pictures.append(decode_product_photo(file.read()))
        ground = GROUNDS[n % len(GROUNDS)]
        image, places = composite(pictures, random_, ground)
        started = time.perf_counter()
        boxes = propose_boxes(image)
        took += time.perf_counter() - started
        if not boxes:
            rows.append((ground, False, False, False))
            continue
        overlaps = [overlap(boxes[0], place) for place in places]
        framed = pair[int(np.argmax(overlaps))].product_id
        found = [
            framed in [match.product.pk for match in search_by_image(picture, 5)]
            for picture in (crop_to_box(image, boxes[0]), image)
        ]
        rows.append((ground, max(overlaps) > 0.5, found[0], found[1]))
    print(f"{'ground':12}{'composites':>11}{'framed':>9}{'box finds':>11}{'whole finds':>13}")
    for name in (*GROUNDS, "all"):
        part = np.array([row[1:] for row in rows if name in (row[0], "all")], float)
        print(
            f"{name:12}{len(part):11}"
            + "".join(f"{v:{w}.0%}" for v, w in zip(part.mean(axis=0), (9, 11, 13), strict=True))
        )
    _, box, whole = np.array([row[1:] for row in rows], float).mean(axis=0)
    print(f"gain {100 * (box - whole):.0f} points; a proposal takes {1000 * took / count:.1f} ms")
    return float(100 * (box - whole))


def composite(pictures: Sequence[Image.Image], random_: random.Random, ground: str) -> tuple[Image.Image, list[Place]]:
    """Return one photo of two products side by side, and where each is: x, y, width, height as parts of 1."""
    image = _ground(random_, ground)
    places = []
    for n, picture in enumerate(pictures):
        side = int(random_.uniform(0.5, 0.8) * SIZE[1])
        piece = ImageOps.contain(cut_out(picture), (int(SIZE[0] * 0.42), side))
        x = n * SIZE[0] // 2 + random_.randint(20, max(21, SIZE[0] // 2 - piece.width - 20))
        y = random_.randint(20, SIZE[1] - piece.height - 20)
        image.paste(piece, (x, y), piece)
        places.append((x / SIZE[0], y / SIZE[1], piece.width / SIZE[0], piece.height / SIZE[1]))
    return image, places


def cut_out(picture: Image.Image) -> Image.Image:
    """Return the product without the white around it: RGBA."""
    difference = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).convert("L")
    mask = difference.point(lambda value: 255 if value > 14 else 0).filter(ImageFilter.MedianFilter(3))
    cut = picture.convert("RGBA")
    cut.putalpha(mask)
    return cut.crop(mask.getbbox() or (0, 0, *picture.size))


def _ground(random_: random.Random, kind: str) -> Image.Image:
    base = np.array([random_.randint(120, 245) for _ in range(3)], float)
    rows, columns = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    field = np.ones((SIZE[1], SIZE[0]))
    if kind == "shaded":
        field = 0.75 + 0.35 * (columns / SIZE[0] * random_.random() + rows / SIZE[1] * random_.random())
    elif kind == "patterned":
        field = 1 + 0.12 * np.sign(np.sin(columns / random_.uniform(8, 30))) * np.sign(
            np.sin(rows / random_.uniform(8, 30))
        )
    noise = np.random.default_rng(random_.randrange(2**31)).normal(0, 4, (SIZE[1], SIZE[0], 1))
    return Image.fromarray((field[..., None] * base + noise).clip(0, 255).astype(np.uint8))


def overlap(a: Any, b: Any) -> float:
    """Return the two boxes' intersection over union."""
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    return float(w * h / (a[2] * a[3] + b[2] * b[3] - w * h))


if __name__ == "__main__":
    sys.exit(main())
