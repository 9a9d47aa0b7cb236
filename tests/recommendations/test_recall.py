from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.indexes import recall
from recommendations.indexes.base import Neighbor, VectorIndex
from recommendations.indexes.exact_index import ExactIndex
from recommendations.indexes.recall import Exam, perturbed
from tests.recommendations.test_indexes_contract import EMBEDDER, clustered


class Forgetful(VectorIndex):
    """Exact search that knows only every ``step``-th row."""

    def __init__(self, exact: ExactIndex, step: int) -> None:
        self.exact = exact
        self.embedder = exact.embedder
        self.dimensions = exact.dimensions
        self.rows = np.arange(0, len(exact), step)

    def __len__(self) -> int:
        return len(self.rows)

    def query(self, vector: NDArray[np.float32], k: int, *, embedder: str) -> list[Neighbor]:
        return self.exact.query_rows(vector, k, self.rows, embedder=embedder)


@pytest.fixture
def exact() -> ExactIndex:
    return ExactIndex(np.arange(3000) * 2, clustered(3000, 32), embedder=EMBEDDER)


def test_exact_search_finds_everything(exact: ExactIndex) -> None:
    assert Exam(exact).take(exact) == (1.0, 1.0, 1.0)


def test_what_knows_a_third_finds_a_third(exact: ExactIndex) -> None:
    marks = Exam(exact).take(Forgetful(exact, 3))
    assert marks.gallery == pytest.approx(1 / 3, abs=0.05)
    assert marks.near == pytest.approx(1 / 3, abs=0.05)
    assert marks.worse == min(marks.gallery, marks.near)


def test_a_sample_promises_less_than_it_shows_and_other_samples_keep_the_promise(exact: ExactIndex) -> None:
    forgetful = Forgetful(exact, 3)
    small, large = (Exam(exact, sample=size).take(forgetful) for size in (100, 1_000))
    # Ten times the questions: a third of the doubt.
    assert small.worse - small.at_least == pytest.approx(3 * (large.worse - large.at_least), rel=0.3)
    others = [Exam(exact, sample=100, seed=seed).take(forgetful) for seed in range(1, 21)]
    assert len({marks.gallery for marks in others}) > 10
    assert sum(marks.worse >= small.at_least for marks in others) >= 18


def test_questions_are_the_same_each_time_and_500_of_each_kind(exact: ExactIndex) -> None:
    forgetful = Forgetful(exact, 2)
    exam = Exam(exact)
    assert exam.take(forgetful) == exam.take(forgetful) == Exam(exact).take(forgetful)
    assert exam.questions == 1000


def test_the_truth_does_not_depend_on_how_it_is_cut(exact: ExactIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    forgetful = Forgetful(exact, 2)
    whole = Exam(exact).take(forgetful)
    monkeypatch.setattr(recall, "CHUNK", 100)
    assert Exam(exact).take(forgetful) == whole


@pytest.mark.parametrize("count", [1, 2, 5, 6])
def test_small_galleries_ask_for_what_there_is(count: int) -> None:
    exact = ExactIndex(np.arange(count), clustered(count, 8), embedder=EMBEDDER)
    assert Exam(exact).take(exact) == (1.0, 1.0, 1.0)


def test_a_duplicate_is_as_good_as_the_next() -> None:
    vectors = np.repeat(clustered(10, 8), 50, axis=0)
    exact = ExactIndex(np.arange(500), vectors, embedder=EMBEDDER)
    assert Exam(exact).take(Forgetful(exact, 5)).gallery == 1.0


def test_perturbed_vectors_are_near_where_they_come_from() -> None:
    vectors = clustered(200, 64)
    moved = perturbed(vectors, np.random.default_rng(0))
    assert np.linalg.norm(moved, axis=1) == pytest.approx(1, abs=1e-6)
    assert (moved * vectors).sum(axis=1) == pytest.approx(0.9, abs=1e-3)
