"""Nearest neighbours, ranks and pairs, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from recommendations.evaluation import geometry
from recommendations.evaluation.metrics import recall_at
from tests.recommendations.evaluation.vectors import codes, drawn, on_circle


def test_nearest_others_leaves_the_query_out() -> None:
    found = geometry.nearest_others(on_circle(0, 10, 30, 100), 2)
    assert found.rows.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert found.scores[0] == pytest.approx(np.cos(np.radians([10, 30])), abs=1e-6)


def test_a_query_beside_a_gallery_leaves_nothing_out() -> None:
    assert geometry.nearest(on_circle(9), on_circle(0, 10, 30), 2).rows.tolist() == [[1, 0]]


def test_equals_come_in_the_order_of_their_rows() -> None:
    copies = on_circle(50, 0, 0, 0, 0, 0, 1)
    assert geometry.nearest(on_circle(0), copies, 3).rows.tolist() == [[1, 2, 3]]
    assert geometry.nearest_others(copies, 3).rows[2].tolist() == [1, 3, 4]


def test_fewer_than_k_are_all_there_are() -> None:
    assert geometry.nearest_others(on_circle(0, 10), 5).rows.tolist() == [[1], [0]]
    assert geometry.nearest_others(on_circle(0), 5).rows.shape == (1, 0)
    assert geometry.nearest(on_circle(0), on_circle(1, 2), 5).rows.tolist() == [[0, 1]]


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = drawn(300)
    whole, places = geometry.nearest_others(vectors, 7), geometry.ranks(vectors[:90] + 0.1, vectors, np.arange(90))
    monkeypatch.setattr(geometry, "CHUNK_BYTES", 4 * 300 * 11)
    assert (geometry.nearest_others(vectors, 7).rows == whole.rows).all()
    assert (geometry.ranks(vectors[:90] + 0.1, vectors, np.arange(90)) == places).all()


def test_nearest_is_what_scikit_learn_finds() -> None:
    vectors = drawn(400)
    expected = NearestNeighbors(n_neighbors=11, metric="cosine", algorithm="brute").fit(vectors)
    assert (geometry.nearest_others(vectors, 10).rows == expected.kneighbors(return_distance=False)[:, :10]).all()


def test_mates_share_a_label_and_strangers_do_not() -> None:
    labels = codes(0, 0, 0, 1, 1, 2, -1, -1)
    mates = geometry.mates(labels, seed=0)
    assert sorted(mates[:, 0].tolist()) == [0, 1, 2, 3, 4]
    assert all(labels[a] == labels[b] and a != b for a, b in mates)
    strangers = geometry.strangers(labels, 500, seed=0)
    assert len(strangers) > 200
    assert all(labels[a] != labels[b] and min(labels[a], labels[b]) >= 0 for a, b in strangers)


def test_cosines_of_pairs() -> None:
    found = geometry.cosines(on_circle(0, 60, 180), np.array([[0, 1], [0, 2], [1, 1]]))
    assert found == pytest.approx([0.5, -1, 1], abs=1e-6)


def test_ranks_count_who_is_closer_than_the_own_product() -> None:
    gallery = on_circle(0, 10, 20, 20)
    queries = on_circle(0, 1, 11, 21)
    found = geometry.ranks(queries, gallery, codes(0, 1, 0, 3))
    # The copy at 20 degrees is not closer than the own one.
    assert found.tolist() == [0, 1, 3, 0]
    assert recall_at(found, 1) == 0.5
    assert recall_at(found, 2) == 0.75
    assert np.isnan(recall_at(found[:0], 1))
