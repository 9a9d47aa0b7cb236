"""What the network tells of a photo's labels, as part of its embedding.

The inner product of the square roots of two distributions is how much they overlap (Bhattacharyya 1943). So an
embedding that carries the roots of its label probabilities, each label times a weight, has a cosine that is the cosine
of looks plus the overlap of labels. How much of each is chosen on products the training has not seen; then the whole
is turned and cut to its main directions, so that an index sees no more dimensions than before, and those along which
photos of one product differ count less: within-class covariance normalisation (Hatch, Kajarekar, Stolcke 2006), a
product being a class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from recommendations.embedders.resnet50 import LABEL_SCALE
from recommendations.evaluation.geometry import ranks
from recommendations.training.validation import AGREE, retrieval

Rows = NDArray[np.float32]
#: Weights tried for each label.
STEPS = tuple(step / 10 for step in range(11))
#: The weight of each label while none is chosen yet.
MIDDLING = 0.5
#: So many times the mean change is taken to be in every direction besides its own: few pairs tell little of one.
SHRINKAGE = 2.0


def fuse(outputs: Mapping[str, Rows], weights: Mapping[str, float]) -> Rows:
    """Return unit rows of looks and labels: float32 (n, d + classes of the labels with a weight).

    Args:
        outputs: ``embedding``, unit rows (n, d), and the cosines (n, classes) of each label.
        weights: label → part; labels of no weight are left out.
    """
    parts = [outputs["embedding"], *(weight * _roots(outputs[label]) for label, weight in weights.items() if weight)]
    return _unit(np.concatenate(parts, axis=1, dtype=np.float32))


def turn(plain: Rows, changed: Sequence[Rows], dimensions: int) -> Rows:
    """Return what brings rows of looks and labels to their embedding: float32 (width, dimensions).

    Args:
        plain: rows of ``fuse`` (n, width) of photos as they are.
        changed: of one changed view of each, of another, ….
    """
    main = main_directions(plain, dimensions)
    before = np.tile(_unit(plain @ main), (len(changed), 1))
    turning: Rows = main @ steadying(before, _unit(np.concatenate(changed) @ main))
    return turning


def steadying(plain: Rows, changed: Rows) -> Rows:
    """Return what makes directions count the less the more they change with a photo's circumstances: float32 (d, d).

    Args:
        plain, changed: unit rows (n, d), the same products in the same order.
    """
    change = changed.astype(np.float64) - plain
    values, axes = np.linalg.eigh(change.T @ change / len(change))
    values = values.clip(0) + SHRINKAGE * max(float(values.mean()), 1e-12)
    found = (axes / np.sqrt(values)) @ axes.T
    result: Rows = (found / np.abs(found).max()).astype(np.float32)
    return result


def served_figures(
    plain: Mapping[str, Rows],
    changed: Sequence[Mapping[str, Rows]],
    items: Sequence[Mapping[str, str]],
    weights: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Return the figures of the embedding as it is served: those of ``retrieval``, and ``recall@1``.

    Args:
        plain: the network's outputs for photos as they are.
        changed: its outputs for one changed view of each, for another, …: those of the first are to find their own
            photos, which is the recall.
        items: the labels of each row.
        weights: label → part; by default the same middling one for each.
    """
    if weights is None:
        weights = {label: MIDDLING for label in AGREE if label in plain}
    gallery, views = fuse(plain, weights), [fuse(each, weights) for each in changed]
    queries = views[0]
    if any(weights.values()):
        turning = turn(gallery, views, plain["embedding"].shape[1])
        gallery, queries = _unit(gallery @ turning), _unit(queries @ turning)
    recall = float((ranks(queries, gallery, np.arange(len(items))) == 0).mean())
    return retrieval(gallery, items) | {"recall@1": recall}


def choose_weights(
    plain: Mapping[str, Rows],
    changed: Sequence[Mapping[str, Rows]],
    items: Sequence[Mapping[str, str]],
    *,
    tolerance: float,
) -> dict[str, float]:
    """Return the weight of each label that finds neighbours of the same labels most often.

    The changed views (see ``served_figures``) must find their own photo as often as without labels, less ``tolerance``.
    """
    labels = [label for label in AGREE if label in plain]
    nothing = dict.fromkeys(labels, 0.0)
    start = served_figures(plain, changed, items, nothing)
    best, best_precision = nothing, start.get("precision@5/all", 0.0)
    for values in product(STEPS, repeat=len(labels)):
        weights = dict(zip(labels, values, strict=True))
        found = served_figures(plain, changed, items, weights)
        precision = found.get("precision@5/all", 0.0)
        if precision > best_precision and found["recall@1"] >= start["recall@1"] - tolerance:
            best, best_precision = weights, precision
    return best


def main_directions(rows: Rows, dimensions: int) -> Rows:
    """Return the directions (width, dimensions) that keep most of the rows' inner products (uncentred PCA)."""
    _values, vectors = np.linalg.eigh(rows.T.astype(np.float64) @ rows)
    kept: Rows = np.ascontiguousarray(vectors[:, ::-1][:, :dimensions], np.float32)
    return kept


def _roots(cosines: Rows) -> Rows:
    """Return the square roots of the classes' probabilities; each row has length 1."""
    half = cosines.astype(np.float32) * (LABEL_SCALE / 2)
    half -= half.max(axis=1, keepdims=True)
    return _unit(np.exp(half))


def _unit(rows: Rows) -> Rows:
    unit: Rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
