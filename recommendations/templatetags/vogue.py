"""``{% load vogue %}``: the strip of similar products, and a form to search by photo."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import Any

from django import template
from django.db import router, transaction
from django.middleware.csrf import get_token
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations import conf, metrics
from recommendations.events import recording
from recommendations.events.middleware import FROM
from recommendations.events.recording import Given
from recommendations.forms import ACCEPT
from recommendations.gallery import get_gallery
from recommendations.models import ImageEmbedding
from recommendations.search import similar_products

logger = logging.getLogger(__name__)
register = template.Library()


@register.simple_tag(takes_context=True)
def similar_items(
    context: Context,
    product: Any,
    k: int | None = None,
    heading: str = "",
    diversity: float | None = None,
    **filters: Any,
) -> str:
    """Show the products that look most like ``product``; nothing where there are none, or where anything fails.

    Args:
        product: a product of the gallery's model.
        k: how many; VOGUE["K"] where not given.
        heading: other words above the strip.
        diversity: 0 (what looks most alike) to 1 (as varied as can be).
        filters: cleaned values of the gallery's filters: ``{% similar_items product colour="Black" in_stock=True %}``.
    """
    try:
        with _savepoint(), metrics.measured("similar"):
            answer = similar_products(product, k, filters=filters, diversity=diversity)
            if not answer.matches:
                return ""
            strip = {
                "product": product,
                "answer": answer,
                "heading": heading or _("Similar items"),
                "card_template": get_gallery().card_template,
                "given": recording.answered(context.get("request"), "strip", answer, product),
            }
            return render_to_string("recommendations/similar_items.html", strip, request=context.get("request"))
    except Exception:
        # Whatever it is, a strip is not worth the page of the shop it is on.
        logger.exception("The strip of similar items cannot be shown")
        return ""


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


def _savepoint() -> Any:
    """Return a savepoint inside a transaction, which a failed query would otherwise spoil for the host's page."""
    using = router.db_for_read(ImageEmbedding)
    return transaction.atomic(using=using) if transaction.get_connection(using).in_atomic_block else nullcontext()
