"""Labelled sets: products with their photo, their labels, their family, and the side of the split they are on.

A folder or zip in the published layout (``styles.csv``, ``images/<id>.jpg``), or the shop's own catalogue. Photos are
read and decoded one by one, when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from PIL import Image

from recommendations.evaluation.labelled_files import open_files, read_table
from recommendations.evaluation.split import Side, family_of, side
from recommendations.exceptions import DatasetError
from recommendations.gallery import Gallery, Photo
from recommendations.images import LOOK_SIDE, decode_product_photo

#: Labels a report knows, in the published names.
LABELS = ("articleType", "baseColour", "gender", "usage", "season")

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Item:
    """One product: ``labels`` by name, without empty ones."""

    id: str
    name: str
    labels: Mapping[str, str]
    family: str
    side: Side
    read: Callable[[], bytes] = field(repr=False)

    def image(self) -> Image.Image:
        """Return the photo as the index sees it: upright RGB, at most about ``LOOK_SIDE`` px on the short side.

        Raises:
            InvalidImageError: it is not a picture we read.
            OSError: it cannot be read.
        """
        return decode_product_photo(self.read(), target=LOOK_SIDE)


@dataclass(frozen=True)
class LabelledSet:
    """A set: ``skipped`` counts rows without use, by reason. Photos can be read while it is open."""

    name: str
    items: Sequence[Item]
    skipped: Mapping[str, int]

    def on(self, *sides: Side) -> list[Item]:
        """Return the items on these sides."""
        return [item for item in self.items if item.side in sides]


@contextmanager
def open_dataset(path: Path, *, limit: int | None = None) -> Iterator[LabelledSet]:
    """Open a folder or zip; it is read in place.

    Args:
        limit: take this many products, spread over the whole set and not its first.

    Raises:
        DatasetError: it is neither, is damaged, or holds no labelled product with a photo.
    """
    with open_files(path) as files:
        table = read_table(files)
        rows = [row for row in table.rows if files.has_photo(row.id)]
        skipped = {**table.skipped, "no photo": len(table.rows) - len(rows)}
        items = [
            Item(row.id, row.name, row.labels, family, side(family), partial(files.read_photo, row.id))
            for row in spread(rows, limit)
            for family in [family_of(row.name)]
        ]
        if not items:
            raise DatasetError(f"{path} holds no labelled product with a photo: is images/<id>.jpg beside styles.csv?")
        yield LabelledSet(path.name, items, {reason: n for reason, n in skipped.items() if n})


def shop_dataset(gallery: Gallery, *, limit: int | None = None) -> LabelledSet:
    """Return the shop's own catalogue, each product with its best photo.

    Raises:
        DatasetError: the gallery gives no labels, or there are no photos.
    """
    best: dict[object, Photo] = {}
    for photo in gallery.photos():
        best.setdefault(photo.product_id, photo)
    items = []
    products = spread(list(best), limit)
    for start in range(0, len(products), 500):
        keys = products[start : start + 500]
        found = gallery.labels(keys)
        for key in keys:
            if key in found:
                name, brand, labels = found[key]
                family = family_of(name, brand)
                items.append(Item(str(key), name, labels, family, side(family), partial(_read, best[key])))
    if not items:
        raise DatasetError(
            "The shop has no labelled product with a photo. Fill it, give its gallery a labels() method, or name a set "
            "with --dataset."
        )
    return LabelledSet("the shop's catalogue", items, {})


def spread(things: Sequence[T], limit: int | None) -> Sequence[T]:
    """Return ``limit`` of them, evenly from first to last; all where there are no more."""
    if limit is None or limit >= len(things):
        return things
    return [things[n * len(things) // limit] for n in range(limit)]


def _read(photo: Photo) -> bytes:
    with photo.open() as file:
        return file.read()
