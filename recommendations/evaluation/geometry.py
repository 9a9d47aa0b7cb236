"""Who is near whom among unit vectors, exactly, a bounded chunk at a time.

Vectors are float32 (n, d) unit rows, so that a product of two is their cosine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Vectors = NDArray[np.float32]

#: Bytes of cosines held at a time.
CHUNK_BYTES = 64 * 1024 * 1024
#: Cosines closer than this are one: what rounding makes of two copies of a photo.
SAME = 1e-6


class Neighbours(NamedTuple):
    """For each query the nearest of a gallery, nearest first: ``rows`` int64 (n, k), ``scores`` float32 (n, k)."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


def nearest_others(vectors: Vectors, k: int) -> Neighbours:
    """Return for each row its k nearest among all others (leave-one-out); fewer where there are fewer."""
    return _nearest(vectors, vectors, min(k, len(vectors) - 1), leave_out=True)


def nearest(queries: Vectors, gallery: Vectors, k: int) -> Neighbours:
    """Return for each query its k nearest in the gallery; fewer where there are fewer."""
    return _nearest(queries, gallery, min(k, len(gallery)), leave_out=False)


def _nearest(queries: Vectors, gallery: Vectors, k: int, *, leave_out: bool) -> Neighbours:
    rows = np.empty((len(queries), k), np.int64)
    scores = np.empty((len(queries), k), np.float32)
    if k <= 0:
        return Neighbours(rows.reshape(len(queries), 0), scores.reshape(len(queries), 0))
    for start, cosines in _chunks(queries, gallery):
        if leave_out:
            here = np.arange(len(cosines))
            cosines[here, start + here] = -np.inf
        found = _best(cosines, k)
        rows[start : start + len(cosines)] = found
        scores[start : start + len(cosines)] = np.take_along_axis(cosines, found, axis=1)
    return Neighbours(rows, scores)


def _chunks(queries: Vectors, gallery: Vectors) -> Iterator[tuple[int, Vectors]]:
    """Yield (first query, cosines of some queries with the whole gallery)."""
    size = max(1, CHUNK_BYTES // (4 * max(1, len(gallery))))
    for start in range(0, len(queries), size):
        yield start, queries[start : start + size] @ gallery.T


def _best(cosines: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """Return the columns of the k largest of each row, largest first; of equal ones those that come first."""
    if k >= cosines.shape[1]:
        return np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    chosen = np.sort(np.argpartition(-cosines, k - 1, axis=1)[:, :k], axis=1)
    values = np.take_along_axis(cosines, chosen, axis=1)
    # Where more are as large as the last chosen, which of them was chosen is chance.
    for row in np.nonzero((cosines >= values.min(axis=1, keepdims=True)).sum(axis=1) > k)[0]:
        chosen[row] = np.sort(np.argsort(-cosines[row], kind="stable")[:k])
        values[row] = cosines[row, chosen[row]]
    order = np.argsort(-values, axis=1, kind="stable")
    found: NDArray[np.int64] = np.take_along_axis(chosen, order, axis=1)
    return found


def ranks(queries: Vectors, gallery: Vectors, own: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many of the gallery are closer to each query than its own row is: int64 (n,), 0 is the first place.

    A copy of the own photo in another product is not closer: nobody can tell them apart.
    """
    result = np.empty(len(queries), np.int64)
    for start, cosines in _chunks(queries, gallery):
        here = own[start : start + len(cosines), None]
        result[start : start + len(cosines)] = (cosines > np.take_along_axis(cosines, here, axis=1) + SAME).sum(axis=1)
    return result


def mates(codes: Codes, *, seed: int) -> NDArray[np.int64]:
    """Return pairs of items with the same label, each item with one other of its class: int64 (m, 2)."""
    numbers = np.random.default_rng(seed)
    pairs = []
    for code in np.unique(codes[codes >= 0]):
        members = numbers.permutation(np.nonzero(codes == code)[0])
        if len(members) > 1:
            pairs.append(np.stack([members, np.roll(members, 1)], axis=1))
    return np.concatenate(pairs) if pairs else np.empty((0, 2), np.int64)


def strangers(codes: Codes, count: int, *, seed: int) -> NDArray[np.int64]:
    """Return at most ``count`` pairs of items with different labels: int64 (m, 2)."""
    numbers = np.random.default_rng(seed)
    labelled = np.nonzero(codes >= 0)[0]
    if not len(labelled):
        return np.empty((0, 2), np.int64)
    pairs: NDArray[np.int64] = labelled[numbers.integers(0, len(labelled), (count, 2))]
    different: NDArray[np.int64] = pairs[codes[pairs[:, 0]] != codes[pairs[:, 1]]]
    return different


def cosines(vectors: Vectors, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the cosine of each pair of rows: float32 (m,)."""
    result = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), 4096):
        part = pairs[start : start + 4096]
        result[start : start + 4096] = np.einsum("nd,nd->n", vectors[part[:, 0]], vectors[part[:, 1]])
    return result
