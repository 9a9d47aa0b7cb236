"""What an index is: built once from ids and vectors, then queried. No Django here."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommendations.exceptions import EmbedderMismatchError


class Neighbor(NamedTuple):
    """One photo near a query. ``score`` is cosine similarity: higher is closer, 1 is the same."""

    embedding_id: int
    score: float


class VectorIndex(ABC):
    """Ids and unit vectors, searchable. Safe to query from many threads at once.

    Attributes:
        embedder: the name of the embedder that made the vectors.
        dimensions: length of a vector.
    """

    embedder: str
    dimensions: int

    @abstractmethod
    def __len__(self) -> int:
        """Return how many vectors it holds."""

    @abstractmethod
    def query(self, vector: NDArray[np.float32], k: int, *, embedder: str) -> list[Neighbor]:
        """Return the ``min(k, len(self))`` nearest, best first; ties by id.

        Args:
            vector: float32 (dimensions,), unit length; another length is brought to it.
            k: how many, at least 1.
            embedder: the name of the embedder that made ``vector``.

        Raises:
            EmbedderMismatchError: ``embedder`` is not the index's own.
            ValueError: wrong shape, not finite, zero, or k below 1.
        """

    def reliable(self, k: int) -> int:
        """Return how many of the first neighbours of ``query(…, k)`` nothing nearer is missing among.

        All of them, where search is exact; fewer where it is approximate, and misses more the further it goes.
        """
        return k

    def check_embedder(self, embedder: str) -> None:
        """Refuse a query of another embedder: its vectors mean something else.

        Raises:
            EmbedderMismatchError: ``embedder`` is not the index's own.
        """
        if embedder != self.embedder:
            raise EmbedderMismatchError(
                f"The query was made by {embedder}, the index by {self.embedder}. Embed the query with the latter."
            )


def check_query(vector: ArrayLike, k: int, *, dimensions: int) -> NDArray[np.float32]:
    """Return the query at unit length: float32 (dimensions,).

    Raises:
        ValueError: wrong shape, not finite, zero, or k below 1. An index would answer these without complaint, and
            wrongly.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}.")
    wide = np.asarray(vector, dtype=np.float64)
    if wide.shape != (dimensions,):
        raise ValueError(f"A query here has shape {(dimensions,)}, got {wide.shape}.")
    length = float(np.linalg.norm(wide)) if np.isfinite(wide).all() else float("nan")
    # 1e-12 as in Embedder.embed: what is shorter has no direction but rounding noise.
    if not np.isfinite(length) or length < 1e-12:
        raise ValueError("A query must be finite and not zero.")
    unit: NDArray[np.float32] = (wide / length).astype(np.float32)
    return unit
