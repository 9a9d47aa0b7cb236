"""The tables of a report, cells ready to be shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recommendations.evaluation.figures import EVERYTHING, RELEVANCE, TYPE
from recommendations.evaluation.metrics import ByClass
from recommendations.evaluation.results import Confusion, ContenderResult, Results

#: Classes of the table of confusion.
CONFUSED = 16


@dataclass(frozen=True)
class Cell:
    """What is written in it; the best of its column; 0 to 9, how dark its ground is."""

    text: str
    best: bool = False
    shade: int | None = None


@dataclass(frozen=True)
class Table:
    """The first cell of each row names the row."""

    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def overview(results: Results) -> Table:
    """Return the contenders side by side."""
    k, many = results.k, results.ndcg_k
    short = {TYPE: "type", "baseColour": "colour", "gender": "gender"}
    columns: list[tuple[str, list[float]]] = [
        (
            f"{short[label]} p@{k}",
            [_micro(one.labels[label].precision if label in one.labels else None) for one in results.contenders],
        )
        for label in RELEVANCE
    ]
    columns += [
        (f"all three p@{k}", [one.all_three.micro for one in results.contenders]),
        (f"nDCG@{many}", [one.ndcg.micro for one in results.contenders]),
        ("photo recall@1", [one.shoppers[EVERYTHING].at_1 if one.shoppers else math.nan for one in results.contenders]),
        ("photo recall@5", [one.shoppers[EVERYTHING].at_5 if one.shoppers else math.nan for one in results.contenders]),
        ("no product refused", [_refused(one)[0] for one in results.contenders]),
        ("product not refused", [1 - _refused(one)[1] for one in results.contenders]),
    ]
    rows = []
    for n, one in enumerate(results.contenders):
        cells = [Cell(one.title)]
        for title, values in columns:
            low, high = one.all_three_interval
            more = f" ({low:.3f} to {high:.3f})" if title.startswith("all three") and math.isfinite(low) else ""
            cells.append(Cell(number(values[n]) + more, best=_is_best(values, n)))
        speeds = [other.speed.photos_per_second for other in results.contenders]
        cells += [
            Cell(f"{one.speed.photos_per_second:,.0f}", best=_is_best(speeds, n)),
            Cell(f"{one.speed.milliseconds:.1f}"),
            Cell(str(one.dimensions)),
        ]
        rows.append(tuple(cells))
    titles = ("", *(title for title, _ in columns), "photos a second", "ms for one", "dimensions")
    return Table(titles, tuple(rows))


def votes(results: Results) -> Table:
    """Return how well a vote of the nearest tells each label: accuracy and macro-F1."""
    labels = list(dict.fromkeys(label for one in results.contenders for label in one.labels))
    rows = [
        (
            Cell(one.title),
            *(
                Cell(
                    f"{number(one.labels[label].accuracy)} / {number(one.labels[label].macro_f1)}"
                    if label in one.labels
                    else "–"
                )
                for label in labels
            ),
        )
        for one in results.contenders
    ]
    return Table(("", *labels), tuple(rows))


def shoppers(results: Results) -> Table | None:
    """Return recall of the same product by family of simulated photos."""
    families = list(dict.fromkeys(family for one in results.contenders for family in one.shoppers))
    if not families:
        return None
    rows = []
    for n, one in enumerate(results.contenders):
        cells = [Cell(one.title)]
        for family in families:
            recall = one.shoppers[family]
            values = [other.shoppers[family].at_1 for other in results.contenders]
            cells.append(Cell(f"{number(recall.at_1)} / {number(recall.at_5)}", best=_is_best(values, n)))
        rows.append(tuple(cells))
    return Table(("", *families), tuple(rows))


def types(results: Results) -> Table:
    """Return every type: all three right for each contender, and of the first its nDCG and whom it is taken for."""
    first = results.contenders[0]
    every = [{score.name: score.value for score in one.all_three.classes} for one in results.contenders]
    ndcg = {score.name: score.value for score in first.ndcg.classes}
    own = first.labels[TYPE].precision if TYPE in first.labels else None
    of_type = {score.name: score.value for score in own.classes} if own else {}
    confusion = first.labels[TYPE].confusion if TYPE in first.labels else None
    rows = []
    for score in first.ndcg.classes:
        values = [values.get(score.name, math.nan) for values in every]
        others = [f"{name} {share:.0%}" for name, share in _others(confusion, score.name)[:3]] if confusion else []
        cells = [Cell(score.name), Cell(f"{score.queries:,}")]
        cells += [Cell(number(value), best=_is_best(values, n)) for n, value in enumerate(values)]
        cells += [Cell(number(of_type.get(score.name, math.nan))), Cell(number(ndcg[score.name]))]
        rows.append((*cells, Cell(", ".join(others) or "–")))
    macro = [one.all_three.macro for one in results.contenders]
    averages = [Cell(number(value), best=_is_best(macro, n)) for n, value in enumerate(macro)]
    rows.append(
        (
            Cell("mean of all types"),
            Cell("–"),
            *averages,
            Cell(number(own.macro if own else math.nan)),
            Cell(number(first.ndcg.macro)),
            Cell("–"),
        )
    )
    titles = ["queries", *(f"all three, {one.title}" for one in results.contenders), f"type p@{results.k}"]
    titles += [f"nDCG@{results.ndcg_k}", "results of other types"]
    return Table(("", *titles), tuple(rows))


def classes(results: Results, label: str) -> Table | None:
    """Return every class of a label: precision of that label for each contender."""
    having = [one for one in results.contenders if label in one.labels]
    if not having:
        return None
    every = [{score.name: score.value for score in one.labels[label].precision.classes} for one in having]
    rows = []
    for score in having[0].labels[label].precision.classes:
        values = [values.get(score.name, math.nan) for values in every]
        cells = [Cell(score.name), Cell(f"{score.queries:,}")]
        rows.append((*cells, *(Cell(number(value), best=_is_best(values, n)) for n, value in enumerate(values))))
    macro = [one.labels[label].precision.macro for one in having]
    averages = (Cell(number(value), best=_is_best(macro, n)) for n, value in enumerate(macro))
    rows.append((Cell("mean of all classes"), Cell("–"), *averages))
    return Table(("", "queries", *(one.title for one in having)), tuple(rows))


def confusion(results: Results, label: str) -> Table | None:
    """Return which classes the results for the largest classes have, in hundredths, for the first contender."""
    first = results.contenders[0]
    if label not in first.labels:
        return None
    found = first.labels[label].confusion
    names = found.names[:CONFUSED]
    rows = []
    for n, name in enumerate(names):
        total = max(1, sum(found.counts[n]))
        shares = [found.counts[n][m] / total for m in range(len(names))]
        rest = sum(found.counts[n][len(names) :]) / total
        cells = [Cell(f"{share:.0%}" if share >= 0.005 else "·", shade=min(9, int(share * 10))) for share in shares]
        rows.append((Cell(name), *cells, Cell(f"{rest:.0%}")))
    return Table(("results: ", *names, "others"), tuple(rows))


def changes(results: Results) -> list[tuple[str, Table]]:
    """Return for every other trained contender how the first differs from it at each type, in points, worst first."""
    first = results.contenders[0].title
    found = []
    for other, changes in results.comparisons:
        rows = tuple(
            (Cell(change.name), Cell(f"{change.queries:,}"), Cell(f"{change.points:+.1f}"), Cell(change.spread))
            for change in changes
        )
        found.append((other, Table(("", "queries", f"points of {first} over {other}", "95 %"), rows)))
    return found


def number(value: float) -> str:
    """Return three digits, or a dash for what could not be computed."""
    return f"{value:.3f}" if math.isfinite(value) else "–"


def _micro(found: ByClass | None) -> float:
    return found.micro if found else math.nan


def _refused(one: ContenderResult) -> tuple[float, float]:
    """Return the shares of pictures of no product, and of shoppers' photos, that are answered with "none"."""
    nothing = one.nothing_close
    if nothing is None or nothing.refused_mean is None or nothing.lost_mean is None:
        return math.nan, math.nan
    return nothing.refused_mean, nothing.lost_mean


def _is_best(values: Sequence[float], n: int) -> bool:
    known = [value for value in values if math.isfinite(value)]
    return len(known) > 1 and values[n] == max(known) > min(known)


def _others(found: Confusion, name: str) -> list[tuple[str, float]]:
    return [(other, share) for other, share in found.taken_for(name) if other != name]
