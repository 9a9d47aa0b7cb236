"""A click counts without JavaScript, and the address stays clean."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from recommendations.events import recording, tokens
from recommendations.events.models import Event
from tests.factories import make_product
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours", "counting")]
TOKEN = tokens.Shown("a" * 12, "strip", 2, "7")


@pytest.fixture
def shop() -> list[Any]:
    products = [make_product(colour) for colour in ("red", "blue", "green")]
    embed_all()
    return products


def links(page: Any) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'href="(/products/[^"]+from=[^"]+)"', page.content.decode())]


def test_a_link_of_the_strip_counts_and_leads_to_the_product(client: Client, shop: list[Any]) -> None:
    first, second = links(client.get(shop[0].get_absolute_url()))
    answer = client.get(second)
    assert answer.status_code == 302
    assert answer["Location"] == second.partition("?")[0]
    assert answer["Cache-Control"] == "no-store"
    rows = Event.objects.order_by("action").values_list("action", "position", "kind")
    assert list(rows) == [("clicked", 2, "strip"), ("seen", 2, "strip")]
    product = shop[1] if shop[1].get_absolute_url() == answer["Location"] else shop[2]
    assert set(Event.objects.values_list("product", flat=True)) == {str(product.pk)}
    client.get(second)
    assert Event.objects.count() == 2
    client.get(first)
    assert Event.objects.count() == 4


def test_the_rest_of_the_address_stays(client: Client) -> None:
    answer = client.get("/products/", {"q": "a b&c", "from": tokens.sign(TOKEN), "sort": "price"})
    assert answer["Location"] == "/products/?q=a+b%26c&sort=price"


def test_a_from_that_is_not_ours_is_left_to_the_page(client: Client) -> None:
    for value in ("yesterday", "a:b:c", tokens.sign(TOKEN)[:-1] + "!", "x" * 5000):
        assert client.get("/products/", {"from": value}).status_code == 200
    assert not Event.objects.exists()


def test_an_old_token_leads_on_and_counts_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "SECONDS", -1)
    assert client.get("/products/", {"from": tokens.sign(TOKEN)}).status_code == 302
    assert not Event.objects.exists()


def test_nobody_is_led_to_another_site(client: Client) -> None:
    answer = client.get(f"//evil.example/?from={tokens.sign(TOKEN)}", SERVER_NAME="testserver")
    assert answer.status_code in (302, 404)
    assert not answer.get("Location", "/").startswith("//")


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_followed_is_led_on_uncounted(client: Client, header: str) -> None:
    answer = client.get("/products/", {"from": tokens.sign(TOKEN)}, headers={header: "1"})
    assert answer.status_code == 302
    assert not Event.objects.exists()


def test_a_fault_of_the_counting_still_leads_on(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "happened", lambda **events: 1 / 0)
    assert client.get("/products/", {"from": tokens.sign(TOKEN)}).status_code == 302


def test_without_the_middleware_links_are_plain(client: Client, shop: list[Any], settings: Any) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "ClickMiddleware" not in name]
    page = client.get(shop[0].get_absolute_url())
    assert links(page) == []
    assert "data-event=" in page.content.decode()
