"""Recall of an index: how much of what exact search finds does it find?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.indexes.base import VectorIndex
from recommendations.indexes.exact_index import ExactIndex

K = 5
SAMPLE = 500

#: Cosine of a perturbed vector with the one it is made from: a shopper's photo of something the gallery holds.
NEARNESS = 0.9

#: Rows compared at a time: 1,000 queries' scores of them take 64 MB.
CHUNK = 16_384

#: float32 scores may differ by this much; a neighbour that scores as the fifth does is as good as the fifth.
SLACK = 5e-6

#: Standard errors that a sample may flatter by: of questions it did not hold, at most 1 in 40 lots would be worse.
DOUBT = 2.0


class Marks(NamedTuple):
    """recall@5 on a sample of questions, and what it says of all the others.

    Attributes:
        gallery: for vectors of the gallery, themselves aside.
        near: for vectors near the gallery, not in it.
        at_least: the worse of the two less ``DOUBT`` standard errors.
    """

    gallery: float
    near: float
    at_least: float

    @property
    def worse(self) -> float:
        """The lower of the two."""
        return min(self.gallery, self.near)


class Exam:
    """Questions with known answers, for any index over the same vectors: the same ones for the same seed."""

    def __init__(self, exact: ExactIndex, *, sample: int = SAMPLE, seed: int = 0) -> None:
        draw = np.random.default_rng(seed)
        self._exact = exact
        self._rows = np.sort(draw.choice(len(exact), size=min(sample, len(exact)), replace=False))
        gallery = exact.vectors[self._rows]
        self._vectors = np.concatenate((gallery, perturbed(gallery, draw)))
        self._passing = self._passing_scores()

    @property
    def questions(self) -> int:
        """How many there are, of both kinds together."""
        return len(self._vectors)

    def take(self, index: VectorIndex) -> Marks:
        """Return how well the index does: on as many vectors of the gallery as near it."""
        half = len(self._rows)
        found = np.array([self._share_found(index, question) for question in range(2 * half)])
        both = found[:half], found[half:]
        gallery, near = (float(shares.mean()) for shares in both)
        at_least = min(float(shares.mean() - DOUBT * shares.std() / half**0.5) for shares in both)
        return Marks(gallery, near, at_least)

    def _share_found(self, index: VectorIndex, question: int) -> float:
        own = int(self._exact.ids[self._rows[question]]) if question < len(self._rows) else None
        wanted = min(K, len(self._exact) - (own is not None))
        if not wanted:
            return 1.0
        answer = index.query(self._vectors[question], wanted + (own is not None), embedder=index.embedder)
        others = [neighbor for neighbor in answer if neighbor.embedding_id != own][:wanted]
        passing = float(self._passing[question]) - SLACK
        return sum(neighbor.score >= passing for neighbor in others) / wanted

    def _passing_scores(self) -> NDArray[np.float32]:
        """Return each question's K-th best score by exact search, float32 (questions,); -1 where all rows pass."""
        best = np.full((len(self._vectors), K), -1, dtype=np.float32)
        for start in range(0, len(self._exact), CHUNK):
            scores = self._vectors @ self._exact.vectors[start : start + CHUNK].T
            here = np.flatnonzero((self._rows >= start) & (self._rows < start + CHUNK))
            scores[here, self._rows[here] - start] = -1
            best = np.partition(np.concatenate((best, scores), axis=1), -K, axis=1)[:, -K:]
        passing: NDArray[np.float32] = best.min(axis=1)
        return passing


def perturbed(vectors: NDArray[np.float32], draw: np.random.Generator) -> NDArray[np.float32]:
    """Return unit vectors near these, at a cosine of about 0.9.

    The noise has each dimension's own spread: a photo of the same thing moves where the gallery's photos differ, not
    into directions none of them takes.
    """
    noise = draw.normal(size=vectors.shape) * (vectors.std(axis=0) + 1e-6)
    noise -= (noise * vectors).sum(axis=1, keepdims=True) * vectors
    noise /= np.maximum(np.linalg.norm(noise, axis=1, keepdims=True), 1e-12)
    moved = NEARNESS * vectors + (1 - NEARNESS**2) ** 0.5 * noise
    unit: NDArray[np.float32] = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return unit
