from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations import conf, current, indexing
from recommendations.exceptions import EmbedderMismatchError
from recommendations.indexes.live import LiveIndex
from recommendations.models import ImageEmbedding, IndexRelease
from tests.factories import make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]

NAME = "mean-colour-3"
RED, GREEN, BLUE = np.eye(3, dtype=np.float32)


def embed(*colours: str | tuple[int, int, int]) -> list[int]:
    """Add products of these colours; return the ids of their embeddings."""
    keys = [make_product(colour).image_embeddings.get().pk for colour in colours]
    indexing.embed_photos(keys)
    return keys


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not within its time"
        time.sleep(0.01)


@pytest.fixture
def index() -> LiveIndex:
    index = current.live_index()
    assert isinstance(index, LiveIndex)
    return index


def test_an_embedding_is_found_once_it_is_committed(index: LiveIndex) -> None:
    (red,) = embed("red")
    assert [n.embedding_id for n in index.query(RED, 5, embedder=NAME)] == [red]
    (blue,) = embed("blue")
    assert [n.embedding_id for n in index.query(BLUE, 5, embedder=NAME)] == [blue, red]
    assert len(index) == 2


def test_release_and_newer_rows_answer_as_one(index: LiveIndex) -> None:
    old = embed("red", "green")
    indexing.build_release()
    new = embed("blue", "orange")
    found = index.query(RED, 10, embedder=NAME)
    assert sorted(n.embedding_id for n in found) == sorted(old + new)
    assert [n.score for n in found] == sorted((n.score for n in found), reverse=True)
    assert index.release_name
    assert len(index.snapshot().delta) == 2


def test_a_changed_row_answers_with_its_newest_vector_only(index: LiveIndex) -> None:
    keys = embed("red", "green")
    indexing.build_release()
    assert index.query(RED, 1, embedder=NAME)[0].embedding_id == keys[0]
    for colour, direction in (("blue", BLUE), ("green", GREEN)):
        product = make_product(colour)
        vector = product.image_embeddings.get()
        indexing.embed_photos([vector.pk])
        newest = ImageEmbedding.objects.get(pk=vector.pk)
        ImageEmbedding.objects.filter(pk=keys[0]).update(vector=newest.vector, revision=newest.revision + 100)
        product.delete()
        found = [n for n in index.query(direction, 10, embedder=NAME) if n.embedding_id == keys[0]]
        assert len(found) == 1
        assert found[0].score == pytest.approx(float(np.frombuffer(newest.vector or b"", "<f4") @ direction), abs=1e-6)


def test_a_new_release_is_opened_beside_the_old_one_and_swapped(index: LiveIndex) -> None:
    embed("red")
    first = indexing.build_release().name
    assert len(index.query(RED, 5, embedder=NAME)) == 1
    embed("blue")
    second = indexing.build_release().name

    def swapped() -> bool:
        assert len(index.query(RED, 5, embedder=NAME)) == 2
        return index.release_name == second

    assert index.release_name == first
    until(swapped)
    assert len(index.snapshot().delta) == 0


def test_a_bad_release_is_refused_and_the_old_one_stays(index: LiveIndex) -> None:
    embed("red")
    first = indexing.build_release().name
    assert len(index.query(RED, 5, embedder=NAME)) == 1
    embed("blue")
    second = indexing.build_release().name
    vectors = conf.release_dir() / second / "vectors.npy"
    vectors.write_bytes(vectors.read_bytes()[:-1])
    for _ in range(20):
        assert len(index.query(RED, 5, embedder=NAME)) == 2
        time.sleep(0.01)
    assert index.release_name == first


def test_without_any_release_that_opens_everything_is_scanned(index: LiveIndex) -> None:
    keys = embed("red", "blue", "green")
    name = indexing.build_release().name
    (conf.release_dir() / name / "manifest.json").unlink()
    assert index.query(BLUE, 3, embedder=NAME)[0].embedding_id == keys[1]
    assert index.release_name is None


def test_another_embedders_release_is_not_used(index: LiveIndex) -> None:
    keys = embed("red")
    indexing.build_release()
    IndexRelease.objects.update(embedder="another")
    assert [n.embedding_id for n in index.query(RED, 3, embedder=NAME)] == keys
    assert index.release_name is None


def test_a_query_of_another_embedder_is_refused(index: LiveIndex) -> None:
    embed("red")
    with pytest.raises(EmbedderMismatchError):
        index.query(RED, 1, embedder="another")


def test_a_query_that_is_no_direction_is_refused(index: LiveIndex) -> None:
    embed("red")
    for vector in (np.zeros(3), np.full(3, np.nan), np.ones(4), np.ones((1, 3))):
        with pytest.raises(ValueError):
            index.query(vector.astype(np.float32), 1, embedder=NAME)


def test_a_query_that_finds_nothing_new_asks_the_database_once(index: LiveIndex) -> None:
    embed("red", "green")
    indexing.build_release()
    index.query(RED, 1, embedder=NAME)
    with CaptureQueriesContext(connection) as queries:
        index.query(RED, 1, embedder=NAME)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        embed_none = index.state()
    assert embed_none.revision == 2
    plan = ImageEmbedding.objects.filter(embedder=NAME).order_by("-revision").values("revision")[:1].explain()
    assert "embedding_revision" in plan
    # A scan of the whole table is "SCAN recommendations_imageembedding" to SQLite, "Seq Scan" to PostgreSQL.
    assert "SCAN RECOMMENDATIONS" not in plan.upper()
    assert "SEQ SCAN" not in plan.upper()


def test_only_the_matching_rows_are_scanned_for_a_filter(index: LiveIndex) -> None:
    keys = embed("red", "green", "blue")
    indexing.build_release()
    keys += embed("orange", "teal")
    snapshot = index.snapshot()
    among = np.array([keys[1], keys[2], keys[4]], np.int64)
    assert {n.embedding_id for n in snapshot.query_among(RED, among, 10)} == set(among.tolist())
    assert [n.embedding_id for n in snapshot.query_among(BLUE, among, 1)] == [keys[2]]
    everything = {n.embedding_id: n.score for n in snapshot.query(RED, 10)}
    for neighbor in snapshot.query_among(RED, among, 10):
        assert neighbor.score == pytest.approx(everything[neighbor.embedding_id], abs=1e-6)


def test_a_view_holds_a_row_in_one_version_only(index: LiveIndex) -> None:
    old = embed("red", "green")
    indexing.build_release()
    new = embed("blue")
    snapshot = index.snapshot()
    keys = np.array([*old, *new, new[0] + 1])
    assert snapshot.holds(keys, np.array([1, 2, 3, 4])).tolist() == [True, True, True, False]
    assert snapshot.holds(keys, np.array([2, 2, 2, 2])).tolist() == [False, True, False, False]
    ImageEmbedding.objects.filter(pk=old[0]).update(revision=9, status="pending", vector=None)
    assert index.snapshot().holds(keys, np.array([9, 2, 3, 4])).tolist() == [False, True, True, False]
    assert snapshot.holds(keys, np.array([1, 2, 3, 4])).tolist() == [True, True, True, False]


def test_vectors_are_handed_out_in_the_order_asked_for(index: LiveIndex) -> None:
    red, green = embed("red", "green")
    indexing.build_release()
    (blue,) = embed("blue")
    snapshot = index.snapshot()
    assert (snapshot.vectors_of([blue, red, green]) @ np.stack([BLUE, RED, GREEN]).T).argmax(axis=1).tolist() == [
        0,
        1,
        2,
    ]
    assert snapshot.vectors_of([]).shape == (0, 3)
    ImageEmbedding.objects.filter(pk=red).update(revision=9, status="pending", vector=None)
    for missing in (red, blue + 1):
        with pytest.raises(KeyError):
            index.snapshot().vectors_of([blue, missing])


def test_after_a_rollback_nothing_is_missing(index: LiveIndex) -> None:
    """What came between the two releases is in neither the earlier one nor the delta of the later one."""
    keys = embed("red")
    first = indexing.build_release().name
    keys += embed("blue")
    time.sleep(0.01)
    indexing.build_release()
    keys += embed("green")
    assert len(index.query(RED, 5, embedder=NAME)) == 3
    indexing.rollback_release()

    def rolled_back() -> bool:
        assert {n.embedding_id for n in index.query(RED, 5, embedder=NAME)} == set(keys)
        return index.release_name == first

    until(rolled_back)
    assert {n.embedding_id for n in index.query(RED, 5, embedder=NAME)} == set(keys)


def test_a_release_of_more_than_is_left_can_be_rolled_back_to(index: LiveIndex) -> None:
    """The newest revision it knows is above every revision there is now."""
    red, blue = embed("red", "blue")
    first = indexing.build_release().name
    assert len(index.query(RED, 5, embedder=NAME)) == 2
    ImageEmbedding.objects.get(pk=blue).product.delete()
    second = indexing.build_release().name

    def answers(name: str) -> bool:
        assert red in [n.embedding_id for n in index.query(RED, 5, embedder=NAME)]
        return index.release_name == name

    until(lambda: answers(second))
    indexing.rollback_release()
    until(lambda: answers(first))
    # What comes then is found as ever.
    (green,) = embed("green")
    assert index.query(GREEN, 1, embedder=NAME)[0].embedding_id == green


@pytest.mark.parametrize("released", [True, False])
def test_a_photo_replaced_is_found_again_whoever_searched_meanwhile(index: LiveIndex, released: bool) -> None:
    red, blue = embed("red", "blue")
    if released:
        indexing.build_release()
        assert len(index.query(RED, 5, embedder=NAME)) == 2
    ready = ImageEmbedding.objects.get(pk=blue)
    # All that is newer than the release is a row without a vector, when the first search comes, and the second.
    for number in (1, 2):
        ImageEmbedding.objects.filter(pk__in=[blue] if released else [red, blue]).update(
            status="pending", vector=None, revision=ready.revision + number
        )
        assert [n.embedding_id for n in index.query(BLUE, 5, embedder=NAME)] == ([red] if released else [])
    ImageEmbedding.objects.filter(pk=blue).update(
        status="ready", vector=ready.vector, revision=ready.revision + number + 1
    )
    assert index.query(BLUE, 1, embedder=NAME)[0].embedding_id == blue
