"""Vectors to figures, and figures to text, tables and curves."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.evaluation import figures
from recommendations.evaluation.contenders import Contender, Speed
from recommendations.evaluation.dataset import Item
from recommendations.evaluation.geometry import Vectors
from recommendations.evaluation.off_catalogue import CALIBRATION, HELD_OUT
from recommendations.evaluation.pictures import Collection, ShopperPhoto
from recommendations.evaluation.report import tables
from recommendations.evaluation.report.charts import histogram_chart
from recommendations.evaluation.results import (
    Change,
    Comparison,
    Confusion,
    ContenderResult,
    Histogram,
    Results,
    Shown,
    SplitFacts,
    as_json,
)
from recommendations.evaluation.terminal import as_text
from tests.embedders import MeanColourEmbedder
from tests.recommendations.evaluation.vectors import on_circle

#: Angle, type, colour: two red shirts side by side, a blue shirt near them, caps on the other side.
PRODUCTS = [
    (0, "Shirts", "Red"),
    (5, "Shirts", "Red"),
    (20, "Shirts", "Blue"),
    (180, "Caps", "Red"),
    (186, "Caps", "Red"),
    (math.nan, "Caps", "Blue"),
]


def items() -> list[Item]:
    return [
        Item(
            str(n), f"product {n}", {"articleType": kind, "baseColour": colour, "gender": "Men"}, f"f{n}", "test", bytes
        )
        for n, (_, kind, colour) in enumerate(PRODUCTS)
    ]


def measured(k: int = 1) -> tuple[ContenderResult, Shown]:
    photos = [ShopperPhoto("everything", 0, 1), ShopperPhoto("everything", 4, 2), ShopperPhoto("everything", 5, 3)]
    collection = Collection(items(), photos, ["sky", "noise"], ["street"], [])
    vectors: Vectors = np.concatenate(
        [on_circle(*(angle for angle, _, _ in PRODUCTS)), on_circle(1, 181, 90), on_circle(90, 270), on_circle(21)]
    )
    contender = Contender("mine", "mine-2", "numpy", True, MeanColourEmbedder)
    return figures.compute(contender, Speed(100, 10), collection, vectors, k=k, ndcg_k=2, seed=0)


def results(*contenders: ContenderResult, changes: Sequence[Change] = ()) -> Results:
    split = SplitFacts("test", {"train": 9, "test": 6}, {"train": 4, "test": 6}, 0.15, 0.05, 1)
    compared = (Comparison("before", tuple(changes)),)
    return Results("2026-01-01T00:00:00", "a.zip", split, 5, 1, {"no photo": 2}, 1, 2, 0, contenders, compared)


def test_figures_of_six_products_by_hand() -> None:
    found, shown = measured()
    # The photo that cannot be read is no product and no query.
    assert [item.id for item in shown.products] == ["0", "1", "2", "3", "4"]
    assert shown.neighbours.rows[:, 0].tolist() == [1, 0, 1, 4, 3]
    assert found.labels["articleType"].precision.micro == 1
    assert found.labels["baseColour"].precision.micro == pytest.approx(4 / 5)
    assert {score.name: (score.value, score.queries) for score in found.all_three.classes} == {
        "Shirts": (pytest.approx(2 / 3), 3),
        "Caps": (1, 2),
    }
    assert found.all_three.micro == pytest.approx(4 / 5)
    assert found.all_three.macro == pytest.approx((2 / 3 + 1) / 2)
    # Blue finds red, and nothing better is there. A red cap's second is the blue shirt (1); a red one (3) was there.
    one, half = 7.0, 1 / math.log2(3)
    caps = (one + 1 * half) / (one + 3 * half)
    assert [score.value for score in found.ndcg.classes] == pytest.approx([1, caps])
    assert found.labels["articleType"].confusion == Confusion(("Shirts", "Caps"), ((3, 0), (0, 2)))


def test_shoppers_photos_find_their_own_product_or_not() -> None:
    found, shown = measured()
    # At 1 degree the product at 0 is nearest; at 181 the one at 180 comes before the own at 186.
    assert [(query.row, query.found, query.place) for query in shown.shoppers["everything"]] == [
        (0, (0,), 0),
        (4, (3,), 1),
    ]
    assert found.shoppers["everything"] == (0.5, 1.0, 2)


def test_pictures_of_no_product_are_told_by_their_distance() -> None:
    found, shown = measured()
    assert [(query.title, query.found) for query in shown.foreign] == [("sky", (2,)), ("noise", (4,))]
    assert shown.photos[0].title == "street"
    assert shown.photos[0].found == (2,)
    assert shown.photos[0].level == ""
    assert found.nothing_close is not None
    assert found.nothing_close.auc == 1
    # Two of each are too few to calibrate levels with.
    assert (found.nothing_close.refused, found.nothing_close.refused_mean) == ({}, None)


def test_levels_are_calibrated_with_half_of_the_products_and_judged_by_the_rest() -> None:
    draw = np.random.default_rng(1)
    goods = [Item(str(n), f"product {n}", {"articleType": "Shirts"}, f"f{n}", "test", bytes) for n in range(40)]
    photos = [ShopperPhoto(family, row, 1) for family in ("blur", "everything") for row in range(20)]
    known, unseen = CALIBRATION[:3], HELD_OUT[:2]
    titles = [kind for kind in (*known, *unseen) for _ in range(8)]
    # Products lie around one direction, photos near their own, pictures of no product around another.
    gallery = _around(0, 40, draw)
    shoppers = np.concatenate([gallery[:20], gallery[:20]]) + draw.normal(0, 0.05, (40, 8))
    shoppers[21] = -gallery[1]  # of a product that is judged
    foreign = _around(1, len(titles), draw)
    foreign[-1] = gallery.mean(axis=0)  # of the last unseen kind
    real = [gallery[25], foreign[0]]
    vectors = np.concatenate([gallery, shoppers, foreign, real]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    contender = Contender("mine", "mine-8", "numpy", True, MeanColourEmbedder)
    collection = Collection(goods, photos, titles, ["a shirt", "a street"], [])
    found, shown = figures.compute(contender, Speed(1, 1), collection, vectors, k=1, ndcg_k=2, seed=0)
    nothing = found.nothing_close
    assert nothing is not None
    assert nothing.refused == {unseen[0]: 1.0, unseen[1]: 7 / 8}
    assert nothing.lost == {"blur": 0.0, "everything": 0.1}
    assert nothing.refused_mean == pytest.approx(0.9375)
    assert nothing.lost_mean == pytest.approx(0.05)
    assert (nothing.pictures, nothing.photos) == (16, 20)
    # Photos from elsewhere are answered by the same levels; pictures of no product had a part in them.
    assert [(query.title, query.level) for query in shown.photos] == [("a shirt", "same"), ("a street", "none")]
    assert {query.level for query in shown.foreign} == {""}


def _around(axis: int, count: int, draw: np.random.Generator) -> NDArray[np.float64]:
    noise: NDArray[np.float64] = draw.normal(0, 0.1, (count, 8))
    noise[:, axis] += 1
    return noise


def test_all_kinds_of_pairs_are_on_one_scale() -> None:
    found, _ = measured()
    assert set(found.similarities) == {"another_type", "all_three", "nearest", "shopper", "foreign"}
    assert len({histogram.least for histogram in found.similarities.values()}) == 1
    assert sum(found.similarities["nearest"].counts) == 5


def test_json_holds_every_figure_and_no_nan() -> None:
    found, _ = measured()
    plain = as_json(results(found))
    text = json.dumps(plain, allow_nan=False)
    assert json.loads(text) == plain
    one = plain["contenders"][0]
    assert one["labels"]["articleType"]["confusion"] == {"Shirts": {"Shirts": 1.0}, "Caps": {"Caps": 1.0}}
    assert one["shoppers"]["everything"] == {"at_1": 0.5, "at_5": 1.0, "photos": 2}
    assert as_json(results())["split"]["identical_photos"] == 1


def test_the_text_says_what_was_measured_on_what() -> None:
    found, _ = measured()
    text = as_text(results(found))
    assert "a.zip: 5 products, side: test" in text
    assert "byte for byte: 1" in text
    assert "no photo: 2" in text
    line = next(line for line in text.splitlines() if line.startswith("mine "))
    assert line.split()[1:5] == ["1.000", "0.800", "1.000", "0.800"]


def test_each_type_is_compared_product_by_product_the_worst_first() -> None:
    _, found = measured()
    _, other = measured(k=2)
    # The shirts are right 1, 1, 0 at one, 1/2, 1/2, 0 at two; both caps 1 at one, 1/2 at two.
    shirts, caps = figures.changes(found, other, seed=0)
    assert (shirts.name, shirts.queries, caps.name, caps.queries) == ("Shirts", 3, "Caps", 2)
    assert [shirts.points, caps.points] == pytest.approx([100 / 3, 50])
    assert shirts.spread == "-"  # of three families nothing can be said


def test_what_chance_may_have_made_has_nothing_in_its_interval() -> None:
    _, shown = measured()
    kinds = ["Shirts", "Caps"] * 20
    products = [Item(str(n), "", {"articleType": kind}, f"f{n}", "test", bytes) for n, kind in enumerate(kinds)]
    # Caps lose .4 each; of the shirts one loses all, one gains all.
    lost = np.array([0.0, 0.4] * 20)
    lost[0], lost[2] = 1, -1
    before = replace(shown, products=products, right=np.full(40, 0.5))
    caps, shirts = figures.changes(replace(before, right=before.right - lost), before, seed=0)
    assert (caps.name, caps.spread) == ("Caps", "-40.0 to -40.0")
    assert shirts.name == "Shirts"
    assert shirts.points == pytest.approx(0)
    assert shirts.interval[0] < 0 < shirts.interval[1]


def test_a_product_that_lacks_a_label_is_not_compared() -> None:
    _, shown = measured()
    right = shown.right.copy()
    right[0] = np.nan
    assert [change.queries for change in figures.changes(replace(shown, right=right), shown, seed=0)] == [2, 2]


def test_the_text_names_the_types_that_gained_least_of_those_large_enough() -> None:
    found, _ = measured()
    changes = [
        Change("Tiny", -60, (math.nan, math.nan), 19),
        Change("Clutches", -4, (-12, 4), 20),
        Change("Belts", 1.25, (0.5, 2), 1300),
    ]
    text = as_text(results(found, changes=changes))
    assert "Tiny" not in text
    rows = [line.split() for line in text.splitlines()]
    assert rows.index(["Clutches", "20", "-4.0", "-12.0", "to", "+4.0"]) < rows.index(
        ["Belts", "1,300", "+1.2", "+0.5", "to", "+2.0"]
    )
    ((title, table),) = tables.changes(results(found, changes=changes))
    assert title == "before"
    assert [cell.text for cell in table.rows[0]] == ["Tiny", "19", "-60.0", "-"]
    assert "large enough" in as_text(results(found, changes=changes[:1]))


def test_tables_mark_the_best_where_there_is_one() -> None:
    found, _ = measured()
    other, _ = measured(k=2)
    table = tables.overview(results(found, other))
    colour = table.titles.index("colour p@1")
    assert [row[colour].best for row in table.rows] == [True, False]
    kind = table.titles.index("type p@1")
    assert not any(row[kind].best for row in tables.overview(results(found, found)).rows)
    confusion = tables.confusion(results(found), "articleType")
    assert confusion is not None
    assert [cell.text for cell in confusion.rows[0]] == ["Shirts", "100%", "·", "0%"]
    assert tables.confusion(results(found), "season") is None


def test_the_chart_draws_a_line_for_each_kind_and_says_so() -> None:
    chart = histogram_chart(
        {"a": Histogram(0, (1, 3)), "b": Histogram(0, (0, 9)), "unknown": Histogram(0, (1,))}, {"a": "<A>", "b": "B"}
    )
    assert chart.count("<polyline") == 2
    assert "&lt;A&gt;" in chart
    assert "<A>" not in chart
    assert len({part.split('"')[0] for part in chart.split('<polyline class="')[1:]}) == 2
    assert histogram_chart({}, {"a": "A"}) == ""
