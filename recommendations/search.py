"""A photo becomes results.

    photo → embedder → live index → products a visitor may see, one result each

``similar_products`` starts from a product's own embedding, ``search_by_image`` from a picture.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import OuterRef
from numpy.typing import NDArray
from PIL import Image

from recommendations import conf, current
from recommendations.exceptions import IndexUnavailableError, SwitchPendingError, WeightsError
from recommendations.gallery import get_gallery
from recommendations.indexes.base import Neighbor
from recommendations.indexes.fresh import State, View
from recommendations.indexes.live import live_release, newest_revision
from recommendations.matching import best_products, nearest
from recommendations.models import ImageEmbedding
from recommendations.serving import Serving, serving_embedder


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
    """What a search found, best first (in order of choice, where diversity was asked for), and by what.

    ``level`` is the best match's; ``took_ms`` in milliseconds.
    """

    matches: list[Match]
    embedder: str
    release: str | None
    level: str
    took_ms: dict[str, float] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Match]:
        return iter(self.matches)

    def __len__(self) -> int:
        return len(self.matches)


def vector_of(product: Any, embedder: str) -> NDArray[np.float32] | None:
    """Return what this embedder made of the product's first photo that it has embedded, a unit vector, or None."""
    rows = ImageEmbedding.objects.ready(embedder).filter(product=product).order_by("position", "pk")
    vector = rows.values_list("vector", flat=True).first()
    return None if vector is None else np.frombuffer(vector, "<f4").astype(np.float32)


def nearest_products(vector: NDArray[np.float32], most: int, *, embedder: str, without: Any = None) -> list[Any]:
    """Return the keys of the ``most`` visible products nearest to a vector, nearest first: what filters count among.

    ``embedder`` is the name of the one that made the vector.
    """
    products = get_gallery().visible()
    if without is not None:
        products = products.exclude(pk=without)
    snapshot = current.live_index(embedder).snapshot().within(products)
    return list(nearest(snapshot, vector, products, most))


def similar_products(
    product: Any, k: int | None = None, *, filters: Mapping[str, Any] | None = None, diversity: float | None = None
) -> Answer:
    """Return the ``k`` visible products that look most like ``product``, never itself or another of its style.

    One indexed query finds the product's vector and tells what is new; one index lookup finds the neighbours; then
    the neighbours' products are loaded. A product without an embedding yet has no similar ones: an empty answer.

    Args:
        product: a product of the gallery's model, saved.
        k: how many; VOGUE["K"] where not given. All there are, where there are fewer.
        filters: cleaned values of the gallery's filter form.
        diversity: 0 (or None), plain order, to 1, as unlike each other as can be; the best match always comes first.

    Raises:
        WeightsError: the embedder has no name, because its weights are missing.
        ValueError: k or diversity out of bounds, or filters the gallery does not know.
    """
    started = time.perf_counter()
    k, diversity = _checked(k), _checked_diversity(diversity)
    made_by = OuterRef("embedder")
    row = (
        ImageEmbedding.objects.ready(serving_embedder(current.embedder_name()))
        .filter(product=product)
        .order_by("position", "pk")
        .values_list("vector", "embedder", newest_revision(made_by), live_release(made_by))
        .first()
    )
    found = Serving(row[1], State(row[2], row[3] or "")) if row else None
    index, state = current.answering_index(found)
    vector = np.frombuffer(row[0], "<f4").astype(np.float32) if row and row[1] == index.embedder else None
    if vector is None and (vector := vector_of(product, index.embedder)) is None:
        return Answer([], index.embedder, None, "none", {"search": _since(started)})
    snapshot = index.snapshot(state)
    matches = _matches(snapshot, vector, k, filters or {}, diversity=diversity, without=product.pk)
    return _answer(matches, snapshot, {"search": _since(started)})


def search_by_image(
    image: Image.Image,
    k: int | None = None,
    *,
    filters: Mapping[str, Any] | None = None,
    diversity: float | None = None,
) -> Answer:
    """Return the ``k`` visible products that look most like the picture.

    Args:
        image: upright RGB, from ``images.decode_query_photo``.
        k, filters, diversity: as in ``similar_products``.

    Raises:
        IndexUnavailableError: nothing is embedded yet.
        EngineError, WeightsError: the network cannot run.
        ValueError: as ``similar_products``.
    """
    k, diversity = _checked(k), _checked_diversity(diversity)
    index, state = current.answering_index()
    if not state.revision:
        raise IndexUnavailableError("Nothing can be searched yet: no photo is embedded. Run manage.py embed_products.")
    started = time.perf_counter()
    vector = _embed([image], index.embedder)[0]
    embedded = time.perf_counter()
    snapshot = index.snapshot(state)
    matches = _matches(snapshot, vector, k, filters or {}, diversity=diversity)
    return _answer(matches, snapshot, {"embed": _ms(embedded - started), "search": _since(embedded)})


def embed_query(images: Sequence[Image.Image], embedder: str) -> NDArray[np.float32]:
    """Return one unit row per picture, for ``search_by_vector``: float32 (n, dimensions).

    Args:
        embedder: from ``current.answering``.

    Raises:
        IndexUnavailableError, EngineError, WeightsError: as ``search_by_image``.
    """
    if not current.live_index(embedder).state().revision:
        raise IndexUnavailableError("Nothing can be searched yet: no photo is embedded. Run manage.py embed_products.")
    return _embed(images, embedder)


def search_by_vector(
    vector: NDArray[np.float32],
    k: int | None = None,
    *,
    embedder: str,
    filters: Mapping[str, Any] | None = None,
    diversity: float | None = None,
) -> Answer:
    """Return the ``k`` visible products that look most like what the vector was made of. See ``search_by_image``.

    ``embedder`` is the name of the one that made the vector: it is compared with vectors of the same alone.
    """
    k, diversity = _checked(k), _checked_diversity(diversity)
    started = time.perf_counter()
    snapshot = current.live_index(embedder).snapshot()
    matches = _matches(snapshot, vector, k, filters or {}, diversity=diversity)
    return _answer(matches, snapshot, {"search": _since(started)})


def _embed(images: Sequence[Image.Image], embedder: str) -> NDArray[np.float32]:
    """Return one unit row per picture by the embedder of this name; SwitchPendingError where an earlier one is gone."""
    network = current.embedder_named(embedder)
    try:
        return network.embed(images)
    except WeightsError as error:
        if embedder == current.embedder_name():
            raise
        raise SwitchPendingError(str(error)) from error


def _matches(
    snapshot: View,
    vector: NDArray[np.float32],
    k: int,
    filters: Mapping[str, Any],
    *,
    diversity: float = 0.0,
    without: Any = None,
) -> list[Match]:
    """Return the k best products that match the filters, or all where there are fewer."""
    products = get_gallery().visible()
    if filters:
        products = get_gallery().filter(products, filters)
    if without is not None:
        products = products.exclude(pk=without)
    snapshot = snapshot.within(products)
    best: Mapping[Any, Neighbor] = {}
    loaded: Mapping[Any, Any] = {}
    # A product hidden between two of these queries makes room for the next best.
    for _ in range(3):
        best = best_products(snapshot, vector, products, k, diversity=diversity, unlike=without)
        loaded = products.in_bulk(list(best))
        if len(loaded) == len(best):
            break
    levels = current.match_levels(snapshot)
    lean, group_of = levels.lean(vector), get_gallery().group_of if levels.groups else _no_group
    return [
        Match(
            loaded[product_id],
            _score(neighbor.score),
            neighbor.score,
            neighbor.embedding_id,
            levels.level(neighbor.score, lean, group_of(loaded[product_id])),
        )
        for product_id, neighbor in best.items()
        if product_id in loaded
    ]


def _no_group(product: Any) -> str:
    del product
    return ""


def _answer(matches: list[Match], snapshot: View, took_ms: dict[str, float]) -> Answer:
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


def _checked_diversity(diversity: float | None) -> float:
    diversity = 0.0 if diversity is None else float(diversity)
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity must be 0 to 1; it is {diversity}.")
    return diversity


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _since(started: float) -> float:
    return _ms(time.perf_counter() - started)
