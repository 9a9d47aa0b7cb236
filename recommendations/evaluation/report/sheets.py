"""The pictures of a report: a query, what was found for it, and what is right about that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from recommendations.evaluation import off_catalogue
from recommendations.evaluation.dataset import Item
from recommendations.evaluation.figures import RELEVANCE, TYPE
from recommendations.evaluation.pictures import ShopperPhoto, take
from recommendations.evaluation.results import Results, Shown
from recommendations.exceptions import InvalidImageError

#: Queries drawn by chance; types at which it does worst, one query of each; simulated photos of each family.
BY_CHANCE, WORST, TAKEN = 12, 8, 4
#: A type with fewer queries is not among the worst.
LEAST_QUERIES = 20
#: Longer side of a stored picture, in pixels.
SIDE = 200


@dataclass(frozen=True)
class Mark:
    """Whether a result is right in one respect, and in words what it is there."""

    right: bool
    words: str


@dataclass(frozen=True)
class Card:
    """One picture: ``file`` is "" where it cannot be shown.

    ``verdict`` is right (all of it), near (the type), wrong, or open where nobody knows what is right.
    """

    file: str
    title: str
    score: str = ""
    marks: tuple[Mark, ...] = ()
    verdict: str = "open"


@dataclass(frozen=True)
class Sheet:
    """A query and what was found for it."""

    query: Card
    words: str
    results: tuple[Card, ...]


class Album:
    """Writes pictures as WebP, each once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[object, str] = {}

    def add(self, key: object, load: Callable[[], Image.Image]) -> str:
        """Return the file of this picture, relative to the page; "" where it cannot be read."""
        if key not in self._files:
            try:
                image = load()
            except (InvalidImageError, OSError):
                return ""
            image.thumbnail((SIDE, SIDE))
            name = f"pictures/{len(self._files):04}.webp"
            (self._folder / "pictures").mkdir(exist_ok=True)
            image.save(self._folder / name, "WEBP", quality=82)
            self._files[key] = name
        return self._files[key]


class Sheets:
    """Makes the sheets of one report."""

    def __init__(self, results: Results, shown: Shown, album: Album) -> None:
        self._results, self._shown, self._album = results, shown, album
        self._numbers = np.random.default_rng(results.seed)

    def by_chance(self) -> list[Sheet]:
        """Return products drawn by chance, with what is shown beside them."""
        rows = self._numbers.permutation(len(self._shown.products))[:BY_CHANCE]
        return [self._of_product(int(row)) for row in rows]

    def worst(self) -> list[Sheet]:
        """Return one product of each of the types that do worst."""
        first = self._results.contenders[0]
        large = [score for score in first.all_three.classes if score.queries >= LEAST_QUERIES]
        sheets = []
        for score in sorted(large, key=lambda score: score.value)[:WORST]:
            rows = [n for n, item in enumerate(self._shown.products) if item.labels.get(TYPE) == score.name]
            sheets.append(self._of_product(int(self._numbers.choice(rows))))
        return sheets

    def shoppers(self) -> Iterator[tuple[str, list[Sheet]]]:
        """Yield each family of simulated photos with some of them."""
        for family, queries in self._shown.shoppers.items():
            sheets = []
            for query in queries[:TAKEN]:
                item = self._shown.products[query.row]
                photo = ShopperPhoto(family, query.row, query.seed)
                file = self._album.add((family, query.row), partial(take, item, photo))
                own = (Mark(True, "the product"),)
                words = (
                    "✓ its product comes first" if query.place == 0 else f"✗ its product is number {query.place + 1:,}"
                )
                results = tuple(
                    self._card(row, score, own if row == query.row else ())
                    for row, score in zip(query.found, query.scores, strict=True)
                )
                sheets.append(Sheet(Card(file, item.name), words, results))
            yield family, sheets

    def foreign(self) -> list[Sheet]:
        """Return one picture of each kind of no product, with the product it came nearest to."""
        seen: dict[str, Sheet] = {}
        for query in self._shown.foreign:
            if query.title not in seen:
                picture = (query.title, (self._results.seed, query.number))
                file = self._album.add(picture, partial(off_catalogue.picture, *picture))
                nearest = self._card(query.found[0], query.scores[0])
                seen[query.title] = Sheet(Card(file, query.title), "", (nearest,))
        return list(seen.values())

    def photos(self, photos: Sequence[Image.Image]) -> list[Sheet]:
        """Return the photos from elsewhere with what was found and how near that is. Nobody knows what is right."""
        return [
            Sheet(
                Card(self._album.add(("photo", query.number), photos[query.number].copy), query.title),
                f"match: {query.level}" if query.level else "",
                tuple(self._card(row, score) for row, score in zip(query.found, query.scores, strict=True)),
            )
            for query in self._shown.photos
        ]

    def _of_product(self, row: int) -> Sheet:
        query, k = self._shown.products[row], self._results.k
        neighbours = self._shown.neighbours
        cards = []
        for other, score in zip(neighbours.rows[row, :k], neighbours.scores[row, :k], strict=True):
            item = self._shown.products[int(other)]
            cards.append(self._card(int(other), float(score), tuple(_marks(query, item))))
        right = sum(card.verdict == "right" for card in cards)
        wanted = ", ".join(query.labels.get(label, "unknown") for label in RELEVANCE)
        return Sheet(self._card(row), f"{wanted}: {right} of {len(cards)} right in all three", tuple(cards))

    def _card(self, row: int, score: float | None = None, marks: tuple[Mark, ...] = ()) -> Card:
        item = self._shown.products[row]
        return Card(
            file=self._album.add(row, item.image),
            title=item.name,
            score="" if score is None else f"{score:.3f}",
            marks=marks,
            verdict=_verdict(marks),
        )


def _verdict(marks: Sequence[Mark]) -> str:
    if not marks:
        return "open"
    return "right" if all(mark.right for mark in marks) else "near" if marks[0].right else "wrong"


def _marks(query: Item, result: Item) -> Iterator[Mark]:
    for label in RELEVANCE:
        value = result.labels.get(label)
        yield Mark(value is not None and value == query.labels.get(label), value or "unknown")
