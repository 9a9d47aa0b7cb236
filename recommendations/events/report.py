"""What a period of events comes to: a handful of grouped queries, each answered from one index."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet

from recommendations.events.models import TO_PHOTOS, Event, GivenAnswer, Kind
from recommendations.gallery import get_gallery

#: Positions told apart; a strip has five, a page of results 24.
POSITIONS = 24
#: Rows of each list.
TOP = 10


class Day(NamedTuple):
    """A day, or several where the period is long: answers by kind, answers to photos, those with nothing close."""

    first: date
    answers: Mapping[str, int]
    photos: int
    none: int

    @property
    def share(self) -> float | None:
        """The share of photo searches that found nothing close; None on a day without any."""
        return self.none / self.photos if self.photos else None


class Position(NamedTuple):
    """How often the product at a position was seen, and clicked."""

    number: int
    seen: int
    clicked: int

    @property
    def rate(self) -> float:
        """Clicks by impressions."""
        return self.clicked / self.seen if self.seen else 0.0


class Speed(NamedTuple):
    """How fast one kind of answer was, in milliseconds: half were at least as fast as ``median``, 95 % as ``p95``."""

    kind: str
    answers: int
    median: float
    p95: float


class Row(NamedTuple):
    """A product and its numbers. ``name`` is empty where it is gone."""

    key: str
    name: str
    url: str
    seen: int = 0
    clicked: int = 0
    asked: int = 0


@dataclass(frozen=True)
class Report:
    """The events from ``first`` to ``last``, of one ``kind`` or of all. Each part is asked for when it is used."""

    first: date
    last: date
    kind: str = ""
    _names: dict[str, tuple[str, str]] = field(default_factory=dict, compare=False)

    @property
    def answers(self) -> QuerySet[GivenAnswer]:
        """The answers of the period."""
        return GivenAnswer.objects.filter(**self._asked)

    @property
    def events(self) -> QuerySet[Event]:
        """The events of the period."""
        return Event.objects.filter(**self._asked)

    @property
    def _asked(self) -> dict[str, Any]:
        # Every kind by name: the indexes go by day and kind.
        return {"day__range": (self.first, self.last)} | ({"kind": self.kind} if self.kind else {})

    @cached_property
    def by_day(self) -> list[Day]:
        """Every day of the period, those without events, too."""
        counted = self.answers.values_list("day", "kind", "level").annotate(n=Count("*")).order_by()
        answers: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        photos: dict[date, int] = defaultdict(int)
        none: dict[date, int] = defaultdict(int)
        for day, kind, level, n in counted:
            answers[day][kind] += n
            if kind in TO_PHOTOS:
                photos[day] += n
                none[day] += n if level == "none" else 0
        length = (self.last - self.first).days + 1
        days = [self.first + timedelta(days=n) for n in range(length)]
        return [Day(day, dict(answers.get(day, {})), photos[day], none[day]) for day in days]

    @cached_property
    def positions(self) -> list[Position]:
        """The positions anybody saw, the first ones."""
        rows = self.events.filter(position__lte=POSITIONS).values_list("position", "action").annotate(n=Count("*"))
        counts = {(position, action): n for position, action, n in rows.order_by()}
        last = max((position for position, _ in counts), default=0)
        return [
            Position(n, counts.get((n, Event.Action.SEEN), 0), counts.get((n, Event.Action.CLICKED), 0))
            for n in range(1, last + 1)
        ]

    @cached_property
    def actions(self) -> dict[str, int]:
        """How much was seen and clicked in all."""
        return dict(self.events.values_list("action").annotate(n=Count("*")).order_by())

    @cached_property
    def totals(self) -> dict[str, Any]:
        """The period in six numbers."""
        photos, none = sum(day.photos for day in self.by_day), sum(day.none for day in self.by_day)
        seen, clicked = self.actions.get(Event.Action.SEEN, 0), self.actions.get(Event.Action.CLICKED, 0)
        return {
            "answers": sum(sum(day.answers.values()) for day in self.by_day),
            "photos": photos,
            "none": none / photos if photos else None,
            "seen": seen,
            "clicked": clicked,
            "rate": clicked / seen if seen else None,
        }

    @cached_property
    def speeds(self) -> list[Speed]:
        """How fast each kind was."""
        kinds = [self.kind] if self.kind else Kind.values
        found = []
        for kind in kinds:
            took = self.answers.filter(kind=kind).order_by("took_ms").values_list("took_ms", flat=True)
            if n := took.count():
                found.append(Speed(kind, n, took[(n - 1) // 2], took[(95 * n - 1) // 100]))
        return found

    @cached_property
    def slowest(self) -> list[GivenAnswer]:
        """The slowest answers of all."""
        return list(self.answers.order_by("-took_ms", "key")[:TOP])

    @cached_property
    def products(self) -> list[Row]:
        """The products that were seen most, and how often they were clicked."""
        seen, clicked = Event.Action.SEEN, Event.Action.CLICKED
        most = self.events.filter(action=seen).values_list("product").annotate(n=Count("*")).order_by("-n", "product")
        shown = dict(most[:TOP])
        clicks = self.events.filter(action=clicked, product__in=list(shown)).values_list("product")
        counts = dict(clicks.annotate(n=Count("*")).order_by())
        return [Row(key, *self._name(key, shown), seen=n, clicked=counts.get(key, 0)) for key, n in shown.items()]

    @cached_property
    def clicked(self) -> list[Row]:
        """The products that were clicked most."""
        clicks = self.events.filter(action=Event.Action.CLICKED).values_list("product").annotate(n=Count("*"))
        most = dict(clicks.order_by("-n", "product")[:TOP])
        return [Row(key, *self._name(key, most), clicked=n) for key, n in most.items()]

    @cached_property
    def origins(self) -> list[Row]:
        """The products most answers were asked from."""
        rows = self.answers.exclude(origin="").values_list("origin").annotate(n=Count("*")).order_by("-n", "origin")
        most = dict(rows[:TOP])
        return [Row(key, *self._name(key, most), asked=n) for key, n in most.items()]

    def count_products(self) -> Iterator[tuple[str, str, int]]:
        """Yield product, action and number of every product."""
        rows = self.events.values_list("product", "action").annotate(n=Count("*")).order_by()
        yield from rows.iterator(chunk_size=2000)

    def count_origins(self) -> Iterator[tuple[str, int]]:
        """Yield product and number of answers asked from it."""
        rows = self.answers.exclude(origin="").values_list("origin").annotate(n=Count("*")).order_by()
        yield from rows.iterator(chunk_size=2000)

    @property
    def empty(self) -> bool:
        """Whether nothing happened."""
        return not (self.totals["answers"] or self.actions)

    def names(self, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Return name and address of products by their keys as text; of those that are gone, empty ones."""
        gallery = get_gallery()
        products = gallery.products()
        asked: dict[Any, str] = {}
        for key in keys:
            try:
                asked[products.model._meta.pk.to_python(key)] = key
            except ValidationError:
                continue
        found = products.in_bulk(list(asked))
        names = {asked[pk]: (str(product), str(gallery.describe(product)["url"])) for pk, product in found.items()}
        return {key: names.get(key, ("", "")) for key in keys}

    def _name(self, key: str, together: Mapping[str, Any]) -> tuple[str, str]:
        if key not in self._names:
            self._names.update(self.names(list(together)))
        return self._names[key]
