"""What every page knows of the shop."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.tree import Branch, category_tree


def shop(request: HttpRequest) -> dict[str, Any]:
    """Return ``top_categories``, asked for once a request and only where a template uses it.

    Not kept in the cache: two indexed queries cost less than a cache server's round trip, are right directly after any
    change, and still work when that server is down.
    """
    return {"top_categories": SimpleLazyObject(lambda: tree_of(request))}


def tree_of(request: HttpRequest) -> list[Branch]:
    """Return the category tree, read once for this request."""
    tree: list[Branch] | None = getattr(request, "_category_tree", None)
    if tree is None:
        tree = category_tree()
        request._category_tree = tree  # type: ignore[attr-defined]
    return tree
