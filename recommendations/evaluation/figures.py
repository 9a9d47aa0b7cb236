"""Vectors to figures: everything a report says of one contender, from its vectors alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.evaluation import geometry, levels, metrics
from recommendations.evaluation.contenders import Contender, Speed
from recommendations.evaluation.dataset import LABELS
from recommendations.evaluation.geometry import Codes, Neighbours, Vectors
from recommendations.evaluation.off_catalogue import HELD_OUT
from recommendations.evaluation.pictures import Collection, ShopperPhoto
from recommendations.evaluation.results import (
    Change,
    Confusion,
    ContenderResult,
    ForeignQuery,
    Histogram,
    LabelResult,
    NothingClose,
    Recall,
    ShopperQuery,
    Shown,
)
from recommendations.levels import MatchLevels

TYPE = "articleType"
#: Label → what a result that shares it is worth: every combination is worth a number of its own, the type most.
RELEVANCE = {TYPE: 4, "baseColour": 2, "gender": 1}
#: The family of simulated photos that has all faults at once.
EVERYTHING = "everything"
BINS = 50
#: An interval drawn from fewer families would be too narrow.
FEWEST_FAMILIES = 8
#: Pairs of products of different types whose cosines are looked at.
STRANGERS = 50_000
#: Simulated photos with their vectors.
Taken = list[tuple[ShopperPhoto, NDArray[np.float32]]]
Named = Sequence[tuple[str, NDArray[np.float32]]]


def compute(
    contender: Contender, speed: Speed, collection: Collection, vectors: Vectors, *, k: int, ndcg_k: int, seed: int
) -> tuple[ContenderResult, Shown]:
    """Return the figures of these vectors, and what a report shows pictures of.

    Args:
        vectors: float32, a unit row or NaN for each of the collection's pictures.
    """
    readable = np.asarray(np.isfinite(vectors).all(axis=1))
    n = len(collection.items)
    items = [item for item, there in zip(collection.items, readable, strict=False) if there]
    gallery = np.ascontiguousarray(vectors[:n][readable[:n]])
    neighbours = geometry.nearest_others(gallery, max(k, ndcg_k))
    first, ranked = neighbours.rows[:, :k], neighbours.rows[:, :ndcg_k]

    encoded = {label: metrics.encode([item.labels.get(label) for item in items]) for label in LABELS}
    graded, weights = [encoded[label][0] for label in RELEVANCE], list(RELEVANCE.values())
    types, names = encoded[TYPE]
    joined = metrics.combine(*graded)
    right = metrics.precision(metrics.agreement(joined, first))
    whole = joined >= 0
    families = np.unique([item.family for item in items], return_inverse=True)[1]
    ideal = metrics.ideal_gains(graded, weights, ranked.shape[1])
    ndcg = metrics.ndcg(metrics.graded(graded, weights, ranked), ideal)

    taken = _taken(collection, vectors, readable)
    shoppers = _shoppers(taken, np.cumsum(readable[:n]) - 1, gallery, k)
    after = n + len(collection.shoppers)
    strangers = list(zip(collection.foreign, vectors[after:], strict=False))
    calibrated = _calibrated(taken, strangers, gallery, [item.id for item in items])
    foreign = _foreign(collection.foreign, vectors[after:], gallery, k)
    photos = _foreign(collection.photos, vectors[after + len(collection.foreign) :], gallery, k, calibrated)
    result = ContenderResult(
        title=contender.title,
        name=contender.name,
        engine=contender.engine,
        trained=contender.trained,
        dimensions=vectors.shape[1],
        speed=speed,
        labels={label: _label(codes, named, first) for label, (codes, named) in encoded.items() if (codes >= 0).any()},
        all_three=metrics.by_class(right, np.where(whole, types, -1), names),
        all_three_interval=metrics.interval(right[whole], families[whole], seed=seed),
        ndcg=metrics.by_class(ndcg, types, names),
        shoppers={family: _recall(queries) for family, queries in shoppers.items()},
        nothing_close=_nothing_close(taken, strangers, gallery, calibrated),
        similarities=_similarities(
            gallery, joined, types, neighbours=neighbours, shoppers=shoppers, foreign=foreign, seed=seed
        ),
    )
    return result, Shown(items, neighbours, np.where(whole, right, np.nan), shoppers, foreign, photos)


def changes(one: Shown, other: Shown, *, seed: int) -> tuple[Change, ...]:
    """Return how ``one`` differs from ``other`` at each type, where all three labels are right, the worst first.

    Products are compared each with itself, and whole families are drawn for the interval. Both saw the same products.
    """
    gained = 100 * (one.right - other.right)
    found = []
    kinds, names = metrics.encode([item.labels.get(TYPE) for item in one.products])
    families = np.unique([item.family for item in one.products], return_inverse=True)[1]
    for number, name in enumerate(names):
        here = (kinds == number) & np.isfinite(gained)
        if here.any():
            told = len(np.unique(families[here])) >= FEWEST_FAMILIES
            interval = metrics.interval(gained[here], families[here], seed=seed) if told else (np.nan, np.nan)
            found.append(Change(name, float(gained[here].mean()), interval, int(here.sum())))
    return tuple(sorted(found, key=lambda change: change.points))


def _label(codes: Codes, names: Sequence[str], rows: NDArray[np.int64]) -> LabelResult:
    said = metrics.vote(codes, rows)
    precision = metrics.by_class(metrics.precision(metrics.agreement(codes, rows)), codes, names)
    ordered = [score.name for score in precision.classes]
    order = [names.index(name) for name in ordered]
    counts = metrics.confusion(codes, rows, len(names))[np.ix_(order, order)]
    return LabelResult(
        precision=precision,
        accuracy=metrics.accuracy(codes, said),
        macro_f1=metrics.macro_f1(codes, said),
        confusion=Confusion(tuple(ordered), tuple(tuple(row) for row in counts.tolist())),
    )


def _taken(collection: Collection, vectors: Vectors, readable: NDArray[np.bool_]) -> Taken:
    """Return the simulated photos that could be read of products that could, with their vectors."""
    start = len(collection.items)
    return [
        (photo, vectors[start + number])
        for number, photo in enumerate(collection.shoppers)
        if readable[start + number] and readable[photo.row]
    ]


def _shoppers(taken: Taken, places: NDArray[np.int64], gallery: Vectors, k: int) -> dict[str, list[ShopperQuery]]:
    """Return by family what was found for each simulated photo; ``places`` are the gallery's rows of the items."""
    if not taken:
        return {}
    queries = np.stack([vector for _, vector in taken])
    own = places[[photo.row for photo, _ in taken]]
    found = geometry.nearest(queries, gallery, k)
    ranks = geometry.ranks(queries, gallery, own)
    result: dict[str, list[ShopperQuery]] = {}
    for number, (photo, _) in enumerate(taken):
        rows, scores = tuple(found.rows[number].tolist()), tuple(found.scores[number].tolist())
        query = ShopperQuery(int(own[number]), photo.seed, rows, scores, int(ranks[number]))
        result.setdefault(photo.family, []).append(query)
    return result


def _recall(queries: Sequence[ShopperQuery]) -> Recall:
    ranks = np.array([query.place for query in queries], np.int64)
    return Recall(metrics.recall_at(ranks, 1), metrics.recall_at(ranks, 5), len(ranks))


def _foreign(
    titles: Sequence[str], vectors: Vectors, gallery: Vectors, k: int, calibrated: MatchLevels | None = None
) -> list[ForeignQuery]:
    if not titles:
        return []
    found = geometry.nearest(vectors[: len(titles)], gallery, k)
    queries = []
    for number, (title, vector) in enumerate(zip(titles, vectors, strict=False)):
        scores = found.scores[number].tolist()
        level = calibrated.level(scores[0], calibrated.lean(vector)) if calibrated else ""
        queries.append(ForeignQuery(number, title, tuple(found.rows[number].tolist()), tuple(scores), level))
    return queries


def _calibrating(taken: Taken) -> set[int]:
    """Return the rows of every other photographed product: match levels are calibrated with them."""
    return set(list(dict.fromkeys(photo.row for photo, _ in taken))[::2])


def _calibrated(taken: Taken, strangers: Named, gallery: Vectors, owners: Sequence[str]) -> MatchLevels | None:
    """Return match levels as a release's are, None where there is too little; ``owners`` are the rows' products."""
    chosen = _calibrating(taken)
    photos = [(photo.row, vector) for photo, vector in taken if photo.row in chosen]
    pictures = [(kind, vector) for kind, vector in strangers if kind not in HELD_OUT]
    if min(len(photos), len(pictures)) < levels.FOLDS:
        return None
    return levels.calibrate(
        levels.Sample(
            gallery,
            owners,
            [""] * len(gallery),
            np.stack([vector for _, vector in photos]),
            [row for row, _ in photos],
            np.stack([vector for _, vector in pictures]),
            [kind for kind, _ in pictures],
        )
    )


def _nothing_close(
    taken: Taken, strangers: Named, gallery: Vectors, calibrated: MatchLevels | None
) -> NothingClose | None:
    """Return how pictures of no product, by kind, are told from photos, by what had no part in the levels."""
    everything = [vector for photo, vector in taken if photo.family == EVERYTHING]
    if not (everything and strangers):
        return None
    inside, outside = (
        levels.nearest(np.stack(vectors), gallery)[0] for vectors in (everything, [vector for _, vector in strangers])
    )
    chosen = _calibrating(taken)
    judged = _grouped((photo.family, vector) for photo, vector in taken if photo.row not in chosen)
    strange = _grouped((kind, vector) for kind, vector in strangers if kind in HELD_OUT)
    measured: Mapping[str, Any] = {"refused": {}, "lost": {}, "refused_mean": None, "lost_mean": None}
    if judged and strange and calibrated:
        found = levels.measure(calibrated, gallery, judged, strange)
        measured = {name: found[name] for name in measured}
    return NothingClose(
        auc=metrics.auc(inside, outside),
        **measured,
        pictures=sum(map(len, strange.values())),
        photos=sum(map(len, judged.values())),
    )


def _grouped(pairs: Iterable[tuple[str, NDArray[np.float32]]]) -> dict[str, Vectors]:
    found: dict[str, list[NDArray[np.float32]]] = {}
    for name, vector in pairs:
        found.setdefault(name, []).append(vector)
    return {name: np.stack(vectors) for name, vectors in found.items()}


def _similarities(
    gallery: Vectors,
    joined: Codes,
    types: Codes,
    *,
    neighbours: Neighbours,
    shoppers: Mapping[str, Sequence[ShopperQuery]],
    foreign: Sequence[ForeignQuery],
    seed: int,
) -> dict[str, Histogram]:
    """Return how alike different pairs are, all on one scale."""
    found = {
        "another_type": geometry.cosines(gallery, geometry.strangers(types, STRANGERS, seed=seed)),
        "all_three": geometry.cosines(gallery, geometry.mates(joined, seed=seed)),
        "nearest": neighbours.scores[:, 0],
        "shopper": np.array([query.scores[0] for query in shoppers.get(EVERYTHING, [])], np.float32),
        "foreign": np.array([query.scores[0] for query in foreign], np.float32),
    }
    found = {name: values for name, values in found.items() if len(values)}
    lowest = min(float(np.quantile(values, 0.001)) for values in found.values())
    least = max(-1.0, np.floor(lowest * 10) / 10)
    return {
        name: Histogram(least, tuple(np.histogram(values.clip(least, 1), BINS, (least, 1))[0].tolist()))
        for name, values in found.items()
    }
