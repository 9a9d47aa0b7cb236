"""Which products a vector finds: the index says what is near, the database what may be shown.

Two ways lead to the same answer. Over-fetching asks the index for more and more neighbours until enough of them may be
shown; its cost grows as few match. The exact scan reads all that match and compares them; its cost grows as many match.
See docs/decisions/0010-filters-that-fill.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from recommendations import ranking
from recommendations.gallery import get_gallery
from recommendations.indexes.base import Neighbor
from recommendations.indexes.fresh import View
from recommendations.models import ImageEmbedding

#: So many matching rows are read and compared in the time one more neighbour takes. benchmarks/filters.py measures it.
ROWS_PER_NEIGHBOR = 16
#: Most keys in one query: databases limit a query's parameters.
KEYS = 10_000
COLUMNS = ("pk", "product_id", "revision")


def best_products(
    snapshot: View,
    vector: NDArray[np.float32],
    products: QuerySet[Any],
    k: int,
    *,
    diversity: float = 0.0,
    unlike: Any = None,
) -> dict[Any, Neighbor]:
    """Return product key → its best photo, of the ``k`` best of ``products``, one of each style, best first.

    Args:
        products: what may be shown.
        diversity: above 0, the k are chosen from ten times as many, unlike each other; in order of choice.
        unlike: a product whose style is left out.
    """
    own_style = get_gallery().style_of([unlike]).get(unlike) if unlike is not None else None
    best = _best(snapshot, vector, products, ranking.CHOICE * k if diversity else k, own_style)
    if not diversity:
        return best
    candidates = list(best.items())
    scores = np.array([neighbor.score for _, neighbor in candidates], np.float64)
    vectors = snapshot.vectors_of([neighbor.embedding_id for _, neighbor in candidates])
    return dict(candidates[place] for place in ranking.diverse(scores, vectors, k, diversity))


def nearest(snapshot: View, vector: NDArray[np.float32], products: QuerySet[Any], most: int) -> list[Any]:
    """Return the keys of about ``most`` products nearest to the vector, nearest first, whatever their style.

    Products have several photos and some may not be shown, so twice as many photos are looked at, and no more: this is
    what filters are counted among, not an answer.
    """
    neighbors = snapshot.query(vector, 2 * most)
    owners = _owners(snapshot, products, [neighbor.embedding_id for neighbor in neighbors])
    return list(ranking.best_of_each(neighbors, owners, {}, most))


def _best(
    snapshot: View, vector: NDArray[np.float32], products: QuerySet[Any], wanted: int, own_style: Any
) -> dict[Any, Neighbor]:
    """Over-fetch until full; once that would cost more than reading all that match, do that."""
    owners: dict[int, Any] = {}
    styles: dict[Any, Any] = {}
    asked: set[int] = set()
    pool = ranking.first_pool(wanted)
    while True:
        neighbors = snapshot.query(vector, pool)
        new = [neighbor.embedding_id for neighbor in neighbors if neighbor.embedding_id not in asked]
        asked.update(new)
        met = _owners(snapshot, products, new)
        owners |= met
        styles |= _styles(met.values())
        best = ranking.best_of_each(neighbors, owners, styles, wanted, without=own_style)
        if len(neighbors) < pool:
            return best
        if len(best) >= wanted:
            if neighbors.index(next(reversed(best.values()))) < snapshot.reliable(pool):
                return best
            # An approximate index may have passed over a better one. It looks harder for more.
            pool *= ranking.GROWTH
            continue
        pool = ranking.next_pool(pool, len(best), wanted)
        everything = _all_owners(snapshot, products, ROWS_PER_NEIGHBOR * pool)
        if everything is not None:
            return _best_among(snapshot, vector, everything, wanted, own_style)


def _best_among(
    snapshot: View, vector: NDArray[np.float32], owners: Mapping[int, Any], wanted: int, own_style: Any
) -> dict[Any, Neighbor]:
    """Return the best of these photos' products, by exact scan."""
    ids = np.fromiter(owners, np.int64, len(owners))
    styles = _styles(owners.values())
    count = ranking.first_pool(wanted)
    while True:
        neighbors = snapshot.query_among(vector, ids, count)
        best = ranking.best_of_each(neighbors, owners, styles, wanted, without=own_style)
        if len(best) >= wanted or count >= len(ids):
            return best
        count *= 4


def _owners(snapshot: View, products: QuerySet[Any], keys: list[int]) -> dict[int, Any]:
    """Return embedding id → product key, of those whose product may be shown and that still are as in the snapshot."""
    # Each product is looked up by its key; `product IN (all that may be shown)` would be read in full first.
    shown = Exists(products.order_by().filter(pk=OuterRef("product_id")))
    found: dict[int, Any] = {}
    for start in range(0, len(keys), KEYS):
        rows = ImageEmbedding.objects.filter(shown, pk__in=keys[start : start + KEYS])
        found |= _held(snapshot, list(rows.order_by().values_list(*COLUMNS)))
    return found


def _all_owners(snapshot: View, products: QuerySet[Any], most: int) -> dict[int, Any] | None:
    """Return embedding id → product key of all that may be shown; None where these are more than ``most``."""
    rows = ImageEmbedding.objects.filter(embedder=snapshot.embedder, product__in=products.order_by().values("pk"))
    found = list(rows.order_by().values_list(*COLUMNS)[: most + 1])
    return _held(snapshot, found) if len(found) <= most else None


def _held(snapshot: View, rows: Sequence[tuple[int, Any, int]]) -> dict[int, Any]:
    """Return embedding id → product key, of the rows that still are as in the snapshot.

    That is why no query here asks for a status: a row that is not ready has a newer revision than the snapshot knows.
    SQLite would take the index on the status, and read every row there is.
    """
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    revisions = np.fromiter((row[2] for row in rows), np.int64, len(rows))
    held = snapshot.holds(ids, revisions).tolist()
    return {row[0]: row[1] for row, is_held in zip(rows, held, strict=True) if is_held}


def _styles(product_ids: Iterable[Any]) -> dict[Any, Any]:
    """Return product key → style, of those of these products that have one."""
    keys = list(dict.fromkeys(product_ids))
    styles: dict[Any, Any] = {}
    for start in range(0, len(keys), KEYS):
        styles |= get_gallery().style_of(keys[start : start + KEYS])
    return styles
