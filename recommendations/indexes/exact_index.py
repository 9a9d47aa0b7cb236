"""Exact search: every vector is compared. The truth other indexes are measured against, and the fallback."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.indexes.base import Neighbor, VectorIndex, check_query

#: Rows compared at a time; bounds the memory of a scan whatever the size of the index.
CHUNK = 131_072

#: Rows copied out of the vectors at a time.
GATHER = 8_192

#: From this share of all rows on, reading all of them in order is faster than copying the chosen ones out.
DENSE = 0.25


class ExactIndex(VectorIndex):
    """Compare the query with all vectors, or with some rows.

    Vectors may be memory-mapped: they are read where they lie.
    """

    def __init__(self, ids: NDArray[np.int64], vectors: NDArray[np.float32], *, embedder: str) -> None:
        """Take int64 (n,) unique ids in ascending order and float32 (n, dimensions) unit rows."""
        if vectors.ndim != 2 or ids.shape != (len(vectors),):
            raise ValueError(f"Expected ids (n,) and vectors (n, dimensions), got {ids.shape} and {vectors.shape}.")
        if (ids[1:] <= ids[:-1]).any():
            raise ValueError("Ids must be unique and in ascending order: ties are broken by row.")
        self.ids = ids
        self.vectors = vectors
        self.embedder = embedder
        self.dimensions = int(vectors.shape[1])
        # float32 scores differ from the true ones by less; what comes this near to the k-th is looked at again.
        self._slack = 4 * float(np.finfo(np.float32).eps) * max(self.dimensions, 1) ** 0.5

    def __len__(self) -> int:
        return len(self.ids)

    def query(self, vector: NDArray[np.float32], k: int, *, embedder: str) -> list[Neighbor]:
        self.check_embedder(embedder)
        unit = check_query(vector, k, dimensions=self.dimensions)
        return self.scan(unit, min(k, len(self)))

    def query_rows(
        self, vector: NDArray[np.float32], k: int, rows: NDArray[np.int64], *, embedder: str
    ) -> list[Neighbor]:
        """Return the ``min(k, len(rows))`` nearest among these rows, best first; ties by id.

        Args:
            rows: row numbers, int64 (m,), each at most once, in any order.

        Raises:
            EmbedderMismatchError, ValueError: as ``query``.
            IndexError: a row that does not exist.
        """
        self.check_embedder(embedder)
        unit = check_query(vector, k, dimensions=self.dimensions)
        if len(rows) and (rows.min() < 0 or rows.max() >= len(self)):
            raise IndexError(f"Rows go from 0 to {len(self) - 1}, got {rows.min()} to {rows.max()}.")
        k = min(k, len(rows))
        if k and len(rows) > DENSE * len(self):
            chosen = np.zeros(len(self), dtype=np.bool_)
            chosen[rows] = True
            return self.scan(unit, k, chosen)
        near = _Nearest(k, self._slack)
        for start in range(0, len(rows), GATHER):
            some = rows[start : start + GATHER]
            near.add(some, self.vectors[some] @ unit)
        return self.ranked(unit, near.rows, k)

    def scan(self, unit: NDArray[np.float32], k: int, chosen: NDArray[np.bool_] | None = None) -> list[Neighbor]:
        """Return the ``k`` nearest of all rows, or of those ``chosen`` (bool (n,)), to a query already checked."""
        near = _Nearest(k, self._slack)
        for start in range(0, len(self) if k else 0, CHUNK):
            scores = self.vectors[start : start + CHUNK] @ unit
            inside = np.arange(len(scores)) if chosen is None else np.flatnonzero(chosen[start : start + CHUNK])
            near.add(inside + start, scores if chosen is None else scores[inside])
        return self.ranked(unit, near.rows, k)

    def ranked(self, unit: NDArray[np.float32], rows: NDArray[np.int64], k: int) -> list[Neighbor]:
        """Return the best ``k`` of these rows by exact score; ties by id."""
        scores = np.empty(len(rows), dtype=np.float64)
        for start in range(0, len(rows), GATHER):
            scores[start : start + GATHER] = exact_scores(self.vectors[rows[start : start + GATHER]], unit)
        best = np.lexsort((rows, -scores))[:k]
        found = zip(self.ids[rows[best]].tolist(), scores[best].tolist(), strict=True)
        return [Neighbor(embedding_id, score) for embedding_id, score in found]


def exact_scores(vectors: NDArray[np.float32], unit: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the cosines of unit rows (m, dimensions) with a unit vector: float64 (m,), within -1 and 1.

    Each row is summed by itself, so equal vectors have equal scores whatever lies around them; a matrix product does
    not promise that.
    """
    scores: NDArray[np.float64] = (vectors.astype(np.float64) * unit.astype(np.float64)).sum(axis=1)
    return scores.clip(-1.0, 1.0)


class _Nearest:
    """The rows seen so far that may be among the k nearest."""

    def __init__(self, k: int, slack: float) -> None:
        self.k = k
        self.slack = slack
        self.rows = np.empty(0, dtype=np.int64)
        self._scores = np.empty(0, dtype=np.float32)

    def add(self, rows: NDArray[np.int64], scores: NDArray[np.float32]) -> None:
        """Look at more rows, with their float32 scores."""
        if len(self.rows):
            rows = np.concatenate((self.rows, rows))
            scores = np.concatenate((self._scores, scores))
        if len(rows) > self.k:
            kth = np.partition(scores, len(scores) - self.k)[len(scores) - self.k]
            keep = scores >= kth - self.slack
            rows, scores = rows[keep], scores[keep]
        self.rows, self._scores = rows, scores
