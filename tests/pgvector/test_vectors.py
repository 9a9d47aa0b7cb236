"""The trigger: what an embedding says is what is searched, whoever wrote it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from numpy.typing import NDArray

from recommendations.models import ImageEmbedding
from recommendations.pgvector_backend import upkeep
from recommendations.pgvector_backend.index import PgvectorIndex
from recommendations.pgvector_backend.models import PhotoVector
from tests.factories import make_product
from tests.pgvector.rows import EMBEDDER, put
from tests.recommendations.test_indexes_contract import clustered

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


def execute(statement: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def searchable() -> set[int]:
    return set(PhotoVector.objects.values_list("pk", flat=True))


def agree() -> bool:
    """Return whether the copy is what the ready embeddings are."""
    fields = ("product_id", "embedder", "revision")
    truth = set(ImageEmbedding.objects.filter(status="ready").values_list("pk", *fields))
    return truth == set(PhotoVector.objects.values_list("pk", *fields))


@pytest.mark.parametrize("dimensions", [1, 3, 256, 2048])
def test_a_vector_is_copied_to_the_nearest_half_precision(dimensions: int) -> None:
    draw = np.random.default_rng(dimensions)
    wide = draw.normal(size=dimensions) * 10.0 ** draw.uniform(-9, 2, size=dimensions)
    wide[0] = 1.0
    (pk,) = put(wide.astype(np.float32)[None])
    ((text,),) = execute("SELECT vector::text FROM vogue_pgvector_photovector WHERE embedding_id = %s", pk)
    copied = np.array([float(number) for number in text[1:-1].split(",")])
    assert copied.astype(np.float16).tolist() == wide.astype(np.float32).astype(np.float16).tolist()


def test_numbers_at_the_ends_of_what_there_is_are_copied_too() -> None:
    ends = np.array([65504, -65504, 2**-14, -(2**-24), 1e-45, -0.0, 0.0, 1 / 3], np.float32)
    (pk,) = put(ends[None])
    ((text,),) = execute("SELECT vector::text FROM vogue_pgvector_photovector WHERE embedding_id = %s", pk)
    assert [float(number) for number in text[1:-1].split(",")] == pytest.approx(ends.astype(np.float16), rel=1e-3)


@pytest.mark.parametrize("number", [np.nan, np.inf, 1e6])
def test_what_has_no_half_precision_is_refused_with_its_embedding(number: float) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        put(np.array([[1, number]], np.float32))
    assert not ImageEmbedding.objects.exists()


def test_every_way_of_writing_is_seen() -> None:
    vectors = clustered(6, 8)
    keys = put(vectors)
    assert searchable() == set(keys)

    row = ImageEmbedding.objects.get(pk=keys[0])
    row.vector, row.revision = vectors[1].tobytes(), 100
    row.save()
    ImageEmbedding.objects.filter(pk=keys[1]).update(status="pending", vector=None, revision=101)
    ImageEmbedding.objects.filter(pk=keys[2]).update(embedder="another", revision=102)
    ImageEmbedding.objects.bulk_update([ImageEmbedding(pk=keys[3], product=make_product(None))], ["product"])
    execute("UPDATE recommendations_imageembedding SET revision = 103 WHERE id = %s", keys[4])
    execute("DELETE FROM recommendations_imageembedding WHERE id = %s", keys[5])
    assert searchable() == {keys[0], keys[2], keys[3], keys[4]}
    assert agree()
    same = PhotoVector.objects.values_list("vector", flat=True).get(pk=keys[0])
    assert same == PhotoVector.objects.values_list("vector", flat=True).get(pk=put(vectors[1:2])[0])

    ImageEmbedding.objects.filter(pk=keys[1]).update(status="ready", vector=vectors[1].tobytes(), revision=104)
    assert agree()


def test_a_write_that_changes_nothing_searchable_leaves_the_copy_alone() -> None:
    (pk,) = put(clustered(1, 8))
    ((before,),) = execute("SELECT xmin::text || ctid FROM vogue_pgvector_photovector")
    with transaction.atomic():
        ImageEmbedding.objects.filter(pk=pk).update(attempts=2, claim="worker", position=4)
        ImageEmbedding.objects.get(pk=pk).save()
    assert execute("SELECT xmin::text || ctid FROM vogue_pgvector_photovector") == [(before,)]


def test_deleting_a_product_deletes_its_vectors() -> None:
    product, other = make_product(None), make_product(None)
    put(clustered(3, 8), products=[product])
    kept = put(clustered(2, 8), products=[other])
    product.delete()
    assert searchable() == set(kept)


def test_a_vector_goes_with_the_transaction_of_its_embedding() -> None:
    vectors = clustered(3, 8)
    index = PgvectorIndex(EMBEDDER)
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012 (what happens inside is the point)
        (pk,) = put(vectors[:1])
        # Found in the same transaction…
        assert [n.embedding_id for n in index.query(vectors[0], 5, embedder=EMBEDDER)] == [pk]
        raise RuntimeError
    # …and gone with it.
    assert index.query(vectors[0], 5, embedder=EMBEDDER) == []


def elsewhere(index: PgvectorIndex, vector: NDArray[np.float32]) -> list[int]:
    """Ask in a connection of its own."""
    found: list[int] = []

    def ask() -> None:
        try:
            found.extend(n.embedding_id for n in index.query(vector, 5, embedder=EMBEDDER))
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return found


@pytest.mark.django_db(transaction=True)
def test_others_find_it_from_the_commit_on_and_not_before() -> None:
    vectors = clustered(2, 8)
    first = put(vectors[:1])
    index = PgvectorIndex(EMBEDDER)
    with transaction.atomic():
        second = put(vectors[1:])
        assert elsewhere(index, vectors[1]) == first
    assert set(elsewhere(index, vectors[1])) == {*first, *second}
    ImageEmbedding.objects.filter(pk__in=first).delete()
    assert elsewhere(index, vectors[1]) == second


def without_trigger() -> None:
    execute("ALTER TABLE recommendations_imageembedding DISABLE TRIGGER vogue_keep_vector")


def with_trigger() -> None:
    execute("ALTER TABLE recommendations_imageembedding ENABLE TRIGGER vogue_keep_vector")


@pytest.mark.django_db(transaction=True)
def test_what_was_embedded_before_the_trigger_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 7)
    vectors = clustered(30, 8)
    kept = put(vectors[:5])
    without_trigger()
    missing = put(vectors[5:])
    ImageEmbedding.objects.filter(pk=kept[0]).update(revision=10**6)
    ImageEmbedding.objects.filter(pk=missing[0]).update(status="pending")
    with_trigger()
    assert not agree()
    lines: list[str] = []
    assert upkeep.copy_missing(lines.append) == 25
    assert agree()
    assert lines[-1] == "25 vectors copied"
    assert len(lines) == 4
    assert upkeep.copy_missing() == 0


@pytest.mark.django_db(transaction=True)
def test_a_row_that_changes_while_it_is_copied_ends_as_it_was_left() -> None:
    without_trigger()
    put(clustered(1, 8))
    with_trigger()
    copying = threading.Event()
    copied: list[int] = []

    def copy() -> None:
        try:
            copying.set()
            copied.append(upkeep.copy_missing())
        finally:
            connection.close()

    thread = threading.Thread(target=copy)
    with transaction.atomic():
        ImageEmbedding.objects.update(status="pending", vector=None, revision=10**6)
        thread.start()
        assert copying.wait(10)
        thread.join(0.5)
        assert thread.is_alive(), "it does not wait for the row"
    thread.join(10)
    assert copied == [0]
    assert searchable() == set()


@pytest.mark.django_db(transaction=True)
def test_the_migrations_copy_what_is_there_and_go_back_without_a_trace() -> None:
    vectors = clustered(40, 8)
    try:
        call_command("migrate", "vogue_pgvector", "zero", verbosity=0)
        assert execute("SELECT 1 FROM pg_trigger WHERE tgname = 'vogue_keep_vector'") == []
        assert execute("SELECT 1 FROM pg_proc WHERE proname LIKE 'vogue%%'") == []
        keys = put(vectors)
    finally:
        call_command("migrate", "vogue_pgvector", verbosity=0)
    assert searchable() == set(keys)
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
