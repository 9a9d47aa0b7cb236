"""The pages of results beyond the form: parts of a photo, filters with counts, orders, more, similar products."""

from __future__ import annotations

import html
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from PIL import Image

from catalog.models import Product
from recommendations import current, held_photos
from recommendations.levels import MatchLevels, Steps
from tests.embedders import MeanColourEmbedder
from tests.factories import make_category, make_product
from tests.pictures import encoded, photo, picture
from tests.recommendations.shop import embed_all
from tests.recommendations.test_views import post, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]
URL = "/search/photo/"


@pytest.fixture
def shop() -> list[Product]:
    shirts, shoes = make_category("Shirts"), make_category("Shoes")
    rows = [
        ("red", shirts, "Women", "10", 1),
        ("orange", shirts, "Women", "20", 0),
        ("pink", shoes, "Men", "30", 2),
        ("purple", shoes, "Women", "40", 2),
        ("brown", shoes, "Men", "50", 0),
        ("blue", shoes, "Men", "60", 5),
        ("green", shirts, "Men", "70", 5),
    ]
    products = [
        make_product(colour, category=category, gender=gender, price=Decimal(price), stock=stock, colour=colour.title())
        for colour, category, gender, price, stock in rows
    ]
    embed_all()
    return products


def links(response: Any) -> list[str]:
    return [html.unescape(href) for href in re.findall(r'href="([^"]+)"', response.content.decode())]


def link(response: Any, words: str, *, inside: str = "") -> str:
    """Return the address of the first link with these words."""
    page = response.content.decode()
    page = page[page.index(inside) :] if inside else page
    found = re.search(rf'<a [^>]*?href="([^"]+)"[^>]*>(?:(?!</a>).)*?{re.escape(words)}(?:(?!</a>).)*?</a>', page, re.S)
    assert found, words
    return html.unescape(found[1])


def counts(response: Any, facet: str) -> dict[str, int]:
    page = response.content.decode()
    section = re.search(rf'<h3 id="facet-\d">{facet}</h3>(.*?)</section>', page, re.S)
    assert section, facet
    found = re.findall(r'<span>([^<]+)</span>.*?facet-count">(\d+)<', section[1], re.S)
    return {html.unescape(name): int(n) for name, n in found}


def test_results_can_be_opened_again_by_their_address(client: Client, shop: list[Product]) -> None:
    first = post(client, photo("red"), k="3")
    found = re.search(r'data-address="([^"]+)"', first.content.decode())
    assert found
    address = html.unescape(found[1])
    again = Client().get(address)
    assert shown(again) == shown(first)
    assert again["Cache-Control"] == "no-store"
    assert "held in memory for 15 minutes" in again.content.decode()


def test_another_part_of_the_photo_needs_no_upload(client: Client, shop: list[Product]) -> None:
    both = Image.new("RGB", (400, 200), (200, 30, 30))
    both.paste(picture("blue", (200, 200)), (200, 0))
    response = post(client, encoded(both), box="0,0,0.5,1")
    assert shown(response)[0] == shop[0].name
    address = re.search(r'data-address="([^"]+)"', response.content.decode())
    assert address
    query = parse_qs(urlsplit(html.unescape(address[1])).query)
    held = {"photo": query["photo"][0]}
    assert shown(client.get(URL, {**held, "box": "0.5,0,0.5,1"}))[0] == shop[5].name
    by_numbers = client.get(URL, {**held, "left": "50", "top": "0", "width": "50", "height": "100"})
    assert shown(by_numbers)[0] == shop[5].name
    assert 'name="left" value="50"' in by_numbers.content.decode()


@pytest.mark.parametrize("numbers", [{"left": "-1"}, {"width": "0"}, {"height": "many"}, {"top": "100"}])
def test_numbers_outside_the_photo_are_refused_in_words(
    client: Client, shop: list[Product], numbers: dict[str, str]
) -> None:
    held = held_photos.hold(picture())
    assert held
    response = client.get(URL, {"photo": held.token, **numbers})
    assert response.status_code == 400
    assert next(iter(numbers)).title() in response.content.decode()
    assert 'type="file"' in response.content.decode()


def test_a_thing_in_a_photo_is_found_unasked_and_the_whole_photo_stays_a_choice(
    client: Client, shop: list[Product]
) -> None:
    scene = picture("teal", (400, 300))
    scene.paste(picture("blue", (120, 160)), (40, 60))
    response = post(client, encoded(scene))
    assert shown(response)[0] == shop[5].name
    assert 'class="parts"' in response.content.decode()
    whole = client.get(link(response, "Search with the whole photo"))
    assert 'data-box="0,0,1,1"' in whole.content.decode()
    assert link(whole, "Search with part 1 of the photo")


def test_a_narrow_thing_in_a_small_photo_is_no_part_that_is_too_small(client: Client, shop: list[Product]) -> None:
    scene = picture("white", (60, 80))
    scene.paste(picture("blue", (2, 40)), (4, 18))
    first = post(client, encoded(scene, "PNG"), k="3")
    assert first.status_code == 200, first.content
    assert "too small" not in first.content.decode()
    part = client.get(link(first, "Search with part 1 of the photo"))
    assert part.status_code == 200


def test_the_same_photo_of_a_product_is_searched_with_as_a_whole(client: Client, shop: list[Product]) -> None:
    assert 'data-box="0,0,1,1"' in post(client, photo("red")).content.decode()


def test_the_network_runs_once_for_a_part_however_often_it_is_filtered(
    client: Client, shop: list[Product], colours: MeanColourEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = post(client, photo("red"))
    ran: list[int] = []
    monkeypatch.setattr(colours, "_embed", lambda images: ran.append(len(images)))
    filtered = client.get(link(response, "Men"))
    assert filtered.status_code == 200
    assert ran == []


def test_filters_have_counts_among_the_nearest_with_every_filter_but_their_own(
    client: Client, shop: list[Product], settings: Any
) -> None:
    response = post(client, photo("red"), k="100")
    assert counts(response, "Category") == {"Shoes": 4, "Shirts": 3}
    assert counts(response, "For") == {"Men": 4, "Women": 3}
    assert counts(response, "Stock") == {"Only what is in stock": 5}
    assert sum(counts(response, "Price").values()) == 7
    women = client.get(link(response, "Women"))
    assert set(shown(women)) == {shop[0].name, shop[1].name, shop[3].name}
    assert counts(women, "For") == {"Men": 4, "Women": 3}
    assert counts(women, "Category") == {"Shirts": 2, "Shoes": 1}
    assert counts(women, "Stock") == {"Only what is in stock": 2}
    assert shown(client.get(link(women, "Women", inside='class="chips"'))) == shown(response)
    settings.VOGUE = {**settings.VOGUE, "FACET_POOL": 2}
    near = client.get(link(response, "Women"))
    assert "the 2 nearest products" in near.content.decode()
    assert sum(counts(near, "For").values()) == 2


def test_every_count_is_what_choosing_it_gives(client: Client, shop: list[Product]) -> None:
    response = post(client, photo("red"), k="100")
    for facet in ("Category", "For", "Colour", "Price", "Stock"):
        for name, number in counts(response, facet).items():
            address = link(response, name, inside=f">{facet}</h3>")
            assert len(shown(client.get(address))) == number, name


def test_a_typed_price_narrows_what_is_shown_and_keeps_the_rest(client: Client, shop: list[Product]) -> None:
    response = client.get(link(post(client, photo("red"), k="100"), "Men"))
    form = re.search(
        r'<form action="/search/photo/" method="get" data-filter-form>(.*?)</form>', response.content.decode(), re.S
    )
    assert form
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1]))
    assert hidden["gender"] == "Men"
    assert set(shown(client.get(URL, {**hidden, "price_max": "50"}))) == {shop[2].name, shop[4].name}


def test_results_are_sorted_by_price_and_newness_among_those_shown(client: Client, shop: list[Product]) -> None:
    response = post(client, photo("red"), k="4")
    nearest = set(shown(response))
    cheapest = client.get(link(response, "Lowest price"))
    by_price = sorted((p for p in shop if p.name in nearest), key=lambda p: p.price)
    assert shown(cheapest) == [p.name for p in by_price]
    assert shown(client.get(link(response, "Highest price"))) == [p.name for p in reversed(by_price)]
    newest = sorted((p for p in shop if p.name in nearest), key=lambda p: -p.pk)
    assert shown(client.get(link(response, "Newest"))) == [p.name for p in newest]
    assert shown(client.get(link(cheapest, "Likeness"))) == shown(response)
    assert client.get(link(response, "Newest").replace("newest", "oldest")).status_code == 400


def test_show_more_shows_more_until_there_is_no_more(client: Client, shop: list[Product], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "PAGE_K": 3}
    response = post(client, photo("red"), k="3")
    six = client.get(link(response, "Show more"))
    assert shown(six)[:3] == shown(response)
    assert len(shown(six)) == 6
    nine = client.get(link(six, "Show more"))
    assert len(shown(nine)) == 7
    assert "Show more" not in nine.content.decode()


def test_at_the_most_one_may_ask_for_filters_are_the_way_on(client: Client, shop: list[Product], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "MAX_K": 5, "K": 5}
    page = post(client, photo("red"), k="5").content.decode()
    assert "Show more" not in page
    assert "These are the 5 nearest" in page


def test_every_card_says_how_close_it_is_and_leads_to_more_like_it(client: Client, shop: list[Product]) -> None:
    response = post(client, photo("red"), k="3")
    page = response.content.decode()
    assert len(re.findall(r'class="level level-\w+">[^<]+<', page)) == 3
    assert f"/products/{shop[0].slug}/similar/" in links(response)


def test_nothing_close_says_so_hints_at_the_box_and_marks_new_arrivals(
    client: Client, shop: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "match_levels", lambda view: MatchLevels(Steps(2.0, 2.0, 2.0)))
    page = post(client, photo("red"), box="0,0,1,1").content.decode()
    assert "<strong>We have nothing close to your photo.</strong> Draw the box" in page
    assert "New in the shop" in page
    assert "Not matches for your photo" in page
    assert page.index("The nearest we have, though not close") < page.index('id="cards"')
    assert 'href="/products/?category=shoes"' in page


def test_a_forgotten_photo_is_410_with_the_form_and_the_filters_kept(client: Client, shop: list[Product]) -> None:
    response = client.get(URL, {"photo": "gone", "category": "shoes"})
    assert response.status_code == 410
    page = response.content.decode()
    assert "We no longer have this photo" in page
    assert '<option value="shoes" selected>' in page
    assert 'aria-invalid="true"' in page


def test_one_click_forgets_the_photo(client: Client, shop: list[Product]) -> None:
    held = held_photos.hold(picture())
    assert held
    response = client.post("/search/photo/forget/", {"photo": held.token}, follow=True)
    assert "Your photo is forgotten." in response.content.decode()
    assert client.get(URL, {"photo": held.token}).status_code == 410
    assert client.get("/search/photo/forget/").status_code == 405


def test_without_a_place_to_hold_it_the_page_says_the_photo_is_sent_again(
    client: Client, shop: list[Product], settings: Any
) -> None:
    settings.VOGUE = {**settings.VOGUE, "HOLD_SECONDS": 0}
    response = post(client, photo("red"))
    assert shown(response)[0] == shop[0].name
    page = response.content.decode()
    assert "is not kept" in page
    assert "photo=" not in link(response, "Women")
    assert client.get(link(response, "Women")).status_code == 200


def test_a_script_gets_the_view_alone_and_a_refusal_alone(
    client: Client, shop: list[Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = {"Vogue-Fragment": "1"}
    token = client.get(URL, headers=script).content.decode().strip()
    assert token.startswith('<input type="hidden" name="csrfmiddlewaretoken"')
    held = held_photos.hold(picture("red"))
    assert held
    view = client.get(URL, {"photo": held.token, "box": "0,0,1,1"}, headers=script).content.decode()
    assert "<html" not in view
    assert "data:image" not in view.split('data-part="parts"')[0]
    assert 'id="cards"' in view
    for data, status, words in (
        ({"photo": "gone"}, 410, "no longer have"),
        ({"photo": held.token, "k": "0"}, 400, "whole number"),
        ({"photo": held.token, "price_min": "cheap"}, 400, "Price from"),
    ):
        response = client.get(URL, data, headers=script)
        assert response.status_code == status
        assert response.content.decode().startswith("<p data-refusal")
        assert words in response.content.decode()


def test_the_page_of_similar_products_filters_sorts_and_shows_more(
    client: Client, shop: list[Product], settings: Any
) -> None:
    settings.VOGUE = {**settings.VOGUE, "PAGE_K": 3}
    address = f"/products/{shop[0].slug}/similar/"
    response = client.get(address)
    assert response.status_code == 200
    assert len(shown(response)) == 3
    assert shop[0].name not in shown(response)
    assert counts(response, "For") == {"Men": 4, "Women": 2}
    assert set(shown(client.get(link(response, "Women")))) == {shop[1].name, shop[3].name}
    assert len(shown(client.get(link(response, "Show more")))) == 6
    odd = client.get(address, {"k": "many", "price_min": "cheap"})
    assert odd.status_code == 200
    assert "whole number" in odd.content.decode()
    assert client.get("/products/nothing/similar/").status_code == 404


def test_a_product_without_an_embedding_has_a_page_that_says_so(client: Client, shop: list[Product]) -> None:
    new = make_product(None)
    response = client.get(f"/products/{new.slug}/similar/")
    assert response.status_code == 200
    assert "Nothing to compare it with yet" in response.content.decode()


def test_the_address_of_results_carries_no_empty_parameters(client: Client, shop: list[Product]) -> None:
    for address in links(post(client, photo("red"))):
        if address.startswith(URL + "?"):
            assert all(parse_qs(urlsplit(address).query, keep_blank_values=True).values())
            assert "=&" not in address


def test_every_page_has_the_camera_in_its_search_bar_and_the_strict_policy(client: Client, shop: list[Product]) -> None:
    for address in (
        "/",
        "/products/",
        shop[0].get_absolute_url(),
        URL,
        f"/products/{shop[0].slug}/similar/",
        "/nowhere/",
    ):
        response = client.get(address)
        page = response.content.decode()
        bar = page[page.index('role="search"') :]
        assert 'href="/search/photo/"' in bar[: bar.index("</form>")]
        assert 'capture="environment"' in page
        policy = response["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "img-src 'self' data: blob:" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page)
