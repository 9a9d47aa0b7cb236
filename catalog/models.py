"""What the shop sells: a tree of categories, products, and their photos."""

from __future__ import annotations

import uuid
from decimal import Decimal
from functools import partial
from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog import thumbnails, vocabulary


class CategoryQuerySet(models.QuerySet["Category"]):
    def roots(self) -> CategoryQuerySet:
        """Return the top of the tree."""
        return self.filter(parent=None)

    def branch(self, path: str) -> CategoryQuerySet:
        """Return the category at ``path`` and everything below it."""
        return self.filter(models.Q(path=path) | models.Q(path__startswith=f"{path}/"))


class Category(models.Model):
    """One branch of the shop's tree. ``path`` ("apparel/topwear") makes a subtree one indexed range."""

    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(_("slug"), max_length=80)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    path = models.CharField(_("path"), max_length=400, unique=True, editable=False)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name in the visitor's language, where the vocabulary knows it."""
        return vocabulary.said("category", self.name)

    def clean(self) -> None:
        """Refuse a second category at one place, and a category below itself."""
        path = f"{self.parent.path}/{self.slug}" if self.parent else self.slug
        if self.pk and self.parent and f"{self.parent.path}/".startswith(f"{self.path}/"):
            raise ValidationError({"parent": _("A category cannot be below itself.")})
        if len(path) > 400:
            raise ValidationError({"slug": _("This place in the tree is too deep.")})
        if Category.objects.filter(path=path).exclude(pk=self.pk).exists():
            raise ValidationError({"slug": _("There is already a category with this slug here.")})

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep ``path`` true, for the branch below, too."""
        old = self.path
        self.path = f"{self.parent.path}/{self.slug}" if self.parent else self.slug
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        if old and old != self.path:
            for child in self.children.all():
                child.parent = self
                child.save()

    def get_absolute_url(self) -> str:
        return f"{reverse('catalog:product_list')}?category={self.path}"

    def descendants(self) -> models.Q:
        """Return the condition for a product of this category or one below it."""
        return models.Q(category__in=Category.objects.branch(self.path))


class ProductQuerySet(models.QuerySet["Product"]):
    def visible(self) -> ProductQuerySet:
        """Return the products a visitor may see."""
        return self.filter(active=True)

    def in_stock(self) -> ProductQuerySet:
        """Return the products that can be bought now."""
        return self.filter(stock__gt=0)

    def in_category(self, path: str) -> ProductQuerySet:
        """Return the products of the category at ``path`` and of those below it."""
        # A subquery, not a join: the tree is small, and its ids then lead into the index on products.
        return self.filter(category__in=Category.objects.branch(path))

    def matching(self, text: str) -> ProductQuerySet:
        """Return the products in which every word of ``text`` is found: name, brand, SKU, colour or category."""
        found = self
        for word in text.split()[:8]:
            found = found.filter(
                models.Q(name__icontains=word)
                | models.Q(brand__icontains=word)
                | models.Q(sku__iexact=word)
                | models.Q(colour__icontains=word)
                | models.Q(category__in=Category.objects.filter(name__icontains=word))
            )
        return found

    def with_photos(self) -> ProductQuerySet:
        """Load photos and category along, two queries for any number of products."""
        return self.select_related("category").prefetch_related("images")


class Product(models.Model):
    """Something to buy."""

    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    slug = models.SlugField(_("slug"), max_length=160, unique=True)
    name = models.CharField(_("name"), max_length=200)
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    description = models.TextField(_("description"), blank=True)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    gender = models.CharField(_("gender"), max_length=20, blank=True)
    colour = models.CharField(_("colour"), max_length=40, blank=True)
    season = models.CharField(_("season"), max_length=20, blank=True)
    usage = models.CharField(_("usage"), max_length=40, blank=True)
    price = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.00"))]
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    stock = models.PositiveIntegerField(_("stock"), default=0)
    active = models.BooleanField(_("active"), default=True, help_text=_("Only active products are shown."))
    created = models.DateTimeField(_("created"), auto_now_add=True)
    updated = models.DateTimeField(_("updated"), auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["-created", "-pk"]
        indexes = [
            models.Index(fields=["-created", "-id"], condition=models.Q(active=True), name="product_newest"),
            models.Index(fields=["category", "price"], condition=models.Q(active=True), name="product_category_price"),
            models.Index(fields=["gender"], condition=models.Q(active=True), name="product_gender"),
            models.Index(fields=["colour"], condition=models.Q(active=True), name="product_colour"),
            models.Index(fields=["price"], condition=models.Q(active=True), name="product_price"),
            models.Index(Lower("name"), name="product_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:product_detail", args=[self.slug])

    @property
    def main_image(self) -> ProductImage | None:
        """The first photo, or None. Free where ``with_photos`` was used."""
        return next(iter(self.images.all()), None)


def photo_path(image: ProductImage, filename: str) -> str:  # noqa: ARG001 (Django's signature)
    """Name a stored photo: nothing of the uploader's own name but a checked ending."""
    name = uuid.uuid4().hex
    return f"products/{name[:2]}/{name}{PurePath(filename).suffix.lower()[:5]}"


class ProductImage(models.Model):
    """One photo of a product; the first by position is the one on cards."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images", verbose_name=_("product"))
    image = models.ImageField(_("photo"), upload_to=photo_path, width_field="width", height_field="height")
    width = models.PositiveIntegerField(_("width"), editable=False, default=0)
    height = models.PositiveIntegerField(_("height"), editable=False, default=0)
    alt = models.CharField(_("text for who cannot see it"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["position", "pk"]
        indexes = [models.Index(fields=["product", "position"], name="image_position")]

    def __str__(self) -> str:
        return self.alt or str(self.product)

    def save(self, *args: object, **kwargs: object) -> None:
        """Store the photo; make its thumbnails and drop those of the one it replaces, once that is certain."""
        old = None if self._state.adding else ProductImage.objects.filter(pk=self.pk).first()
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        if old and old.image and old.image.name != self.image.name:
            transaction.on_commit(partial(thumbnails.delete_photo, old), robust=True)
        if self.image:
            transaction.on_commit(partial(thumbnails.thumbnails, self), robust=True)
