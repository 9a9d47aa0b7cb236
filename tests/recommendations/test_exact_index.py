from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.exceptions import EmbedderMismatchError
from recommendations.indexes import exact_index
from recommendations.indexes.base import VectorIndex
from recommendations.indexes.exact_index import ExactIndex
from tests.recommendations.test_indexes_contract import EMBEDDER, IndexContract, brute_force, clustered, unit


class TestExactIndex(IndexContract):
    @pytest.fixture
    def build(self) -> Callable[..., VectorIndex]:
        return lambda ids, vectors: ExactIndex(ids, vectors, embedder=EMBEDDER)

    def test_of_all_duplicates_it_returns_the_lowest_ids(self, build: Callable[..., VectorIndex]) -> None:
        vectors = np.repeat(unit([[1, 2, 3]]), 1000, axis=0)
        found = build(np.arange(1000), vectors).query(vectors[0], 5, embedder=EMBEDDER)
        assert [neighbor.embedding_id for neighbor in found] == [0, 1, 2, 3, 4]


class TestExactIndexInSmallBites(TestExactIndex):
    """The same when a scan takes many chunks."""

    @pytest.fixture(autouse=True)
    def small_chunks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exact_index, "CHUNK", 7)
        monkeypatch.setattr(exact_index, "GATHER", 3)


@pytest.mark.parametrize("share", [0.01, 0.24, 0.26, 1.0])
def test_some_rows_are_searched_as_if_there_were_no_others(share: float) -> None:
    vectors = clustered(1000, 16)
    ids = np.arange(1000) * 5
    index = ExactIndex(ids, vectors, embedder=EMBEDDER)
    draw = np.random.default_rng(8)
    rows = draw.permutation(1000)[: int(1000 * share)]
    for query in clustered(20, 16, seed=9):
        found = index.query_rows(query, 8, rows, embedder=EMBEDDER)
        truth = brute_force(ids[rows], vectors[rows], query, 8)
        assert [neighbor.embedding_id for neighbor in found] == [pair[0] for pair in truth]


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 60),
    kinds=st.integers(1, 6),
    k=st.integers(1, 70),
    chosen=st.lists(st.integers(0, 59), unique=True),
    seed=st.integers(0, 1000),
)
def test_any_rows_and_any_k_equal_brute_force(count: int, kinds: int, k: int, chosen: list[int], seed: int) -> None:
    vectors = clustered(kinds, 4, seed=seed)[np.random.default_rng(seed).integers(kinds, size=count)]
    ids = np.arange(count) * 3
    rows = np.array([row for row in chosen if row < count], dtype=np.int64)
    query = clustered(1, 4, seed=seed + 1)[0]
    index = ExactIndex(ids, vectors, embedder=EMBEDDER)
    found = index.query_rows(query, k, rows, embedder=EMBEDDER)
    truth = brute_force(ids[rows], vectors[rows], query, k)
    # Scores of different kinds may differ by less than a float32 query's rounding; within a kind the order is by id.
    assert [neighbor.score for neighbor in found] == pytest.approx([pair[1] for pair in truth], abs=1e-7)
    assert len({neighbor.embedding_id for neighbor in found}) == min(k, len(rows))


def test_no_rows_give_no_answer() -> None:
    index = ExactIndex(np.arange(3), clustered(3, 4), embedder=EMBEDDER)
    assert index.query_rows(np.ones(4, np.float32), 5, np.empty(0, np.int64), embedder=EMBEDDER) == []


@pytest.mark.parametrize("row", [-1, 3])
def test_a_row_that_does_not_exist_is_refused(row: int) -> None:
    index = ExactIndex(np.arange(3), clustered(3, 4), embedder=EMBEDDER)
    with pytest.raises(IndexError, match="Rows go from 0 to 2"):
        index.query_rows(np.ones(4, np.float32), 5, np.array([row]), embedder=EMBEDDER)


def test_rows_are_not_searched_for_another_embedder() -> None:
    index = ExactIndex(np.arange(3), clustered(3, 4), embedder=EMBEDDER)
    with pytest.raises(EmbedderMismatchError):
        index.query_rows(np.ones(4, np.float32), 5, np.array([0]), embedder="somebody-else")


@pytest.mark.parametrize("ids", [[2, 1, 3], [1, 1, 2], [1, 2]])
def test_ids_that_are_not_ascending_and_unique_are_refused(ids: list[int]) -> None:
    with pytest.raises(ValueError, match=r"Ids must be|Expected ids"):
        ExactIndex(np.array(ids), clustered(3, 4), embedder=EMBEDDER)


def test_a_scan_of_mapped_vectors_needs_little_memory(tmp_path: Path) -> None:
    vectors = clustered(40_000, 64)
    np.save(tmp_path / "vectors.npy", vectors)
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    index = ExactIndex(np.arange(40_000), mapped, embedder=EMBEDDER)
    tracemalloc.start()
    try:
        index.query(vectors[5], 5, embedder=EMBEDDER)
        index.query_rows(vectors[5], 5, np.arange(9_000), embedder=EMBEDDER)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < vectors.nbytes / 2
