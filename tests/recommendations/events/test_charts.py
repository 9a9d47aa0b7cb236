"""Geometry one can check by hand."""

from __future__ import annotations

import pytest
from django.utils import translation

from recommendations.events.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Column, Part, bars, nice


@pytest.mark.parametrize(
    ("value", "top"), [(0, 1), (1, 1), (1.5, 2), (3, 4), (4.5, 5), (6, 8), (9, 10), (11, 20), (0.03, 0.04), (999, 1000)]
)
def test_an_axis_ends_in_a_round_number(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top)


def test_parts_stand_on_each_other_and_the_axis_has_three_ticks() -> None:
    chart = bars([Column("a", [Part("x", 1, "one"), Part("y", 3, "three")]), Column("b", [])], lambda v: f"{v:g}")
    lower, upper = chart.rects
    floor, scale = HEIGHT - BOTTOM, (HEIGHT - BOTTOM - TOP) / 4
    assert float(lower.y) == pytest.approx(floor - scale, abs=0.01)
    assert float(lower.height) == pytest.approx(scale, abs=0.01)
    assert float(upper.y) == pytest.approx(TOP, abs=0.01)
    assert (lower.x, lower.width) == (upper.x, upper.width)
    assert [tick.text for tick in chart.ticks] == ["0", "2", "4"]
    assert [label.text for label in chart.labels] == ["a", "b"]


def test_bars_fit_the_drawing_and_labels_are_few() -> None:
    chart = bars([Column(str(n), [Part("x", n + 1, "")]) for n in range(90)], str)
    assert len(chart.rects) == 90
    assert len(chart.labels) == 6
    for rect in chart.rects:
        assert float(rect.x) >= LEFT
        assert float(rect.x) + float(rect.width) <= WIDTH - RIGHT
        assert float(rect.y) >= TOP - 0.01
        assert float(rect.y) + float(rect.height) <= HEIGHT - BOTTOM + 0.01


def test_coordinates_are_written_as_svg_reads_them_in_any_language() -> None:
    with translation.override("de"):
        chart = bars([Column("a", [Part("x", 1 / 3, "")])], str)
    assert "," not in "".join(rect.x + rect.y + rect.width + rect.height for rect in chart.rects)


def test_an_axis_reaches_as_far_as_it_is_told() -> None:
    chart = bars([Column("a", [Part("x", 1, "")])], lambda v: f"{v:g}", least=10)
    assert [tick.text for tick in chart.ticks] == ["0", "5", "10"]


def test_nothing_at_all_is_an_empty_drawing() -> None:
    assert bars([], str).rects == []
