"""How good a ranking is. Arrays in, arrays out; the definitions a reader needs are in docs/quality.md.

Labels are codes: int64 (n,), -1 where an item has none. Neighbours are rows: int64 (n, k), nearest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.evaluation.geometry import Codes


class ClassScore(NamedTuple):
    """The mean over the queries of one class, and how many they are."""

    name: str
    value: float
    queries: int


@dataclass(frozen=True)
class ByClass:
    """A mean over queries (micro), over classes (macro), and of each class, the largest first."""

    micro: float
    macro: float
    classes: tuple[ClassScore, ...]


def recall_at(found: NDArray[np.int64], k: int) -> float:
    """Return the share of queries whose own product is among the first k, from ``ranks``."""
    return float((found < k).mean()) if len(found) else float("nan")


def encode(values: Sequence[str | None]) -> tuple[Codes, list[str]]:
    """Return a code per value and the names of the codes, in alphabetical order; nothing and "" are -1."""
    names = sorted({value for value in values if value})
    places = {name: n for n, name in enumerate(names)}
    return np.array([places[value] if value else -1 for value in values], np.int64), names


def combine(*codes: Codes) -> Codes:
    """Return one code for the combination of several labels; -1 where one is missing."""
    stacked = np.stack(codes, axis=1)
    _, joined = np.unique(stacked, axis=0, return_inverse=True)
    return np.where((stacked >= 0).all(axis=1), joined.reshape(-1), -1)


def agreement(codes: Codes, rows: NDArray[np.int64], queries: Codes | None = None) -> NDArray[np.bool_]:
    """Return whether each neighbour has its query's label: bool (n, k). What has no label agrees with nothing.

    Args:
        codes: of the gallery.
        queries: of the queries, where these are not the gallery itself.
    """
    asked = (codes if queries is None else queries)[:, None]
    result: NDArray[np.bool_] = (codes[rows] == asked) & (asked >= 0)
    return result


def precision(agree: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return precision@k of each query, k being the neighbours there are: float64 (n,)."""
    return agree.mean(axis=1) if agree.shape[1] else np.zeros(len(agree))


def ndcg(gains: NDArray[np.float64], ideal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return nDCG@k of each query: its neighbours' gains, each over log2(place + 1), as part of the best there is.

    Both are float64 (n, k); 0 where nothing in the gallery has a gain. Järvelin & Kekäläinen, 2002, gains linear.
    """
    discount = 1 / np.log2(np.arange(2, gains.shape[1] + 2))
    best = ideal @ discount
    return np.divide(gains @ discount, best, out=np.zeros(len(gains)), where=best > 0)


def graded(labels: Sequence[Codes], weights: Sequence[int], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the gain of each neighbour: the weights of the labels it shares with its query, added: float64 (n, k)."""
    parts = [weight * agreement(codes, rows) for codes, weight in zip(labels, weights, strict=True)]
    gains: NDArray[np.float64] = np.sum(parts, axis=0, dtype=np.float64)
    return gains


def ideal_gains(labels: Sequence[Codes], weights: Sequence[int], k: int) -> NDArray[np.float64]:
    """Return the gains of the best k others each item could have, largest first: float64 (n, k)."""
    kinds, kind_of, counts = np.unique(np.stack(labels, axis=1), axis=0, return_inverse=True, return_counts=True)
    best = np.empty((len(kinds), k))
    for row, kind in enumerate(kinds):
        gains = ((kinds == kind) & (kind >= 0)) @ np.array(weights)
        # All others: one of the query's own kind is the query.
        left = counts - (np.arange(len(kinds)) == row)
        by_gain = np.bincount(gains, left, minlength=sum(weights) + 1).astype(np.int64)[::-1]
        ladder = np.repeat(np.arange(sum(weights), -1, -1), np.minimum(by_gain, k))[:k]
        best[row] = np.pad(ladder, (0, k - len(ladder)))
    result: NDArray[np.float64] = best[kind_of.reshape(-1)]
    return result


def by_class(values: NDArray[np.float64], codes: Codes, names: Sequence[str]) -> ByClass:
    """Return the mean of the queries' values, together and class by class. Queries without the label are left out."""
    labelled = codes >= 0
    counts = np.bincount(codes[labelled], minlength=len(names))
    sums = np.bincount(codes[labelled], values[labelled], minlength=len(names))
    classes = [ClassScore(name, float(s / n), int(n)) for name, s, n in zip(names, sums, counts, strict=True) if n]
    if not classes:
        return ByClass(float("nan"), float("nan"), ())
    macro = float(np.mean([score.value for score in classes]))
    ordered = sorted(classes, key=lambda score: (-score.queries, score.name))
    return ByClass(float(values[labelled].mean()), macro, tuple(ordered))


def interval(values: NDArray[np.float64], groups: Codes, *, seed: int, draws: int = 400) -> tuple[float, float]:
    """Return the 95 % interval of the mean: whole groups are drawn again and again (bootstrap, Efron, 1979).

    Args:
        groups: items of one group are alike, and no evidence for each other: families.
    """
    sizes = np.bincount(groups).astype(np.float64)
    sums = np.bincount(groups, values)
    sums, sizes = sums[sizes > 0], sizes[sizes > 0]
    if not len(sizes):
        return float("nan"), float("nan")
    numbers = np.random.default_rng(seed)
    drawn = numbers.integers(0, len(sizes), (draws, len(sizes)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def vote(codes: Codes, rows: NDArray[np.int64]) -> Codes:
    """Return the label most of each query's neighbours have, int64 (n,); among equals the nearest's; -1 for none."""
    found = codes[rows]
    votes = ((found[:, :, None] == found[:, None, :]) & (found[:, None, :] >= 0)).sum(axis=2)
    result: Codes = np.take_along_axis(found, votes.argmax(axis=1)[:, None], axis=1)[:, 0]
    return result


def accuracy(truth: Codes, said: Codes) -> float:
    """Return the share of labelled items that were told right."""
    labelled = truth >= 0
    return float((truth[labelled] == said[labelled]).mean()) if labelled.any() else float("nan")


def macro_f1(truth: Codes, said: Codes) -> float:
    """Return the mean over classes of F1, every class that occurs or was said counting the same."""
    labelled = truth >= 0
    truth, said = truth[labelled], said[labelled]
    classes = np.union1d(truth, said)
    if not len(classes):
        return float("nan")
    right = np.array([((truth == c) & (said == c)).sum() for c in classes], np.float64)
    both = np.array([(truth == c).sum() + (said == c).sum() for c in classes], np.float64)
    return float((2 * right / both).mean())


def confusion(codes: Codes, rows: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Return how often a result of each class was given to a query of each class: int64 (classes, classes).

    The query's class comes first. Results and queries without the label are left out.
    """
    asked, given = np.repeat(codes, rows.shape[1]), codes[rows].reshape(-1)
    known = (asked >= 0) & (given >= 0)
    counts = np.bincount(asked[known] * classes + given[known], minlength=classes * classes)
    table: NDArray[np.int64] = counts.reshape(classes, classes)
    return table


def auc(inside: NDArray[np.floating], outside: NDArray[np.floating]) -> float:
    """Return how often one of ``inside`` is larger than one of ``outside``: the area under the ROC curve."""
    if not (len(inside) and len(outside)):
        return float("nan")
    ordered = np.sort(outside)
    below, upto = (np.searchsorted(ordered, inside, side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / len(outside))
