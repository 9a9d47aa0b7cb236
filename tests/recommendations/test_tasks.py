from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Task
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import Product, ProductImage
from recommendations import conf, indexing, search, tasks
from recommendations.exceptions import BusyError, EngineError
from recommendations.models import ImageEmbedding, IndexRelease
from tests.factories import make_product
from tests.pictures import photo, picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]

ROOT = Path(__file__).resolve().parents[2]
Status = ImageEmbedding.Status


class Broker:
    """Takes tasks and keeps them, or is down."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, tuple[object, ...]]] = []
        self.calls = 0
        self.down = False

    def apply(self, task: Task, args: tuple[object, ...]) -> None:
        self.calls += 1
        if self.down:
            raise ConnectionRefusedError
        self.sent.append((task.name.rsplit(".", 1)[1], tuple(args)))


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """Catch what is sent, at the door to the broker; the broker itself is in the end-to-end tests."""
    broker = Broker()
    monkeypatch.setattr(tasks, "_broken_until", 0.0)
    for task in (tasks.embed_photos, tasks.rebuild_index):
        monkeypatch.setattr(task, "apply_async", lambda args=(), task=task, **_: broker.apply(task, args))
    return broker


def test_a_saved_product_is_queued_after_commit_and_only_then(broker, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        product = make_product("red")
        assert broker.sent == []
    row = product.image_embeddings.get()
    assert ("embed_photos", ([row.pk],)) in broker.sent
    assert row.queued is not None


def test_saving_a_product_again_queues_nothing_that_is_done(broker, django_capture_on_commit_callbacks) -> None:
    product = make_product("red")
    indexing.embed_photos([product.image_embeddings.get().pk])
    with django_capture_on_commit_callbacks(execute=True):
        product.name = "Another name"
        product.save()
    assert broker.sent == []


def test_a_broker_that_is_down_costs_one_try_and_loses_nothing(
    broker, django_capture_on_commit_callbacks, caplog
) -> None:
    broker.down = True
    with django_capture_on_commit_callbacks(execute=True):
        products = [make_product("red") for _ in range(5)]
    assert broker.calls == 1
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert all(product.image_embeddings.get().queued is None for product in products)
    broker.down = False
    tasks._broken_until = 0.0
    tasks.sweep_pending()
    assert sorted(pk for _, (batch,) in broker.sent for pk in batch) == sorted(
        ImageEmbedding.objects.values_list("pk", flat=True)
    )


def test_the_sweep_finds_what_no_signal_told(broker) -> None:
    product = make_product(None)
    ProductImage.objects.bulk_create(
        [ProductImage(product=product, image=default_storage.save("a.jpg", ContentFile(photo("red"))))]
    )
    tasks.sweep_pending()
    assert broker.sent == [("embed_photos", ([product.image_embeddings.get().pk],))]


def test_the_sweep_sends_again_only_what_was_lost(broker) -> None:
    pks = [make_product("red").image_embeddings.get().pk for _ in range(3)]
    rows = ImageEmbedding.objects
    rows.filter(pk=pks[0]).update(queued=timezone.now())
    rows.filter(pk=pks[1]).update(queued=timezone.now() - tasks.REQUEUE_AFTER - timedelta(seconds=1))
    rows.filter(pk=pks[2]).update(queued=None, claim="worker", claimed=timezone.now())
    tasks.sweep_pending()
    assert broker.sent == [("embed_photos", ([pks[1]],))]


def test_tasks_take_a_batch_each(broker, settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "BATCH_SIZE": 2}
    pks = [make_product("red").image_embeddings.get().pk for _ in range(5)]
    tasks.queue_photos(pks)
    assert [args for _, args in broker.sent] == [(pks[:2],), (pks[2:4],), (pks[4:],)]


def test_the_embedding_task_makes_a_product_findable(broker) -> None:
    product = make_product("red")
    tasks.embed_photos([product.image_embeddings.get().pk])
    assert search.search_by_image(picture("red"), k=1).matches[0].product == product


def test_a_task_for_a_deleted_product_is_no_failure(broker) -> None:
    product = make_product("red")
    pk = product.image_embeddings.get().pk
    Product.objects.all().delete()
    tasks.embed_photos([pk])
    assert not ImageEmbedding.objects.exists()


def test_a_network_that_cannot_run_leaves_rows_pending(broker, colours, monkeypatch, caplog) -> None:
    def broken(images):
        raise EngineError("no engine")

    monkeypatch.setattr(colours, "embed", broken)
    product = make_product("red")
    tasks.embed_photos([product.image_embeddings.get().pk])
    assert product.image_embeddings.get().status == Status.PENDING
    assert "no engine" in caplog.text


@pytest.mark.releases
def test_enough_new_embeddings_start_one_rebuild(broker, settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "REBUILD_DELTA": 3}
    pks = [make_product("red").image_embeddings.get().pk for _ in range(4)]
    tasks.embed_photos(pks[:2])
    assert broker.sent == []
    tasks.embed_photos(pks[2:3])
    tasks.embed_photos(pks[3:])
    assert broker.sent == [("rebuild_index", ())]


@pytest.mark.releases
def test_a_twentieth_of_the_gallery_starts_a_rebuild_too(broker, settings) -> None:
    settings.VOGUE = {**settings.VOGUE, "INDEX": "exact", "REBUILD_SHARE": 0.5}
    pks = [make_product("red").image_embeddings.get().pk for _ in range(6)]
    tasks.embed_photos(pks[:4])
    indexing.build_release()
    tasks.embed_photos(pks[4:5])
    assert broker.sent == []
    tasks.embed_photos(pks[5:])
    assert broker.sent == [("rebuild_index", ())]
    assert conf.SETTINGS["REBUILD_SHARE"].default == 0.05
    assert conf.SETTINGS["REBUILD_DELTA"].default == 2_000


@pytest.mark.releases
def test_the_rebuild_task_builds_only_what_has_changed(broker) -> None:
    tasks.rebuild_index()
    assert not IndexRelease.objects.exists()
    tasks.embed_photos([make_product("red").image_embeddings.get().pk])
    tasks.rebuild_index()
    tasks.rebuild_index()
    assert IndexRelease.objects.count() == 1


def test_a_busy_build_is_a_log_line(broker, monkeypatch, caplog) -> None:
    def busy(**_):
        raise BusyError("somebody is building")

    tasks.embed_photos([make_product("red").image_embeddings.get().pk])
    monkeypatch.setattr(indexing, "refresh_index", busy)
    caplog.set_level("INFO")
    tasks.rebuild_index()
    assert "somebody is building" in caplog.text


def test_the_beat_runs_the_sweep_and_the_rebuild_as_often_as_the_settings_say() -> None:
    # In a process of its own: an app draws up its schedule once, whatever a test has made of the settings by then.
    code = (
        "import django, json; django.setup(); from vogue_site.celery import app; app.finalize();"
        "print(json.dumps({e['task']: e['schedule'] for e in app.conf.beat_schedule.values()}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    schedule = json.loads(done.stdout)
    assert schedule["recommendations.tasks.sweep_pending"] == 60
    assert schedule["recommendations.tasks.rebuild_index"] == 900
