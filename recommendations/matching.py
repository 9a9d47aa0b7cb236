"""Which products a vector finds: the index says what is near, the database what may be shown.

Two ways lead to the same answer. Over-fetching asks the index for more and more neighbours until enough of them may be
shown; its cost grows as few match. The exact scan reads all that match and compares them; its cost grows as many match.
See docs/decisions/0010-filters-that-fill.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from recommendations import ranking
from recommendations.gallery import get_gallery
from recommendations.indexes.base import Neighbor
from recommendations.indexes.fresh import View
from recommendations.models import ImageEmbedding
from recommendations.signatures import alike

#: So many matching rows are read and compared in the time one more neighbour takes. benchmarks/filters.py measures it.
ROWS_PER_NEIGHBOR = 16
#: Most keys in one query: databases limit a query's parameters.
KEYS = 10_000
COLUMNS = ("pk", "product_id", "revision")


class Steer(NamedTuple):
    """What of the likeness counts most, colour or shape, and the signature of the photo that is looked at."""

    to: str
    signature: bytes


def best_products(
    snapshot: View,
    vector: NDArray[np.float32],
    products: QuerySet[Any],
    k: int,
    *,
    diversity: float = 0.0,
    unlike: Collection[Any] = (),
    steer: Steer | None = None,
) -> dict[Any, Neighbor]:
    """Return product key → its best photo, of the ``k`` best of ``products``, one of each style, best first.

    Args:
        products: what may be shown.
        diversity: above 0, the k are chosen from ten times as many, unlike each other; in order of choice.
        unlike: keys of products whose styles are left out.
        steer: the k are chosen from the nearest ``ranking.STEERED``, by what counts; best first by that.
    """
    styles = set(get_gallery().style_of(unlike).values()) if unlike else set()
    wanted = max(ranking.CHOICE * k if diversity else k, ranking.STEERED if steer else 0)
    candidates = list(_best(snapshot, vector, products, wanted, styles).items())
    scores = np.array([neighbor.score for _, neighbor in candidates], np.float64)
    if steer:
        scores = _steered(scores, [neighbor.embedding_id for _, neighbor in candidates], steer)
        order = np.argsort(-scores, kind="stable")
        candidates, scores = [candidates[place] for place in order], scores[order]
    if not diversity:
        return dict(candidates[:k])
    vectors = snapshot.vectors_of([neighbor.embedding_id for _, neighbor in candidates])
    return dict(candidates[place] for place in ranking.diverse(scores, vectors, k, diversity))


def _steered(scores: NDArray[np.float64], ids: list[int], steer: Steer) -> NDArray[np.float64]:
    """Return what these embeddings are worth, by what their photos' colours and outlines have of the query's."""
    kept: dict[int, bytes | None] = {}
    for start in range(0, len(ids), KEYS):
        rows = ImageEmbedding.objects.filter(pk__in=ids[start : start + KEYS]).order_by()
        kept |= {key: None if data is None else bytes(data) for key, data in rows.values_list("pk", "signature")}
    colours, outlines = alike(steer.signature, [kept.get(key) for key in ids])
    return ranking.steered(scores, colours, outlines, steer.to)


def nearest(snapshot: View, vector: NDArray[np.float32], products: QuerySet[Any], most: int) -> list[Any]:
    """Return the keys of about ``most`` products nearest to the vector, nearest first, whatever their style.

    Products have several photos and some may not be shown, so twice as many photos are looked at, and no more: this is
    what filters are counted among, not an answer.
    """
    neighbors = snapshot.query(vector, 2 * most)
    owners = _owners(snapshot, products, [neighbor.embedding_id for neighbor in neighbors])
    return list(ranking.best_of_each(neighbors, owners, {}, most))


def _best(
    snapshot: View, vector: NDArray[np.float32], products: QuerySet[Any], wanted: int, not_styles: Collection[Any]
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
        best = ranking.best_of_each(neighbors, owners, styles, wanted, without=not_styles)
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
            return _best_among(snapshot, vector, everything, wanted, not_styles)


def _best_among(
    snapshot: View, vector: NDArray[np.float32], owners: Mapping[int, Any], wanted: int, not_styles: Collection[Any]
) -> dict[Any, Neighbor]:
    """Return the best of these photos' products, by exact scan."""
    ids = np.fromiter(owners, np.int64, len(owners))
    styles = _styles(owners.values())
    count = ranking.first_pool(wanted)
    while True:
        neighbors = snapshot.query_among(vector, ids, count)
        best = ranking.best_of_each(neighbors, owners, styles, wanted, without=not_styles)
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
