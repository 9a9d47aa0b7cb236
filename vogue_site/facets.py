"""The shop's filters, counted among the products a search found nearest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from catalog.models import Category, Product
from catalog.templatetags.shop import money
from catalog.vocabulary import said
from recommendations.gallery import Choice, Facet

#: Most categories and colours offered; the chosen one always is.
MOST = 10
STEPS = (5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000)


class Row(NamedTuple):
    """What of a product the filters look at; ``style`` is its own key where it stands for itself."""

    style: Any
    path: str
    gender: str
    colour: str
    price: Decimal
    currency: str
    stock: int


#: Filter → whether a product matches its value.
TESTS: Mapping[str, Callable[[Row, Any], bool]] = {
    "category": lambda row, path: f"{row.path}/".startswith(f"{path}/"),
    "gender": lambda row, value: row.gender == value,
    "colour": lambda row, value: row.colour == value,
    "price_min": lambda row, value: row.price >= value,
    "price_max": lambda row, value: row.price <= value,
    "in_stock": lambda row, _wanted: row.stock > 0,
}
#: What is counted by its values → its filter.
FILTER = {"path": "category", "gender": "gender", "colour": "colour"}


def count_facets(product_ids: Sequence[Any], filters: Mapping[str, Any], styles: Mapping[Any, Any]) -> list[Facet]:
    """Return category, gender, colour, price and stock with their choices, counted with every filter but their own.

    Of a style in ``styles`` (product key → style) an answer shows one product, so that it counts once. Two queries, for
    any number of products.
    """
    fields = ("pk", "category__path", "gender", "colour", "price", "currency", "stock")
    found = Product.objects.filter(pk__in=product_ids).values_list(*fields)
    rows = [Row(styles.get(pk, ("", pk)), *values) for pk, *values in found]

    def left(*own: str) -> list[Row]:
        return [
            row for row in rows if all(TESTS[name](row, value) for name, value in filters.items() if name not in own)
        ]

    def counted(name: str) -> Counter[str]:
        return Counter(value for value, _style in {(getattr(row, name), row.style) for row in left(FILTER[name])})

    categories = counted("path")
    shown = Category.objects.filter(path__in=[*categories, filters.get("category", "")])
    names = {category.path: category.label for category in shown}
    in_stock = len({row.style for row in left("in_stock") if row.stock > 0})
    return [
        Facet(
            _("Category"),
            ("category",),
            [
                Choice({"category": path}, names.get(path, path), n)
                for path, n in _most(categories, filters, "category")
            ],
        ),
        Facet(
            _("For"),
            ("gender",),
            [
                Choice({"gender": value}, said("gender", value), n)
                for value, n in _most(counted("gender"), filters, "gender")
            ],
        ),
        Facet(
            _("Colour"),
            ("colour",),
            [
                Choice({"colour": value}, said("colour", value), n, swatch=value)
                for value, n in _most(counted("colour"), filters, "colour")
            ],
        ),
        Facet(_("Price"), ("price_min", "price_max"), _bands(left("price_min", "price_max"))),
        Facet(
            _("Stock"),
            ("in_stock",),
            [Choice({"in_stock": "on"}, _("Only what is in stock"), in_stock)] if rows else [],
        ),
    ]


def _most(counts: Counter[str], filters: Mapping[str, Any], name: str) -> list[tuple[str, int]]:
    """Return the most frequent values with their counts, and the chosen one, whatever its count."""
    most = [(value, n) for value, n in counts.most_common(MOST) if value]
    chosen = filters.get(name)
    if chosen and chosen not in dict(most):
        tested = sum(n for value, n in counts.items() if f"{value}/".startswith(f"{chosen}/"))
        most.insert(0, (str(chosen), tested))
    return most


def _bands(rows: Sequence[Row]) -> list[Choice]:
    """Return three price bands with round ends, about as many products in each; none where prices hardly differ."""
    prices = sorted(row.price for row in rows)
    if len(prices) < 6:
        return []
    low, high = (_round(prices[len(prices) * part // 3]) for part in (1, 2))
    currency = rows[0].currency
    if low >= high:
        return []
    cents = Decimal("0.01")

    def count(least: Decimal, below: Decimal | None = None) -> int:
        return len({row.style for row in rows if least <= row.price and (below is None or row.price < below)})

    choices = [
        ({"price_max": str(low - cents)}, _("under %s") % money(low, currency), count(Decimal(0), low)),
        (
            {"price_min": str(low), "price_max": str(high - cents)},
            _("%(low)s to %(high)s") % {"low": money(low, currency), "high": money(high, currency)},
            count(low, high),
        ),
        ({"price_min": str(high)}, _("%s and more") % money(high, currency), count(high)),
    ]
    return [Choice(sets, label, n) for sets, label, n in choices if n]


def _round(price: Decimal) -> Decimal:
    """Return the price rounded to a step a person would choose."""
    step = Decimal(max((s for s in STEPS if s * 5 <= price), default=1))
    return (price / step).quantize(Decimal(1)) * step
