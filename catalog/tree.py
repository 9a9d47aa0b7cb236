"""The category tree as visitors see it: only branches with something in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat

from catalog.models import Category, Product, ProductImage, ProductQuerySet


@dataclass
class Branch:
    """A category, how many visible products it and the branches below hold, and those branches."""

    category: Category
    count: int = 0
    children: list[Branch] = field(default_factory=list)

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Branch]]:
        """Yield this branch and all below it, each with its depth, parents first."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


def category_tree(products: ProductQuerySet | None = None) -> list[Branch]:
    """Return the top branches with any of ``products`` (default: the visible ones), alphabetically. Two queries."""
    if products is None:
        products = Product.objects.visible()
    counted = products.order_by().values("category").annotate(n=Count("pk"))
    counts = {row["category"]: row["n"] for row in counted}
    branches = {category.pk: Branch(category, counts.get(category.pk, 0)) for category in Category.objects.all()}
    # A child's path sorts after its parent's: walked backwards, every count is complete before it is passed up.
    roots: list[Branch] = []
    for branch in sorted(branches.values(), key=lambda b: b.category.path, reverse=True):
        if not branch.count:
            continue
        parent = branches.get(branch.category.parent_id) if branch.category.parent_id else None
        if parent:
            parent.count += branch.count
            parent.children.insert(0, branch)
        else:
            roots.insert(0, branch)
    return roots


def featured(tree: list[Branch], most: int = 8) -> list[Branch]:
    """Return the branches worth a picture, largest first: the top ones, or those below where the top is thin."""
    level = list(tree)
    while level and len(level) < most // 2 and any(branch.children for branch in level):
        level = [child for branch in level for child in (branch.children or [branch])]
    return sorted(level, key=lambda branch: (-branch.count, branch.category.path))[:most]


def covers(branches: list[Branch]) -> dict[int, ProductImage]:
    """Return a photo for each branch by its category's key: that of its newest product that has one. Two queries."""
    below = Q(category__path=OuterRef("path")) | Q(category__path__startswith=Concat(OuterRef("path"), Value("/")))
    newest = (
        Product.objects.visible().filter(below, images__isnull=False).order_by("-created", "-pk", "images__position")
    )
    wanted = Category.objects.filter(pk__in=[branch.category.pk for branch in branches])
    chosen = dict(wanted.annotate(cover=Subquery(newest.values("images__pk")[:1])).values_list("pk", "cover"))
    photos = ProductImage.objects.select_related("product").in_bulk([pk for pk in chosen.values() if pk])
    return {category: photos[cover] for category, cover in chosen.items() if cover in photos}
