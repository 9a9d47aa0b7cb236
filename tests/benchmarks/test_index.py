from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import index
from benchmarks.contenders import CONTENDERS
from benchmarks.vectors import Questions, enlarged


@pytest.fixture
def gallery() -> NDArray[np.float32]:
    """300 unit vectors of 16 dimensions, all of them in the first 6."""
    drawn = np.random.default_rng(5).normal(size=(300, 16)).astype(np.float32)
    drawn[:, 6:] = 0
    unit: NDArray[np.float32] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def test_made_vectors_are_near_real_ones_and_go_where_real_ones_go(gallery: NDArray[np.float32]) -> None:
    made = enlarged(gallery, 900)
    assert np.array_equal(made[:300], gallery)
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose((made[300:600] * gallery).sum(axis=1), 0.9, atol=1e-5)
    assert np.abs(made[:, 6:]).max() < 1e-3


def test_a_smaller_size_is_the_first_vectors(gallery: NDArray[np.float32]) -> None:
    assert np.array_equal(enlarged(gallery, 7), gallery[:7])


def test_exact_answers_have_full_recall_and_each_missing_neighbour_costs_a_fifth(gallery: NDArray[np.float32]) -> None:
    questions = Questions.about(gallery, 40, seed=1)
    ranked = np.argsort(-(questions.vectors @ gallery.T), axis=1)
    answers = ranked[:, :6].tolist()
    assert questions.recall(gallery, answers) == (1.0, 1.0)
    # Half of the questions are rows of the gallery, which do not count: five answers are four others.
    own, near = questions.recall(gallery, ranked[:, :5].tolist())
    assert (own, near) == pytest.approx((0.8, 1.0))
    own, near = questions.recall(gallery, [[*row[:5], int(ranked[at, -1])] for at, row in enumerate(answers)])
    assert (own, near) == pytest.approx((0.8, 1.0))


def test_the_same_answer_twice_counts_once(gallery: NDArray[np.float32]) -> None:
    questions = Questions.about(gallery, 10, seed=1)
    best = (questions.vectors @ gallery.T).argmax(axis=1)
    assert questions.recall(gallery, [[int(row)] * 6 for row in best])[1] == pytest.approx(0.2)


def test_the_whole_comparison_runs(
    gallery: NDArray[np.float32], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "v.npy", gallery)
    wanted = ["exact scan", "Annoy release", "Annoy, bare", "LiveIndex, 500 newer"]
    arguments = ["--vectors", str(tmp_path / "v.npy"), "--size", "1000", "--queries", "40", "--contenders", *wanted]
    assert index.main([*arguments, "--json", str(tmp_path / "out.json")]) == 0
    rows = json.loads((tmp_path / "out.json").read_text())["sizes"]["1000"]
    assert set(rows) == set(wanted), capsys.readouterr().out
    assert rows["exact scan"]["recall_own"] == rows["exact scan"]["recall_near"] == 1
    assert all(row["recall_own"] > 0.95 and row["p50_ms"] > 0 for row in rows.values())


def test_what_is_not_installed_is_left_out_and_said(
    gallery: NDArray[np.float32], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CONTENDERS["hnswlib"], "needs", ("no_such_library",))
    np.save(tmp_path / "v.npy", gallery)
    assert index.main(["--vectors", str(tmp_path / "v.npy"), "--queries", "10", "--contenders", "hnswlib"]) == 0
    assert "hnswlib: left out, no_such_library is not installed" in capsys.readouterr().out
