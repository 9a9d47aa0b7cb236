"""What is left to do where PostgreSQL keeps the index, and how it is told."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations import current, indexing, search, tasks
from recommendations.exceptions import BuildError, BusyError, ReleaseError
from recommendations.models import ImageEmbedding, IndexRelease, Lease
from recommendations.pgvector_backend import checks, upkeep
from recommendations.pgvector_backend.index import PgvectorIndex
from tests.factories import make_product
from tests.pgvector.rows import EMBEDDER, put
from tests.recommendations.shop import embed_all
from tests.recommendations.test_indexes_contract import clustered

pytestmark = [pytest.mark.postgres, pytest.mark.django_db, pytest.mark.usefixtures("colours")]

NAME = "mean-colour-3"


@pytest.fixture
def shop() -> list[Any]:
    """Five searchable products."""
    products = [make_product(colour) for colour in ("red", "green", "blue", "yellow", "brown")]
    embed_all()
    return products


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_settings_choose_the_index() -> None:
    assert current.own_index() is PgvectorIndex
    assert isinstance(current.live_index(), PgvectorIndex)
    assert current.live_index() is current.live_index()


def test_another_setting_chooses_releases(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOGUE_INDEX", "exact")
    assert current.own_index() is None
    assert not isinstance(current.live_index(), PgvectorIndex)


def test_a_saved_product_is_found_without_any_upkeep(shop: list[Any]) -> None:
    assert upkeep.hnsw_indexes() == {}
    answer = search.similar_products(shop[0], k=4)
    assert {match.product for match in answer} == set(shop[1:])
    assert answer.release is None


def test_the_first_rebuild_makes_the_hnsw_index_and_the_next_has_nothing_to_do(shop: list[Any]) -> None:
    assert indexing.build_wanted()
    said = run("rebuild_index")
    assert "Making the HNSW index of 5 vectors of 3 dimensions" in said
    assert "HNSW index made in" in said
    assert upkeep.hnsw_indexes()[upkeep.index_name(NAME)].valid
    assert not indexing.build_wanted()
    assert run("rebuild_index").strip() == "PostgreSQL keeps the index itself: nothing to do."
    assert not IndexRelease.objects.exists()


def test_new_photos_need_no_upkeep(shop: list[Any]) -> None:
    indexing.refresh_index()
    product = make_product((200, 30, 30))
    embed_all()
    assert not indexing.build_wanted()
    assert search.similar_products(shop[0], k=1).matches[0].product == product


def test_the_rebuild_task_does_what_is_left_to_do_and_says_so(
    shop: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    tasks.rebuild_index()
    assert "HNSW index made in" in caplog.text
    caplog.clear()
    tasks.rebuild_index()
    assert "The index is up to date" in caplog.text


def test_many_new_embeddings_start_no_rebuild(shop: list[Any], settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VOGUE = {**settings.VOGUE, "REBUILD_DELTA": 1}
    sent: list[Any] = []
    monkeypatch.setattr(tasks, "publish", lambda task, *args: sent.append(task))
    row = make_product("teal").image_embeddings.get()
    tasks.embed_photos([row.pk])
    row.refresh_from_db()
    assert row.status == "ready"
    assert tasks.rebuild_index not in sent


def test_an_empty_shop_has_nothing_to_keep() -> None:
    assert not indexing.build_wanted()
    assert indexing.refresh_index() == "PostgreSQL keeps the index itself: nothing to do."
    assert upkeep.hnsw_indexes() == {}


def test_the_index_of_an_embedder_that_is_gone_is_dropped(shop: list[Any]) -> None:
    keys = put(clustered(4, 8), embedder="old-8")
    upkeep.make_index("old-8", 8)
    indexing.refresh_index()
    assert set(upkeep.hnsw_indexes()) == {upkeep.index_name(NAME), upkeep.index_name("old-8")}
    ImageEmbedding.objects.filter(pk__in=keys).delete()
    assert "1 unused HNSW index dropped" in indexing.refresh_index()
    assert set(upkeep.hnsw_indexes()) == {upkeep.index_name(NAME)}


def test_two_at_once_are_told_who_is_busy(shop: list[Any]) -> None:
    Lease.objects.create(name="build", holder="another", expires="2999-01-01T00:00Z")
    with pytest.raises(BusyError, match="another is building"):
        indexing.refresh_index()


def test_an_odd_embedder_gets_its_index_too() -> None:
    name = '50% o\'clock; DROP TABLE "x" ' + "é" * 80
    put(clustered(20, 8), embedder=name)
    upkeep.make_index(name, 8)
    assert upkeep.hnsw_indexes()[upkeep.index_name(name)].valid
    found = PgvectorIndex(name).query(clustered(1, 8)[0], 5, embedder=name)
    assert len(found) == 5


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_an_index_whose_making_broke_off_is_made_anew() -> None:
    vectors = clustered(200, 8)
    keys = put(vectors)
    wrong = put(clustered(1, 12))
    with pytest.raises(DatabaseError):
        upkeep.make_index(EMBEDDER, 8)
    ImageEmbedding.objects.filter(pk__in=wrong).delete()
    index = PgvectorIndex(EMBEDDER)
    assert not upkeep.hnsw_indexes()[upkeep.index_name(EMBEDDER)].valid
    assert index.upkeep_wanted()
    assert index.query(vectors[3], 1, embedder=EMBEDDER)[0].embedding_id == keys[3]
    assert "HNSW index made" in index.upkeep()
    assert upkeep.hnsw_indexes()[upkeep.index_name(EMBEDDER)].valid
    upkeep.drop_unused(set())


def test_releases_are_neither_built_nor_gone_back_to(shop: list[Any]) -> None:
    with pytest.raises(BuildError, match="the database keeps that index"):
        indexing.build_release()
    with pytest.raises(ReleaseError, match="no releases to go back to"):
        indexing.rollback_release()


def test_index_status_says_what_answers(shop: list[Any]) -> None:
    said = run("index_status")
    assert "Live: pgvector 0." in said
    assert f"No HNSW index for {NAME}" in said
    assert "Run manage.py rebuild_index" in said
    indexing.refresh_index()
    said = run("index_status")
    assert "No HNSW index" not in said
    assert f"MB for {NAME}" in said
    assert "ready             5  100.0%" in said


def test_a_search_from_the_command_line_says_what_answered(shop: list[Any]) -> None:
    image = shop[0].main_image.image
    said = run("search_by_image", image.path, "-k", "2")
    assert "the database's own index" in said
    assert str(shop[0]) in said


def test_health_and_metrics_answer_without_a_release(shop: list[Any], client: Client) -> None:
    report = json.loads(client.get("/health/ready/").content)["index"]
    assert report["ok"]
    assert report["release"] is None
    assert report["own_index"]["name"].startswith("pgvector 0.")
    assert report["own_index"]["complete"] is False
    indexing.refresh_index()
    assert json.loads(client.get("/health/ready/").content)["index"]["own_index"]["complete"] is True
    assert b'vogue_embeddings{embedder="mean-colour-3",status="ready"} 5.0' in client.get("/metrics").content


def test_the_admin_says_that_there_are_no_releases(shop: list[Any], client: Client) -> None:
    client.force_login(User.objects.create_superuser("boss"))
    page = client.get("/admin/recommendations/indexrelease/").content.decode()
    assert "The database keeps its index itself" in page


def test_a_shop_on_pgvector_passes_its_checks() -> None:
    found = [message for message in run_checks(databases=["default"]) if str(message.id).startswith("vogue.E01")]
    assert found == []


@pytest.mark.parametrize(
    ("found", "said"),
    [(None, "has no pgvector"), (("0.6.2", "0.8.0"), "has pgvector 0.6.2"), ((None, "0.5"), "has pgvector 0.5")],
)
def test_a_database_without_a_pgvector_that_will_do_is_told(
    found: tuple[str | None, str] | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = (
        "SELECT 1 WHERE false" if found is None else f"SELECT {repr(found[0]) if found[0] else 'NULL'}, '{found[1]}'"
    )
    monkeypatch.setattr(checks, "_VERSION", answer)
    (message,) = checks.check_extension(None, databases=["default"])
    assert message.id == "vogue.E012"
    assert said in message.msg
    assert message.hint


@pytest.mark.parametrize("found", [("0.7.0", "0.6"), (None, "0.8.1"), ("0.10.0", "0.10.0"), ("1.0beta", "1.0beta")])
def test_a_pgvector_that_will_do_is_not(found: tuple[str | None, str], monkeypatch: pytest.MonkeyPatch) -> None:
    installed = repr(found[0]) if found[0] else "NULL"
    monkeypatch.setattr(checks, "_VERSION", f"SELECT {installed}, '{found[1]}'")
    assert checks.check_extension(None, databases=["default"]) == []


def test_a_filtered_search_is_narrowed_in_the_database(shop: list[Any]) -> None:
    indexing.refresh_index()
    vector = np.array([1, 0, 0], np.float32)
    view = current.live_index().snapshot().within(type(shop[0]).objects.filter(stock__gt=0))
    with CaptureQueriesContext(connection) as queries:
        assert len(view.query(vector, 1)) == 1
    (walk,) = [query["sql"] for query in queries if "<=>" in query["sql"] and "+ 0.0" not in query["sql"]]
    assert '"stock" > 0' in walk
    assert "LIMIT" in walk
