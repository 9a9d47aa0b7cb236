"""A photo becomes results.

    photo → embedder → live index → products a visitor may see, one result each

``similar_products`` starts from a product's own embedding, ``search_by_image`` from a picture.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from django.db.models import Case, OuterRef, QuerySet, When
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from PIL import Image

from recommendations import conf, current, ranking
from recommendations.exceptions import IndexUnavailableError, SwitchPendingError, WeightsError
from recommendations.gallery import get_gallery
from recommendations.indexes.base import Neighbor
from recommendations.indexes.fresh import State, View
from recommendations.indexes.live import live_release, newest_revision
from recommendations.matching import Steer, best_products, nearest
from recommendations.models import ImageEmbedding
from recommendations.serving import Serving, serving_embedder
from recommendations.signatures import is_signature

#: What one product counts in ``products_like``, as part of the one before it.
RECENCY = 0.7
VERY_CLOSE = _("very close")


@dataclass(frozen=True)
class Match:
    """One product that looks like the query.

    ``score`` is on the scale of VOGUE["METRIC"], higher is closer; ``cosine`` is always the cosine; ``level`` says it
    in a word: same, close, similar or none. ``reasons`` are words for what it has in common with the product asked for,
    from the gallery's data; empty where a picture asked.
    """

    product: Any
    score: float
    cosine: float
    embedding_id: int
    level: str
    reasons: tuple[Any, ...] = ()


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


def vector_of(product: Any, embedder: str, photo: str | None = None) -> NDArray[np.float32] | None:
    """Return what this embedder made of one photo of the product, a unit vector; None where it made nothing.

    Args:
        photo: the photo's key within the gallery. Where it has no embedding, or none is named, the best one speaks.
    """
    vector = _photos_of(product, ImageEmbedding.objects.ready(embedder), photo).values_list("vector", flat=True).first()
    return None if vector is None else np.frombuffer(vector, "<f4").astype(np.float32)


def _photos_of(product: Any, rows: QuerySet[ImageEmbedding], photo: str | None) -> QuerySet[ImageEmbedding]:
    """Return the product's photos of these rows, the one asked for first, then the best."""
    rows = rows.filter(product=product)
    if photo:
        return rows.order_by(Case(When(photo_key=photo, then=0), default=1), "position", "pk")
    return rows.order_by("position", "pk")


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
    product: Any,
    k: int | None = None,
    *,
    filters: Mapping[str, Any] | None = None,
    diversity: float | None = None,
    photo: str | None = None,
    steer: str | None = None,
) -> Answer:
    """Return the ``k`` visible products that look most like ``product``, never itself or another of its style.

    One indexed query finds the product's vector and tells what is new; one index lookup finds the neighbours; then
    the neighbours' products are loaded. A product without an embedding yet has no similar ones: an empty answer.

    Args:
        product: a product of the gallery's model, saved.
        k: how many; VOGUE["K"] where not given. All there are, where there are fewer.
        filters: cleaned values of the gallery's filter form.
        diversity: 0 (or None), plain order, to 1, as unlike each other as can be; the best match always comes first.
        photo: the key, within the gallery, of the photo that is looked at; else, or where that one has no embedding
            yet, the product's best photo speaks for it.
        steer: "colour": of the nearest, those in its colours come first; "shape": those of its outline, in whatever
            colour. A photo whose colours were not read yet is not steered by.

    Raises:
        WeightsError: the embedder has no name, because its weights are missing.
        ValueError: k or diversity out of bounds, an unknown ``steer``, or filters the gallery does not know.
    """
    started = time.perf_counter()
    k, diversity = _checked(k), _checked_diversity(diversity)
    if steer and steer not in ranking.STEERS:
        raise ValueError(f"steer must be {' or '.join(ranking.STEERS)}; it is {steer!r}.")
    made_by = OuterRef("embedder")
    rows = _photos_of(product, ImageEmbedding.objects.ready(serving_embedder(current.embedder_name())), photo)
    row = rows.values_list("vector", "embedder", newest_revision(made_by), live_release(made_by), "signature").first()
    found = Serving(row[1], State(row[2], row[3] or "")) if row else None
    index, state = current.answering_index(found)
    vector = np.frombuffer(row[0], "<f4").astype(np.float32) if row and row[1] == index.embedder else None
    if vector is None and (vector := vector_of(product, index.embedder, photo)) is None:
        return Answer([], index.embedder, None, "none", {"search": _since(started)})
    snapshot = index.snapshot(state)
    # Colours and outline are the photo's, whichever embedder saw it.
    seen = bytes(row[4]) if steer and row and row[4] else b""
    steered = Steer(steer, seen) if steer and is_signature(seen) else None
    matches = _matches(snapshot, vector, k, filters or {}, diversity=diversity, without=[product.pk], steer=steered)
    matches = [replace(match, reasons=_reasons(product, match)) for match in matches]
    return _answer(matches, snapshot, {"search": _since(started)})


def products_like(keys: Sequence[Any], k: int | None = None, *, diversity: float | None = None) -> Answer:
    """Return the ``k`` visible products that look most like these together, and are none of them or of their styles.

    The query is the mean of their embeddings; each counts ``RECENCY`` times as much as the one before it.

    Args:
        keys: keys of products, the one that counts most first. Those without an embedding are passed over.
        k, diversity: as in ``similar_products``.

    Raises:
        WeightsError, ValueError: as ``similar_products``.
    """
    started = time.perf_counter()
    k, diversity = _checked(k), _checked_diversity(diversity)
    index, state = current.answering_index()
    rows = ImageEmbedding.objects.ready(index.embedder).filter(product__in=keys).order_by("-position", "-pk")
    # Worst photo first, so that the best one stays.
    known = {key: np.frombuffer(vector or b"", "<f4") for key, vector in rows.values_list("product_id", "vector")}
    liked = [known[key] for key in dict.fromkeys(keys) if key in known]
    if not liked:
        return Answer([], index.embedder, None, "none", {"search": _since(started)})
    snapshot = index.snapshot(state)
    matches = _matches(snapshot, _mean(liked), k, {}, diversity=diversity, without=list(keys))
    return _answer(matches, snapshot, {"search": _since(started)})


def _mean(vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the unit mean of unit vectors, each weighing less than the one before; the first where they cancel out."""
    mean = (RECENCY ** np.arange(len(vectors))) @ np.stack(vectors).astype(np.float64)
    length = float(np.linalg.norm(mean))
    return (mean / length if length > 1e-3 else vectors[0]).astype(np.float32)


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
    without: Collection[Any] = (),
    steer: Steer | None = None,
) -> list[Match]:
    """Return the k best products that match the filters, or all where there are fewer; none of ``without``."""
    products = get_gallery().visible()
    if filters:
        products = get_gallery().filter(products, filters)
    if without:
        products = products.exclude(pk__in=without)
    snapshot = snapshot.within(products)
    best: Mapping[Any, Neighbor] = {}
    loaded: Mapping[Any, Any] = {}
    # A product hidden between two of these queries makes room for the next best.
    for _attempt in range(3):
        best = best_products(snapshot, vector, products, k, diversity=diversity, unlike=without, steer=steer)
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


def _reasons(product: Any, match: Match) -> tuple[Any, ...]:
    """Return why this match is there: what the gallery's data says, and how close it is."""
    found = [
        reason.label
        for reason in get_gallery().reasons
        if (value := reason.key(product)) not in (None, "") and value == reason.key(match.product)
    ]
    return (*found, VERY_CLOSE) if match.level in ("same", "close") else tuple(found)


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
