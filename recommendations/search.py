"""A photo becomes results.

    photo → embedder → live index → products a visitor may see, one result each

``similar_products`` starts from a product's own embedding, ``search_by_image`` from a picture.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from recommendations import conf, current
from recommendations.exceptions import IndexUnavailableError
from recommendations.gallery import get_gallery
from recommendations.indexes.base import Neighbor
from recommendations.indexes.live import Snapshot, State, live_release, newest_revision
from recommendations.models import ImageEmbedding

#: Neighbours looked at first, per result wanted; filters and hidden products may need more.
POOL = 4
#: From this many on, what matches the filters is scanned exactly instead.
LARGEST_POOL = 1_024


@dataclass(frozen=True)
class Match:
    """One product that looks like the query.

    ``score`` is on the scale of VOGUE["METRIC"], higher is closer; ``cosine`` is always the cosine; ``level`` says it
    in a word: same, close, similar or none.
    """

    product: Any
    score: float
    cosine: float
    embedding_id: int
    level: str


@dataclass(frozen=True)
class Answer:
    """What a search found, best first, and by what. ``level`` is the best match's; ``took_ms`` in milliseconds."""

    matches: list[Match]
    embedder: str
    release: str | None
    level: str
    took_ms: dict[str, float] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    def __len__(self) -> int:
        return len(self.matches)


def similar_products(product: Any, k: int | None = None, *, filters: Mapping[str, Any] | None = None) -> Answer:
    """Return the ``k`` visible products that look most like ``product``, never the product itself.

    One indexed query finds the product's vector and tells what is new; one index lookup finds the neighbours; then
    the neighbours' products are loaded. A product without an embedding yet has no similar ones: an empty answer.

    Args:
        product: a product of the gallery's model, saved.
        k: how many; VOGUE["K"] where not given. All there are, where there are fewer.
        filters: cleaned values of the gallery's filter form.

    Raises:
        WeightsError: the embedder has no name, because its weights are missing.
        ValueError: k below 1, or filters the gallery does not know.
    """
    started = time.perf_counter()
    k = _checked(k)
    embedder = current.embedder_name()
    row = (
        ImageEmbedding.objects.ready(embedder)
        .filter(product=product)
        .order_by("position", "pk")
        .values_list("vector", newest_revision(embedder), live_release(embedder))
        .first()
    )
    if row is None:
        return Answer([], embedder, None, "none", {"search": _since(started)})
    snapshot = current.live_index().snapshot(State(row[1], row[2] or ""))
    vector = np.frombuffer(row[0], "<f4").astype(np.float32)
    matches = _matches(snapshot, vector, k, filters or {}, without=product.pk)
    return _answer(matches, snapshot, {"search": _since(started)})


def search_by_image(image: Image.Image, k: int | None = None, *, filters: Mapping[str, Any] | None = None) -> Answer:
    """Return the ``k`` visible products that look most like the picture.

    Args:
        image: upright RGB, from ``images.decode_query_photo``.
        k, filters: as in ``similar_products``.

    Raises:
        IndexUnavailableError: nothing is embedded yet.
        EngineError, WeightsError: the network cannot run.
        ValueError: as ``similar_products``.
    """
    k = _checked(k)
    index = current.live_index()
    state = index.state()
    if not state.revision:
        raise IndexUnavailableError("Nothing can be searched yet: no photo is embedded. Run manage.py embed_products.")
    started = time.perf_counter()
    vector = current.embedder().embed([image])[0]
    embedded = time.perf_counter()
    snapshot = index.snapshot(state)
    matches = _matches(snapshot, vector, k, filters or {})
    return _answer(matches, snapshot, {"embed": _ms(embedded - started), "search": _since(embedded)})


def _matches(
    snapshot: Snapshot, vector: NDArray[np.float32], k: int, filters: Mapping[str, Any], without: Any = None
) -> list[Match]:
    """Return the k best products: over-fetch until full, then, with filters, scan exactly what matches them."""
    products = get_gallery().visible()
    if filters:
        products = get_gallery().filter(products, filters)
    if without is not None:
        products = products.exclude(pk=without)
    pool = max(POOL * k, 32)
    while True:
        neighbors = snapshot.query(vector, pool)
        keys = [neighbor.embedding_id for neighbor in neighbors]
        best = _best_per_product(neighbors, _owners(snapshot, products, keys), k)
        if len(best) >= k or len(neighbors) < pool:
            break
        if pool >= LARGEST_POOL:
            owners = _owners(snapshot, products)
            among = np.fromiter(owners, np.int64, len(owners))
            best = _best_per_product(snapshot.query_among(vector, among, max(1, len(among))), owners, k)
            break
        pool *= 4
    loaded = products.in_bulk(list(best))
    return [
        Match(loaded[product_id], _score(neighbor.score), neighbor.score, neighbor.embedding_id, level(neighbor.score))
        for product_id, neighbor in best.items()
        if product_id in loaded
    ]


def _owners(snapshot: Snapshot, products: Any, keys: list[int] | None = None) -> dict[int, Any]:
    """Return embedding id → product key, of these embeddings or all, where both still are what the snapshot says."""
    rows = ImageEmbedding.objects.ready(snapshot.embedder).filter(product__in=products.order_by().values("pk"))
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    values = rows.values_list("pk", "product_id", "revision").iterator()
    return {pk: product_id for pk, product_id, revision in values if snapshot.revision_of(pk) == revision}


def _best_per_product(neighbors: list[Neighbor], owners: Mapping[int, Any], k: int) -> dict[Any, Neighbor]:
    """Return the first k products' best neighbours, best product first."""
    best: dict[Any, Neighbor] = {}
    for neighbor in neighbors:
        product_id = owners.get(neighbor.embedding_id)
        if product_id is not None and product_id not in best:
            best[product_id] = neighbor
            if len(best) == k:
                break
    return best


def level(cosine: float) -> str:
    """Return how close that is in a word: same, close, similar or none."""
    for name, least in current.match_levels():
        if cosine >= least:
            return name
    return "none"


def _answer(matches: list[Match], snapshot: Snapshot, took_ms: dict[str, float]) -> Answer:
    best = matches[0].level if matches else "none"
    return Answer(matches, snapshot.embedder, snapshot.release_name or None, best, took_ms)


def _score(cosine: float) -> float:
    """Return the cosine on the scale of VOGUE["METRIC"]: itself, or 1 / (1 + Euclidean distance)."""
    if conf.get("METRIC") == "euclidean":
        return 1 / (1 + math.sqrt(max(0.0, 2 - 2 * cosine)))
    return cosine


def _checked(k: int | None) -> int:
    k = conf.get("K") if k is None else k
    if not 1 <= k <= conf.get("MAX_K"):
        raise ValueError(f"k must be 1 to {conf.get('MAX_K')}; it is {k}.")
    return int(k)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _since(started: float) -> float:
    return _ms(time.perf_counter() - started)
