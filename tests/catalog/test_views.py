"""The shop's pages, as a browser without JavaScript gets them."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client

from catalog.models import Category, Product
from tests.embedders import MeanColourEmbedder
from tests.factories import add_photo, make_category, make_product

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]

VOID = {"meta", "link", "input", "img", "br", "hr", "source", "area"}


class Page(HTMLParser):
    """What a page is made of; fails on tags that do not close, and on ids given twice."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        assert self.open == []
        ids = [attributes["id"] for _, attributes in self.tags if "id" in attributes]
        assert sorted(map(str, ids)) == sorted(set(map(str, ids)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """Return the attributes of every such tag that has the wanted ones."""
        return [a for t, a in self.tags if t == tag and all(a.get(k.rstrip("_")) == v for k, v in wanted.items())]

    def links(self, *classes: str) -> list[str]:
        """Return where the links lead; with classes, of those that have one of them."""
        found = [a for a in self.all("a") if not classes or set(classes) & set((a.get("class") or "").split())]
        return [a["href"] or "" for a in found]


def get(client: Client, path: str, status: int = 200, **query: Any) -> Page:
    response = client.get(f"{path}?{urlencode(query)}" if query else path)
    assert response.status_code == status
    return Page(response.content.decode())


def shown(client: Client, **query: Any) -> list[str]:
    """Return the names of the products in the list, in order."""
    response = client.get("/products/", query)
    assert response.status_code == 200
    Page(response.content.decode())
    return [product.name for product in response.context["page"]]


@pytest.fixture
def shop() -> None:
    apparel = make_category("Apparel")
    shirts, shoes = make_category("Shirts", apparel), make_category("Shoes")
    make_category("Hats")
    make_product(
        "red", name="Red shirt", slug="red-shirt", category=shirts, gender="Men", colour="Red", price=Decimal(10)
    )
    make_product("blue", name="Blue dress", category=apparel, gender="Women", colour="Blue", price=Decimal(20), stock=0)
    make_product(
        "black", name="Oxford", brand="Acme", category=shoes, gender="Women", colour="Black", price=Decimal(30)
    )
    make_product("green", name="Hidden", slug="hidden", category=shoes, colour="Green", active=False)


# ---------- home ----------
def test_an_empty_shop_has_a_home_page_that_says_so(client: Client) -> None:
    assert "still empty" in get(client, "/").text


def test_home_shows_categories_with_pictures_and_what_came_last(client: Client, shop: None) -> None:
    page = get(client, "/")
    assert "Oxford" in page.text
    assert "Hidden" not in page.text
    assert "/products/?category=apparel" in page.links()
    assert "Hats" not in page.text
    assert "/search/photo/" in page.links("button")
    assert page.all("img", fetchpriority="high")


def test_home_asks_the_same_number_of_queries_for_many(client: Client, django_assert_max_num_queries: Any) -> None:
    for n in range(30):
        make_product("red", category=make_category(f"Kind {n % 9}"))
    with django_assert_max_num_queries(8):
        client.get("/")


# ---------- list ----------
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Oxford", "Blue dress", "Red shirt"]),
        ({"sort": "price"}, ["Red shirt", "Blue dress", "Oxford"]),
        ({"category": "apparel"}, ["Blue dress", "Red shirt"]),
        ({"category": "apparel/shirts"}, ["Red shirt"]),
        ({"gender": "Women", "in_stock": "on"}, ["Oxford"]),
        ({"price_min": "15", "price_max": "25"}, ["Blue dress"]),
        ({"q": "acme"}, ["Oxford"]),
        ({"q": "shirt", "colour": "Black"}, []),
    ],
)
def test_the_list_shows_what_was_asked_for(client: Client, shop: None, query: dict[str, str], names: list[str]) -> None:
    assert shown(client, **query) == names


def test_every_product_is_on_exactly_one_page(client: Client) -> None:
    for _ in range(55):
        make_product(None, price=Decimal(5))
    Product.objects.update(created=Product.objects.earliest("created").created)
    for sort in ("newest", "price", "-price"):
        seen = [name for page in (1, 2, 3) for name in shown(client, sort=sort, page=page)]
        assert len(seen) == len(set(seen)) == 55


def test_page_links_keep_the_filters(client: Client) -> None:
    for _ in range(30):
        make_product(None, gender="Men")
    page = get(client, "/products/", gender="Men", sort="price")
    assert "?gender=Men&sort=price&page=2" in page.links()


def test_each_filter_in_use_can_be_taken_away(client: Client, shop: None) -> None:
    page = get(client, "/products/", category="apparel", gender="Women", price_max="25", q="", page="1")
    assert page.links("chip") == [
        "?gender=Women&price_max=25",
        "?category=apparel&price_max=25",
        "?category=apparel&gender=Women",
        "/products/",
    ]


def test_the_form_remembers_what_was_chosen(client: Client, shop: None) -> None:
    page = get(client, "/products/", category="apparel", gender="Men", price_min="5", sort="price", q="shirt")
    assert "checked" in page.all("input", name="gender", value="Men")[0]
    assert "checked" not in page.all("input", name="gender", value="Women")[0]
    assert page.all("input", name="price_min")[0]["value"] == "5"
    assert page.all("input", name="category", type="hidden")[0]["value"] == "apparel"
    assert "selected" in page.all("option", value="price")[0]
    assert [field["value"] for field in page.all("input", name="q")] == ["shirt", "shirt"]


def test_categories_are_counted_with_the_other_filters(client: Client, shop: None) -> None:
    response = client.get("/products/", {"gender": "Men"})
    assert [(branch.category.name, branch.count) for branch in response.context["branches"]] == [("Apparel", 1)]
    response = client.get("/products/", {"category": "apparel"})
    assert [(branch.category.name, branch.count) for branch in response.context["branches"]] == [("Shirts", 1)]
    response = client.get("/products/", {"category": "shoes"})
    assert response.context["branches"] == []


def test_nothing_found_says_so_and_shows_ways_on(client: Client, shop: None) -> None:
    page = get(client, "/products/", q="submarine")
    assert "Nothing here matches" in page.text
    assert "/search/photo/" in page.links("button")
    assert "?" in page.links("chip")


@pytest.mark.parametrize(
    "query",
    [
        {"category": "nowhere"},
        {"category": "hats"},
        {"gender": "'; DROP TABLE"},
        {"price_min": "cheap"},
        {"price_max": "9" * 400},
        {"price_min": "-1"},
        {"price_min": "20", "price_max": "10"},
        {"q": "a\x00b"},
        {"q": "x" * 5000},
        {"sort": "stock"},
        {"page": "0"},
        {"page": "-3"},
        {"page": "99999999999999999999"},
        {"page": "two"},
    ],
)
def test_a_bad_address_is_answered_with_a_message(client: Client, shop: None, query: dict[str, str]) -> None:
    page = get(client, f"/products/?{urlencode(query)}")
    assert page.all("p", role="alert") or page.all("div", role="alert")
    assert "Oxford" in page.text


def test_what_a_visitor_typed_is_only_text(client: Client, shop: None) -> None:
    for query in ({"q": "<script>alert(1)</script>"}, {"gender": "<b>x"}, {"page": "<i>"}, {"price_min": '"><b>'}):
        html = client.get("/products/", query).content.decode()
        for part in ("<script>alert", "<b>", "<i>"):
            assert part not in html


def test_a_page_of_the_list_takes_at_most_ten_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    categories = [make_category(f"Kind {n}", make_category("Apparel")) for n in range(5)]
    for n in range(30):
        product = make_product("red", category=categories[n % 5], gender="Men", colour="Red")
        add_photo(product, "blue", position=1)
    for query in ({}, {"category": "apparel", "gender": "Men", "q": "shirt", "page": "2"}):
        with django_assert_max_num_queries(10):
            assert client.get("/products/", query).status_code == 200


# ---------- product ----------
def test_a_product_page_tells_all_about_it(client: Client) -> None:
    product = make_product(
        "red", slug="polo", name="Polo", brand="Acme", sku="P-1", description="Soft.", gender="Men", colour="Red",
        season="Summer", usage="Casual", price=Decimal("1234.50"), stock=2,
        category=make_category("Polos", make_category("Shirts")),
    )  # fmt: skip
    add_photo(product, "blue", position=1)
    page = get(client, "/products/polo/")
    for words in ("Acme", "P-1", "Soft.", "Men", "Summer", "Casual", "€1,234.50", "Only 2 left"):
        assert words in page.text
    # Two photos, and a thumbnail for each.
    assert [image.get("fetchpriority") for image in page.all("img")] == ["high", None, None, None]
    front, back = product.images.all()
    assert {front.image.url, back.image.url} < set(page.links())
    assert f"/products/polo/?photo={back.pk}" in page.links()
    crumbs = page.links()
    assert "/products/?category=shirts" in crumbs
    assert "/products/?category=shirts/polos" in crumbs
    assert page.all("meta", property="og:image")[0]["content"].startswith("http://testserver/media/thumbs/")  # type: ignore[union-attr]


def test_a_product_page_ends_in_the_strip_of_similar_items(client: Client, colours: MeanColourEmbedder) -> None:
    red = make_product("red", name="Red one")
    make_product((190, 40, 30), name="Nearly red one")
    call_command("embed_products", "--all", verbosity=0)
    assert "Nearly red one" in get(client, red.get_absolute_url()).text


@pytest.mark.parametrize("slug", ["hidden", "never-there"])
def test_a_hidden_or_unknown_product_is_not_found(client: Client, shop: None, slug: str) -> None:
    page = get(client, f"/products/{slug}/", status=404)
    assert "/products/" in page.links("button")
    assert page.all("input", id="site-search")


def test_a_product_without_photos_has_a_placeholder(client: Client) -> None:
    product = make_product(None)
    assert page_has_placeholder(client, product)


def test_a_product_whose_photo_file_is_gone_has_a_placeholder(client: Client) -> None:
    product = make_product("red")
    Path(product.images.get().image.path).unlink()
    assert page_has_placeholder(client, product)


def page_has_placeholder(client: Client, product: Product) -> bool:
    return all(
        get(client, path).all("span", class_="photo photo-missing")
        for path in (product.get_absolute_url(), "/products/")
    )


# ---------- every page ----------
PATHS = ["/", "/products/", "/products/?q=submarine", "/products/red-shirt/", "/search/photo/", "/nope/"]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_its_landmarks(client: Client, shop: None, path: str) -> None:
    page = Page(client.get(path).content.decode())
    assert page.all("a", class_="skip-link", href="#main")
    assert page.all("main", id="main")
    assert len(page.all("h1")) == 1
    assert page.all("form", role="search")
    assert "/search/photo/" in page.links("photo-link")
    assert page.all("html", lang="en")
    assert "/products/?category=shoes" in page.links()
    for image in page.all("img"):
        assert "alt" in image
        assert image["width"] != "0"
        assert image["height"] != "0"


@pytest.mark.parametrize("path", PATHS)
def test_no_page_needs_inline_script_or_style(client: Client, shop: None, path: str) -> None:
    html = client.get(path).content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", html)
    assert all("src" in script for script in Page(html).all("script"))


@pytest.mark.parametrize("path", PATHS)
def test_every_field_has_a_label(client: Client, shop: None, path: str) -> None:
    html = client.get(path).content.decode()
    page = Page(html)
    labelled = {label.get("for") for label in page.all("label")}
    for tag in ("input", "select"):
        for field in page.all(tag):
            if field.get("type") != "hidden":
                assert field["id"] in labelled or re.search(rf'<label[^>]*>\s*<input[^>]*id="{field["id"]}"', html)


def test_a_new_category_is_in_the_header_at_once_and_an_emptied_one_is_gone(client: Client, shop: None) -> None:
    assert "/products/?category=hats" not in get(client, "/").links()
    hat = make_product(None, category=Category.objects.get(slug="hats"))
    assert "/products/?category=hats" in get(client, "/").links()
    Product.objects.filter(pk=hat.pk).update(active=False)
    assert "/products/?category=hats" not in get(client, "/").links()


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_pages_of_last_resort_need_no_request_and_no_database(name: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        page = Page(render_to_string(name))
    assert len(page.all("h1")) == 1
    assert "/" in page.links("button")


def test_a_form_without_its_token_gets_a_page_of_the_shop() -> None:
    response = Client(enforce_csrf_checks=True).post("/search/photo/")
    assert response.status_code == 403
    assert b"Please try again" in response.content


def test_pages_only_answer_what_reads(client: Client) -> None:
    assert client.post("/products/").status_code == 405
    assert client.head("/products/").status_code == 200
