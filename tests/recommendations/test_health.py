from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from recommendations import current, indexing
from recommendations.exceptions import WeightsError
from tests.factories import make_product
from tests.pictures import photo
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]


def gone(*args: Any) -> None:
    raise OperationalError("connection to db.example.org refused for user vogue")


def sample(page: str, name: str) -> dict[str, float]:
    """Return the samples of a metric by their labels."""
    return {labels: float(value) for labels, value in re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", page, re.MULTILINE)}


@pytest.fixture
def shop() -> list[Any]:
    products = [make_product(colour) for colour in ("red", "blue", "green")]
    embed_all()
    return products


def test_live_answers_and_touches_nothing(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        response = client.get("/health/live/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response["Cache-Control"]


@pytest.mark.releases
def test_ready_tells_database_index_and_embedder(client: Client, shop: list[Any]) -> None:
    release = indexing.build_release()
    make_product("yellow")
    embed_all()
    make_product("teal")
    response = client.get("/health/ready/")
    assert response.status_code == 200
    report = response.json()
    assert report["status"] == "ok"
    assert report["database"] == {"ok": True}
    assert report["embedder"] == {"ok": True, "name": "mean-colour-3", "engine": "openvino"}
    assert report["index"]["photos"] == {"pending": 1, "ready": 4, "failed": 0}
    assert report["index"]["delta"] == 1
    live = report["index"]["release"]
    assert (live["name"], live["count"], live["bytes"]) == (release.name, 3, release.bytes)
    assert 0 <= live["age_seconds"] < 60


def test_an_empty_shop_is_ready(client: Client) -> None:
    assert client.get("/health/ready/").status_code == 200


def test_a_shop_that_waits_for_its_first_embedding_is_not_ready(client: Client) -> None:
    make_product("red")
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert response.json()["index"]["ok"] is False
    embed_all()
    assert client.get("/health/ready/").status_code == 200


def test_without_a_database_it_is_alive_but_not_ready(client: Client, shop: list[Any]) -> None:
    with connection.execute_wrapper(gone):
        assert client.get("/health/live/").status_code == 200
        response = client.get("/health/ready/")
    assert response.status_code == 503
    report = response.json()
    assert (report["status"], report["database"]["ok"], report["index"]["ok"]) == ("unavailable", False, False)
    assert report["embedder"]["ok"] is True
    assert "db.example.org" not in response.content.decode()


def test_without_weights_it_is_not_ready_and_names_no_path(
    client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise WeightsError("/srv/weights.npz is missing")

    monkeypatch.setattr(current, "embedder_name", missing)
    response = client.get("/health/ready/")
    assert response.status_code == 503
    assert response.json()["embedder"]["ok"] is False
    assert "/srv" not in response.content.decode()


def test_neither_loads_the_network(client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(current, "embedder", load)
    monkeypatch.setattr(current, "live_index", load)
    assert client.get("/health/ready/").status_code == 200
    assert client.get("/metrics").status_code == 200
    assert "tensorflow" not in sys.modules


@pytest.mark.releases
def test_metrics_tell_embeddings_and_the_live_release(client: Client, shop: list[Any]) -> None:
    release = indexing.build_release()
    make_product("yellow")
    embed_all()
    make_product("teal")
    response = client.get("/metrics")
    assert response["Content-Type"].startswith("text/plain")
    page = response.content.decode()
    assert sample(page, "vogue_database_up") == {"": 1}
    embeddings = sample(page, "vogue_embeddings")
    assert embeddings['embedder="mean-colour-3",status="ready"'] == 4
    assert embeddings['embedder="mean-colour-3",status="pending"'] == 1
    labels = f'release="{release.name}",embedder="mean-colour-3",backend="{release.backend}"'
    for name, value in {"photos": 3, "bytes": release.bytes, "delta": 1, "recall": release.recall}.items():
        found = {key: set(key.split(",")) for key in sample(page, f"vogue_release_{name}")}
        (key,) = found
        assert found[key] == set(labels.split(","))
        assert sample(page, f"vogue_release_{name}")[key] == value
    (age,) = sample(page, "vogue_release_age_seconds").values()
    assert 0 <= age < 60


def test_metrics_count_searches_by_outcome_and_time_their_stages(client: Client, shop: list[Any]) -> None:
    def counted(kind: str, outcome: str) -> float:
        page = client.get("/metrics").content.decode()
        return sample(page, "vogue_searches_total").get(f'kind="{kind}",outcome="{outcome}"', 0)

    def timed(stage: str) -> float:
        page = client.get("/metrics").content.decode()
        return sample(page, "vogue_search_seconds_count").get(f'kind="photo",stage="{stage}"', 0)

    answered, refused, similar = (
        counted("photo", "answered"),
        counted("photo", "refused"),
        counted("similar", "answered"),
    )
    stages = {stage: timed(stage) for stage in ("wait", "decode", "embed", "search")}
    client.post("/api/v1/search/photo/", {"image": SimpleUploadedFile("a.jpg", photo("red"))})
    client.post("/search/photo/", {"image": SimpleUploadedFile("a.jpg", b"no photo")})
    client.get(f"/api/v1/products/{shop[0].pk}/similar/")
    assert counted("photo", "answered") == answered + 1
    assert counted("photo", "refused") == refused + 1
    assert counted("similar", "answered") == similar + 1
    assert {stage: timed(stage) for stage in stages} == {stage: count + 1 for stage, count in stages.items()}


def test_metrics_without_a_database_are_still_served(client: Client, shop: list[Any]) -> None:
    with connection.execute_wrapper(gone):
        response = client.get("/metrics")
    assert response.status_code == 200
    assert sample(response.content.decode(), "vogue_database_up") == {"": 0}
