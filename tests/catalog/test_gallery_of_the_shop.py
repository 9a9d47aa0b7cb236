"""What this shop tells the plugin."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import get_template

from catalog.forms import ProductFilterForm
from recommendations.gallery import get_gallery
from tests.factories import add_photo, make_category, make_product
from vogue_site.gallery import ShopGallery

pytestmark = pytest.mark.django_db


def test_the_settings_name_this_gallery() -> None:
    assert isinstance(get_gallery(), ShopGallery)


def test_hidden_products_exist_but_are_not_visible() -> None:
    shown, hidden = make_product(None), make_product(None, active=False)
    gallery = ShopGallery()
    assert set(gallery.products()) == {shown, hidden}
    assert set(gallery.visible()) == {shown}


def test_photos_come_best_first() -> None:
    product = make_product("red")
    late, early = add_photo(product, "blue", position=9), add_photo(product, "green", position=1)
    first = product.images.order_by("position").first()
    assert first is not None
    keys = [photo.key for photo in ShopGallery().photos([product.pk])]
    assert keys == [str(image.pk) for image in (first, early, late)]


def test_a_category_filter_takes_the_branch() -> None:
    polo = make_product(None, category=make_category("Polo", make_category("Shirts")))
    make_product(None, category=make_category("Shoes"))
    gallery = ShopGallery()
    assert list(gallery.filter(gallery.visible(), {"category": "shirts"})) == [polo]
    assert gallery.filter_form is ProductFilterForm


def test_a_product_is_described_in_plain_values() -> None:
    product = make_product(
        "red", sku="R1", slug="r-1", name="Red shirt", brand="Acme", gender="Women", colour="Red", season="Summer",
        usage="Casual", price=Decimal("19.90"), stock=0, category=make_category("Polo", make_category("Shirts")),
    )  # fmt: skip
    image = product.images.get()
    assert json.loads(json.dumps(ShopGallery().describe(product))) == {
        "id": product.pk,
        "sku": "R1",
        "name": "Red shirt",
        "brand": "Acme",
        "url": "/products/r-1/",
        "image": f"/media/thumbs/{image.image.name}-60.webp",
        "price": "19.90",
        "currency": "EUR",
        "category": {"path": "shirts/polo", "name": "Polo"},
        "gender": "Women",
        "colour": "Red",
        "season": "Summer",
        "usage": "Casual",
        "in_stock": False,
    }


def test_a_product_without_a_photo_is_described_without_one() -> None:
    assert ShopGallery().describe(make_product(None))["image"] is None


def test_describing_many_products_asks_no_more_than_for_one(django_assert_num_queries: Any) -> None:
    for _ in range(5):
        make_product("red")
    gallery = ShopGallery()
    with django_assert_num_queries(2):
        for product in gallery.visible():
            gallery.describe(product)


def test_its_card_shows_a_product() -> None:
    product = make_product("red", name="Red <shirt>")
    html = get_template(ShopGallery.card_template).render({"product": product})
    assert "Red &lt;shirt&gt;" in html
    assert product.get_absolute_url() in html
