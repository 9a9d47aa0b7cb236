"""What an evaluation found, as data: for the terminal, for JSON, for the report."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.evaluation.contenders import Speed
from recommendations.evaluation.dataset import Item
from recommendations.evaluation.geometry import Neighbours
from recommendations.evaluation.metrics import ByClass

#: Raise it when a key of the JSON changes its meaning.
FORMAT = 2
#: Classes a class is taken for that the JSON names.
CONFUSED = 5


class Confusion(NamedTuple):
    """How often results of each class were given to queries of each class, query first; the largest class first."""

    names: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def taken_for(self, name: str) -> list[tuple[str, float]]:
        """Return the classes that results for this one had, the most frequent first, each with its share."""
        row = self.counts[self.names.index(name)]
        total = sum(row)
        pairs = sorted(zip(self.names, row, strict=True), key=lambda pair: -pair[1])
        return [(other, count / total) for other, count in pairs if count]


@dataclass(frozen=True)
class LabelResult:
    """One label: precision@k of the results, what a vote of the neighbours says, who is taken for whom."""

    precision: ByClass
    accuracy: float
    macro_f1: float
    confusion: Confusion


class Recall(NamedTuple):
    """How often the photographed product itself came first, and among the first five."""

    at_1: float
    at_5: float
    photos: int


@dataclass(frozen=True)
class NothingClose:
    """How well pictures of no product are told from shoppers' photos of products that are there.

    Match levels are calibrated as a release's are, with the photos of half of the products and some kinds of pictures;
    the other half and the other kinds are what is measured.

    Attributes:
        auc: how often a shopper's photo is nearer to its nearest product than a foreign picture is to its own.
        refused: kind of foreign picture → share answered with "none"; empty where there were too few to calibrate with.
        lost: family of shoppers' photos → share answered so, wrongly.
        refused_mean, lost_mean: the means of these; None where they are empty.
        pictures, photos: how many were measured.
    """

    auc: float
    refused: Mapping[str, float]
    lost: Mapping[str, float]
    refused_mean: float | None
    lost_mean: float | None
    pictures: int
    photos: int


class Change(NamedTuple):
    """How much better one contender is than another at a class, in points: hundredths of precision.

    ``interval`` holds the true difference in 95 of 100 cases: where 0 is in it, chance alone may have made it. NaN
    where there were too few families to tell.
    """

    name: str
    points: float
    interval: tuple[float, float]
    queries: int

    @property
    def spread(self) -> str:
        """The interval as text, a dash where there is none."""
        low, high = self.interval
        return f"{low:+.1f} to {high:+.1f}" if math.isfinite(low) else "-"


class Comparison(NamedTuple):
    """How the first contender differs from another one, by class, the worst first."""

    title: str
    changes: tuple[Change, ...]


class Histogram(NamedTuple):
    """Cosines in equal bins from ``least`` to 1."""

    least: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class ContenderResult:
    """All figures of one contender.

    Attributes:
        all_three: precision@k where type, colour and gender are all right, by type.
        all_three_interval: its 95 % interval, whole families drawn.
        ndcg: by type.
        shoppers: by family of simulated photos.
        similarities: which pairs → how alike they are.
    """

    title: str
    name: str
    engine: str
    trained: bool
    dimensions: int
    speed: Speed
    labels: Mapping[str, LabelResult]
    all_three: ByClass
    all_three_interval: tuple[float, float]
    ndcg: ByClass
    shoppers: Mapping[str, Recall]
    nothing_close: NothingClose | None
    similarities: Mapping[str, Histogram]


@dataclass(frozen=True)
class SplitFacts:
    """Which products were looked at: ``side``, or "all"; counts by side of the whole set.

    ``identical_photos`` are those of the evaluated side that are on the training side, too, byte for byte; None where
    that was not counted.
    """

    side: str
    products: Mapping[str, int]
    families: Mapping[str, int]
    test_share: float
    validation_share: float
    identical_photos: int | None


@dataclass(frozen=True)
class Results:
    """One run: ``evaluated`` products with a photo we read, ``unreadable`` ones without, ``skipped`` rows by reason.

    The first contender is compared with each other one that was trained.
    """

    created: str
    dataset: str
    split: SplitFacts
    evaluated: int
    unreadable: int
    skipped: Mapping[str, int]
    k: int
    ndcg_k: int
    seed: int
    contenders: tuple[ContenderResult, ...]
    comparisons: tuple[Comparison, ...]


class ShopperQuery(NamedTuple):
    """A simulated photo of the product in this ``row``: what was found, and the place of its own product, from 0."""

    row: int
    seed: int
    found: tuple[int, ...]
    scores: tuple[float, ...]
    place: int


class ForeignQuery(NamedTuple):
    """A picture from elsewhere: which one of those given, what it is called, and what was found.

    ``level`` is the match level of what was found first, "" where none were calibrated or they were with this picture.
    """

    number: int
    title: str
    found: tuple[int, ...]
    scores: tuple[float, ...]
    level: str = ""


@dataclass(frozen=True)
class Shown:
    """What one contender found, product by product: a report shows pictures of it. Rows are places in ``products``.

    ``right`` is the share of the first k that have all three labels, NaN for products that lack one.
    """

    products: Sequence[Item]
    neighbours: Neighbours
    right: NDArray[np.float64]
    shoppers: Mapping[str, Sequence[ShopperQuery]]
    foreign: Sequence[ForeignQuery]
    photos: Sequence[ForeignQuery]


def as_json(results: Results) -> dict[str, Any]:
    """Return everything as JSON-ready values; what could not be computed is null."""
    plain: dict[str, Any] = _plain(results)
    return {"format": FORMAT, **plain}


def _plain(value: Any) -> Any:
    if isinstance(value, Confusion):
        value = {name: dict(value.taken_for(name)[:CONFUSED]) for name in value.names}
    elif dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    elif hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float):
        return round(value, 5) if math.isfinite(value) else None
    return value
