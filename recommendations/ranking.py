"""From neighbours to the products of an answer: one for each product and style, diverse where that is asked for.

Pure: neighbours and numbers in, choices out. ``search`` asks the index and the database.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.indexes.base import Neighbor

#: Neighbours looked at first, per product wanted, and at least; filters, hidden products and many photos take more.
POOL = 4
SMALLEST_POOL = 32
#: A pool that held too few is followed by one this many times larger, at least; at most by its square.
GROWTH = 4
#: Products a diverse answer is chosen from, per product wanted.
CHOICE = 10
#: Products nearest to the query that are put into another order where likeness is steered, whatever k is.
STEERED = 200
#: What colours and outlines weigh against the cosine, by what likeness is steered to. benchmarks/steering.py measures.
STEERS: Mapping[str, tuple[float, float]] = {"colour": (0.75, 0.0), "shape": (-0.2, 0.8)}


def first_pool(wanted: int) -> int:
    """Return how many neighbours to look at first for this many products."""
    return max(POOL * wanted, SMALLEST_POOL)


def next_pool(pool: int, found: int, wanted: int) -> int:
    """Return how many neighbours it would take for ``wanted`` products, judged by what ``pool`` of them held."""
    estimate = math.ceil(1.5 * pool * wanted / max(found, 1))
    return min(max(estimate, GROWTH * pool), GROWTH**2 * pool)


def best_of_each(
    neighbors: Sequence[Neighbor],
    owners: Mapping[int, Any],
    styles: Mapping[Any, Any],
    wanted: int,
    *,
    without: Collection[Any] = (),
) -> dict[Any, Neighbor]:
    """Return product → its best photo for the first ``wanted`` products, one of each style, best first.

    Args:
        neighbors: photos, best first.
        owners: embedding id → product, of the photos that may be shown.
        styles: product → style, of the products that have one.
        without: styles to leave out.
    """
    best: dict[Any, Neighbor] = {}
    seen = set(without)
    for neighbor in neighbors:
        product = owners.get(neighbor.embedding_id)
        if product is None or product in best:
            continue
        style = styles.get(product)
        if style is not None:
            if style in seen:
                continue
            seen.add(style)
        best[product] = neighbor
        if len(best) == wanted:
            break
    return best


def steered(
    scores: NDArray[np.float64], colours: NDArray[np.float32], outlines: NDArray[np.float32], steer: str
) -> NDArray[np.float64]:
    """Return what candidates are worth when what counts is the colour, or the shape whatever the colour.

    Args:
        scores: cosines with the query, float64 (n,).
        colours, outlines: how alike they are to the query's, float32 (n,); see ``signatures.alike``.
        steer: colour or shape.

    Raises:
        KeyError: another ``steer``.
    """
    colour, outline = STEERS[steer]
    worth: NDArray[np.float64] = scores + colour * colours + outline * outlines
    return worth


def diverse(scores: NDArray[np.float64], vectors: NDArray[np.float32], k: int, diversity: float) -> list[int]:
    """Return the places of up to ``k`` candidates that are near the query and unlike each other, in order of choice.

    Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each choice is the candidate with the highest
    (1 - diversity) of its cosine with the query, less diversity of its highest cosine with anything chosen before. The
    first one is always the best; ties go to the better one.

    Args:
        scores: cosines with the query, float64 (n,), best first.
        vectors: float32 (n, dimensions), unit rows.
        diversity: 0, plain order, to 1, as unlike each other as can be.
    """
    chosen: list[int] = []
    alike = np.full(len(scores), -1.0)
    worth = scores.astype(np.float64, copy=True)
    for _ in range(min(k, len(scores))):
        pick = int(np.argmax(worth))
        chosen.append(pick)
        alike = np.maximum(alike, vectors @ vectors[pick])
        worth = (1 - diversity) * scores - diversity * alike
        worth[chosen] = -np.inf
    return chosen
