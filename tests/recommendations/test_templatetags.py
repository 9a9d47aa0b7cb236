from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.template import Context, Template
from django.test import Client, RequestFactory

from recommendations import current, search
from recommendations.exceptions import WeightsError
from recommendations.gallery import ModelGallery
from tests.factories import make_product
from tests.recommendations.shop import embed_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("colours")]


class PlainGallery(ModelGallery):
    """Another shop: it sets what it must, and no card of its own."""

    model = "catalog.Product"
    image_model = "catalog.ProductImage"
    image_ordering = ("position", "pk")


def render(tag: str, **context: Any) -> str:
    page = Template("{% load vogue %}<h1>Shop</h1>{% " + tag + " %}<footer>the end</footer>")
    return page.render(Context(context))


def strip_of(page: str) -> str:
    assert page.startswith("<h1>Shop</h1>")
    assert page.endswith("<footer>the end</footer>")
    return page.removeprefix("<h1>Shop</h1>").removesuffix("<footer>the end</footer>")


@pytest.fixture
def shop() -> list[Any]:
    products = [make_product(colour) for colour in ("red", (210, 40, 35), "blue", "green", "yellow", "purple", "teal")]
    embed_all()
    return products


def test_the_strip_shows_names_prices_and_photos_of_what_looks_alike(shop: list[Any]) -> None:
    strip = strip_of(render("similar_items product", product=shop[0]))
    names = re.findall(r'class="card-name"><a href="([^"]*)">([^<]*)', strip)
    assert names[0] == (shop[1].get_absolute_url(), shop[1].name)
    assert len(names) == 5
    assert shop[0].name not in strip
    assert strip.count("19.90") == 5
    assert strip.count("<img") == 5
    assert 'class="vogue strip"' in strip


def test_the_strip_is_a_section_named_by_its_heading(shop: list[Any]) -> None:
    strip = strip_of(render('similar_items product heading="More like this"', product=shop[0]))
    found = re.search(r'<section[^>]* aria-labelledby="([^"]+)">\s*<h2 id="([^"]+)">More like this</h2>', strip)
    assert found
    assert found[1] == found[2]


def test_k_says_how_many(shop: list[Any]) -> None:
    assert render("similar_items product k=2", product=shop[0]).count('class="card"') == 2


def test_filters_narrow_the_strip(shop: list[Any]) -> None:
    type(shop[1]).objects.filter(pk=shop[1].pk).update(stock=0)
    strip = render("similar_items product in_stock=True", product=shop[0])
    assert shop[1].name not in strip
    assert strip.count('class="card"') == 5


def test_the_strip_takes_k_filters_and_diversity_together() -> None:
    black = [make_product((20 + n, 20, 20), colour="Black") for n in range(6)]
    make_product((26, 20, 20), colour="Black", stock=0)
    other = make_product("blue", colour="Black")
    make_product((21, 21, 20), colour="Blue")
    embed_all()

    def shown(diversity: float) -> list[str]:
        tag = f'similar_items product k=2 colour="Black" in_stock=True diversity={diversity}'
        return re.findall(r'class="card-name"><a href="([^"]*)"', strip_of(render(tag, product=black[0])))

    plain = shown(0)
    assert len(plain) == 2
    assert set(plain) < {product.get_absolute_url() for product in black[1:]}
    assert shown(0.9) == [plain[0], other.get_absolute_url()]


def test_a_filter_the_shop_does_not_have_is_logged(shop: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    assert strip_of(render('similar_items product flavour="mint"', product=shop[0])) == ""
    assert "flavour" in caplog.text


def test_nothing_is_rendered_where_there_is_nothing_to_show() -> None:
    alone = make_product("red")
    bare = make_product(None)
    embed_all()
    for product in (alone, bare):
        assert strip_of(render("similar_items product", product=product)) == ""


def test_what_is_no_product_renders_nothing(shop: list[Any]) -> None:
    assert strip_of(render("similar_items product", product=None)) == ""
    assert strip_of(render("similar_items missing")) == ""
    assert strip_of(render("similar_items product k=0", product=shop[0])) == ""
    assert strip_of(render("similar_items product diversity=2", product=shop[0])) == ""


@pytest.mark.parametrize("error", [OperationalError("gone"), WeightsError("missing"), OSError("disk"), RuntimeError()])
def test_a_fault_is_logged_and_renders_nothing(
    shop: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    def broken(*args: Any) -> None:
        raise error

    monkeypatch.setattr(search, "_matches", broken)
    assert strip_of(render("similar_items product", product=shop[0])) == ""
    assert "cannot be shown" in caplog.text


def test_missing_weights_render_nothing(shop: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise WeightsError("missing")

    monkeypatch.setattr(current, "embedder_name", missing)
    assert strip_of(render("similar_items product", product=shop[0])) == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("inside", [True, False])
def test_a_database_fault_spoils_no_transaction_of_the_page(shop: list[Any], inside: bool) -> None:
    statements: list[str] = []

    def broken(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        if "recommendations_imageembedding" in sql:
            # A real fault, so that a database that spoils transactions does so.
            return execute("SELECT * FROM no_such_table", None, many, context)
        return execute(sql, params, many, context)

    def page() -> None:
        with connection.execute_wrapper(broken):
            assert strip_of(render("similar_items product", product=shop[0])) == ""
        assert type(shop[0]).objects.count() == len(shop)

    if inside:
        with transaction.atomic():
            page()
        assert any(sql.startswith("SAVEPOINT") for sql in statements)
        assert any(sql.startswith("ROLLBACK TO SAVEPOINT") for sql in statements)
    else:
        page()
        assert not any("SAVEPOINT" in sql for sql in statements)


@pytest.mark.releases
def test_the_strip_costs_the_same_queries_for_two_as_for_twenty(django_assert_num_queries: Any) -> None:
    products = [make_product((shade, 40, 40)) for shade in range(60, 200, 5)]
    embed_all()
    render("similar_items product k=2", product=products[0])  # thumbnails are made once
    render("similar_items product k=20", product=products[0])
    # A savepoint and its end (tests run inside a transaction), vector, owners, products, their photos.
    with django_assert_num_queries(6) as few:
        render("similar_items product k=2", product=products[0])
    with django_assert_num_queries(len(few)):
        render("similar_items product k=20", product=products[0])


def test_a_shop_may_bring_its_own_strip(shop: list[Any], tmp_path: Path, settings: Any) -> None:
    own = tmp_path / "recommendations" / "similar_items.html"
    own.parent.mkdir()
    own.write_text("{{ heading }}: {% for match in answer %}{{ match.product.pk }} {{ match.level }};{% endfor %}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    strip = strip_of(render("similar_items product k=1", product=shop[0]))
    assert re.fullmatch(rf"Similar items: {shop[1].pk} \w+;", strip)


def test_a_shop_without_a_card_gets_a_plain_one(shop: list[Any], settings: Any) -> None:
    settings.VOGUE = {**settings.VOGUE, "GALLERY": f"{__name__}.PlainGallery"}
    strip = strip_of(render("similar_items product k=1", product=shop[0]))
    assert f'href="{shop[1].get_absolute_url()}"' in strip
    assert f'src="{shop[1].main_image.image.url}"' in strip
    assert shop[1].name in strip


def test_a_name_cannot_write_html(shop: list[Any]) -> None:
    type(shop[1]).objects.filter(pk=shop[1].pk).update(name="<script>alert(1)</script>")
    strip = render("similar_items product", product=shop[0])
    assert "<script>" not in strip
    assert "&lt;script&gt;" in strip


def test_the_product_page_carries_the_strip(client: Client, shop: list[Any]) -> None:
    page = client.get(shop[0].get_absolute_url()).content.decode()
    assert shop[1].name in page[page.index('class="vogue strip"') :]


def test_the_small_form_searches(shop: list[Any]) -> None:
    page = render("photo_search_form k=3", request=RequestFactory().get("/"))
    assert 'action="/search/photo/"' in page
    assert 'type="file"' in page
    assert re.search(r'name="csrfmiddlewaretoken" value="\w{64}"', page)
    assert 'name="k" value="3"' in page
    assert re.search(r'<label for="vogue-photo">', page)


def test_without_a_request_the_small_form_is_a_link() -> None:
    page = render("photo_search_form")
    assert "<form" not in page
    assert 'href="/search/photo/"' in page
