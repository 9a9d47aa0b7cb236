from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from catalog.models import Product, ProductImage
from recommendations import conf, current, indexing
from recommendations.exceptions import BuildError, BusyError, EngineError, ReleaseError
from recommendations.indexes import release as releases
from recommendations.indexes.live import Snapshot
from recommendations.indexing import building, embedding
from recommendations.models import ImageEmbedding, IndexRelease, Lease, next_revisions
from tests.factories import add_photo, make_product
from tests.pictures import photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]

Status = ImageEmbedding.Status


def ids(**narrowed: object) -> list[int]:
    return list(ImageEmbedding.objects.filter(**narrowed).values_list("pk", flat=True))


def test_a_saved_product_is_pending_in_the_same_transaction() -> None:
    product = make_product("red")
    row = product.image_embeddings.get()
    assert (row.status, row.attempts, row.revision, row.vector) == (Status.PENDING, 0, 0, None)
    assert row.photo_name == product.images.get().image.name


def test_a_rolled_back_save_leaves_no_row() -> None:
    with transaction.atomic():
        make_product("red")
        transaction.set_rollback(True)
    assert not ImageEmbedding.objects.exists()


def test_embedding_makes_a_row_ready_with_a_unit_vector_and_a_revision() -> None:
    make_product("red")
    assert indexing.embed_photos(ids()) == 1
    row = ImageEmbedding.objects.get()
    vector = np.frombuffer(row.vector or b"", "<f4")
    assert row.status == Status.READY
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    assert (row.revision, len(row.checksum), row.claim) == (1, 64, "")


def test_embedding_twice_changes_nothing() -> None:
    make_product("red")
    indexing.embed_photos(ids())
    before = ImageEmbedding.objects.values().get()
    assert indexing.embed_photos(ids()) == 0
    assert ImageEmbedding.objects.values().get() == before


def test_ids_that_do_not_exist_are_passed_over() -> None:
    assert indexing.embed_photos([404, 405]) == 0


def test_a_file_changed_under_its_old_name_is_embedded_again() -> None:
    product = make_product("red")
    indexing.embed_photos(ids())
    name = str(product.images.get().image.name)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(photo("blue")))
    product.images.get().save()
    indexing.embed_photos(ids())
    row = ImageEmbedding.objects.get()
    assert np.argmax(np.frombuffer(row.vector or b"", "<f4")) == 2
    assert row.revision == 3  # the old vector's end, and the new one


def test_bulk_create_and_update_are_noticed() -> None:
    product = make_product(None)
    ProductImage.objects.bulk_create(
        [ProductImage(product=product, image=default_storage.save("a.jpg", ContentFile(photo("red"))))]
    )
    assert not ImageEmbedding.objects.exists()
    indexing.mark_all_pending()
    indexing.embed_photos(ids())
    ProductImage.objects.update(image=default_storage.save("b.jpg", ContentFile(photo("blue"))))
    indexing.mark_all_pending()
    row = ImageEmbedding.objects.get()
    assert (row.status, row.vector, row.photo_name) == (Status.PENDING, None, "b.jpg")
    ProductImage.objects.all()._raw_delete("default")
    indexing.mark_all_pending()
    assert not ImageEmbedding.objects.exists()


def test_deleting_a_photo_deletes_its_row() -> None:
    product = make_product("red")
    add_photo(product, "blue", position=1)
    product.images.all()[0].delete()
    assert product.image_embeddings.count() == 1


def test_a_broken_photo_fails_at_once_with_its_reason() -> None:
    product, good = make_product("blue"), make_product("red")
    Path(product.images.get().image.path).write_bytes(b"no")
    indexing.mark_all_pending()
    assert indexing.embed_photos(ids()) == 1
    row = product.image_embeddings.get()
    assert row.status == Status.FAILED
    assert row.reason
    assert good.image_embeddings.get().status == Status.READY
    assert indexing.reset_failed() == 1
    assert product.image_embeddings.get().status == Status.PENDING


def test_a_missing_file_is_tried_three_times() -> None:
    product = make_product("red")
    default_storage.delete(str(product.images.get().image.name))
    for attempts in (1, 2, 3):
        indexing.embed_photos(ids())
        row = ImageEmbedding.objects.get()
        assert row.attempts == attempts
    assert row.status == Status.FAILED
    assert "could not be read" in row.reason


def test_a_photo_that_kills_its_worker_is_tried_alone_and_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    poison = make_product("black")
    others = [make_product("red") for _ in range(3)]
    poison_name = poison.images.get().image.name
    real = embedding._load

    class Killed(BaseException):
        pass

    def load(pair):
        if pair[1].name == poison_name:
            raise Killed
        return real(pair)

    monkeypatch.setattr(embedding, "_load", load)
    for _ in range(3):
        with pytest.raises(Killed):
            indexing.embed_photos(ids(), claim="task-1")
    assert indexing.embed_photos(ids(), claim="task-1") == 0
    row = poison.image_embeddings.get()
    assert (row.status, row.attempts) == (Status.FAILED, 3)
    assert "3 tries" in row.reason
    assert ImageEmbedding.objects.filter(product__in=others, status=Status.READY).count() == 3


def test_a_row_somebody_else_computes_is_left_alone_until_their_claim_is_old() -> None:
    make_product("red")
    ImageEmbedding.objects.update(claim="another", claimed=timezone.now())
    assert indexing.embed_photos(ids()) == 0
    ImageEmbedding.objects.update(claimed=timezone.now() - timedelta(seconds=embedding.CLAIM_SECONDS + 1))
    assert indexing.embed_photos(ids()) == 1


def test_a_task_delivered_again_goes_on_with_its_own_rows() -> None:
    make_product("red")
    ImageEmbedding.objects.update(claim="task-7", claimed=timezone.now(), attempts=1)
    assert indexing.embed_photos(ids(), claim="task-7") == 1
    assert ImageEmbedding.objects.get().attempts == 2


def test_a_network_that_cannot_run_costs_no_attempt(monkeypatch: pytest.MonkeyPatch, colours) -> None:
    make_product("red")

    def broken(images):
        raise EngineError("no engine")

    monkeypatch.setattr(colours, "embed", broken)
    with pytest.raises(EngineError):
        indexing.embed_photos(ids())
    row = ImageEmbedding.objects.get()
    assert (row.status, row.attempts, row.claim) == (Status.PENDING, 0, "")


def test_a_photo_without_a_direction_fails_alone(monkeypatch: pytest.MonkeyPatch, colours) -> None:
    products = [make_product("red"), make_product("blue")]
    real = colours._embed

    def some_nan(images):
        rows = real(images)
        rows[np.argmax(rows, axis=1) == 2] = np.nan
        return rows

    monkeypatch.setattr(colours, "_embed", some_nan)
    assert indexing.embed_photos(ids()) == 1
    assert [product.image_embeddings.get().status for product in products] == [Status.READY, Status.FAILED]


def test_a_product_deleted_while_embedding_is_no_failure(monkeypatch: pytest.MonkeyPatch, colours) -> None:
    product = make_product("red")
    real = colours.embed

    def embed(images):
        Product.objects.all().delete()
        return real(images)

    monkeypatch.setattr(colours, "embed", embed)
    assert indexing.embed_photos([product.image_embeddings.get().pk]) == 0
    assert not ImageEmbedding.objects.exists()


def test_a_photo_replaced_while_embedding_wins(monkeypatch: pytest.MonkeyPatch, colours) -> None:
    product = make_product("red")
    real = colours.embed

    def embed(images):
        monkeypatch.setattr(colours, "embed", real)
        image = product.images.get()
        image.image = ContentFile(photo("blue"), name="new.jpg")
        image.save()
        return real(images)

    monkeypatch.setattr(colours, "embed", embed)
    assert indexing.embed_photos(ids()) == 1
    assert np.argmax(np.frombuffer(ImageEmbedding.objects.get().vector or b"", "<f4")) == 2


def test_revisions_need_a_transaction_and_never_repeat(db) -> None:
    assert next_revisions(3) == 1
    assert next_revisions(1) == 4


@pytest.mark.django_db(transaction=True)
def test_revisions_outside_a_transaction_are_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        next_revisions(1)


def embedded(count: int = 8) -> list[Product]:
    products = [make_product((60 + 15 * n, 40, 200 - 15 * n)) for n in range(count)]
    indexing.embed_photos(ids())
    return products


@pytest.mark.releases
def test_a_release_holds_every_ready_row_and_is_live() -> None:
    embedded()
    lines: list[str] = []
    release = indexing.build_release(on_progress=lines.append)
    assert (release.live, release.count, release.revision) == (True, 8, 8)
    assert release.recall == 1.0
    opened = releases.open_release(conf.release_dir(), release.name, embedder="mean-colour-3")
    assert opened.ids.tolist() == sorted(ids())
    assert not indexing.build_wanted()


@pytest.mark.releases
def test_nothing_to_index_is_said_so() -> None:
    with pytest.raises(BuildError, match="embed_products"):
        indexing.build_release()


@pytest.mark.releases
def test_a_build_is_wanted_after_an_addition_and_after_a_deletion() -> None:
    products = embedded()
    assert indexing.build_wanted()
    indexing.build_release()
    assert not indexing.build_wanted()
    products[0].delete()
    assert indexing.build_wanted()
    indexing.build_release()
    make_product("red")
    assert not indexing.build_wanted()
    indexing.embed_photos(ids(status=Status.PENDING))
    assert indexing.build_wanted()


@pytest.mark.releases
def test_a_second_build_is_told_who_is_busy() -> None:
    embedded()
    with building._lease(), pytest.raises(BusyError, match="is building"):
        indexing.build_release()
    indexing.build_release()


@pytest.mark.releases
def test_a_dead_builders_lease_expires() -> None:
    embedded()
    Lease.objects.create(name="build", holder="dead", expires=timezone.now() + timedelta(seconds=60))
    with pytest.raises(BusyError):
        indexing.build_release()
    Lease.objects.update(expires=timezone.now())
    indexing.build_release()


@pytest.mark.releases
def test_the_last_three_releases_are_kept(settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "INDEX": "exact"}
    embedded()
    built = [indexing.build_release().name for _ in range(4)]
    # The first has just been replaced: somebody may have been told its name, and be about to open it.
    assert set(releases.list_releases(conf.release_dir())) == set(built)
    IndexRelease.objects.filter(live=False).update(retired=timezone.now() - building.GRACE)
    built.append(indexing.build_release().name)
    assert set(IndexRelease.objects.values_list("name", flat=True)) == set(built[-3:])
    assert set(releases.list_releases(conf.release_dir())) == set(built[-3:])


@pytest.mark.fault
@pytest.mark.releases
def test_a_reader_survives_the_removal_of_the_release_it_has_open(settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "KEEP_RELEASES": 1}
    embedded()
    first = indexing.build_release().name
    index = current.live_index()
    reader = index.snapshot()
    assert isinstance(reader, Snapshot)
    assert reader.release is not None
    query = reader.release.vectors[0].copy()
    before = reader.query(query, 8)
    indexing.build_release()
    IndexRelease.objects.filter(live=False).update(retired=timezone.now() - building.GRACE)
    indexing.build_release()
    assert first not in releases.list_releases(conf.release_dir())
    # On POSIX a file that is gone from its folder lives as long as somebody has it mapped.
    assert reader.query(query, 8) == before
    assert reader.release.index.query(query, 8, embedder="mean-colour-3") == before
    assert len(current.live_index().query(query, 8, embedder="mean-colour-3")) == 8


@pytest.mark.releases
def test_a_rollback_makes_the_one_before_live() -> None:
    embedded()
    first, second = indexing.build_release(), indexing.build_release()
    assert indexing.rollback_release().name == first.name
    assert IndexRelease.objects.get(live=True).name == first.name
    assert indexing.rollback_release(second.name).name == second.name
    with pytest.raises(ReleaseError, match="no such"):
        indexing.rollback_release("no such")


@pytest.mark.releases
def test_a_release_that_finds_less_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded()
    live = indexing.build_release()
    IndexRelease.objects.update(recall=1.0)
    real = releases.write_release

    def worse(*args, **kwargs):
        import dataclasses

        return dataclasses.replace(real(*args, **kwargs), recall=0.9)

    monkeypatch.setattr(releases, "write_release", worse)
    with pytest.raises(BuildError, match="stays live"):
        indexing.build_release()
    assert IndexRelease.objects.get(live=True).name == live.name
    rejected = IndexRelease.objects.get(status=IndexRelease.Status.REJECTED)
    assert "0.900" in rejected.reason
    assert releases.list_releases(conf.release_dir()) == [live.name]


@pytest.mark.releases
def test_a_full_disk_leaves_the_live_release(monkeypatch: pytest.MonkeyPatch) -> None:
    embedded()
    live = indexing.build_release()

    def full(*args, **kwargs):
        raise BuildError("No space left on device.")

    monkeypatch.setattr(releases, "write_release", full)
    with pytest.raises(BuildError):
        indexing.build_release()
    assert IndexRelease.objects.get(live=True) == live
    assert Lease.objects.get().expires <= timezone.now()


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_a_build_goes_on(settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "LEASE_SECONDS": 0.6}
    with building._lease():
        first = Lease.objects.get().expires
        threading.Event().wait(0.5)
        assert Lease.objects.get().expires > first


def test_the_index_of_this_process_is_made_once() -> None:
    assert current.live_index() is current.live_index()
