"""How the shop shows photos, prices and icons."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from catalog import vocabulary
from catalog.models import ProductImage
from catalog.thumbnails import medium, thumbnails

register = template.Library()

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "INR": "₹", "JPY": "¥"}


@register.inclusion_tag("catalog/photo.html")
def photo(
    image: ProductImage | None, sizes: str = "100vw", alt: str | None = None, first: bool = False
) -> dict[str, Any]:
    """Show a photo as WebP in the width the screen needs; a placeholder where there is none or it cannot be read.

    ``sizes`` is the attribute of that name. ``first``: the page's main picture, loaded before everything else.
    """
    copies = thumbnails(image) if image else []
    if alt is None:
        alt = str(image) if image else ""
    return {
        "copies": copies,
        "medium": medium(copies),
        "largest": copies[-1] if copies else None,
        "sizes": sizes,
        "alt": alt,
        "first": first,
    }


@register.simple_tag
def photo_url(image: ProductImage | None) -> str:
    """Return the address of one middle-sized copy, or an empty text."""
    copy = medium(thumbnails(image)) if image else None
    return copy.url if copy else ""


@register.filter
def money(amount: Decimal | None, currency: str = "EUR") -> str:
    """Write an amount with its currency, as the language does: €19.90, 19,90 €."""
    if amount is None:
        return ""
    number = number_format(amount, decimal_pos=2, force_grouping=True)
    if currency not in SYMBOLS:
        return f"{number}\u00a0{currency}"
    # Translators: how an amount is written. German has "%(number)s\u00a0%(symbol)s".
    return pgettext("money", "%(symbol)s%(number)s") % {"symbol": SYMBOLS[currency], "number": number}


@register.filter
def said(value: str, kind: str) -> str:
    """Say a word of the inventory in the visitor's language: ``{{ product.colour|said:"colour" }}``."""
    return vocabulary.said(kind, value)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Show an icon of ``icons.svg`` beside text that says the same."""
    address = f"{static('vogue/icons.svg')}#{name}"
    svg = '<svg class="icon icon-{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>'
    return format_html(svg, name, address)
