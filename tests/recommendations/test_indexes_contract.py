"""What every index promises. Each backend's test file subclasses ``IndexContract``; its own cases are there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.exceptions import EmbedderMismatchError
from recommendations.indexes.base import VectorIndex, check_query

EMBEDDER = "tests-4"


def unit(vectors: NDArray[np.floating] | list[list[float]]) -> NDArray[np.float32]:
    """Return rows of unit length."""
    wide = np.asarray(vectors, dtype=np.float64)
    rows: NDArray[np.float32] = (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float32)
    return rows


def clustered(count: int, dimensions: int, *, clusters: int = 40, seed: int = 0) -> NDArray[np.float32]:
    """Return unit rows in groups, as photos of garments come; the groups are the same for every seed."""
    centres = np.random.default_rng(99).normal(size=(clusters, dimensions))
    draw = np.random.default_rng(seed)
    return unit(centres[draw.integers(clusters, size=count)] + 0.6 * draw.normal(size=(count, dimensions)))


def brute_force(
    ids: NDArray[np.int64], vectors: NDArray[np.float32], query: NDArray[np.float32], k: int
) -> list[tuple[int, float]]:
    """Return the k nearest the slow and obvious way."""
    scored = [
        (int(embedding_id), float(np.dot(vector.astype(float), query.astype(float))))
        for embedding_id, vector in zip(ids, vectors, strict=True)
    ]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:k]


class IndexContract:
    """Subclass as ``Test…`` and give ``build``."""

    @pytest.fixture
    def build(self) -> Callable[..., VectorIndex]:
        """Return ``build(ids, vectors)`` → index of embedder EMBEDDER."""
        raise NotImplementedError

    # Four directions one can check by hand: east, north-east, north, west.
    COMPASS = unit([[1, 0], [1, 1], [0, 1], [-1, 0]])

    @pytest.fixture
    def compass(self, build: Callable[..., VectorIndex]) -> VectorIndex:
        return build(np.array([10, 20, 30, 40]), self.COMPASS)

    def test_the_nearest_comes_first_with_its_cosine(self, compass: VectorIndex) -> None:
        found = compass.query(np.array([1, 0], np.float32), 4, embedder=EMBEDDER)
        assert [neighbor.embedding_id for neighbor in found] == [10, 20, 30, 40]
        assert [neighbor.score for neighbor in found] == pytest.approx([1, 0.5**0.5, 0, -1], abs=1e-7)

    def test_it_knows_its_size_and_its_embedder(self, compass: VectorIndex) -> None:
        assert (len(compass), compass.embedder, compass.dimensions) == (4, EMBEDDER, 2)

    def test_k_larger_than_the_index_returns_all(self, compass: VectorIndex) -> None:
        assert len(compass.query(np.array([0, 1], np.float32), 50, embedder=EMBEDDER)) == 4

    def test_an_empty_index_answers_with_nothing(self, build: Callable[..., VectorIndex]) -> None:
        index = build(np.empty(0, np.int64), np.empty((0, 4), np.float32))
        assert len(index) == 0
        assert index.query(np.array([1, 0, 0, 0], np.float32), 5, embedder=EMBEDDER) == []

    def test_an_index_of_one_finds_it(self, build: Callable[..., VectorIndex]) -> None:
        index = build(np.array([7]), unit([[1, 2, 3]]))
        found = index.query(np.array([1, 0, 0], np.float32), 5, embedder=EMBEDDER)
        assert [neighbor.embedding_id for neighbor in found] == [7]
        assert found[0].score == pytest.approx(14**-0.5)

    @pytest.mark.fault
    @pytest.mark.parametrize("dimensions", [3, 48])
    def test_where_all_are_duplicates_k_are_found_in_order_of_id(
        self, build: Callable[..., VectorIndex], dimensions: int
    ) -> None:
        """F38."""
        vectors = np.repeat(unit(np.random.default_rng(2).normal(size=(1, dimensions))), 3000, axis=0)
        found = build(np.arange(3000) * 2, vectors).query(vectors[0], 20, embedder=EMBEDDER)
        ids = [neighbor.embedding_id for neighbor in found]
        assert len(set(ids)) == 20
        assert ids == sorted(ids)
        assert len({neighbor.score for neighbor in found}) == 1
        assert found[0].score == pytest.approx(1, abs=1e-6)

    @pytest.mark.parametrize("dimensions", [5, 256])
    def test_ties_go_by_id_and_tied_scores_are_equal(self, build: Callable[..., VectorIndex], dimensions: int) -> None:
        some = clustered(20, dimensions)
        vectors = some[np.arange(60) % 20]  # rows r, r + 20 and r + 40 are the same
        ids = np.arange(100, 160)
        index = build(ids, vectors)
        for row in range(20):
            found = index.query(vectors[row], 3, embedder=EMBEDDER)
            assert [neighbor.embedding_id for neighbor in found] == [100 + row, 120 + row, 140 + row]
            assert found[0].score == found[1].score == found[2].score

    def test_scores_are_exact(self, build: Callable[..., VectorIndex]) -> None:
        vectors = clustered(800, 64)
        ids = np.arange(800) + 1
        index = build(ids, vectors)
        for query in clustered(30, 64, seed=1):
            for neighbor in index.query(query, 5, embedder=EMBEDDER):
                truth = float(np.dot(vectors[neighbor.embedding_id - 1].astype(float), query.astype(float)))
                assert neighbor.score == pytest.approx(truth, abs=1e-6)

    def test_it_finds_what_brute_force_finds(self, build: Callable[..., VectorIndex]) -> None:
        vectors = clustered(600, 32, seed=3)
        ids = np.sort(np.random.default_rng(1).choice(10_000, 600, replace=False)).astype(np.int64)
        index = build(ids, vectors)
        hits = total = 0
        for query in clustered(50, 32, seed=4):
            truth = {pair[0] for pair in brute_force(ids, vectors, query, 5)}
            hits += len(truth & {neighbor.embedding_id for neighbor in index.query(query, 5, embedder=EMBEDDER)})
            total += 5
        assert hits / total >= self.LEAST_RECALL

    #: Of recall@5, over clustered vectors.
    LEAST_RECALL = 1.0

    def test_huge_ids_come_back_as_they_are(self, build: Callable[..., VectorIndex]) -> None:
        ids = np.array([0, 5, 2**40, 2**62])
        found = build(ids, self.COMPASS).query(np.array([0, 1], np.float32), 4, embedder=EMBEDDER)
        assert [neighbor.embedding_id for neighbor in found] == [2**40, 5, 0, 2**62]
        assert all(type(neighbor.embedding_id) is int and type(neighbor.score) is float for neighbor in found)

    def test_the_length_of_the_query_does_not_matter(self, compass: VectorIndex) -> None:
        long = compass.query(np.array([30, 0], np.float32), 4, embedder=EMBEDDER)
        assert long == compass.query(np.array([1, 0], np.float32), 4, embedder=EMBEDDER)

    @pytest.mark.fault
    def test_a_query_of_another_embedder_is_refused(self, compass: VectorIndex) -> None:
        """F18."""
        with pytest.raises(EmbedderMismatchError, match="somebody-else"):
            compass.query(np.array([1, 0], np.float32), 4, embedder="somebody-else")

    @pytest.mark.parametrize(
        "vector",
        [
            np.array([np.nan, 1]),
            np.array([np.inf, 1]),
            np.zeros(2),
            np.full(2, 1e-30),
            np.ones(3),
            np.ones((1, 2)),
            np.float32(1),
        ],
        ids=["nan", "infinite", "zero", "vanishing", "too long", "two-dimensional", "a number"],
    )
    def test_a_query_that_is_no_direction_is_refused(self, compass: VectorIndex, vector: NDArray[np.float64]) -> None:
        with pytest.raises(ValueError, match=r"A query (here has shape|must be finite)"):
            compass.query(vector.astype(np.float32), 4, embedder=EMBEDDER)

    @pytest.mark.parametrize("k", [0, -1])
    def test_k_below_one_is_refused(self, compass: VectorIndex, k: int) -> None:
        with pytest.raises(ValueError, match="k must be at least 1"):
            compass.query(np.array([1, 0], np.float32), k, embedder=EMBEDDER)

    def test_eight_threads_get_the_answers_one_thread_gets(self, build: Callable[..., VectorIndex]) -> None:
        vectors = clustered(2000, 24, seed=6)
        index = build(np.arange(2000), vectors)
        queries = list(clustered(200, 24, seed=7))
        alone = [index.query(query, 7, embedder=EMBEDDER) for query in queries]
        with ThreadPoolExecutor(8) as threads:
            for _ in range(3):
                together = list(threads.map(lambda query: index.query(query, 7, embedder=EMBEDDER), queries))
                assert together == alone


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e30])
def test_a_query_is_brought_to_unit_length(scale: float) -> None:
    query = check_query(np.array([3, 4]) * scale, 1, dimensions=2)
    assert query.dtype == np.float32
    assert query == pytest.approx([0.6, 0.8])
