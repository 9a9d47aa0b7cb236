"""The one seam to a shop: which products exist, their photos, which are visible, which fields filter, how one is shown.

Any shop: subclass ``ModelGallery``, name the class in ``VOGUE["GALLERY"]``. See docs/your-own-shop.md.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from django.apps import apps
from django.core.files.storage import Storage
from django.db import models
from django.utils.module_loading import import_string

from recommendations import conf


class Photo(NamedTuple):
    """One photo of one product: ``key`` names it within the gallery for good, ``name`` is its file in ``storage``."""

    product_id: Any
    key: str
    name: str
    storage: Storage

    def open(self) -> IO[bytes]:
        """Open the file for reading; raises FileNotFoundError (OSError) where it is gone."""
        return self.storage.open(self.name, "rb")


class Sort(NamedTuple):
    """An order results can be put in: what it is called, and the key products are sorted by, least first."""

    label: Any
    key: Callable[[Any], Any]


class Reason(NamedTuple):
    """What two products may have in common that is worth saying: its words, and what of a product must be equal."""

    label: Any
    key: Callable[[Any], Any]


@dataclass(frozen=True)
class Choice:
    """One value of a filter among the nearest products: the filters it sets, what it is called, how many there are."""

    sets: Mapping[str, str]
    label: Any
    count: int
    #: A colour's name, to be shown as a dot beside it.
    swatch: str = ""


class Labels(NamedTuple):
    """What a shop says a product is, for measuring and training: ``values`` by label, none of them empty.

    Vogue's reports know the labels ``articleType``, ``baseColour``, ``gender``, ``usage`` and ``season``.
    """

    name: str
    brand: str
    values: Mapping[str, str]


class Facet(NamedTuple):
    """A filter with counted choices. ``fields`` are those of the filter form it stands for."""

    label: Any
    fields: tuple[str, ...]
    choices: list[Choice]


class Gallery(ABC):
    """What Vogue needs to know of a shop, and no more."""

    @abstractmethod
    def products(self) -> models.QuerySet[Any]:
        """Return every product that exists, hidden ones included."""

    @abstractmethod
    def visible(self) -> models.QuerySet[Any]:
        """Return the products a visitor may see, ready to be shown (photos loaded along)."""

    @abstractmethod
    def photos(self, product_ids: Iterable[Any] | None = None) -> Iterator[Photo]:
        """Yield the photos of these products, or of all, in product order and best photo first. Constant memory."""

    @abstractmethod
    def watched_models(self) -> Mapping[type[models.Model], str]:
        """Return the models whose saves and deletes matter, each with the attribute that is its product's key."""

    def filter(self, products: models.QuerySet[Any], filters: Mapping[str, Any]) -> models.QuerySet[Any]:
        """Return the products that match ``filters``, cleaned by ``filter_form``. The default knows no filters."""
        if filters:
            raise ValueError(f"This gallery declares no filters; got {', '.join(filters)}.")
        return products

    @property
    def filter_form(self) -> type[Any] | None:
        """A Django form class whose fields are the filters pages and API take, or None."""
        return None

    def style_of(self, product_ids: Iterable[Any]) -> Mapping[Any, Any]:
        """Return product key → style, of those of these products that are one variant of a style among others.

        An answer holds one product of each style, the best. The default knows none: every product stands for itself.
        """
        del product_ids
        return {}

    #: Whether ``group_of`` tells products apart.
    grouped = False

    def group_of(self, product: Any) -> str:  # noqa: ARG002 (a hook)
        """Return the group a visible product belongs to, "" for none: match levels may differ from group to group.

        Called for every result: it should ask the database nothing. The default knows no groups.
        """
        return ""

    def facets(self, product_ids: Sequence[Any], filters: Mapping[str, Any]) -> list[Facet]:  # noqa: ARG002 (a hook)
        """Return the filters with their choices counted among these products; the default counts none.

        Each facet is counted with every filter but its own, so that choosing another of its values is counted right.
        """
        return []

    def labels(self, product_ids: Iterable[Any]) -> Mapping[Any, Labels]:
        """Return product key → its labels; those it leaves out cannot be learned from. The default knows none."""
        del product_ids
        return {}

    @property
    def sorts(self) -> Mapping[str, Sort]:
        """The orders results may be put in besides likeness, by the name they have in the address."""
        return {}

    @property
    def reasons(self) -> Sequence[Reason]:
        """What a card may say of why it is there; the default says nothing. A key that is empty is equal to nothing."""
        return ()

    def arrivals(self, most: int) -> list[Any]:  # noqa: ARG002 (a hook)
        """Return visible products worth showing where nothing was found. The default has none."""
        return []

    @abstractmethod
    def describe(self, product: Any) -> dict[str, Any]:
        """Return the product as JSON-ready values; at least id, name, url, image (URL or None)."""

    #: The template that shows one product; its context has ``product`` and ``match``.
    card_template = "recommendations/card.html"
    #: The field a product is named by in the address of its similar products, /products/<value>/similar/.
    address_field = "pk"


class ModelGallery(Gallery):
    """A product model with an image field, or with a model of images.

    Subclass and set:
        model: the product model, "app_label.Model".
        image_field: the file field's name, on the product, or on ``image_model`` where that is set.
        image_model: the model of photos, or "" where the product has the field itself.
        product_field: on ``image_model``, the foreign key to the product.
        image_ordering: on ``image_model``, best photo first.
        style_field: on the product model, a field whose equal values mean variants of one style ("parent",
            "style_code"); null and empty ones mean none. "" where every product stands for itself.
    """

    model: str = ""
    image_field: str = "image"
    image_model: str = ""
    product_field: str = "product"
    image_ordering: tuple[str, ...] = ("pk",)
    style_field: str = ""

    def products(self) -> models.QuerySet[Any]:
        products: models.QuerySet[Any] = apps.get_model(self.model)._default_manager.all()
        return products

    def visible(self) -> models.QuerySet[Any]:
        return self.products()

    def photos(self, product_ids: Iterable[Any] | None = None) -> Iterator[Photo]:
        if self.image_model:
            source = apps.get_model(self.image_model)
            owner = f"{self.product_field}_id"
            # By the key, not by the product: that would be the product model's own order.
            rows = source._default_manager.order_by(owner, *self.image_ordering)
            narrowed = {f"{self.product_field}__in": product_ids}
        else:
            source = apps.get_model(self.model)
            owner = "pk"
            rows = source._default_manager.order_by("pk")
            narrowed = {"pk__in": product_ids}
        if product_ids is not None:
            rows = rows.filter(**narrowed)
        storage = source._meta.get_field(self.image_field).storage
        for key, product_id, name in rows.values_list("pk", owner, self.image_field).iterator(chunk_size=2000):
            if name:
                yield Photo(product_id, str(key) if self.image_model else self.image_field, name, storage)

    def watched_models(self) -> Mapping[type[models.Model], str]:
        watched: dict[type[models.Model], str] = {apps.get_model(self.model): "pk"}
        if self.image_model:
            watched[apps.get_model(self.image_model)] = f"{self.product_field}_id"
        return watched

    def style_of(self, product_ids: Iterable[Any]) -> Mapping[Any, Any]:
        keys = list(product_ids)
        if not (self.style_field and keys):
            return {}
        rows = self.products().filter(pk__in=keys).order_by().values_list("pk", self.style_field)
        return {key: style for key, style in rows if style is not None and style != ""}

    def describe(self, product: Any) -> dict[str, Any]:
        image = self.main_photo(product)
        return {
            "id": product.pk,
            "name": str(product),
            "url": product.get_absolute_url() if hasattr(product, "get_absolute_url") else None,
            "image": image.url if image else None,
        }

    def main_photo(self, product: Any) -> Any:
        """Return the file of the product's best photo, or None."""
        if not self.image_model:
            return getattr(product, self.image_field) or None
        source = apps.get_model(self.image_model)
        rows = source._default_manager.filter(**{self.product_field: product}).order_by(*self.image_ordering)
        row = rows.first()
        return getattr(row, self.image_field) if row else None


def get_gallery() -> Gallery:
    """Return the gallery the settings name. Cheap: a gallery holds no state.

    Raises:
        ImportError: the path in VOGUE["GALLERY"] leads nowhere.
    """
    gallery: Gallery = import_string(conf.get("GALLERY"))()
    return gallery
