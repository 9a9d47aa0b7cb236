"""Retrieval metrics, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, ndcg_score, roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from recommendations.evaluation import geometry, metrics
from tests.recommendations.evaluation.vectors import codes, drawn


def test_precision_counts_the_neighbours_of_the_querys_label() -> None:
    labels = codes(0, 0, 1, 1, -1)
    rows = np.array([[1, 2], [0, 4], [3, 0], [2, 4], [0, 1]])
    assert metrics.precision(metrics.agreement(labels, rows)).tolist() == [0.5, 0.5, 0.5, 0.5, 0]


def test_what_has_no_label_agrees_with_nothing_that_has_none() -> None:
    assert not metrics.agreement(codes(-1, -1), np.array([[1], [0]])).any()


def test_by_class_gives_every_class_its_mean_and_its_count() -> None:
    found = metrics.by_class(np.array([1, 0.5, 0, 0.2, 9]), codes(0, 0, 0, 1, -1), ["shirt", "cap", "unused"])
    assert [(score.name, score.queries) for score in found.classes] == [("shirt", 3), ("cap", 1)]
    assert [score.value for score in found.classes] == pytest.approx([0.5, 0.2])
    assert found.micro == pytest.approx(1.7 / 4)
    assert found.macro == pytest.approx((0.5 + 0.2) / 2)
    assert np.isnan(metrics.by_class(np.zeros(1), codes(-1), []).micro)


def test_ndcg_by_hand() -> None:
    # Found 0 then 7; the best was 7 then 4: (7/log2 3) / (7/log2 2 + 4/log2 3).
    gains, ideal = np.array([[0.0, 7.0]]), np.array([[7.0, 4.0]])
    assert metrics.ndcg(gains, ideal) == pytest.approx((7 / np.log2(3)) / (7 + 4 / np.log2(3)))
    assert metrics.ndcg(ideal, ideal) == pytest.approx(1)
    assert metrics.ndcg(np.zeros((1, 2)), np.zeros((1, 2))).tolist() == [0]


def test_ndcg_is_what_scikit_learn_computes() -> None:
    numbers = np.random.default_rng(1)
    vectors, labels = drawn(120), [numbers.integers(-1, 4, 120) for _ in range(3)]
    weights, k = (4, 2, 1), 10
    rows = geometry.nearest_others(vectors, k).rows
    ours = metrics.ndcg(metrics.graded(labels, weights, rows), metrics.ideal_gains(labels, weights, k))
    everybody = np.arange(120)
    for query in range(120):
        others = everybody[everybody != query]
        relevance = metrics.graded(labels, weights, np.tile(others, (120, 1)))[query]
        scores = vectors[others] @ vectors[query]
        if relevance.any():
            assert ours[query] == pytest.approx(ndcg_score([relevance], [scores], k=k), abs=1e-6)
        else:
            assert ours[query] == 0


def test_ideal_gains_by_hand() -> None:
    # Three of one kind, one that shares the type only, one that shares nothing.
    kind, colour = codes(0, 0, 0, 0, 1), codes(0, 0, 0, 1, 2)
    ideal = metrics.ideal_gains([kind, colour], (4, 2), 5)
    assert ideal[0].tolist() == [6, 6, 4, 0, 0]
    assert ideal[3].tolist() == [4, 4, 4, 0, 0]
    assert ideal[4].tolist() == [0, 0, 0, 0, 0]


def test_encode_and_combine() -> None:
    values, names = metrics.encode(["b", None, "a", "", "b"])
    assert (values.tolist(), names) == ([1, -1, 0, -1, 1], ["a", "b"])
    joined = metrics.combine(codes(0, 0, 1, 0, -1), codes(5, 5, 5, 6, 5))
    assert joined[0] == joined[1]
    assert len(set(joined.tolist())) == 4
    assert joined[4] == -1


def test_a_vote_goes_to_the_many_and_between_equals_to_the_nearest() -> None:
    labels = codes(0, 1, 2, -1)
    rows = np.array([[1, 0, 0], [2, 1, 0], [3, 3, 1], [3, 3, 3]])
    assert metrics.vote(labels, rows).tolist() == [0, 2, 1, -1]


def test_votes_and_their_scores_are_scikit_learns() -> None:
    vectors, truth = drawn(300), np.random.default_rng(2).integers(0, 2, 300)
    said = metrics.vote(truth, geometry.nearest(drawn(80, seed=5), vectors, 5).rows)
    model = KNeighborsClassifier(5, metric="cosine", algorithm="brute").fit(vectors, truth)
    assert (said == model.predict(drawn(80, seed=5))).all()
    answers = np.random.default_rng(3).integers(0, 6, 300)
    others = np.random.default_rng(4).integers(0, 5, 300)
    assert metrics.accuracy(answers, others) == pytest.approx(accuracy_score(answers, others))
    assert metrics.macro_f1(answers, others) == pytest.approx(f1_score(answers, others, average="macro"))


def test_items_without_a_label_do_not_count_in_scores() -> None:
    assert metrics.accuracy(codes(0, 1, -1), codes(0, 0, -1)) == 0.5
    assert metrics.macro_f1(codes(0, 1, -1), codes(0, 1, 0)) == 1
    assert np.isnan(metrics.accuracy(codes(-1), codes(0)))
    assert np.isnan(metrics.macro_f1(codes(-1), codes(0)))


def test_confusion_is_scikit_learns() -> None:
    labels = np.random.default_rng(5).integers(0, 4, 60)
    rows = np.random.default_rng(6).integers(0, 60, (60, 5))
    expected = confusion_matrix(np.repeat(labels, 5), labels[rows].reshape(-1), labels=range(4))
    assert (metrics.confusion(labels, rows, 4) == expected).all()
    labels[7] = -1
    assert metrics.confusion(labels, rows, 4).sum() == expected.sum() - 5 - (rows[labels >= 0] == 7).sum()


def test_auc_is_scikit_learns() -> None:
    numbers = np.random.default_rng(7)
    inside, outside = numbers.integers(2, 9, 50).astype(float), numbers.integers(0, 7, 40).astype(float)
    expected = roc_auc_score([1] * 50 + [0] * 40, np.concatenate([inside, outside]))
    assert metrics.auc(inside, outside) == pytest.approx(expected)


def test_the_interval_is_wider_when_the_items_of_a_group_are_alike() -> None:
    values = np.repeat(np.random.default_rng(8).uniform(size=100), 10)
    alone = metrics.interval(values, np.arange(1000), seed=0)
    together = metrics.interval(values, np.repeat(np.arange(100), 10), seed=0)
    assert alone[0] < values.mean() < alone[1]
    assert together[1] - together[0] == pytest.approx((alone[1] - alone[0]) * np.sqrt(10), rel=0.2)
