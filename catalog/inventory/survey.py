"""A first look at the whole list, before anything is imported: is it whole, how many rows, which brands."""

from __future__ import annotations

from typing import NamedTuple

from catalog.inventory.derive import Brands
from catalog.inventory.errors import InventoryError
from catalog.inventory.source import READ_ERRORS, TABLE, Source
from catalog.inventory.table import Row, read_rows


class Survey(NamedTuple):
    """How many rows can be used as far as the list itself tells, and the brands in their names."""

    rows: int
    brands: Brands


def survey(source: Source) -> Survey:
    """Read the list from end to end.

    Raises:
        InventoryError: it is no such list, or cannot be read to its end.
    """
    brands = Brands()
    rows = 0
    try:
        with source.open_table() as table:
            for row in read_rows(table):
                if isinstance(row, Row):
                    rows += 1
                    brands.learn(row.name)
    except READ_ERRORS as error:
        raise InventoryError(f"{TABLE} is damaged and cannot be read to its end: {error}.") from error
    return Survey(rows, brands)
