"""Objects made by hand for the tests."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from catalog.models import Category, Product, ProductImage
from tests.pictures import photo

_numbers = itertools.count(1)


def make_category(name: str = "Shirts", parent: Category | None = None) -> Category:
    """Return the category of this name, made on first use."""
    slug = name.lower().replace(" ", "-")
    found = Category.objects.filter(slug=slug, parent=parent).first()
    return found or Category.objects.create(name=name, slug=slug, parent=parent)


def make_product(colour: str | tuple[int, int, int] | None = "red", /, **fields: Any) -> Product:
    """Return a saved product, with one photo of this colour (None: no photo)."""
    n = next(_numbers)
    fields.setdefault("sku", f"T{n}")
    fields.setdefault("slug", f"product-{n}")
    fields.setdefault("name", f"{colour if isinstance(colour, str) else 'Plain'} shirt {n}".capitalize())
    fields.setdefault("price", Decimal("19.90"))
    fields.setdefault("stock", 3)
    if "category" not in fields:
        fields["category"] = make_category()
    product = Product.objects.create(**fields)
    if colour is not None:
        add_photo(product, colour)
    return product


def add_photo(product: Product, colour: str | tuple[int, int, int], position: int = 0) -> ProductImage:
    """Give the product one more photo."""
    return ProductImage.objects.create(
        product=product, position=position, alt=product.name, image=ContentFile(photo(colour), name="photo.jpg")
    )
