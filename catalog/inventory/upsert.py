"""Rows of the list into the shop, batch by batch: new ones created, changed ones updated, the rest left alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.inventory import derive
from catalog.inventory.photo_files import PhotoRefusedError, imported_fingerprint, is_current, keep_photo
from catalog.inventory.source import Source, SourcePhoto
from catalog.inventory.table import Refusal, Row
from catalog.models import Category, Product, ProductImage
from catalog.thumbnails import delete_photo

#: What the list speaks about. Price and stock are worked out once, for a new product: from then on they are the shop's,
#: and a later import does not undo a sale or a new price. The slug stays, so that addresses do.
_LISTED = ("name", "brand", "category_id", "gender", "colour", "season", "usage")
#: Tries for a batch that meets somebody else's change of the same products.
_TRIES = 3


@dataclass
class Outcome:
    """What became of a batch of rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)

    @property
    def products(self) -> int:
        """How many products there were."""
        return self.created + self.updated + self.unchanged

    def add(self, other: Outcome) -> None:
        """Count another batch, too; its refusals are not kept."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged


@dataclass
class _Item:
    """A row and what the shop has of it: the product, the photo an earlier import brought, all it brings now."""

    row: Row
    product: Product | None
    image: ProductImage | None
    #: The source's photo, where it is to be stored; then the stored one.
    photo: SourcePhoto | None = None
    new_image: ProductImage | None = None


class Importer:
    """Writes rows. Several threads prepare the photos; then a short transaction writes the batch."""

    def __init__(self, source: Source, brands: derive.Brands) -> None:
        self._source = source
        self._brands = brands
        self._categories: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1), thread_name_prefix="photos")

    def __enter__(self) -> Importer:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()

    def save(self, rows: Sequence[Row]) -> Outcome:
        """Bring these rows in: all that are not refused or, on an error, none.

        Raises:
            OSError: the storage does not take a photo.
            DatabaseError: the database does not take the batch.
        """
        for tries in range(1, _TRIES + 1):
            outcome = Outcome()
            items: list[_Item] = []
            try:
                items += self._match(rows, outcome)
                items = self._prepare_photos(items, outcome)
                with transaction.atomic():
                    self._write(items, outcome)
            except BaseException as error:
                for item in items:
                    if item.new_image:
                        delete_photo(item.new_image)
                # Those the transaction created are gone with it.
                self._categories.clear()
                if tries == _TRIES or not isinstance(error, IntegrityError):
                    raise
            else:
                break
        return outcome

    def _match(self, rows: Sequence[Row], outcome: Outcome) -> Iterable[_Item]:
        """Yield the rows with what the shop has of them; refuse those without a photo. Two queries."""
        products = {p.sku: p for p in Product.objects.filter(sku__in=[row.sku for row in rows])}
        images: dict[int, list[ProductImage]] = {}
        for found in ProductImage.objects.filter(product__in=products.values()):
            images.setdefault(found.product_id, []).append(found)
        for row in rows:
            product = products.get(row.sku)
            have = images.get(product.pk, []) if product else []
            image = next((image for image in have if imported_fingerprint(image.image.name)), None)
            photo = self._source.photo(row.sku)
            if have and image is None:
                # Somebody at the shop chose other photos: those stay.
                photo = None
            elif photo is None:
                outcome.refused.append(Refusal(row.line, row.sku, "it has no photo", f"no images/{row.sku}.jpg"))
                continue
            elif image and is_current(image, photo):
                photo = None
            yield _Item(row, product, image, photo)

    def _prepare_photos(self, items: list[_Item], outcome: Outcome) -> list[_Item]:
        """Store the photos that are wanted; return the items, less those whose photo is refused."""
        jobs = {self._pool.submit(keep_photo, item.photo): item for item in items if item.photo}
        try:
            wait(jobs)
        finally:
            # After Ctrl-C, too, every stored photo must be known, to be deleted again.
            for job in jobs:
                job.cancel()
            wait(jobs)
            for job, item in jobs.items():
                if not job.cancelled() and job.exception() is None:
                    item.new_image = job.result()
        refused: set[int] = set()
        for job, item in jobs.items():
            try:
                job.result()
            except PhotoRefusedError as error:
                outcome.refused.append(Refusal(item.row.line, item.row.sku, error.reason, error.detail))
                refused.add(id(item))
        return [item for item in items if id(item) not in refused]

    def _write(self, items: list[_Item], outcome: Outcome) -> None:
        new: list[Product] = []
        changed: list[Product] = []
        for item in items:
            values = self._values(item.row)
            if item.product is None:
                item.product = _new_product(item.row, values)
                new.append(item.product)
            elif _apply(item.product, values) or item.new_image:
                item.product.updated = timezone.now()
                changed.append(item.product)
        _make_slugs_unique(new)
        Product.objects.bulk_create(new)
        Product.objects.bulk_update(changed, [name.removesuffix("_id") for name in _LISTED] + ["updated"])
        self._write_images(items)
        outcome.created, outcome.updated = len(new), len(changed)
        outcome.unchanged = len(items) - len(new) - len(changed)

    def _write_images(self, items: list[_Item]) -> None:
        new: list[ProductImage] = []
        replaced: list[ProductImage] = []
        for item in items:
            image = item.new_image
            if image is None or item.product is None:
                continue
            image.product = item.product
            image.alt = item.product.name
            if item.image:
                image.pk, image.position, image.alt = item.image.pk, item.image.position, item.image.alt
                replaced.append(image)
                transaction.on_commit(partial(delete_photo, item.image), robust=True)
            else:
                new.append(image)
        ProductImage.objects.bulk_create(new)
        ProductImage.objects.bulk_update(replaced, ["image", "width", "height"])

    def _values(self, row: Row) -> dict[str, Any]:
        values = {name: getattr(row, name) for name in ("name", "gender", "colour", "season", "usage")}
        return values | {"brand": self._brands.guess(row.name), "category_id": self._category(row)}

    def _category(self, row: Row) -> int:
        """Return the key of the row's branch of the tree, grown where it is missing."""
        path, parent = "", None
        for name in (row.master_category, row.sub_category, row.article_type):
            slug = derive.category_slug(name)
            if path.rpartition("/")[2] == slug:
                # Watches below Watches say nothing twice.
                continue
            path = f"{path}/{slug}" if path else slug
            if path not in self._categories:
                found = Category.objects.filter(path=path).values_list("pk", flat=True).first()
                made = found or Category.objects.create(name=name, slug=slug, parent_id=parent).pk
                self._categories[path] = made
            parent = self._categories[path]
        return self._categories[path]


def _new_product(row: Row, values: dict[str, Any]) -> Product:
    return Product(
        sku=row.sku,
        slug=derive.slug(row.name, row.sku),
        price=derive.price(row.sku, row.article_type, row.sub_category, row.master_category),
        stock=derive.stock(row.sku),
        **values,
    )


def _apply(product: Product, values: dict[str, Any]) -> bool:
    """Give the product these values; tell whether any is new to it."""
    changed = [name for name in _LISTED if getattr(product, name) != values[name]]
    if "name" in changed:
        # Texts for the blind that were the old name follow; those somebody wrote stay.
        ProductImage.objects.filter(product=product, alt=product.name).update(alt=values["name"])
    for name in changed:
        setattr(product, name, values[name])
    return bool(changed)


def _make_slugs_unique(products: list[Product]) -> None:
    taken = set(Product.objects.filter(slug__in=[p.slug for p in products]).values_list("slug", flat=True))
    for product in products:
        if product.slug in taken:
            product.slug = f"{product.slug}-{derive.short_hash(product.sku)}"
        taken.add(product.slug)
