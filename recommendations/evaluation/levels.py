"""Match levels from a shop's own distances, and how often they are right. Arrays in, levels and figures out.

What a cosine means depends on the network and on the shop, and the nearest product of a picture of no product can be
nearer than that of a shopper's poor photo of a product. So "none" also looks at where the query lies: a direction from
pictures of no product to photos of products (Fisher's linear discriminant, shrunk as by Ledoit and Wolf) is added to
the cosine, in equal parts. See docs/decisions/0018-levels-from-the-shops-own-distances.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.levels import NONE, MatchLevels, Steps

Vectors = NDArray[np.float32]
Floats = NDArray[np.float64]

#: Share of shoppers' photos of products in stock that may be answered with "none".
LOST = 0.02
#: Products whose nearest other product is nearer than "same" takes; and than "close" takes.
SAME, CLOSE = 0.95, 0.25
#: How much the covariance is drawn to a sphere: few photos say little about many dimensions.
SHRINKAGE = 0.2
#: Products of a group that give it steps of its own.
ENOUGH = 60
FOLDS = 4
CHUNK = 64


@dataclass(frozen=True)
class Sample:
    """What levels are calibrated from. Vectors are float32 (n, dimensions), unit rows.

    Attributes:
        gallery: the photos searched; ``owners`` and ``groups`` say whose each is, and in which group ("": in none).
            Products of one style count as one owner.
        shoppers: simulated photos; ``products`` tells them apart by what was photographed.
        foreign: pictures of no product, of these ``kinds``.
    """

    gallery: Vectors
    owners: Sequence[Any]
    groups: Sequence[str]
    shoppers: Vectors
    products: Sequence[Any]
    foreign: Vectors
    kinds: Sequence[str]


def calibrate(sample: Sample, *, seed: int = 0, facts: Mapping[str, Any] | None = None) -> MatchLevels:
    """Return the levels of a shop.

    Raises:
        ValueError: no photos or no pictures to calibrate with.
    """
    if not (len(sample.shoppers) >= FOLDS and len(sample.foreign) >= FOLDS and len(sample.gallery) >= 2):
        raise ValueError("Levels are calibrated with photos of products and pictures of none; too few were given.")
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.permutation(len(sample.gallery))[:500])
    near, _ = nearest(sample.shoppers, sample.gallery)
    far, _ = nearest(sample.foreign, sample.gallery)
    stock = sample.gallery[rows]
    direction, offset = _discriminant(sample.shoppers, stock, sample.foreign, near, far)
    # What is judged has no part in the direction it is judged by: of photos whole products, of pictures whole kinds.
    photos = _folds(sample.products)
    scores = near.copy()
    for fold in range(FOLDS):
        out = photos == fold
        if out.any() and not out.all():
            way, shift = _discriminant(sample.shoppers[~out], stock, sample.foreign, near[~out], far)
            scores[out] += sample.shoppers[out] @ way - shift
    kinds = _folds(sample.kinds)
    foreign = far.copy()
    for fold in range(FOLDS):
        out = kinds == fold
        if out.any() and not out.all():
            way, shift = _discriminant(sample.shoppers, stock, sample.foreign[~out], near, far[~out])
            foreign[out] += sample.foreign[out] @ way - shift
    least = float(np.quantile(scores, LOST))
    others = _nearest_other(sample, rows)
    steps = _steps(others, least)
    # "None" is the same for all: a line of its own, drawn from a third of the photos, was right less often.
    lives_in = np.array(sample.groups, object)[rows]
    groups = {
        str(group): _steps(others[lives_in == group], least)
        for group in sorted({name for name in sample.groups if name})
        if (lives_in == group).sum() >= ENOUGH
    }
    return MatchLevels(
        steps,
        groups,
        direction.astype(np.float32),
        offset,
        {
            **(facts or {}),
            "photos": len(scores),
            "pictures": len(foreign),
            "lost": round(float((scores < least).mean()), 4),
            "refused": round(float((foreign < least).mean()), 4),
        },
    )


def nearest(queries: Vectors, gallery: Vectors) -> tuple[Floats, NDArray[np.int64]]:
    """Return the best cosine of each query and the row it is reached with; float64 (n,), int64 (n,)."""
    best, at = np.empty(len(queries)), np.empty(len(queries), np.int64)
    for start in range(0, len(queries), CHUNK):
        scores = queries[start : start + CHUNK] @ gallery.T
        at[start : start + CHUNK] = scores.argmax(axis=1)
        best[start : start + CHUNK] = scores.max(axis=1)
    return best, at


def measure(
    levels: MatchLevels,
    gallery: Vectors,
    shoppers: Mapping[str, Vectors],
    foreign: Mapping[str, Vectors],
    *,
    groups: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return how often these levels say "none": by family of shoppers' photos, and by kind of foreign picture.

    Args:
        gallery: float32 (n, dimensions), unit rows; what is photographed in ``shoppers`` is among it.
        groups: the group of each row, where levels differ by it.
    """

    def none(vectors: Vectors) -> float:
        near, at = nearest(vectors, gallery)
        said = [
            levels.level(float(cosine), levels.lean(vector), groups[row] if groups is not None else "")
            for vector, cosine, row in zip(vectors, near, at, strict=True)
        ]
        return float(np.mean([word == NONE for word in said]))

    families = {family: round(none(vectors), 4) for family, vectors in shoppers.items() if len(vectors)}
    kinds = {kind: round(none(vectors), 4) for kind, vectors in foreign.items() if len(vectors)}
    return {
        "lost": families,
        "refused": kinds,
        "lost_worst": max(families.values(), default=None),
        "lost_mean": _mean(families),
        "refused_mean": _mean(kinds),
    }


def _mean(shares: Mapping[str, float]) -> float | None:
    return round(float(np.mean(list(shares.values()))), 4) if shares else None


def _steps(others: Floats, least: float) -> Steps:
    others = others[others > -1]  # there may be no other
    close, same = (float(value) for value in np.quantile(others, (CLOSE, SAME))) if len(others) else (least, least)
    return Steps(round(same, 4), round(min(close, same), 4), round(least, 4))


def _nearest_other(sample: Sample, rows: NDArray[np.int64]) -> Floats:
    """Return the cosine of each of these rows to the nearest photo of another owner, -1 where there is none."""
    numbers = {owner: number for number, owner in enumerate(dict.fromkeys(sample.owners))}
    owners = np.fromiter((numbers[owner] for owner in sample.owners), np.int64, len(sample.owners))
    best = np.empty(len(rows))
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        scores = sample.gallery[part] @ sample.gallery.T
        scores[owners[part][:, None] == owners[None, :]] = -1
        best[start : start + CHUNK] = scores.max(axis=1)
    return best


def _discriminant(
    shoppers: Vectors, stock: Vectors, foreign: Vectors, near: Floats, far: Floats
) -> tuple[Floats, float]:
    """Return the direction from foreign pictures to photos of products, and what a typical such photo has of it.

    It is as long as makes it vary, within both, by as much as the best cosine does.
    """
    inside, outside = np.concatenate((shoppers, stock)).astype(np.float64), foreign.astype(np.float64)
    spread = np.concatenate((inside - inside.mean(axis=0), outside - outside.mean(axis=0)))
    covariance = spread.T @ spread / len(spread)
    size = len(covariance)
    covariance = (1 - SHRINKAGE) * covariance + (SHRINKAGE * np.trace(covariance) / size + 1e-9) * np.eye(size)
    way: Floats = np.linalg.solve(covariance, inside.mean(axis=0) - outside.mean(axis=0))
    along = [shoppers @ way, foreign @ way]
    deviation = _within(along)
    way *= _within([near, far]) / deviation if deviation > 0 else 0.0
    return way, float(np.median(shoppers @ way))


def _within(parts: Sequence[Floats]) -> float:
    return float(np.concatenate([part - part.mean() for part in parts]).std())


def _folds(names: Sequence[Any]) -> NDArray[np.int64]:
    """Return a fold for each, the same for the same name."""
    numbers = {name: number % FOLDS for number, name in enumerate(dict.fromkeys(names))}
    return np.fromiter((numbers[name] for name in names), np.int64, len(names))
