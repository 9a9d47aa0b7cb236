"""The shop's pages."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.core.paginator import Paginator
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import vocabulary
from catalog.context_processors import tree_of
from catalog.forms import ProductListForm
from catalog.models import Product
from catalog.tree import Branch, category_tree, covers, featured

PAGE_SIZE = 24
ARRIVALS = 12


class Chip(NamedTuple):
    """A filter in use: what it says, and the address of the list without it."""

    label: str
    url: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what there is: categories with pictures, what came last."""
    branches = featured(tree_of(request))
    pictures = covers(branches)
    arrivals = Product.objects.visible().with_photos().filter(images__isnull=False).distinct()
    context = {
        "branches": [(branch, pictures.get(branch.category.pk)) for branch in branches],
        "arrivals": arrivals.order_by("-created", "-pk")[:ARRIVALS],
    }
    return render(request, "catalog/home.html", context)


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    """Show the products asked for, a page at a time. What is not understood is said and left out."""
    form = ProductListForm(request.GET, tree=lambda: tree_of(request))
    form.is_valid()
    products = form.find(Product.objects.visible().with_photos())
    paginator = Paginator(products, PAGE_SIZE)
    asked = request.GET.get("page") or "1"
    page = paginator.get_page(asked)
    path = form.cleaned_data.get("category") or ""
    line = _line(tree_of(request), path)
    # Beside the categories stand the numbers of what the other filters leave of them.
    narrowed = category_tree(form.find(Product.objects.visible(), but="category")) if form.narrowed() else None
    shown = tree_of(request) if narrowed is None else narrowed
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "page_missing": str(page.number) != asked,
        "pages": paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "chips": _chips(form, request.GET, line),
        "line": line,
        "branches": _below(shown, path),
        "prices": Product.objects.visible().order_by().aggregate(low=Min("price"), high=Max("price")),
    }
    return render(request, "catalog/product_list.html", context)


@require_safe
def product_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one product, with the photo ``?photo=`` names first where it is one of its own."""
    product = get_object_or_404(Product.objects.visible().with_photos(), slug=slug)
    photos = list(product.images.all())
    asked = request.GET.get("photo")
    chosen = next((photo for photo in photos if str(photo.pk) == asked), None)
    context = {
        "product": product,
        "line": _line(tree_of(request), product.category.path),
        "photos": photos,
        "chosen": chosen,
        "shown": sorted(photos, key=lambda photo: photo != chosen) if chosen else photos,
    }
    return render(request, "catalog/product_detail.html", context)


def _line(tree: list[Branch], path: str) -> list[Branch]:
    """Return the branches that lead to ``path``, top first."""
    line: list[Branch] = []
    level = tree
    while path and (branch := next((b for b in level if f"{path}/".startswith(f"{b.category.path}/")), None)):
        line.append(branch)
        level = branch.children
    return line


def _below(tree: list[Branch], path: str) -> list[Branch]:
    """Return the branches directly below ``path``; the top ones for an empty path, none where it is not in the tree."""
    if not path:
        return tree
    line = _line(tree, path)
    return line[-1].children if line and line[-1].category.path == path else []


def _query_without(asked: QueryDict, *names: str) -> str:
    """Return the address's query ("?colour=Red", or "?") without ``names`` and without what is empty."""
    query = asked.copy()
    for name in {*names, *(key for key in asked if not any(asked.getlist(key)))}:
        query.pop(name, None)
    return f"?{query.urlencode()}"


def _chips(form: ProductListForm, asked: QueryDict, line: list[Branch]) -> list[Chip]:
    """Return the filters in use, each with the way back."""
    cleaned = form.cleaned_data
    labels: dict[str, str] = {}
    if cleaned.get("q"):
        labels["q"] = _("“%s”") % cleaned["q"]
    if line:
        labels["category"] = line[-1].category.label
    for name in ("gender", "colour"):
        if cleaned.get(name):
            labels[name] = vocabulary.said(name, cleaned[name])
    if cleaned.get("price_min") is not None:
        labels["price_min"] = _("from %s") % number_format(cleaned["price_min"])
    if cleaned.get("price_max") is not None:
        labels["price_max"] = _("up to %s") % number_format(cleaned["price_max"])
    if cleaned.get("in_stock"):
        labels["in_stock"] = _("in stock")
    return [Chip(label, _query_without(asked, name, "page")) for name, label in labels.items()]
