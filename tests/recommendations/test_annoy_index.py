from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from recommendations.exceptions import BuildError, ReleaseError
from recommendations.indexes.annoy_index import AnnoyIndex, annoy_fault, build_annoy, principal_axes
from recommendations.indexes.base import VectorIndex
from recommendations.indexes.exact_index import ExactIndex
from tests.recommendations.test_indexes_contract import EMBEDDER, IndexContract, clustered

pytest.importorskip("annoy", reason="Annoy is not installed: it needs a C++ compiler (apt install g++ python3-dev)")


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., AnnoyIndex]:
    def build_index(
        ids: np.ndarray, vectors: np.ndarray, *, trees: int = 20, search_k: int = 400, name: str = "index.ann"
    ) -> AnnoyIndex:
        build_annoy(tmp_path / name, vectors, trees=trees, seed=1)
        exact = ExactIndex(ids, vectors, embedder=EMBEDDER)
        return AnnoyIndex(tmp_path / name, exact, trees=trees, search_k=search_k)

    return build_index


class TestAnnoyIndex(IndexContract):
    LEAST_RECALL = 0.95

    @pytest.fixture
    def build(self, build: Callable[..., VectorIndex]) -> Callable[..., VectorIndex]:
        return build


def test_ids_far_apart_take_no_more_room_than_ids_close_together(
    build: Callable[..., AnnoyIndex], tmp_path: Path
) -> None:
    vectors = clustered(50, 64)
    build(np.arange(50), vectors, name="close.ann")
    build(np.arange(50) * 2**40, vectors, name="far.ann")
    assert (tmp_path / "far.ann").stat().st_size == (tmp_path / "close.ann").stat().st_size < 2_000_000


def test_one_seed_gives_one_file(build: Callable[..., AnnoyIndex], tmp_path: Path) -> None:
    vectors = clustered(3000, 16)
    sums = set()
    for name in ("first.ann", "second.ann"):
        build(np.arange(3000), vectors, name=name)
        sums.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(sums) == 1


def test_a_higher_search_k_finds_more(build: Callable[..., AnnoyIndex]) -> None:
    vectors = clustered(4000, 48, clusters=4000)
    index = build(np.arange(4000), vectors, trees=5, search_k=50)

    def found() -> int:
        hits = 0
        for query in clustered(40, 48, clusters=4000, seed=5):
            truth = {neighbor.embedding_id for neighbor in index.exact.query(query, 5, embedder=EMBEDDER)}
            hits += len(truth & {n.embedding_id for n in index.query(query, 5, embedder=EMBEDDER)})
        return hits

    few = found()
    index.search_k = 4000 * 5  # every node of every tree
    assert few < found() == 200


def test_more_neighbours_are_looked_for_in_more_nodes(build: Callable[..., AnnoyIndex]) -> None:
    index = build(np.arange(2000), clustered(2000, 16), search_k=1)
    assert len({n.embedding_id for n in index.query(np.ones(16, np.float32), 500, embedder=EMBEDDER)}) == 500


def test_an_index_of_its_own_vectors_has_no_fault(build: Callable[..., AnnoyIndex]) -> None:
    assert build(np.arange(500), clustered(500, 16)).fault() is None
    assert build(np.empty(0, np.int64), np.empty((0, 16), np.float32)).fault() is None


@pytest.mark.fault
def test_a_file_of_other_vectors_is_a_fault(build: Callable[..., AnnoyIndex], tmp_path: Path) -> None:
    vectors = clustered(500, 16)
    build(np.arange(500), vectors)
    exact = ExactIndex(np.arange(500), vectors[::-1], embedder=EMBEDDER)
    index = AnnoyIndex(tmp_path / "index.ann", exact, trees=20, search_k=400)
    assert "row 0 of the Annoy file is not row 0 of the vectors" in str(index.fault())


def test_a_file_of_another_size_is_refused(build: Callable[..., AnnoyIndex], tmp_path: Path) -> None:
    vectors = clustered(30, 8)
    build(np.arange(30), vectors)
    with pytest.raises(ReleaseError, match="holds 30 vectors, expected 29"):
        AnnoyIndex(
            tmp_path / "index.ann", ExactIndex(np.arange(29), vectors[:29], embedder=EMBEDDER), trees=20, search_k=1
        )
    with pytest.raises(ReleaseError, match="cannot open"):
        AnnoyIndex(
            tmp_path / "none.ann", ExactIndex(np.arange(29), vectors[:29], embedder=EMBEDDER), trees=20, search_k=1
        )


def test_annoy_sees_the_axes_that_hold_nearly_all_of_the_vectors() -> None:
    draw = np.random.default_rng(2)
    flat = np.zeros((500, 64), np.float32)
    flat[:, [3, 40]] = draw.normal(size=(500, 2))
    axes = principal_axes(flat)
    # Two would do; sixteen suit the processor. Nothing of these vectors is lost.
    assert axes.shape == (64, 16)
    np.testing.assert_allclose(axes.T @ axes, np.eye(16), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(flat @ axes, axis=1), np.linalg.norm(flat, axis=1), rtol=1e-5)

    uneven = (draw.normal(size=(500, 64)) * 0.9 ** np.arange(64)).astype(np.float32)
    seen = uneven @ principal_axes(uneven)
    assert 16 <= seen.shape[1] < 64
    assert (seen**2).sum() >= 0.95 * (uneven**2).sum()
    # Where all directions count alike, none is left out.
    assert principal_axes(draw.normal(size=(5_000, 20)).astype(np.float32)).shape == (20, 20)
    assert principal_axes(np.empty((0, 5), np.float32)).shape == (5, 5)


def test_a_file_of_whole_vectors_as_they_were_built_before_still_answers(tmp_path: Path) -> None:
    import annoy

    vectors = clustered(3000, 32)
    former = annoy.AnnoyIndex(32, "angular")
    for row, vector in enumerate(vectors):
        former.add_item(row, vector)
    former.build(10)
    former.save(str(tmp_path / "index.ann"))
    exact = ExactIndex(np.arange(3000), vectors, embedder=EMBEDDER)
    index = AnnoyIndex(tmp_path / "index.ann", exact, trees=10, search_k=1_000)
    assert index.fault() is None
    assert [index.query(vectors[row], 1, embedder=EMBEDDER)[0].embedding_id for row in (0, 7, 2999)] == [0, 7, 2999]


@pytest.mark.fault
def test_axes_of_other_vectors_are_refused(build: Callable[..., AnnoyIndex], tmp_path: Path) -> None:
    index = build(np.arange(500), clustered(500, 16))
    path = tmp_path / "index.axes.npy"
    for content, message in (
        (np.eye(15, dtype=np.float32), r"\(15, 15\), expected axes of 16 dimensions"),
        (np.eye(16), "float64"),
        (np.empty((16, 0), np.float32), "expected axes"),
    ):
        np.save(path, content)
        with pytest.raises(ReleaseError, match=message):
            AnnoyIndex(tmp_path / "index.ann", index.exact, trees=20, search_k=400)
    path.write_bytes(b"no axes")
    with pytest.raises(ReleaseError, match="cannot be read"):
        AnnoyIndex(tmp_path / "index.ann", index.exact, trees=20, search_k=400)
    np.save(path, np.roll(np.eye(16, dtype=np.float32), 1, axis=0))
    assert "row 0 of the Annoy file" in str(
        AnnoyIndex(tmp_path / "index.ann", index.exact, trees=20, search_k=400).fault()
    )


@pytest.fixture
def another_annoy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Put another ``annoy`` in front of the installed one, for this process's children."""
    annoy_fault.cache_clear()

    def replace(source: str) -> None:
        (tmp_path / "front" / "annoy").mkdir(parents=True)
        (tmp_path / "front" / "annoy" / "__init__.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path / "front")

    yield replace
    monkeypatch.undo()
    annoy_fault.cache_clear()


@pytest.mark.fault
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ImportError('libstdc++.so.6: cannot open shared object file')", "libstdc"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "crashes here \\(SIGILL\\)"),
        (
            # What Annoy does when compiled by Clang 17: the item itself, and no other.
            "class AnnoyIndex:\n"
            "    def __init__(self, f, metric): self.rows = []\n"
            "    def add_item(self, row, vector): self.rows.append(vector)\n"
            "    def build(self, trees): return True\n"
            "    def get_nns_by_vector(self, vector, n, search_k): return [self.rows.index(vector)]\n",
            "finds \\[0\\] for item 0 of 200",
        ),
    ],
    ids=["does not import", "wrong processor", "one neighbour only"],
)
def test_an_annoy_that_does_not_work_is_noticed(
    another_annoy: Callable[[str], None], tmp_path: Path, source: str, reason: str
) -> None:
    """F40."""
    another_annoy(source)
    with pytest.raises(BuildError, match=reason):
        build_annoy(tmp_path / "index.ann", clustered(5, 3), trees=1, seed=0)


@pytest.mark.fault
def test_a_missing_annoy_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """F40."""
    annoy_fault.cache_clear()
    monkeypatch.setitem(sys.modules, "annoy", None)
    try:
        assert "pip install annoy" in str(annoy_fault())
        with pytest.raises(ReleaseError, match="C\\+\\+ compiler"):
            AnnoyIndex(tmp_path, ExactIndex(np.arange(1), clustered(1, 3), embedder=EMBEDDER), trees=1, search_k=1)
    finally:
        annoy_fault.cache_clear()


def test_the_installed_annoy_works() -> None:
    assert annoy_fault() is None
