"""Answers are noted where they are given, with nothing that tells who asked; not at all where nobody should."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations import current
from recommendations.events import buffer, recording, tokens
from recommendations.events.models import Event, GivenAnswer, Kind
from recommendations.events.views import FORM
from recommendations.levels import MatchLevels, Steps
from tests.factories import make_product
from tests.pictures import photo
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours", "counting")]


@pytest.fixture
def shop() -> list[Any]:
    products = [make_product(colour) for colour in ("red", "blue", "green", "yellow", "purple", "teal", "pink")]
    embed_all()
    return products


def tokens_of(page: Any) -> list[str]:
    return re.findall(r'data-event="([^"]+)"', page.content.decode())


def search(client: Client, path: str = "/search/photo/", **headers: str) -> Any:
    return client.post(path, {"image": SimpleUploadedFile("photo.jpg", photo("red"))}, headers=headers)


def test_each_kind_of_answer_is_noted_as_what_it_is(client: Client, shop: list[Any]) -> None:
    first = shop[0]
    visits: dict[Kind, Callable[[], Any]] = {
        Kind.STRIP: lambda: client.get(first.get_absolute_url()),
        Kind.SIMILAR: lambda: client.get(f"{first.get_absolute_url()}similar/"),
        Kind.PHOTO: lambda: search(client),
        Kind.API_SIMILAR: lambda: client.get(f"/api/v1/products/{first.pk}/similar/"),
        Kind.API_PHOTO: lambda: search(client, "/api/v1/search/photo/"),
    }
    for kind, visit in visits.items():
        GivenAnswer.objects.all().delete()
        assert visit().status_code == 200
        given = GivenAnswer.objects.get()
        assert given.kind == kind
        assert given.results in (5, 6, 7)
        assert given.took_ms > 0
        assert given.origin == ("" if kind in (Kind.PHOTO, Kind.API_PHOTO) else str(first.pk))


def test_another_front_end_can_tell_what_of_an_answer_of_the_api_was_seen_and_clicked(
    client: Client, shop: list[Any]
) -> None:
    similar = f"/api/v1/products/{shop[0].pk}/similar/"
    asked: dict[Kind, Callable[[], Any]] = {
        Kind.API_SIMILAR: lambda: client.get(similar),
        Kind.API_PHOTO: lambda: search(client, "/api/v1/search/photo/"),
    }
    for kind, ask in asked.items():
        Event.objects.all().delete()
        answer = ask().json()
        assert GivenAnswer.objects.get(key=answer["query"]).kind == kind
        told = {"seen": [result["event"] for result in answer["results"]], "clicked": answer["results"][2]["event"]}
        response = client.post(answer["events"], urlencode(told, doseq=True), content_type=FORM)
        assert response.status_code == 204
        rows = Event.objects.order_by("position", "-action")
        assert [(row.position, row.action) for row in rows] == [
            *((1, "seen"), (2, "seen"), (3, "seen"), (3, "clicked"), (4, "seen"), (5, "seen"))
        ]
        assert {(row.kind, row.answer) for row in rows} == {(kind, answer["query"])}
        assert rows[0].product == str(answer["results"][0]["product"]["id"])


def test_an_answer_of_the_api_that_is_not_counted_carries_nothing_to_count_with(
    client: Client, shop: list[Any]
) -> None:
    answer = client.get(f"/api/v1/products/{shop[0].pk}/similar/", headers={"DNT": "1"}).json()
    assert (answer["query"], answer["events"]) == (None, None)
    assert [result["event"] for result in answer["results"]] == [None] * 5


def test_the_level_of_a_match_is_noted(client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    search(client)
    assert GivenAnswer.objects.get().level == "same"
    GivenAnswer.objects.all().delete()
    levels = MatchLevels(Steps(2.0, 1.9, 1.8))
    monkeypatch.setattr(current, "match_levels", lambda view=None: levels)
    search(client)
    assert GivenAnswer.objects.get().level == "none"


def test_nothing_noted_tells_who_asked(client: Client, shop: list[Any]) -> None:
    page = client.get(
        shop[0].get_absolute_url(),
        headers={"User-Agent": "Telltale/1.0", "Accept-Language": "xx"},
        REMOTE_ADDR="9.8.7.6",
    )
    recording.happened(clicked=tokens_of(page))
    stored = str([*GivenAnswer.objects.values(), *Event.objects.values()])
    session = client.cookies.get("sessionid")
    for telltale in ("9.8.7.6", "Telltale", *([session.value] if session else [])):
        assert telltale not in stored
    fields = {field.name for model in (GivenAnswer, Event) for field in model._meta.get_fields()}
    assert fields == {
        *("id", "key", "kind", "level", "results", "took_ms", "origin", "day", "hour"),
        *("answer", "position", "product", "action"),
    }


def test_a_key_is_random(client: Client, shop: list[Any]) -> None:
    for _ in range(3):
        client.get(shop[0].get_absolute_url())
    assert len({given.key for given in GivenAnswer.objects.all()}) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"DNT": "1"},
        {"Sec-GPC": "1"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "SomeCrawler"},
    ],
)
def test_who_asks_not_to_be_followed_or_does_not_look_is_not_counted(
    client: Client, shop: list[Any], headers: dict[str, str]
) -> None:
    page = client.get(shop[0].get_absolute_url(), headers=headers)
    assert tokens_of(page) == []
    assert "from=" not in page.content.decode()
    search(client, **headers)
    assert not GivenAnswer.objects.exists()
    assert not Event.objects.exists()


def test_a_page_nobody_reads_is_not_counted(client: Client, shop: list[Any]) -> None:
    assert client.head(shop[0].get_absolute_url()).status_code == 200
    assert not GivenAnswer.objects.exists()


def test_the_setting_switches_it_off(client: Client, shop: list[Any], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "EVENTS": False}
    assert tokens_of(client.get(shop[0].get_absolute_url())) == []
    assert not GivenAnswer.objects.exists()


def test_a_shop_without_the_app_counts_nothing_and_works(
    client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != recording.APP)
    page = client.get(shop[0].get_absolute_url())
    assert page.status_code == 200
    assert tokens_of(page) == []
    assert not GivenAnswer.objects.exists()


def test_each_card_carries_its_product_and_its_position(client: Client, shop: list[Any]) -> None:
    page = client.get(f"{shop[0].get_absolute_url()}similar/", {"sort": "price"})
    shown = [tokens.read(token) for token in tokens_of(page)]
    assert [row.position for row in shown if row] == [1, 2, 3, 4, 5, 6]
    links = re.findall(r'data-event="[^"]+".*?href="(/products/[^/]+/)', page.content.decode(), re.DOTALL)
    addresses = {str(product.pk): product.get_absolute_url() for product in shop}
    assert links == [addresses[row.product] for row in shown if row]


@pytest.mark.parametrize("broken", ["put", "_now"])
def test_a_fault_of_the_counting_breaks_no_page(
    client: Client, shop: list[Any], monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("the counting is broken")

    monkeypatch.setattr(buffer if broken == "put" else recording, broken, fail)
    page = client.get(shop[0].get_absolute_url())
    assert page.status_code == 200
    assert 'class="vogue strip"' in page.content.decode()
    assert search(client).status_code == 200


def test_counting_costs_a_page_no_query(client: Client, shop: list[Any], settings: Any, monkeypatch: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(shop[0].get_absolute_url())
        return len(captured)

    queries()
    settings.VOGUE = {**settings.VOGUE, "EVENTS": False}
    without = queries()
    settings.VOGUE = {**settings.VOGUE, "EVENTS": True, "EVENT_SECONDS": 600}
    assert queries() == without
    buffer.flush()
    assert GivenAnswer.objects.exists()
