"""A first look at the whole list, before anything is imported: is it whole, how many rows, which brands."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from catalog.inventory.derive import Brands
from catalog.inventory.errors import InventoryError
from catalog.inventory.source import READ_ERRORS, TABLE, Source
from catalog.inventory.table import Row, read_rows


class Survey(NamedTuple):
    """How many rows can be used as far as the list itself tells, and the brands in their names."""

    rows: int
    brands: Brands
    #: Lines of rows, in an order that has nothing to do with the list's own; empty where nobody asked for it.
    spread: list[int]


def survey(source: Source, *, spread: bool = False) -> Survey:
    """Read the list from end to end.

    Args:
        spread: put the rows in an order of their own, too: by a hash of the id, so that a shorter part of it is always
            the beginning of a longer one, and a row added to the list moves no other.

    Raises:
        InventoryError: it is no such list, or cannot be read to its end.
    """
    brands = Brands()
    rows = 0
    order: list[tuple[bytes, int]] = []
    try:
        with source.open_table() as table:
            for row in read_rows(table):
                if spread:
                    key = row.sku or str(row.line)
                    order.append((hashlib.sha256(key.encode("utf-8", "replace")).digest()[:8], row.line))
                if isinstance(row, Row):
                    rows += 1
                    brands.learn(row.name)
    except READ_ERRORS as error:
        raise InventoryError(f"{TABLE} is damaged and cannot be read to its end: {error}.") from error
    return Survey(rows, brands, [line for _, line in sorted(order)])
