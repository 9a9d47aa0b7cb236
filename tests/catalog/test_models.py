"""The shop's words: tree, visibility, search."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Category, Product
from tests.factories import add_photo, make_category, make_product

pytestmark = pytest.mark.django_db


def names(products: object) -> set[str]:
    return {product.name for product in products}  # type: ignore[attr-defined]


def test_a_category_knows_its_place() -> None:
    shirts = make_category("Shirts", make_category("Apparel"))
    assert shirts.path == "apparel/shirts"
    assert shirts.get_absolute_url() == "/products/?category=apparel/shirts"


def test_a_renamed_category_takes_its_branch_along() -> None:
    apparel = make_category("Apparel")
    polo = make_category("Polo", make_category("Shirts", apparel))
    apparel.slug = "clothes"
    apparel.save()
    polo.refresh_from_db()
    assert polo.path == "clothes/shirts/polo"


def test_a_category_cannot_move_below_itself() -> None:
    apparel = make_category("Apparel")
    apparel.parent = make_category("Shirts", apparel)
    with pytest.raises(ValidationError, match="below itself"):
        apparel.full_clean()


def test_two_categories_cannot_share_one_place() -> None:
    make_category("Shirts")
    with pytest.raises(ValidationError, match="already"):
        Category(name="Other shirts", slug="shirts").full_clean()
    Category(name="Shirts", slug="shirts", parent=make_category("Apparel")).full_clean()


def test_a_branch_holds_what_is_below_it_and_no_namesake() -> None:
    apparel = make_category("Apparel")
    make_product(None, name="Polo", category=make_category("Shirts", apparel))
    make_product(None, name="Sheet", category=apparel)
    make_product(None, name="Sewing kit", category=make_category("Apparel care"))
    assert names(Product.objects.in_category("apparel")) == {"Polo", "Sheet"}
    assert names(Product.objects.filter(apparel.descendants())) == {"Polo", "Sheet"}


def test_hidden_products_are_not_visible_and_sold_out_ones_not_in_stock() -> None:
    make_product(None, name="Hidden", active=False)
    make_product(None, name="Sold out", stock=0)
    make_product(None, name="Here", stock=1)
    assert names(Product.objects.visible()) == {"Sold out", "Here"}
    assert names(Product.objects.visible().in_stock()) == {"Here"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("linen", {"Linen shirt"}),
        ("LINEN shirt", {"Linen shirt"}),
        ("acme", {"Linen shirt"}),
        ("x-77", {"Oxford"}),
        ("shoes", {"Oxford"}),
        ("acme shoes", set()),
        ("brown oxford", {"Oxford"}),
        ("100%", set()),
        ("", {"Linen shirt", "Oxford"}),
    ],
)
def test_every_word_must_be_found_in_name_brand_sku_colour_or_category(text: str, found: set[str]) -> None:
    make_product(None, name="Linen shirt", brand="Acme", sku="L-1")
    make_product(None, name="Oxford", sku="X-77", colour="Brown", category=make_category("Shoes"))
    assert names(Product.objects.matching(text)) == found


def test_the_main_photo_is_the_first_by_position() -> None:
    product = make_product("red")
    first = add_photo(product, "blue", position=0)
    product.images.exclude(pk=first.pk).update(position=5)
    assert Product.objects.with_photos().get().main_image == first
    assert make_product(None).main_image is None


def test_a_stored_photo_is_named_by_the_shop() -> None:
    image = make_product("red").images.get()
    name = str(image.image.name)
    assert name.startswith("products/")
    assert name.endswith(".jpg")
    assert "photo" not in name
    assert (image.width, image.height) == (60, 80)
