"""What a visitor may ask for: the filters pages and API share, and the product list's own search and order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog import vocabulary
from catalog.models import Product, ProductQuerySet
from catalog.tree import Branch, category_tree

Choices = list[tuple[str, Any]]


class ProductFilterForm(forms.Form):
    """The filters of ``filter_products``. Offers only values that lead somewhere; asks for them only when needed."""

    category = forms.ChoiceField(label=_("Category"), required=False)
    gender = forms.ChoiceField(label=_("For"), required=False)
    colour = forms.ChoiceField(label=_("Colour"), required=False)
    price_min = forms.DecimalField(label=_("Price from"), required=False, min_value=0, max_digits=10, decimal_places=2)
    price_max = forms.DecimalField(label=_("Price up to"), required=False, min_value=0, max_digits=10, decimal_places=2)
    in_stock = forms.BooleanField(label=_("Only what is in stock"), required=False)

    def __init__(self, *args: Any, tree: Callable[[], list[Branch]] = category_tree, **kwargs: Any) -> None:
        """Take the category tree from ``tree`` where the caller already has it."""
        super().__init__(*args, **kwargs)
        self._offer("category", lambda: _category_choices(tree()))
        self._offer("gender", lambda: _values("gender"))
        self._offer("colour", lambda: _values("colour"))
        for name in ("price_min", "price_max"):
            self.fields[name].widget.attrs.update({"inputmode": "decimal", "step": "any"})

    def _offer(self, name: str, choices: Callable[[], Choices]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
        # One query per form, and none while nobody looks at the choices.
        field.choices = cache(choices)

    def clean(self) -> dict[str, Any]:
        """Refuse a price range with its ends swapped."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        low, high = cleaned.get("price_min"), cleaned.get("price_max")
        if low is not None and high is not None and low > high:
            self.add_error("price_max", _("This is below the lowest price."))
        return cleaned

    def filters(self) -> dict[str, Any]:
        """Return what was asked for and understood, for ``filter_products``. Call after ``is_valid()``."""
        names = ProductFilterForm.base_fields
        return {k: v for k, v in self.cleaned_data.items() if k in names and _asks(v)}


class ProductListForm(ProductFilterForm):
    """The product list's form: the filters, a text search, an order."""

    SORTS: Mapping[str, tuple[str, ...]] = {
        # Each ends in the key, so that no product is on two pages or on none.
        "newest": ("-created", "-pk"),
        "price": ("price", "pk"),
        "-price": ("-price", "-pk"),
    }

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    sort = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("newest", _("Newest first")),
            ("price", _("Lowest price first")),
            ("-price", _("Highest price first")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].widget = forms.HiddenInput()
        for name in ("gender", "colour"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 (for the type checker)
            field.widget = forms.RadioSelect()
            field.widget.choices = field.choices

    def narrowed(self) -> bool:
        """Tell whether anything but a category was asked for. Call after ``is_valid()``."""
        return bool(self.cleaned_data.get("q") or set(self.filters()) - {"category"})

    def find(self, products: ProductQuerySet, but: str = "") -> ProductQuerySet:
        """Return the products asked for, in order; what was not understood is left out, and so is the filter ``but``.

        Call after ``is_valid()``.
        """
        found = filter_products(products, {k: v for k, v in self.filters().items() if k != but})
        if text := self.cleaned_data.get("q"):
            found = found.matching(text)
        return found.order_by(*self.SORTS[self.cleaned_data.get("sort") or "newest"])


def filter_products(products: ProductQuerySet, filters: Mapping[str, Any]) -> ProductQuerySet:
    """Return the products that match every filter; None and empty values ask for nothing.

    Raises:
        ValueError: a filter nobody knows.
    """
    if unknown := set(filters) - set(ProductFilterForm.base_fields):
        known = ", ".join(ProductFilterForm.base_fields)
        raise ValueError(f"Unknown filters: {', '.join(sorted(unknown))}. Known: {known}.")
    wanted = {key: value for key, value in filters.items() if _asks(value)}
    if "category" in wanted:
        products = products.in_category(wanted["category"])
    for key, lookup in (
        ("gender", "gender"),
        ("colour", "colour"),
        ("price_min", "price__gte"),
        ("price_max", "price__lte"),
    ):
        if key in wanted:
            products = products.filter(**{lookup: wanted[key]})
    return products.in_stock() if "in_stock" in wanted else products


def _asks(value: Any) -> bool:
    # Not `value in (..., False)`: a price of 0 equals False, and asks.
    return value is not None and value is not False and value != ""


def _values(field: str) -> Choices:
    """Return the values visible products have in ``field``."""
    found: Iterable[str] = Product.objects.visible().order_by(field).values_list(field, flat=True).distinct()
    return [("", _("Any")), *((value, vocabulary.said(field, value)) for value in found if value)]


def _category_choices(tree: list[Branch]) -> Choices:
    """Return every category with something in it, indented by its depth."""
    rows = [row for root in tree for row in root.walk()]
    return [("", _("All")), *((b.category.path, "\u2003" * depth + b.category.label) for depth, b in rows)]
