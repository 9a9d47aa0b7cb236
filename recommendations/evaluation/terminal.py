"""An evaluation as text, side by side, for a terminal or a log."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from recommendations.evaluation.figures import EVERYTHING, RELEVANCE
from recommendations.evaluation.results import Results

#: Types shown of the first contender.
CLASSES = 12
#: A difference of a class with fewer queries is chance.
LEAST_QUERIES = 20
LEAST_GAINED = 5


def as_text(results: Results) -> str:
    """Return the figures as lines."""
    blocks = [_heading(results), _overview(results), _labels(results), _shoppers(results), _classes(results)]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _heading(results: Results) -> Iterator[str]:
    split = results.split
    yield f"{results.dataset}: {results.evaluated:,} products, side: {split.side}"
    sides = ", ".join(f"{side} {n:,} ({split.families[side]:,} families)" for side, n in split.products.items())
    yield f"Split by product family, fixed by hash: {sides}"
    if split.identical_photos is not None:
        yield f"Photos that are on the training side, too, byte for byte: {split.identical_photos:,}"
    if results.unreadable or results.skipped:
        reasons = ", ".join(f"{reason}: {n:,}" for reason, n in results.skipped.items())
        yield f"Left out: {results.unreadable:,} photos that cannot be read; {reasons or 'no rows'}"


def _overview(results: Results) -> list[str]:
    k, many = results.k, results.ndcg_k
    titles = ["", *(f"{label} p@{k}" for label in RELEVANCE), f"all p@{k}", "95 %", f"nDCG@{many}", "photo r@1", "r@5"]
    titles += ["none", "lost", "dim", "photos/s", "ms"]
    rows = []
    for one in results.contenders:
        shopper, nothing = one.shoppers.get(EVERYTHING), one.nothing_close
        rows.append(
            [
                one.title,
                *(_number(one.labels[label].precision.micro) if label in one.labels else "-" for label in RELEVANCE),
                _number(one.all_three.micro),
                "-".join(map(_number, one.all_three_interval)),
                _number(one.ndcg.micro),
                _number(shopper.at_1) if shopper else "-",
                _number(shopper.at_5) if shopper else "-",
                *(
                    _number(value) if value is not None else "-"
                    for value in ((nothing.refused_mean, nothing.lost_mean) if nothing else (None, None))
                ),
                str(one.dimensions),
                f"{one.speed.photos_per_second:,.0f}",
                f"{one.speed.milliseconds:.1f}",
            ]
        )
    return _columns(titles, rows)


def _labels(results: Results) -> list[str]:
    labels = list(dict.fromkeys(label for one in results.contenders for label in one.labels))
    titles = [f"vote of {results.k}", *(f"{label} {what}" for label in labels for what in ("acc", "F1"))]
    rows = [
        [
            one.title,
            *(
                _number(value)
                for label in labels
                for value in (
                    (one.labels[label].accuracy, one.labels[label].macro_f1) if label in one.labels else (math.nan,) * 2
                )
            ),
        ]
        for one in results.contenders
    ]
    return _columns(titles, rows)


def _shoppers(results: Results) -> list[str]:
    families = list(dict.fromkeys(family for one in results.contenders for family in one.shoppers))
    if not families:
        return []
    rows = [
        [one.title, *(f"{_number(r.at_1)}/{_number(r.at_5)}" for r in (one.shoppers[family] for family in families))]
        for one in results.contenders
    ]
    return _columns(["recall @1/@5", *families], rows)


def _classes(results: Results) -> list[str]:
    first = results.contenders[0]
    ndcg = {score.name: score.value for score in first.ndcg.classes}
    titles = [f"{first.title}: by type", "queries", f"all p@{results.k}", f"nDCG@{results.ndcg_k}"]
    rows = [
        [score.name, f"{score.queries:,}", _number(score.value), _number(ndcg[score.name])]
        for score in first.all_three.classes[:CLASSES]
    ]
    rows.append(
        [
            "macro, all types",
            str(len(first.all_three.classes)),
            _number(first.all_three.macro),
            _number(first.ndcg.macro),
        ]
    )
    lines = _columns(titles, rows)
    for title, changes in results.comparisons:
        large = [change for change in changes if change.queries >= LEAST_QUERIES][:LEAST_GAINED]
        rows = [[change.name, f"{change.queries:,}", f"{change.points:+.1f}", change.spread] for change in large]
        titles = [f"{first.title} against {title}, least gained", "queries", "points", "95 %"]
        lines += ["", *_columns(titles, rows or [["no type is large enough", "", "", ""]])]
    return lines


def _number(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "-"


def _columns(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    table = [list(titles), *map(list, rows)]
    widths = [max(len(row[n]) for row in table) for n in range(len(titles))]
    return [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]
