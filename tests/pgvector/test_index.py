"""The promises of every index, kept by pgvector; and its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from django.db import connection

from catalog.models import Product
from recommendations.models import ImageEmbedding
from recommendations.pgvector_backend.fields import CosineDistance
from recommendations.pgvector_backend.index import PgvectorIndex, installed_version
from recommendations.pgvector_backend.models import PhotoVector
from tests.factories import make_category, make_product
from tests.pgvector.rows import EMBEDDER, put
from tests.recommendations.test_indexes_contract import IndexContract, brute_force, clustered, unit

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
Build = Callable[..., PgvectorIndex]


class TestAsPlanned(IndexContract):
    """As PostgreSQL plans it: a small table is scanned."""

    @pytest.fixture
    def build(self, build: Build) -> Build:
        return build


@pytest.mark.usefixtures("graph_only")
class TestByTheGraph(IndexContract):
    """By the HNSW graph in any case."""

    LEAST_RECALL = 0.99

    @pytest.fixture
    def build(self, build: Build) -> Build:
        return build


def plan(index: PgvectorIndex) -> str:
    rows = PhotoVector.objects.filter(embedder=index.embedder)
    query = np.ones(index.dimensions, np.float32)
    return str(rows.order_by(CosineDistance("vector", query)).values("pk")[:5].explain())


@pytest.mark.usefixtures("graph_only")
def test_a_query_is_one_that_the_hnsw_index_can_answer(build: Build) -> None:
    index = build(np.arange(50), clustered(50, 8))
    put(clustered(50, 16), ids=range(100, 150), embedder="another")
    assert "Index Scan using vogue_hnsw_" in plan(index)
    assert "vogue_hnsw_" not in plan(PgvectorIndex("another"))


@pytest.mark.usefixtures("graph_only")
@pytest.mark.parametrize("version", [(0, 7, 4), (0, 8, 0)])
def test_a_filter_that_few_pass_is_filled_whatever_the_graph_finds(
    build: Build, version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """pgvector 0.7 does not walk on; a later one walks on, but not for ever."""
    vectors = clustered(3_000, 16)
    index = build(np.arange(3_000), vectors)
    # Those that match are the farthest from what is asked for.
    far = [pk for pk, _ in brute_force(np.arange(3_000), vectors, -vectors[0], 12)]
    bag = make_product(None, category=make_category("Bags"))
    ImageEmbedding.objects.filter(pk__in=far).update(product=bag)
    monkeypatch.setattr(PgvectorIndex, "version", version)
    view = index.snapshot().within(Product.objects.filter(category__slug="bags"))
    found = view.query(vectors[0], 10)
    assert len(view) == 12
    assert [neighbor.embedding_id for neighbor in found] == far[::-1][:10]
    assert len(view.query(vectors[0], 500)) == 12


def test_the_version_is_read_from_the_database() -> None:
    version = installed_version()
    assert version is not None
    assert version >= (0, 7)


@pytest.mark.parametrize("forced", [False, True])
def test_filtered_answers_are_full_and_equal_brute_force(
    build: Build, request: pytest.FixtureRequest, forced: bool
) -> None:
    if forced:
        request.getfixturevalue("graph_only")
    vectors = clustered(2_000, 24, seed=8)
    index = build(np.arange(2_000), vectors)
    products = [make_product(None, stock=n) for n in range(20)]
    # Product n has 8 n photos and a few: from none to many.
    order = np.random.default_rng(3).permutation(2_000)
    start = 0
    for n, product in enumerate(products):
        some = order[start : start + 8 * n]
        ImageEmbedding.objects.filter(pk__in=some.tolist()).update(product=product)
        start += 8 * n
    hits = total = 0
    for query in clustered(12, 24, seed=9):
        for least in (1, 10, 18, 19):
            matching = Product.objects.filter(stock__gte=least, pk__in=[product.pk for product in products])
            rows = np.array(sorted(ImageEmbedding.objects.filter(product__in=matching).values_list("pk", flat=True)))
            truth = [pk for pk, _ in brute_force(rows, vectors[rows], query, 25)]
            found = [neighbor.embedding_id for neighbor in index.snapshot().within(matching).query(query, 25)]
            assert len(found) == len(truth) == 25
            if not forced:
                assert found == truth
            hits += len(set(found) & set(truth))
            total += 25
    assert hits / total > 0.99


def test_a_filter_that_nothing_passes_finds_nothing(build: Build) -> None:
    view = build(np.arange(50), clustered(50, 8)).snapshot().within(Product.objects.none())
    assert view.query(clustered(1, 8)[0], 5) == []
    assert len(view) == 0


def test_only_the_embeddings_named_are_compared(build: Build) -> None:
    vectors = clustered(500, 16)
    view = build(np.arange(500), vectors).snapshot()
    among = np.arange(3, 500, 7)
    found = view.query_among(vectors[0], np.append(among, 10**6), 9)
    assert [n.embedding_id for n in found] == [pk for pk, _ in brute_force(among, vectors[among], vectors[0], 9)]
    assert view.query_among(vectors[0], np.empty(0, np.int64), 9) == []


def test_near_ties_that_half_precision_cannot_tell_apart_stand_in_their_true_order(build: Build) -> None:
    # 400 directions within a thousandth of each other.
    angles = np.random.default_rng(5).uniform(0, 1e-3, size=400)
    vectors = unit(np.stack([np.cos(angles), np.sin(angles)], axis=1))
    view = build(np.arange(400), vectors).snapshot()
    query = unit([[1, -1]])[0]
    found = view.query_among(query, np.arange(400), 5)
    assert [neighbor.embedding_id for neighbor in found] == [
        pk for pk, _ in brute_force(np.arange(400), vectors, query, 5)
    ]


def test_vectors_of_two_embedders_do_not_meet(build: Build) -> None:
    vectors = clustered(60, 8)
    index = build(np.arange(60), vectors)
    # The same vectors, and longer ones.
    put(vectors, ids=range(100, 160), embedder="another-8")
    put(clustered(60, 12), ids=range(200, 260), embedder="another-12")
    assert len(index) == 60
    assert {n.embedding_id for n in index.query(vectors[0], 100, embedder=EMBEDDER)} == set(range(60))
    other = PgvectorIndex("another-12")
    assert other.dimensions == 12
    assert {n.embedding_id for n in other.query(clustered(1, 12)[0], 100, embedder="another-12")} == set(
        range(200, 260)
    )


def test_a_row_that_changed_since_it_answered_is_not_held(build: Build) -> None:
    vectors = clustered(20, 8)
    view = build(np.arange(20), vectors).snapshot()
    (best,) = view.query(vectors[4], 1)
    revision = ImageEmbedding.objects.values_list("revision", flat=True).get(pk=best.embedding_id)
    ids = np.array([best.embedding_id, best.embedding_id])
    assert view.holds(ids, np.array([revision, revision + 1])).tolist() == [True, False]
    assert view.vectors_of([best.embedding_id]).tolist() == [vectors[best.embedding_id].tolist()]
    with pytest.raises(KeyError):
        view.vectors_of([10**6])


def test_a_search_leaves_nothing_behind_in_its_connection(build: Build) -> None:
    vectors = clustered(50, 8)
    build(np.arange(50), vectors).query(vectors[0], 5, embedder=EMBEDDER)
    with connection.cursor() as cursor:
        cursor.execute("SHOW hnsw.iterative_scan")
        assert cursor.fetchone() == ("off",)
