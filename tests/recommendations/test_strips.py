"""What follows the photo that is looked at, and what follows the visitor."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from catalog.models import Product
from recommendations import search, strips, visits
from recommendations.exceptions import IndexUnavailableError
from recommendations.gallery import ModelGallery
from tests.factories import add_photo, make_category, make_product
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]
COOKIE = django_settings.SESSION_COOKIE_NAME


class PlainGallery(ModelGallery):
    """Another shop: no reasons, no card, products named by their key."""

    model = "catalog.Product"
    image_model = "catalog.ProductImage"
    image_ordering = ("position", "pk")


def section(page: str, name: str) -> str:
    """Return the part of a page under the heading of this id, "" where it has none."""
    found = re.search(rf'<section[^>]*aria-labelledby="{name}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def cards(html: str) -> list[str]:
    return re.findall(r'class="card-name"><a [^>]*>([^<]*)', html)


def look_at(client: Client, *products: Product) -> str:
    """Open these products' pages one after another; return the last."""
    for product in products:
        page = client.get(product.get_absolute_url()).content.decode()
    return page


@pytest.fixture
def shop() -> list[Product]:
    reds = [make_product((200 - 8 * n, 30, 30), name=f"Red {n}") for n in range(4)]
    blues = [make_product((30, 60, 200 - 8 * n), name=f"Blue {n}") for n in range(4)]
    embed_all()
    return reds + blues


@pytest.fixture
def two_sided() -> Product:
    """A product red in front and blue behind, among red and blue ones."""
    product = make_product("red", name="Two-sided")
    add_photo(product, "blue", position=1)
    make_product((190, 40, 30), name="Red one")
    make_product((40, 70, 190), name="Blue one")
    embed_all()
    return product


def test_the_strip_follows_the_photo_that_is_looked_at(two_sided: Product) -> None:
    front, back = (str(photo.pk) for photo in two_sided.images.all())
    for photo, first in ((None, "Red one"), (front, "Red one"), (back, "Blue one")):
        assert search.similar_products(two_sided, k=1, photo=photo).matches[0].product.name == first


@pytest.mark.parametrize("photo", ["999999", "no key", "'; --", "1" * 5000])
def test_a_photo_it_does_not_have_leaves_the_best_one_to_speak(two_sided: Product, photo: str) -> None:
    assert search.similar_products(two_sided, k=1, photo=photo).matches[0].product.name == "Red one"


def test_a_photo_that_is_not_embedded_yet_leaves_the_best_one_to_speak(two_sided: Product) -> None:
    new = add_photo(two_sided, "green", position=2)
    assert search.similar_products(two_sided, k=1, photo=str(new.pk)).matches[0].product.name == "Red one"


def test_without_javascript_a_link_shows_the_other_photo_and_its_strip(client: Client, two_sided: Product) -> None:
    front, back = two_sided.images.all()
    page = client.get(two_sided.get_absolute_url()).content.decode()
    link = f"{two_sided.get_absolute_url()}?photo={back.pk}"
    assert f'href="{link}"' in page
    assert cards(section(page, f"similar-items-{two_sided.pk}"))[0] == "Red one"
    page = client.get(link).content.decode()
    assert cards(section(page, f"similar-items-{two_sided.pk}"))[0] == "Blue one"
    large = re.findall(r'<a href="([^"]*)"[^>]*data-zoom', page)
    assert large == [back.image.url, front.image.url]
    assert f'/similar/?photo={back.pk}"' in page
    odd = client.get(two_sided.get_absolute_url(), {"photo": "\0'"})
    assert odd.status_code == 200
    assert re.findall(r'<a href="([^"]*)"[^>]*data-zoom', odd.content.decode()) == [front.image.url, back.image.url]


def test_a_script_is_sent_the_strip_alone(client: Client, two_sided: Product) -> None:
    back = two_sided.images.all()[1]
    address = f"/products/{two_sided.slug}/similar/"
    response = client.get(address, {"photo": back.pk, "k": 1}, headers={"Vogue-Fragment": "1"})
    assert response["Vary"].split(", ").count("Vogue-Fragment") == 1
    assert cards(response.content.decode()) == ["Blue one"]
    assert "<html" not in response.content.decode()
    whole = client.get(address, {"photo": back.pk})
    assert "Vogue-Fragment" in whole["Vary"]
    assert cards(whole.content.decode())[1] == "Blue one"
    assert "Compared by another of its photos" in whole.content.decode()


def test_a_script_hears_in_words_that_the_search_failed(
    client: Client, two_sided: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise IndexUnavailableError("not yet")

    monkeypatch.setattr(strips, "similar_products", broken)
    response = client.get(f"/products/{two_sided.slug}/similar/", headers={"Vogue-Fragment": "1"})
    assert response.status_code == 503
    assert response.content.decode().startswith("<p data-refusal")


def test_whoever_looked_at_nothing_gets_no_session(client: Client, shop: list[Product]) -> None:
    for address in ("/", "/products/", f"/products/{shop[0].slug}/similar/", "/search/photo/"):
        response = client.get(address)
        assert COOKIE not in response.cookies
        assert not section(response.content.decode(), "for-you")
    assert not Session.objects.exists()
    assert COOKIE in client.get(shop[0].get_absolute_url()).cookies


def test_a_page_fetched_ahead_or_by_a_machine_is_no_visit(client: Client, shop: list[Product]) -> None:
    address = shop[0].get_absolute_url()
    for headers in ({"Sec-Purpose": "prefetch"}, {"User-Agent": "Mozilla/5.0 (compatible; Examplebot/2.1)"}):
        assert COOKIE not in client.get(address, headers=headers).cookies


def test_recently_viewed_is_newest_first_and_without_the_product_shown(client: Client, shop: list[Product]) -> None:
    page = look_at(client, shop[0], shop[5], shop[1], shop[0], shop[4])
    assert cards(section(page, "recently-viewed")) == ["Red 0", "Red 1", "Blue 1"]
    assert not section(look_at(Client(), shop[0]), "recently-viewed")


def test_what_is_hidden_or_deleted_since_is_not_shown(client: Client, shop: list[Product]) -> None:
    look_at(client, shop[0], shop[1], shop[2])
    Product.objects.filter(pk=shop[1].pk).update(active=False)
    shop[2].delete()
    assert cards(section(look_at(client, shop[4]), "recently-viewed")) == ["Red 0"]


def test_for_you_is_like_what_was_looked_at_and_never_that_itself(client: Client, shop: list[Product]) -> None:
    look_at(client, shop[0], shop[1])
    names = cards(section(client.get("/").content.decode(), "for-you"))
    assert not {"Red 0", "Red 1"} & set(names)
    assert set(names[:1]) <= {"Red 2", "Red 3"}


def test_what_was_looked_at_last_counts_most(shop: list[Product]) -> None:
    red, blue = shop[0], shop[4]
    assert search.products_like([red.pk, blue.pk], 1).matches[0].product.name.startswith("Red")
    assert search.products_like([blue.pk, red.pk], 1).matches[0].product.name.startswith("Blue")


def test_for_you_is_diverse(shop: list[Product]) -> None:
    liked = [shop[0].pk]
    assert {m.product.name for m in search.products_like(liked, 3)} == {"Red 1", "Red 2", "Red 3"}
    assert any(m.product.name.startswith("Blue") for m in search.products_like(liked, 3, diversity=0.6))


def test_opposite_tastes_leave_the_newest_to_speak() -> None:
    light, dark = make_product((255, 127, 127)), make_product((0, 127, 127))
    near = make_product((250, 130, 130))
    embed_all()
    assert search.products_like([light.pk, dark.pk], 1).matches[0].product == near


def test_a_style_that_was_looked_at_is_not_suggested(shop: list[Product], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vogue_site.gallery.ShopGallery.style_field", "brand")
    Product.objects.filter(name__in=["Red 0", "Red 1"]).update(brand="one style")
    assert "Red 1" not in {match.product.name for match in search.products_like([shop[0].pk], 8)}


def test_one_click_forgets_what_was_looked_at(shop: list[Product]) -> None:
    client = Client(enforce_csrf_checks=True)
    look_at(client, shop[0])
    page = client.get("/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', section(page, "for-you"))
    assert token
    assert client.post("/seen/forget/").status_code == 403
    response = client.post("/seen/forget/", {"csrfmiddlewaretoken": token[1], "next": "/"}, follow=True)
    page = response.content.decode()
    assert "What you looked at is forgotten" in page
    assert not section(page, "for-you")
    assert not Session.objects.exists()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_forgetting_leads_to_no_other_site(client: Client, shop: list[Product], back: str) -> None:
    look_at(client, shop[0])
    assert client.post("/seen/forget/", {"next": back})["Location"] == "/"


def test_a_session_that_holds_more_is_kept(client: Client, shop: list[Product], admin_user: Any) -> None:
    client.force_login(admin_user)
    look_at(client, shop[0])
    client.post("/seen/forget/")
    assert client.get("/admin/").status_code == 200
    assert visits.KEY not in client.session


@pytest.mark.parametrize("kept", ["x", 5, {"a": 1}, [1, None, {}], ["nine", "-", "\0"], ["9" * 60]])
def test_whatever_the_session_holds_no_page_breaks(client: Client, shop: list[Product], kept: Any) -> None:
    look_at(client, shop[0])
    session = client.session
    session[visits.KEY] = kept
    session.save()
    assert client.get("/").status_code == 200
    assert cards(section(look_at(client, shop[1]), "recently-viewed")) == []


def test_no_more_than_a_dozen_are_remembered() -> None:
    request = RequestFactory().get("/")
    request.session = {}  # type: ignore[assignment]
    for pk in range(1, 20):
        visits.remember(request, Product(pk=pk))
    assert visits.seen(request) == list(range(19, 7, -1))
    assert visits.seen(request, but=Product(pk=19)) == list(range(18, 7, -1))


def test_a_shop_without_sessions_has_no_visitors() -> None:
    request = RequestFactory().get("/")
    visits.remember(request, Product(pk=1))
    visits.forget(request)
    assert visits.seen(request) == []
    assert visits.seen(None) == []


def test_a_card_says_what_the_data_say(shop: list[Product]) -> None:
    bags = make_category("Bags")
    Product.objects.filter(pk=shop[0].pk).update(colour="Red")
    Product.objects.filter(pk=shop[1].pk).update(colour="Red", category=bags)
    Product.objects.filter(pk=shop[7].pk).update(colour="Blue", category=bags)
    shop[0].refresh_from_db()
    said = {match.product.name: [str(r) for r in match.reasons] for match in search.similar_products(shop[0], k=7)}
    assert said["Red 1"] == ["same colour", "very close"]
    # Without a colour of its own, it has none in common.
    assert said["Red 2"] == ["same kind", "very close"]
    assert said["Blue 0"] == ["same kind"]
    assert said["Blue 3"] == []


def test_reasons_stand_on_the_cards_of_strip_and_page(client: Client, shop: list[Product]) -> None:
    for address in (shop[0].get_absolute_url(), f"/products/{shop[0].slug}/similar/"):
        page = client.get(address).content.decode()
        assert '<p class="reasons">same kind · very close</p>' in page
    results = client.get(f"/api/v1/products/{shop[0].pk}/similar/?k=1").json()["results"]
    assert results[0]["reasons"] == ["same kind", "very close"]


def test_a_picture_gives_no_reasons(shop: list[Product]) -> None:
    assert all(not match.reasons for match in search.products_like([shop[0].pk], 3))


def test_another_shop_has_all_of_it(client: Client, shop: list[Product], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "GALLERY": f"{__name__}.PlainGallery"}
    page = look_at(client, shop[0], shop[4])
    strip = section(page, f"similar-items-{shop[4].pk}")
    assert f'href="/products/{shop[4].pk}/similar/"' in strip
    assert "very close" in strip
    assert "same kind" not in strip
    assert "Red 0" in section(page, "recently-viewed")
    assert "Blue" in section(client.get("/").content.decode(), "for-you")


def test_every_strip_card_leads_to_more_like_it(client: Client, shop: list[Product]) -> None:
    strip = section(look_at(client, shop[0]), f"similar-items-{shop[0].pk}")
    assert f'href="/products/{shop[1].slug}/similar/" aria-label="More like this one: Red 1"' in strip
    assert f'href="/products/{shop[0].slug}/similar/" data-strip-all' in strip
