"""The report as tables for a spreadsheet; no cell is a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from recommendations.events.models import Event, Kind
from recommendations.events.report import Report

#: What makes a spreadsheet compute a text, or run it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Most products of the export.
MOST = 10_000


class _Line:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def lines(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the rows as CSV. It begins with a byte order mark: without one Excel reads no UTF-8."""
    writer = csv.writer(_Line())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell: Any) -> Any:
    """Return the cell; a text a spreadsheet would compute gets an apostrophe first. Numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell


def days(report: Report) -> Iterator[list[Any]]:
    """Yield a row for each day: answers by kind, answers to photos, those with nothing close."""
    yield ["day", *Kind.values, "photo_searches", "nothing_close"]
    for day in report.by_day:
        yield [day.first.isoformat(), *(day.answers.get(kind, 0) for kind in Kind.values), day.photos, day.none]


def positions(report: Report) -> Iterator[list[Any]]:
    """Yield a row for each position: seen, clicked, clicks by impressions."""
    yield ["position", "seen", "clicked", "click_through"]
    for row in report.positions:
        yield [row.number, row.seen, row.clicked, round(row.rate, 4)]


def products(report: Report) -> Iterator[list[Any]]:
    """Yield a row for each product: seen, clicked, asked from; the most clicked first."""
    yield ["product", "name", "seen", "clicked", "asked_from"]
    counts: dict[str, list[int]] = {}
    for product, action, n in report.count_products():
        counts.setdefault(product, [0, 0, 0])[0 if action == Event.Action.SEEN else 1] += n
    for product, n in report.count_origins():
        counts.setdefault(product, [0, 0, 0])[2] += n
    keys = sorted(counts, key=lambda key: (-counts[key][1], -counts[key][0], key))[:MOST]
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        names = report.names(some)
        for key in some:
            yield [key, names[key][0], *counts[key]]


def answers(report: Report) -> Iterator[list[Any]]:
    """Yield a row for each answer, the slowest first."""
    yield ["day", "hour", "kind", "match", "results", "milliseconds", "asked_from"]
    rows = report.answers.order_by("-took_ms", "key")[:MOST]
    for row in rows.values_list("day", "hour", "kind", "level", "results", "took_ms", "origin"):
        yield [row[0].isoformat(), *row[1:]]


TABLES = {"days": days, "positions": positions, "products": products, "answers": answers}
