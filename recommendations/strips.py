"""Rows of cards for any page: what looks like a product, what a visitor looked at, what may please them.

Each function returns the context of a template, or None where there is nothing to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from recommendations import metrics, visits
from recommendations.gallery import get_gallery
from recommendations.search import Match, products_like, similar_products

#: Cards in a row about the visitor.
MOST = 8
#: How unlike each other suggestions are: a visitor who looked at three sandals has seen sandals.
DIVERSITY = 0.4


class Item(NamedTuple):
    """One card of a strip, and where more like it is shown ("" in a shop without that page)."""

    product: Any
    match: Match | None
    more: str


def similar_strip(
    product: Any,
    k: int | None = None,
    *,
    heading: str = "",
    photo: str | None = None,
    diversity: float | None = None,
    filters: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Return the products that look most like ``product``, or like one photo of it.

    Raises:
        WeightsError, DatabaseError, ValueError: as ``search.similar_products``.
    """
    with metrics.measured("similar"):
        answer = similar_products(product, k, filters=filters, diversity=diversity, photo=photo)
    if not answer.matches:
        return None
    everything = more_like(product)
    asked = {name: str(value) for name, value in (("k", k), ("diversity", diversity)) if value}
    return _strip(
        heading or _("Similar items"),
        [(match.product, match) for match in answer],
        product=product,
        answer=answer,
        all=f"{everything}?{urlencode({'photo': photo})}" if everything and photo else everything,
        # What a script asks for another photo's strip. The page takes no filters by their values here, so with some
        # the strip stays what it is.
        source=f"{everything}?{urlencode(asked)}" if everything and not filters else "",
    )


def recent_strip(request: HttpRequest | None, product: Any = None, k: int = MOST) -> dict[str, Any] | None:
    """Return what this visitor looked at last, newest first, without ``product``; only what may be shown now."""
    keys = visits.seen(request, but=product)
    if not keys:
        return None
    shown = get_gallery().visible().in_bulk(keys)
    products = [shown[key] for key in keys if key in shown][:k]
    return _strip(_("Recently viewed"), [(each, None) for each in products]) if products else None


def for_you_strip(request: HttpRequest | None, k: int = MOST, diversity: float = DIVERSITY) -> dict[str, Any] | None:
    """Return what looks like the things this visitor looked at, and is none of them.

    Raises:
        WeightsError, DatabaseError, ValueError: as ``search.products_like``.
    """
    keys = visits.seen(request)
    if not keys:
        return None
    with metrics.measured("for_you"):
        answer = products_like(keys, k, diversity=diversity)
    if not answer.matches:
        return None
    return _strip(_("For you"), [(match.product, match) for match in answer], answer=answer)


def more_like(product: Any) -> str:
    """Return the address of the page of products similar to this one; "" where the shop has not put it anywhere."""
    try:
        return reverse("recommendations:similar", args=[getattr(product, get_gallery().address_field)])
    except NoReverseMatch:
        return ""


def _strip(heading: str, cards: Iterable[tuple[Any, Match | None]], **more: Any) -> dict[str, Any]:
    return {
        "heading": heading,
        "items": [Item(product, match, more_like(product)) for product, match in cards],
        "card_template": get_gallery().card_template,
        **more,
    }
