"""``{% load vogue %}``: strips of products, for a product and for a visitor, and a form to search by photo."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from django import template
from django.db import router, transaction
from django.middleware.csrf import get_token
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse

from recommendations import conf
from recommendations.events import recording
from recommendations.events.middleware import FROM
from recommendations.events.recording import Given
from recommendations.forms import ACCEPT
from recommendations.gallery import get_gallery
from recommendations.models import ImageEmbedding
from recommendations.strips import DIVERSITY, MOST, for_you_strip, recent_strip, similar_strip
from recommendations.visits import remember

logger = logging.getLogger(__name__)
register = template.Library()

#: What a strip's answers are counted as.
KINDS = {"similar_items": "strip", "for_you": "for_you"}


@register.simple_tag(takes_context=True)
def similar_items(  # noqa: PLR0917 (a tag's words may stand in order)
    context: Context,
    product: Any,
    k: int | None = None,
    heading: str = "",
    diversity: float | None = None,
    photo: Any = None,
    **filters: Any,
) -> str:
    """Show the products that look most like ``product``; nothing where there are none, or where anything fails.

    Args:
        product: a product of the gallery's model.
        k: how many; VOGUE["K"] where not given.
        heading: other words above the strip.
        diversity: 0 (what looks most alike) to 1 (as varied as can be).
        photo: the key of the product's photo that is looked at, where it is not the best one (see ``Photo.key``).
        filters: cleaned values of the gallery's filters: ``{% similar_items product colour="Black" in_stock=True %}``.
    """
    return _shown(
        "similar_items",
        context,
        lambda: similar_strip(
            product, k, heading=heading, photo=str(photo) if photo else None, diversity=diversity, filters=filters
        ),
    )


@register.simple_tag(takes_context=True)
def remember_view(context: Context, product: Any) -> str:
    """Remember, in the session alone, that this visitor looked at ``product``. Shows nothing.

    From Python: ``recommendations.visits.remember(request, product)``.
    """
    request = context.get("request")
    if request is not None and product is not None:
        try:
            remember(request, product)
        except Exception:
            logger.exception("What a visitor looked at cannot be remembered")
    return ""


@register.simple_tag(takes_context=True)
def recently_viewed(context: Context, product: Any = None, k: int = MOST) -> str:
    """Show what this visitor looked at last, without ``product``; nothing where that is nothing. No search."""
    return _shown("recently_viewed", context, lambda: recent_strip(context.get("request"), product, k))


@register.simple_tag(takes_context=True)
def for_you(context: Context, k: int = MOST, diversity: float = DIVERSITY) -> str:
    """Show what looks like the products this visitor looked at, and is none of them, with a button to forget it all.

    Shows nothing, and begins no session, for whoever looked at nothing.
    """
    return _shown("for_you", context, lambda: for_you_strip(context.get("request"), k, diversity))


@register.inclusion_tag("recommendations/photo_search_form.html", takes_context=True)
def photo_search_form(context: Context, k: int | None = None) -> dict[str, Any]:
    """Show a small form that leads to the page of results; a link to the large one where there is no request."""
    request = context.get("request")
    return {
        "action": reverse("recommendations:photo_search"),
        "accept": ACCEPT,
        "csrf_token": get_token(request) if request else "",
        "k": k,
    }


@register.inclusion_tag("recommendations/photo_picker.html")
def photo_picker() -> dict[str, Any]:
    """Put what search by photo needs on a page, once: picker, drop zone, words, script. Hidden until used.

    A link to the photo search page with ``data-photo-open`` opens it.
    """
    return _picker()


@register.inclusion_tag("recommendations/photo_button.html")
def photo_button(label: str = "", *, picker: bool = True) -> dict[str, Any]:
    """Show a camera that opens search by photo, with its picker; a link to the page of it without JavaScript.

    Args:
        label: words beside the camera; without them they are for screen readers alone.
        picker: whether the picker comes along; False for every button on the page but one.
    """
    return {"label": label, "picker": picker, **(_picker() if picker else {})}


def _picker() -> dict[str, Any]:
    return {
        "accept": ACCEPT,
        "k": min(conf.get("PAGE_K"), conf.get("MAX_K")),
        "minutes": conf.get("HOLD_SECONDS") // 60,
    }


@register.simple_tag
def describe(product: Any) -> dict[str, Any]:
    """Return what the gallery tells of a product: ``{% describe product as facts %}``."""
    return get_gallery().describe(product)


@register.simple_tag
def event_token(given: Given | None, position: int, product: Any) -> str:
    """Return what says that this product was shown at this position; empty where nothing is counted."""
    return given.token(position, product) if given else ""


@register.filter
def trail(given: Given | None, token: str) -> str:
    """Return what a card's link ends in, so that a click counts without JavaScript, too; the address loses it again."""
    return f"?{FROM}={token}" if given and given.clicks and token else ""


def _shown(name: str, context: Context, strip: Callable[[], dict[str, Any] | None]) -> str:
    """Return a strip in its template; nothing where there are no cards, or where anything fails."""
    request = context.get("request")
    try:
        with _savepoint():
            found = strip()
            if found is None:
                return ""
            if "answer" in found:
                found["given"] = recording.answered(request, KINDS[name], found["answer"], found.get("product"))
            return render_to_string(f"recommendations/{name}.html", found, request=request)
    except Exception:
        # Whatever it is, a strip is not worth the page of the shop it is on.
        logger.exception("The strip %s cannot be shown", name)
        return ""


def _savepoint() -> Any:
    """Return a savepoint inside a transaction, which a failed query would otherwise spoil for the host's page."""
    using = router.db_for_read(ImageEmbedding)
    return transaction.atomic(using=using) if transaction.get_connection(using).in_atomic_block else nullcontext()
