"""What Vogue needs to know of this shop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.forms import ProductFilterForm, filter_products
from catalog.models import Product, ProductQuerySet
from catalog.thumbnails import medium, thumbnails
from recommendations.gallery import Facet, Labels, ModelGallery, Reason, Sort
from vogue_site.facets import count_facets


class ShopGallery(ModelGallery):
    """The products and photos of ``catalog``."""

    model = "catalog.Product"
    image_model = "catalog.ProductImage"
    product_field = "product"
    image_ordering = ("position", "pk")
    card_template = "catalog/card.html"
    address_field = "slug"

    def visible(self) -> models.QuerySet[Product]:
        return Product.objects.visible().with_photos()

    def filter(self, products: models.QuerySet[Any], filters: Mapping[str, Any]) -> models.QuerySet[Any]:
        return filter_products(cast(ProductQuerySet, products), filters)

    @property
    def filter_form(self) -> type[ProductFilterForm]:
        return ProductFilterForm

    grouped = True

    def group_of(self, product: Product) -> str:
        # The top of the tree: finer ones have too few products to tell.
        return product.category.path.split("/")[0]

    def facets(self, product_ids: Sequence[Any], filters: Mapping[str, Any]) -> list[Facet]:
        return count_facets(product_ids, filters, self.style_of(product_ids))

    def labels(self, product_ids: Iterable[Any]) -> Mapping[Any, Labels]:
        fields = ("category__name", "colour", "gender", "usage", "season")
        names = ("articleType", "baseColour", "gender", "usage", "season")
        rows = Product.objects.filter(pk__in=list(product_ids)).order_by().values_list("pk", "name", "brand", *fields)
        return {
            pk: Labels(name, brand, {label: value for label, value in zip(names, values, strict=True) if value})
            for pk, name, brand, *values in rows
        }

    @property
    def sorts(self) -> Mapping[str, Sort]:
        return {
            "price": Sort(_("Lowest price"), lambda product: product.price),
            "-price": Sort(_("Highest price"), lambda product: -product.price),
            "newest": Sort(_("Newest"), lambda product: (-product.created.timestamp(), -product.pk)),
        }

    @property
    def reasons(self) -> Sequence[Reason]:
        return (
            Reason(_("same kind"), lambda product: product.category_id),
            Reason(_("same colour"), lambda product: product.colour),
        )

    def arrivals(self, most: int) -> list[Product]:
        return list(self.visible().filter(images__isnull=False).distinct().order_by("-created", "-pk")[:most])

    def describe(self, product: Product) -> dict[str, Any]:
        copy = medium(thumbnails(product.main_image)) if product.main_image else None
        return {
            "id": product.pk,
            "sku": product.sku,
            "name": product.name,
            "brand": product.brand,
            "url": product.get_absolute_url(),
            "image": copy.url if copy else None,
            "price": str(product.price),
            "currency": product.currency,
            "category": {"path": product.category.path, "name": product.category.name},
            "gender": product.gender,
            "colour": product.colour,
            "season": product.season,
            "usage": product.usage,
            "in_stock": product.stock > 0,
        }
