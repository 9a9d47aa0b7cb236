"""Filters: what they offer, what they find, what they refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from catalog.forms import ProductFilterForm, ProductListForm, filter_products
from catalog.models import Product
from tests.factories import make_category, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> None:
    apparel = make_category("Apparel")
    shirts, shoes = make_category("Shirts", apparel), make_category("Shoes")
    make_category("Hats")
    make_product(None, name="A", category=shirts, gender="Men", colour="Red", price=Decimal(10), stock=1)
    make_product(None, name="B", category=apparel, gender="Women", colour="Blue", price=Decimal(20), stock=0)
    make_product(None, name="C", category=shoes, gender="Women", colour="Red", price=Decimal(30), stock=5)
    make_product(None, name="D", category=shoes, gender="Boys", colour="Green", price=Decimal(40), active=False)


def found(**filters: Any) -> list[str]:
    return sorted(filter_products(Product.objects.visible(), filters).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, "ABC"),
        ({"category": "apparel"}, "AB"),
        ({"category": "apparel/shirts"}, "A"),
        ({"category": "nowhere"}, ""),
        ({"gender": "Women"}, "BC"),
        ({"colour": "Red"}, "AC"),
        ({"price_min": Decimal(20)}, "BC"),
        ({"price_max": Decimal(20)}, "AB"),
        ({"price_max": Decimal(0)}, ""),
        ({"in_stock": True}, "AC"),
        ({"in_stock": False, "colour": "", "gender": None}, "ABC"),
        ({"category": "apparel", "gender": "Women", "price_min": 15, "price_max": 25}, "B"),
    ],
)
def test_a_product_matches_every_filter(shop: None, filters: dict[str, Any], names: str) -> None:
    assert found(**filters) == list(names)


def test_an_unknown_filter_is_an_error(shop: None) -> None:
    with pytest.raises(ValueError, match="size"):
        found(size="XL")


def test_only_values_that_lead_somewhere_are_offered(shop: None) -> None:
    fields = ProductFilterForm().fields
    assert [value for value, _ in fields["gender"].choices] == ["", "Men", "Women"]  # type: ignore[attr-defined]
    assert [value for value, _ in fields["colour"].choices] == ["", "Blue", "Red"]  # type: ignore[attr-defined]
    offered = [value for value, _ in fields["category"].choices]  # type: ignore[attr-defined]
    assert offered == ["", "apparel", "apparel/shirts", "shoes"]


def test_an_empty_form_asks_the_database_nothing(django_assert_num_queries: Any, shop: None) -> None:
    with django_assert_num_queries(0):
        form = ProductFilterForm({})
        assert form.is_valid()
        assert form.filters() == {}


def test_what_is_asked_for_comes_out_clean(shop: None) -> None:
    form = ProductFilterForm({"category": "shoes", "price_min": "0", "price_max": "9.50", "in_stock": "on"})
    assert form.is_valid(), form.errors
    assert form.filters() == {"category": "shoes", "price_min": 0, "price_max": Decimal("9.50"), "in_stock": True}


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"category": "hats"}, "category"),
        ({"category": "x' OR 1=1"}, "category"),
        ({"gender": "Nobody"}, "gender"),
        ({"colour": "Green"}, "colour"),
        ({"price_min": "cheap"}, "price_min"),
        ({"price_min": "-1"}, "price_min"),
        ({"price_max": "NaN"}, "price_max"),
        ({"price_max": "1e99"}, "price_max"),
        ({"price_min": "20", "price_max": "10"}, "price_max"),
        ({"q": "a\x00b"}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"sort": "random"}, "sort"),
    ],
)
def test_what_is_not_understood_is_said_and_left_out(shop: None, data: dict[str, str], field: str) -> None:
    form = ProductListForm({**data})
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert form.find(Product.objects.visible()).count() in {2, 3}


@pytest.mark.parametrize(("sort", "names"), [("price", "ABC"), ("-price", "CBA"), ("newest", "CBA"), ("", "CBA")])
def test_the_order_is_as_asked(shop: None, sort: str, names: str) -> None:
    form = ProductListForm({"sort": sort})
    assert form.is_valid()
    assert [product.name for product in form.find(Product.objects.visible())] == list(names)


def test_equal_prices_have_an_order_of_their_own() -> None:
    for _ in range(5):
        make_product(None, price=Decimal(5))
    form = ProductListForm({"sort": "price"})
    form.is_valid()
    keys = [product.pk for product in form.find(Product.objects.visible())]
    assert keys == sorted(keys)
