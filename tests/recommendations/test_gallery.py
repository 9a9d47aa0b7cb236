from __future__ import annotations

import pytest

from catalog.models import Product
from recommendations.gallery import ModelGallery, get_gallery
from tests.factories import add_photo, make_product

pytestmark = pytest.mark.django_db


class OneTable(ModelGallery):
    """A shop whose product has its photo in a field of its own (ProductImage serves as such a product)."""

    model = "catalog.ProductImage"
    image_field = "image"


def test_photos_come_by_product_and_best_first() -> None:
    first, second = make_product("red"), make_product("blue")
    late = add_photo(first, "green", position=2)
    early = add_photo(first, "yellow", position=1)
    photos = list(get_gallery().photos())
    assert [photo.product_id for photo in photos] == [first.pk] * 3 + [second.pk]
    assert [photo.key for photo in photos[1:3]] == [str(early.pk), str(late.pk)]
    with photos[0].open() as file:
        assert file.read(2) == b"\xff\xd8"


def test_photos_of_some_products_only() -> None:
    make_product("red")
    second = make_product("blue")
    assert {photo.product_id for photo in get_gallery().photos([second.pk])} == {second.pk}


def test_a_product_without_a_photo_yields_none() -> None:
    make_product(None)
    assert list(get_gallery().photos()) == []


def test_hidden_products_are_not_visible_but_exist() -> None:
    hidden = make_product("red", active=False)
    assert hidden in get_gallery().products()
    assert hidden not in get_gallery().visible()


def test_a_product_model_with_an_image_field_is_enough() -> None:
    product = make_product("red")
    gallery = OneTable()
    (photo,) = gallery.photos()
    image = product.images.get()
    assert (photo.product_id, photo.key, photo.name) == (image.pk, "image", image.image.name)
    assert gallery.describe(image)["image"] == image.image.url
    assert list(gallery.watched_models().values()) == ["pk"]


def test_a_gallery_without_filters_refuses_them() -> None:
    with pytest.raises(ValueError, match="colour"):
        OneTable().filter(Product.objects.all(), {"colour": "red"})
