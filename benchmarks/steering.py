"""What "closer in colour" and "closer in shape" are worth: ``python -m benchmarks.steering [--count N]``.

Products of a shop are asked for what is similar, plainly and steered, and the first five results are compared with
them: by the shop's own words, colour (``baseColour`` of the published inventory) and kind (``articleType``), and by
their silhouettes, cut out of the photos and fitted onto each other: how much of what either covers both cover, less
where one is longer than the other. The answer knows neither the words nor these silhouettes. Uses the shop the
environment names (``VOGUE_VAR_DIR``, filled and embedded), as ``manage.py`` does; fails where "closer in colour" does
not raise the share of the same colour, or where "closer in shape" does not bring the silhouettes closer and let go of
the colour while the kind holds.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Results compared.
K = 5
#: A silhouette is laid on another in this many cells a side.
CELLS = 32
#: A difference of shares smaller than this many of its standard errors says nothing.
SURE = 2.0


class Shares(NamedTuple):
    """Of one way to ask, per product asked for: of the results the shares of its colour and kind, the silhouettes."""

    colour: list[float]
    kind: list[float]
    silhouette: list[float]
    cosine: float
    milliseconds: float


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table; fail where steering does not move what it says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steering", description=__doc__)
    parser.add_argument("--count", type=int, default=3000, help="products asked for")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vogue_site.settings")
    import django

    django.setup()
    return 0 if measure(options.count) else 1


def measure(count: int, seed: int = 0) -> bool:
    """Print the shares; return whether both ways move what they say."""
    from recommendations import indexing
    from recommendations.gallery import get_gallery

    indexing.fill_signatures(10**9)
    products = list(get_gallery().visible().order_by("pk"))
    asked = random.Random(seed).sample(products, min(count, len(products)))
    found = {steer: _shares(asked, steer) for steer in (None, "colour", "shape")}
    plain = found[None]
    print(f"{len(asked):,} of {len(products):,} products asked, {K} results each")
    print(f"{'':20}{'same colour':>16}{'same kind':>16}{'silhouette':>16}{'cosine':>9}{'ms':>7}")
    for steer, shares in found.items():
        name = f"closer in {steer}" if steer else "as it is"
        print(
            f"{name:20}{_told(shares.colour, plain.colour, steer)}{_told(shares.kind, plain.kind, steer)}"
            f"{_told(shares.silhouette, plain.silhouette, steer)}{shares.cosine:9.3f}{shares.milliseconds:7.1f}"
        )
    gained, kept = _gain(found["colour"].colour, plain.colour), _gain(found["shape"].kind, plain.kind)
    closer, lost = _gain(found["shape"].silhouette, plain.silhouette), _gain(found["shape"].colour, plain.colour)
    moved = gained[0] > SURE * gained[1] and closer[0] > SURE * closer[1]
    return moved and kept[0] > -SURE * kept[1] and lost[0] < -SURE * lost[1]


def _shares(asked: list[Any], steer: str | None) -> Shares:
    from recommendations.search import similar_products

    colour, kind, silhouette, cosines = [], [], [], []
    took = 0.0
    for product in asked:
        started = time.perf_counter()
        matches = similar_products(product, K, steer=steer).matches
        took += time.perf_counter() - started
        colour.append(_mean(match.product.colour == product.colour for match in matches))
        kind.append(_mean(match.product.category_id == product.category_id for match in matches))
        silhouette.append(_mean(_overlap(product.pk, match.product.pk) for match in matches))
        cosines += [match.cosine for match in matches]
    return Shares(colour, kind, silhouette, sum(cosines) / max(len(cosines), 1), 1000 * took / max(len(asked), 1))


def _overlap(one: Any, other: Any) -> float:
    """Return how much of each other two products' silhouettes cover, 0 to 1; 1 for the same outline in any size."""
    (a, long), (b, longer) = _silhouette(one), _silhouette(other)
    return float((a & b).sum() / (a | b).sum()) * min(long, longer) / max(long, longer)


@cache
def _silhouette(product: Any) -> tuple[NDArray[np.bool_], float]:
    """Return what the product's first photo covers, fitted to its own box: bool (CELLS, CELLS), and height / width."""
    from recommendations.evaluation.cut_out import cut_out
    from recommendations.gallery import get_gallery
    from recommendations.images import decode_product_photo

    photo = next(iter(get_gallery().photos([product])))
    with photo.open() as file:
        opaque = cut_out(decode_product_photo(file.read())).getchannel("A").point(lambda alpha: 255 * (alpha > 127))
    left, upper, right, lower = box = opaque.getbbox() or (0, 0, *opaque.size)
    fitted = opaque.resize((CELLS, CELLS), Image.Resampling.BOX, box=box)
    return np.asarray(fitted) > 127, (lower - upper) / (right - left)


def _mean(values: Any) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def _gain(now: list[float], before: list[float]) -> tuple[float, float]:
    """Return the mean difference and its standard error, product by product."""
    differences = [a - b for a, b in zip(now, before, strict=True)]
    mean = sum(differences) / len(differences)
    spread = sum((difference - mean) ** 2 for difference in differences) / max(len(differences) - 1, 1)
    return mean, (spread / len(differences)) ** 0.5


def _told(now: list[float], before: list[float], steer: str | None) -> str:
    mean = sum(now) / len(now)
    return f"{mean:10.1%}{100 * _gain(now, before)[0]:+6.1f}" if steer else f"{mean:10.1%}{'':6}"


if __name__ == "__main__":
    sys.exit(main())
