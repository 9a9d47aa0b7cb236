"""Put the drawn inventory on the shop's shelves: drawn, stored, then saved batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from catalog.models import Category, Product, ProductImage
from catalog.sample.geometry import HEIGHT, WIDTH
from catalog.sample.inventory import SampleProduct
from catalog.sample.photos import Order, draw_all
from catalog.thumbnails import make_thumbnails

#: Where the drawn photos are kept, below the media folder.
FOLDER = "products/sample"
#: Products per transaction: few enough that a shop's own changes hardly wait.
BATCH = 48
_LISTED = ("name", "brand", "description", "gender", "colour", "season", "usage")


@dataclass
class Outcome:
    """What became of a batch, in products, and how many photos were drawn for it."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    drawn: int = 0

    def add(self, other: Outcome) -> None:
        """Count another batch, too."""
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.drawn += other.drawn

    @property
    def products(self) -> int:
        """How many products there were."""
        return self.created + self.updated + self.unchanged


def photo_name(product: SampleProduct, order: Order, seed: int) -> str:
    """Return where a photo is kept. The seed is part of it: another seed's photo is another photo."""
    return f"{FOLDER}/{seed}/{product.sku.lower()}-{order.view}.webp"


def stock(products: Sequence[SampleProduct], seed: int, workers: int) -> Iterator[Outcome]:
    """Draw what is missing and save products and photos; yields after each batch, which is then complete.

    Photos that are there already are kept. A product is never seen without its photo.
    """
    missing = {
        photo_name(product, order, seed): order
        for product in products
        for order in product.orders
        if not _whole(photo_name(product, order, seed))
    }
    photos = draw_all(list(missing.values()), workers)
    branches: dict[tuple[str, ...], Category] = {}
    for start in range(0, len(products), BATCH):
        batch = products[start : start + BATCH]
        images: dict[str, list[ProductImage]] = {}
        drawn = 0
        for product in batch:
            for order in product.orders:
                name = photo_name(product, order, seed)
                if name in missing:
                    _write(name, next(photos))
                    drawn += 1
                image = _image(product, order, name)
                make_thumbnails(image)
                images.setdefault(product.sku, []).append(image)
        with transaction.atomic():
            for product in batch:
                _branch(product.category, branches)
            outcome = _save(batch, branches)
            _save_photos(images)
        outcome.drawn = drawn
        yield outcome


def _whole(name: str) -> bool:
    """Whether the photo is there and no run was killed while writing it: a WebP file knows its own length."""
    if not default_storage.exists(name):
        return False
    with default_storage.open(name, "rb") as file:
        head = file.read(8)
    return head[:4] == b"RIFF" and int.from_bytes(head[4:8], "little") + 8 == default_storage.size(name)


def _write(name: str, data: bytes) -> None:
    if default_storage.exists(name):
        default_storage.delete(name)
    saved = default_storage.save(name, ContentFile(data))
    if saved != name:
        # Another run was faster and drew the same.
        default_storage.delete(saved)


def _image(product: SampleProduct, order: Order, name: str) -> ProductImage:
    front = order.view == "front"
    alt = product.name if front else f"{product.name}, close-up"
    return ProductImage(image=name, width=WIDTH, height=HEIGHT, alt=alt, position=0 if front else 1)


def _branch(names: tuple[str, ...], known: dict[tuple[str, ...], Category]) -> Category:
    """Return the category at the end of these names, grown where it is missing."""
    if names not in known:
        parent = _branch(names[:-1], known) if len(names) > 1 else None
        slug = slugify(names[-1])
        path = f"{parent.path}/{slug}" if parent else slug
        found = Category.objects.filter(path=path).first()
        known[names] = found or Category.objects.create(name=names[-1], slug=slug, parent=parent)
    return known[names]


def _save(batch: Sequence[SampleProduct], branches: dict[tuple[str, ...], Category]) -> Outcome:
    there = {product.sku: product for product in Product.objects.filter(sku__in=[item.sku for item in batch])}
    new: list[Product] = []
    changed: list[Product] = []
    for item in batch:
        listed: dict[str, Any] = {name: getattr(item, name) for name in _LISTED}
        listed["category_id"] = branches[item.category].pk
        product = there.get(item.sku)
        if product and all(getattr(product, name) == value for name, value in listed.items()):
            # Price, stock and visibility of a product that is there are the shop's own business.
            continue
        (changed if product else new).append(product := product or Product(sku=item.sku))
        listed |= {"slug": slugify(f"{item.name} {item.sku}"), "price": item.price, "stock": item.stock}
        for name, value in listed.items():
            setattr(product, name, value)
        product.updated = timezone.now()
    Product.objects.bulk_create(new)
    Product.objects.bulk_update(changed, [*_LISTED, "category", "slug", "price", "stock", "updated"])
    return Outcome(len(new), len(changed), len(batch) - len(new) - len(changed))


def _save_photos(images: dict[str, list[ProductImage]]) -> None:
    """Give the products their photos, and take away drawn ones of another seed. Other photos stay."""
    keys = dict(Product.objects.filter(sku__in=list(images)).values_list("sku", "pk"))
    there = ProductImage.objects.filter(product__in=keys.values(), image__startswith=f"{FOLDER}/")
    names = {str(image.image.name) for of_one in images.values() for image in of_one}
    there.exclude(image__in=names).delete()
    known = set(there.values_list("image", flat=True))
    new = []
    for sku, of_one in images.items():
        for image in of_one:
            if str(image.image.name) not in known:
                image.product_id = keys[sku]
                new.append(image)
    ProductImage.objects.bulk_create(new)
