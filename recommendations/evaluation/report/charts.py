"""Curves as SVG for a page without scripts and without styles inside it: lines differ in their dashes, too."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from recommendations.evaluation.results import Histogram

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 12, 12, 12, 34
#: Dashes of one line after another.
DASHES = ("none", "8 4", "2 3", "12 3 2 3", "5 2 1 2 1 2")


def histogram_chart(histograms: Mapping[str, Histogram], titles: Mapping[str, str]) -> SafeString:
    """Return how the cosines of several kinds of pairs are spread, each as its share of its own kind."""
    known = [(titles[name], histogram) for name, histogram in histograms.items() if name in titles]
    if not known:
        return SafeString("")
    least = known[0][1].least
    shares = [[count / max(1, sum(histogram.counts)) for count in histogram.counts] for _, histogram in known]
    top = max(max(part) for part in shares) or 1.0
    lines = [
        (number, DASHES[number % len(DASHES)], _points([part / top for part in shares[number]]))
        for number in range(len(known))
    ]
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>{}',
        WIDTH,
        HEIGHT,
        "Shares of pairs by cosine: " + ", ".join(title for title, _ in known),
        _axis(least),
        format_html_join("", '<polyline class="line line{}" fill="none" stroke-dasharray="{}" points="{}"/>', lines),
        _legend([title for title, _ in known]),
    )


def _points(heights: list[float]) -> str:
    step = (WIDTH - LEFT - RIGHT) / len(heights)
    tall = HEIGHT - TOP - BOTTOM
    return " ".join(f"{LEFT + (n + 0.5) * step:.1f},{TOP + tall * (1 - h):.1f}" for n, h in enumerate(heights))


def _axis(least: float) -> SafeString:
    base = HEIGHT - BOTTOM
    count = 5
    ticks = [
        (
            f"{LEFT + (WIDTH - LEFT - RIGHT) * n / count:.1f}",
            base + 20,
            "start" if n == 0 else "end" if n == count else "middle",
            f"{least + (1 - least) * n / count:.2f}",
        )
        for n in range(count + 1)
    ]
    return format_html(
        '<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>{}',
        LEFT,
        base,
        WIDTH - RIGHT,
        base,
        format_html_join("", '<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>', ticks),
    )


def _legend(titles: list[str]) -> SafeString:
    entry = (
        '<li><svg class="key" viewBox="0 0 40 10" aria-hidden="true"><line class="line line{}" x1="0" y1="5" x2="40" '
        'y2="5" stroke-dasharray="{}"/></svg> {}</li>'
    )
    rows = [(n, DASHES[n % len(DASHES)], title) for n, title in enumerate(titles)]
    return format_html('<ul class="legend">{}</ul>', format_html_join("", entry, rows))
